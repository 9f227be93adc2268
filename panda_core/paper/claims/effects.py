"""Differences between measured runs, the pieces that the functions of `measured_side` are made of.

A pair is two runs of one PLM, target and seed. Seeds are averaged within a cell (PLM, source, target), then cells. The
interval is a paired bootstrap over the validation examples (`panda_core.report.resampling`); it does not cover the
choice of the seeds, nor that a score is the best of several evaluations.
"""

import numpy as np
import pandas as pd

from panda_core.paper.claims.outcome import Measured, Missing
from panda_core.report import measured
from panda_core.report.resampling import interval, replicates
from panda_core.store import Store

# Fewer pairs than one source over all nine targets say nothing about "tasks" in the plural.
LEAST_CELLS = 9
CELL = ["plm", "source", "target"]
SAME_RUN = ("plm", "source", "target", "seed")
SAME_TARGET = ("plm", "target", "seed")


def runs_of(store: Store, exhibit: str, method: str, variant: str = "") -> pd.DataFrame:
    """The comparable runs of one method, or of one variant of it, that belong to an exhibit."""
    frame = measured.of(exhibit, store)
    return frame[(frame["method"] == method) & (frame["variant"] == variant)]


def paired(first: pd.DataFrame, second: pd.DataFrame, on: tuple[str, ...]) -> pd.DataFrame:
    """One line per pair of runs that agree in `on`: the first's columns, the second's with the ending _2."""
    return first.merge(second, on=list(on), suffixes=("", "_2"))


def difference(
    store: Store, first: pd.DataFrame, second: pd.DataFrame, on: tuple[str, ...], words: str
) -> Measured | Missing:
    """Mean of score(first) - score(second) over the cells that both have."""
    return of_pairs(store, paired(first, second, on), words)


def of_pairs(store: Store, pairs: pd.DataFrame, words: str) -> Measured | Missing:
    """The mean difference of some pairs; `Missing` below `LEAST_CELLS` cells."""
    count = len(pairs[CELL].drop_duplicates())
    if count < LEAST_CELLS:
        return Missing(f"{count} of the {LEAST_CELLS} pairs that it takes were run" if count else "no run yet")
    value, vector = mean_difference(pairs, store)
    return Measured(value, *interval(vector), words, count, run_ids(pairs))


def mean_difference(pairs: pd.DataFrame, store: Store) -> tuple[float, np.ndarray]:
    """The mean difference over cells, and the same on every resample."""
    values, vectors = [], []
    for _, cell in pairs.groupby(CELL):
        values.append((cell["score"] - cell["score_2"]).mean())
        vectors.append(
            np.mean([replicates(run, store) - replicates(_second(run), store) for _, run in cell.iterrows()], axis=0)
        )
    return float(np.mean(values)), np.mean(vectors, axis=0)


def contrast(store: Store, inside: pd.DataFrame, outside: pd.DataFrame, words: str) -> Measured | Missing:
    """Mean difference of some pairs less that of others (both as `paired` gives them)."""
    if min(len(inside), len(outside)) == 0:
        return Missing("no run yet")
    (a, vector_a), (b, vector_b) = (mean_difference(pairs, store) for pairs in (inside, outside))
    both = pd.concat([inside, outside])
    return Measured(a - b, *interval(vector_a - vector_b), words, both.groupby(CELL).ngroups, run_ids(both))


def over_pairs(values: pd.Series, words: str, runs: tuple[str, ...], unit: str) -> Measured:
    """The mean of numbers, with a bootstrap interval over the numbers themselves."""
    draws = np.random.default_rng(0).choice(values.to_numpy(float), size=(1000, len(values)))
    return Measured(float(values.mean()), *interval(draws.mean(axis=1)), words, len(values), runs, unit)


def run_ids(pairs: pd.DataFrame) -> tuple[str, ...]:
    """The runs of both sides, each once."""
    return tuple(sorted({*pairs["id"], *pairs["id_2"]}))


def _second(run: pd.Series) -> pd.Series:
    return pd.Series(
        {name: run.get(f"{name}_2", run[name]) for name in ("id", "digest", "tier", "target", "validation_size")}
    )
