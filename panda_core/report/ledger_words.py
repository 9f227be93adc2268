"""Sentences about the claim ledger as a whole; the introduction quotes the first of them."""

import pandas as pd

from panda_core.intervals import LEAST_UNITS
from panda_core.paper.claims import Measured, Row, counts, verdict
from panda_core.paper.claims.effects import by_target, over_targets
from panda_core.paper.claims.outcome import ROWS, Missing
from panda_core.report.html import cell, with_interval
from panda_core.report.measured import SAME_RUN, paired
from panda_core.report.reading import teacher_weights


def summary(rows: list[Row]) -> str:
    """The ledger in a few sentences; not supported is not the same as disproved."""
    found = counts(rows)
    again = [row for row in rows if row.of_printed]
    kept = sum(verdict(row.of_printed, row.claim.margin) == "supported" for row in again)
    few = [row for row in rows if row.verdict == "supported" and not row.ours.chance]
    counted = f" ({len(few)} of them by a mere count)" if few else ""
    holds = sum(row.printed.holds is True for row in rows)
    numbers = sum(row.printed.holds is not None for row in rows)
    below, against = sum(row.below for row in rows), sum(row.against for row in rows)
    return (
        f"Of {len(rows)} claims, {numbers} can be checked in the paper's own printed tables and {holds} hold there, "
        "read as printed, without intervals. The measurements of this book are held to a stricter rule, an interval "
        f"over the tasks: {found['supported']} are supported{counted}, {found['not supported']} are not supported, "
        f"and {found['not testable here']} are not testable here. Of the {found['not supported']}, {below} have their "
        f"whole interval below what the claim needs: {against} {'speaks' if against == 1 else 'speak'} against the "
        f"claim; {below - against} {'is a share' if below - against == 1 else 'are shares'} above one half, which "
        f"resampling draws down. The others leave the claim open. Of the {len(again)} claims that the printed cells "
        f"let us hold to the same rule, it supports {kept} there."
    )


def chance(rows: list[Row]) -> str:
    """What so many intervals at once mean."""
    tested = [row.ours.chance for row in rows if isinstance(row.ours, Measured)]
    by_chance = sum(tested)
    return (
        f"{by_chance} claims are tested at once, without a correction. If none of them held, each would still look "
        f"supported with a probability of at most 2.5 %, so up to {0.025 * by_chance:.1f} of them on average by chance "
        f"alone, and as many would seem to be spoken against. {len(tested) - by_chance} more are counts or ranges, "
        "without chance."
    )


def weight_of_teachers(panda: pd.DataFrame) -> str:
    """What the weight of the teachers in these runs means for the claims on teachers, losses and metrics."""
    words = teacher_weights(panda)
    if not words:
        return ""
    return (
        f"**How much a teacher weighs.** {words[0]} So it is nearly granted that two teachers, or two losses, do "
        "alike, and a claim that one of them does better can hardly be seen."
    )


def weight_of_one_target(rows: list[Row]) -> str:
    """How many verdicts hang on one target."""
    tested = [row for row in rows if isinstance(row.ours, Measured) and row.ours.without]
    kinds = {"for": "are supported", "against": "are spoken against", "open": "are left open"}
    parts = []
    for side, words in kinds.items():
        known = [row for row in tested if row.side(row.ours) == side]
        parts.append(f"{sum(bool(row.turned) for row in known)} of the {len(known)} that {words}")
    return (
        f"Of the {len(tested)} claims whose statistic is a mean over more than {LEAST_UNITS} targets, each target was "
        f"left out once. That would turn {parts[0]}, {parts[1]} and {parts[2]}; their rows say which target."
    )


def weight_of_shares(rows: list[Row]) -> str:
    """How hard the rule is on shares, by what it makes of the printed ones."""
    shares = [row for row in rows if row.of_printed and row.of_printed.unit == ROWS]
    whole = [row for row in shares if row.of_printed.value == 100 and row.of_printed.low <= row.claim.margin]
    if not whole:
        return ""
    lowest = min(row.of_printed.low for row in whole)
    return (
        f"**Shares are judged hardest.** Nine targets say little about a share: in the printed cells {len(whole)} of "
        f"the {len(shares)} shares are 100 %, and their intervals still go down to {lowest:.0f} %, so that by our rule "
        "they are not supported there either. For such a claim look at the value first."
    )


def weight_of_selection(grid: pd.DataFrame) -> str:
    """How much it matters that a score is the best of several evaluations, by method, from the runs of the grid."""
    plain = grid[grid["settings"] == "{}"]
    methods = {"PANDA": "panda", "vanilla PoT": "vanilla-pot", "P-Tuning v2": "p-tuning-v2"}
    rises = {}
    for title, method in methods.items():
        part = plain[plain["method"] == method]
        rises[title] = (part["score"] - part["score_last"]).groupby([part["plm"], part["target"]]).mean()
    last = plain.assign(score=plain["score_last"])
    both = [paired(*(f[f["method"] == m] for m in ("panda", "vanilla-pot")), SAME_RUN) for f in (plain, last)]
    best_gain, last_gain = (over_targets(by_target(pairs), "", pairs) for pairs in both)
    if isinstance(last_gain, Missing):
        return ""
    listed = ", ".join(f"{title} {cell(rise.mean())}" for title, rise in rises.items())
    return (
        "**A score is the best of several evaluations.** That lifts it above the last one, by points of the score on "
        f"average over the PLMs and targets of the grid: {listed}. By the last evaluation PANDA's gain over vanilla "
        f"PoT is {with_interval(last_gain.value, last_gain.low, last_gain.high)} points instead of "
        f"{with_interval(best_gain.value, best_gain.low, best_gain.high)}."
    )
