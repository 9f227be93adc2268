"""The claim ledger: the claims of claims.yml with both statistics and the verdict."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import yaml

from panda_core.paper.claims import (
    measured_analyses,
    measured_metrics,
    measured_side,
    printed_analyses,
    printed_grid,
    printed_side,
)
from panda_core.paper.claims.outcome import Measured, Missing, Printed, Side, Verdict, Without, side, verdict
from panda_core.store import Store

FILE = Path(__file__).parents[1] / "claims.yml"
OURS = (measured_side, measured_analyses, measured_metrics)
THEIRS = (printed_side, printed_analyses)
RULE = (
    "A claim is supported where the whole 95 % interval of our statistic lies above its margin (0 where none is "
    "given), not supported where it does not, and not testable here where there is no statistic of ours. A claim about "
    "several comparisons at once takes the least of them. The margins: “competitive” and “comparable” allow a point "
    "below, a difference that is “not large” is less than a point, “consistently” and “all” mean more than 80 % of the "
    "rows, “0.5 %” of the parameters less than 1 %, and a similarity that is “insensitive” moves by less than 0.05. In "
    "the printed tables a claim "
    "*holds* where the value itself is on its side: the paper prints no intervals. That is the milder test; so the "
    "statistics of the grid tables are taken of the printed cells as well, with our interval and our rule."
)


@dataclass(frozen=True)
class Claim:
    """One claim as data. Either `measured` names a function, or `why_not` says why there is none."""

    id: str
    where: str
    quote: str
    evidence: str
    printed: str
    measured: str = ""
    margin: float = 0.0
    why_not: str = ""


@dataclass(frozen=True)
class Row:
    """A claim with its statistics and the verdict.

    `of_printed` is our statistic, taken of the printed cells, where they give it.
    """

    claim: Claim
    printed: Printed
    ours: Measured | Missing
    verdict: Verdict
    of_printed: Measured | None = None

    @property
    def below(self) -> bool:
        """Whether the whole interval is below the margin."""
        return isinstance(self.ours, Measured) and self.ours.high < self.claim.margin

    @property
    def against(self) -> bool:
        """Whether the measurement speaks against the claim, which is more than that the claim was not seen."""
        return isinstance(self.ours, Measured) and self.side(self.ours) == "against"

    @property
    def turned(self) -> tuple[Without, ...]:
        """What is left without one target, for each target that turns what the measurement says of the claim."""
        if not isinstance(self.ours, Measured):
            return ()
        return tuple(rest for rest in self.ours.without if self.side(rest) != self.side(self.ours))

    def side(self, found: Measured | Without) -> Side:
        """What our statistic, or what is left of it, says of the claim."""
        return side(found, self.claim.margin, self.ours.two_sided)


@lru_cache
def claims() -> tuple[Claim, ...]:
    """The claims, in the paper's order."""
    return tuple(Claim(**entry) for entry in yaml.safe_load(FILE.read_text(encoding="utf-8")))


def functions(claim: Claim) -> tuple[Callable[[], Printed], Callable[[Store], Measured | Missing]]:
    """The two functions of a claim."""
    theirs = _named(claim.printed, THEIRS)
    return theirs, _named(claim.measured, OURS) if claim.measured else lambda store: Missing(claim.why_not)


def of_printed(claim: Claim) -> Measured | None:
    """Our statistic of a claim on the grid, taken of the printed grid tables; None where they do not give it."""
    statistic = getattr(measured_side, claim.measured, None) if claim.measured else None
    found = statistic(printed_grid.PRINTED) if statistic else None
    return found if isinstance(found, Measured) else None


def _named(name: str, modules: tuple[ModuleType, ...]) -> Callable:
    found = [getattr(module, name) for module in modules if hasattr(module, name)]
    if not found:
        raise KeyError(f"{FILE.name}: there is no function {name}")
    return found[0]


def ledger(store: Store) -> list[Row]:
    """Every claim with what the printed tables and our records say about it."""
    rows = []
    for claim in claims():
        printed, ours = functions(claim)
        found = ours(store)
        rows.append(Row(claim, printed(), found, verdict(found, claim.margin), of_printed(claim)))
    return rows


def counts(rows: list[Row]) -> dict[str, int]:
    """How many claims have each verdict, all three named."""
    found = Counter(row.verdict for row in rows)
    return {name: found[name] for name in ("supported", "not supported", "not testable here")}
