"""One check of the audit: what was looked at, what the paper prints, what the arithmetic gives."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

Verdict = Literal["agrees", "differs", "cannot tell"]
# Sums of binary fractions miss decimal ones by about 1e-14.
EPSILON = 1e-9


@dataclass(frozen=True)
class Check:
    """One check. `group` names its kind, `tolerance` says in words how far apart the two may be, and why."""

    exhibit: str
    group: str
    what: str
    printed: str
    recomputed: str
    verdict: Verdict
    tolerance: str = ""


def number(
    exhibit: str, group: str, what: str, printed: float, recomputed: float, tolerance: float, why: str, digits: int = 2
) -> Check:
    """A check of one number: it agrees where the two are at most `tolerance` apart."""
    verdict: Verdict = "agrees" if abs(printed - recomputed) <= tolerance + EPSILON else "differs"
    words = f"±{tolerance:.{max(digits, 2)}f}: {why}"
    return Check(exhibit, group, what, f"{printed:g}", f"{recomputed:.{digits}f}", verdict, words)


def statement(exhibit: str, what: str, printed: str, recomputed: str, holds: bool | None, rule: str = "") -> Check:
    """A check of a sentence of the text against the tables; `holds` is None where the tables cannot tell."""
    verdict: Verdict = "cannot tell" if holds is None else "agrees" if holds else "differs"
    return Check(exhibit, "statements of the text", what, printed, recomputed, verdict, rule)


def count(holds: pd.Series) -> str:
    """How many of these are true: "3 of 9"."""
    return f"{int(holds.sum())} of {len(holds)}"
