"""What a statistic of a claim is, on the paper's side and on ours, and the rule that turns ours into a verdict."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["supported", "not supported", "not testable here"]
Side = Literal["for", "against", "open"]
CONSISTENT = 80.0  # percent of the rows: what "consistently" and "all" are taken to mean at least
ROWS = "% of the rows"  # the unit of a share
COMPARABLE = 1.0  # points below that "competitive" and "comparable" are taken to allow


@dataclass(frozen=True)
class Printed:
    """A statistic of the printed tables: its value, the value in words, and whether the claim holds in the tables.

    `holds` is None where the paper prints no numbers that could tell.
    """

    value: float | None
    words: str
    holds: bool | None


@dataclass(frozen=True)
class Without:
    """A statistic with one target left out."""

    target: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Measured:
    """Our statistic, counted so that a positive value speaks for the claim, with its 95 % interval and its runs.

    `words` say what was compared, `scope` how many targets, pairs and seeds it rests on; `unit` is "points", or what
    else the value is in. `without` is there for means over targets, of which each is left out once; `units` is the
    number of these, 0 for an interval that is no t interval. `chance` is False where the interval is the least and the
    most of counts or ranges; `two_sided` where an interval below the margin says nothing against a claim, as
    resampling draws it down.
    """

    value: float
    low: float
    high: float
    words: str
    scope: str
    runs: tuple[str, ...]
    unit: str = "points"
    without: tuple[Without, ...] = ()
    units: int = 0
    chance: bool = True
    two_sided: bool = True

    @property
    def digits(self) -> int:
        """The decimals to show it with: more for what is not in points, and for a narrow interval."""
        return 1 if self.unit in ("points", "%", ROWS) and (self.high - self.low > 0.6 or self.unit == ROWS) else 2

    @property
    def sign(self) -> bool:
        """Whether it is shown with its sign; a share of rows is no difference."""
        return self.unit != ROWS


@dataclass(frozen=True)
class Missing:
    """There is no statistic of ours, for this reason."""

    reason: str


def side(found: Measured | Without, margin: float = 0.0, two_sided: bool = True) -> Side:
    """On which side of `margin` the whole interval lies; "open" where it holds it, or is below and not two-sided."""
    if found.low > margin:
        return "for"
    return "against" if found.high < margin and two_sided else "open"


def verdict(found: Measured | Without | Missing, margin: float = 0.0) -> Verdict:
    """Supported where the whole interval is above `margin`, not supported where it is not, else not testable here."""
    if isinstance(found, Missing):
        return "not testable here"
    return "supported" if side(found, margin) == "for" else "not supported"
