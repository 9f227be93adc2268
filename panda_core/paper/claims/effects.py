"""Differences between measured runs, the pieces that the functions of the measured side are made of.

A pair is two runs of one PLM, target and seed. Seeds are averaged within a cell (PLM, source, target), cells within a
target, and the targets are the units of the interval: mean ± t times standard error of the targets' means. Whatever
makes targets differ is in it: validation examples, seeds and the tasks themselves. Not in it: what all targets share,
which is the luck of the source prompts, the choice of the sources and the PLM; that a score is the best of several
evaluations.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd
from scipy import stats

from panda_core.intervals import LEAST_UNITS, t_interval
from panda_core.paper.claims import printed_grid
from panda_core.paper.claims.outcome import ROWS, Measured, Missing, Without
from panda_core.report import measured
from panda_core.report.html import from_to, number
from panda_core.report.measured import paired
from panda_core.store import Store

LEAST_TARGETS = LEAST_UNITS  # with fewer, "tasks" in the plural is too bold a word
# With fewer sources of a target there is little to rank.
LEAST_SOURCES = 8
RESAMPLES = 10_000
CELL = ["plm", "source", "target"]
Statistic = TypeVar("Statistic", Measured, Without)


def runs_of(store: Store | str, exhibit: str, method: str, variant: str = "") -> pd.DataFrame:
    """The comparable runs of one method, or of one variant of it, that belong to an exhibit; of `printed_grid.PRINTED`
    in the place of a store, the cells that the grid tables print."""
    frame = printed_grid.runs() if store == printed_grid.PRINTED else measured.of(exhibit, store)
    return frame[(frame["method"] == method) & (frame["variant"] == variant)]


def difference(first: pd.DataFrame, second: pd.DataFrame, on: tuple[str, ...], words: str) -> Measured | Missing:
    """Mean of score(first) - score(second) over the cells that both have."""
    return of_pairs(paired(first, second, on), words)


def of_pairs(pairs: pd.DataFrame, words: str) -> Measured | Missing:
    """The mean difference of some pairs."""
    return over_targets(by_target(pairs), words, pairs)


def by_target(pairs: pd.DataFrame) -> pd.Series:
    """The mean difference on each target: over the seeds of a cell first, then over the cells."""
    return _cells(pairs).groupby("target").mean()


def contrast(inside: pd.DataFrame, outside: pd.DataFrame, words: str) -> Measured | Missing:
    """Mean difference of some pairs less that of others (both as `paired` gives them), on each PLM and target by
    itself: the sources of both need not have been run on the same PLMs."""
    first, second = (_cells(pairs).groupby(["plm", "target"]).mean() for pairs in (inside, outside))
    gap = (first - second).dropna()
    return over_targets(gap.groupby("target").mean(), words, behind(pd.concat([inside, outside]), gap.index))


def behind(runs: pd.DataFrame, keys: pd.Index) -> pd.DataFrame:
    """The runs of some pairs (PLM, target)."""
    return runs[pd.MultiIndex.from_frame(runs[["plm", "target"]]).isin(keys)]


def over_targets(means: pd.Series, words: str, runs: pd.DataFrame, unit: str = "points") -> Measured | Missing:
    """The mean of one number per target with its 95 % t interval; `runs` are those behind it, or pairs of them."""
    count = len(means)
    if count < LEAST_TARGETS:
        return Missing(
            f"{count} of the {LEAST_TARGETS} targets that an interval takes were run" if count else "no run yet"
        )
    left = {target: means.drop(target) for target in means.index if count > LEAST_TARGETS}
    without = tuple(Without(target, float(rest.mean()), *t_interval(rest)) for target, rest in left.items())
    about = scope(runs, count)
    return Measured(float(means.mean()), *t_interval(means), words, about, run_ids(runs), unit, without, count)


def share_not_lower(pairs: pd.DataFrame, row: str, column: str, words: str) -> Measured | Missing:
    """Share in percent of the rows (PLM and `row`, "source" or "target") whose mean difference is 0 or more.

    The 95 % interval is that of resampled columns (`column`, the other of the two), and holds the share itself. Since
    resampling adds noise, which draws a share towards 50 %, a larger one says nothing against a claim. Of sources those
    count that were run to every target, of targets all, by the sources in common; a PLM with too few of either does
    not narrow them.
    """
    cells, axis = _cells(pairs).unstack(column), 0 if row == "source" else 1
    enough = cells.groupby(level="plm").filter(lambda part: min(part.dropna(axis=axis).shape) >= LEAST_TARGETS)
    table = (enough if len(enough) else cells).dropna(axis=axis)
    rows, columns = table.shape
    if min(rows, columns) < LEAST_TARGETS:
        found = f"{number(rows, 'row')} (PLM and {row}) with {number(columns, column)} in common"
        return Missing(f"it takes {LEAST_TARGETS} of each; run so far: {found}")
    weights = np.random.default_rng(0).multinomial(columns, [1 / columns] * columns, size=RESAMPLES) / columns
    resampled = 100 * (weights @ table.to_numpy().T >= -1e-9).mean(axis=1)
    value = 100 * float((table.mean(axis=1) >= -1e-9).mean())
    low, high = (float(end) for end in np.percentile(resampled, (2.5, 97.5)))
    used = pairs[pairs[column].isin(table.columns) & pd.MultiIndex.from_frame(pairs[["plm", row]]).isin(table.index)]
    ends = min(low, value), max(high, value)
    by_plm = 100 * (table.mean(axis=1) >= -1e-9).groupby(level="plm").mean()
    listed = ", ".join(f"{plm} {share:.0f} %" for plm, share in by_plm.items())
    about = f"{scope(used, rows, f'PLM and {row}')}; {column}s resampled; by PLM: {listed}"
    return Measured(value, *ends, words, about, run_ids(used), ROWS, two_sided=value <= 50)


def least_of(
    found: Sequence[Measured | Missing], seen_as: Callable[[Statistic], Statistic] = lambda each: each
) -> Measured | Missing:
    """The least of several differences, each `seen_as` what a claim about all of them is on.

    Its interval has the lowest of their lower ends: if that is above a margin, all are, which needs no correction for
    their number (an intersection-union test). Its upper end is the lowest of theirs, each taken wider for their number
    (Bonferroni). `without` a target it is again the least of them, for the targets that all have.
    """
    missing = [each for each in found if isinstance(each, Missing)]
    if missing:
        return missing[0]
    left = [{rest.target: rest for rest in each.without} for each in found]
    shared = [target for target in left[0] if all(target in each for each in left)]
    units = [each.units for each in found]
    fewer = [count - 1 for count in units]
    without = tuple(_least([each[target] for each in left], fewer, seen_as) for target in shared)
    runs = tuple(sorted({key for each in found for key in each.runs}))
    return replace(_least(found, units, seen_as), without=without, runs=runs)


def _least(
    found: Sequence[Statistic], units: Sequence[int], seen_as: Callable[[Statistic], Statistic]
) -> Statistic:
    seen = [seen_as(each) for each in found]
    least = min(seen, key=lambda each: each.value)
    wide = [seen_as(_widened(each, count, len(found))) for each, count in zip(found, units, strict=True)]
    return replace(least, low=min(each.low for each in seen), high=min(each.high for each in wide))


def _widened(found: Statistic, units: int, comparisons: int) -> Statistic:
    """A t interval of so many units, at the level that each of several comparisons takes."""
    level, usual = (stats.t.ppf(1 - 0.025 / count, units - 1) for count in (comparisons, 1))
    low, high = (found.value + (end - found.value) * level / usual for end in (found.low, found.high))
    return replace(found, low=float(low), high=float(high))


def scope(runs: pd.DataFrame, count: int, unit: str = "target") -> str:
    """What a value rests on: "9 targets, 153 pairs; minilm-l3 3 seeds, minilm-l6 1 seed"."""
    parts = []
    for plm, part in runs.groupby("plm"):
        seeds = part.groupby(["source", "target"])["seed"].nunique()
        parts.append(f"{plm} {from_to(seeds)} seed{'s' if seeds.max() > 1 else ''}")
    units = f"{count} {unit}s" if unit == "target" else f"{count} rows ({unit})"
    return f"{units}, {len(runs[CELL].drop_duplicates())} cells; {', '.join(parts)}"


def run_ids(runs: pd.DataFrame) -> tuple[str, ...]:
    """The runs, of pairs those of both sides, each once."""
    return tuple(sorted({*runs["id"], *runs.get("id_2", ())}))


def _cells(pairs: pd.DataFrame) -> pd.Series:
    """The difference in each cell, mean over its seeds."""
    return (pairs["score"] - pairs["score_2"]).groupby([pairs[name] for name in CELL]).mean()
