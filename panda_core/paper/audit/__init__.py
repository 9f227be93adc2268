"""The audit: whatever in the printed tables can be checked by arithmetic, checked. `checks()` runs all of it."""

from dataclasses import asdict
from functools import lru_cache

import pandas as pd

from panda_core.paper.audit import (
    analyses,
    averages,
    best_of,
    counts,
    details,
    duplicates,
    references,
    scales,
    setting,
    similarities,
    statements,
)
from panda_core.paper.audit.check import Check

__all__ = ["Check", "checks", "frame"]

PARTS = (
    averages, best_of, references, counts, duplicates, similarities, details, setting, statements, scales, analyses
)  # fmt: skip


@lru_cache
def checks() -> tuple[Check, ...]:
    """Every check, in the order of the parts."""
    return tuple(check for part in PARTS for check in part.checks())


def frame() -> pd.DataFrame:
    """Every check as a line: exhibit, group, what, printed, recomputed, verdict, tolerance."""
    return pd.DataFrame([asdict(check) for check in checks()])
