"""Scores of a run on 1000 resamples of its validation examples, the unit of every interval on the exhibit pages.

All runs on validation sets of one size are resampled alike, so that the difference of two runs on a task, taken
resample by resample, is a paired bootstrap; means and differences over many runs are plain arithmetic on these vectors.
Vectorised by counting: `panda_core.intervals` calls the metric once for each resample; both give the same scores.
"""

import warnings
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import stats
from seqeval.metrics.sequence_labeling import get_entities

from panda_core.files import write_atomically
from panda_core.store import Store
from panda_core.tasks import get_task

RESAMPLES = 1000


@lru_cache(maxsize=16)
def resamples(size: int) -> np.ndarray:
    """Indices of the examples of each resample, [RESAMPLES, size]."""
    return np.random.default_rng(0).integers(size, size=(RESAMPLES, size))


def _accuracy(frame: pd.DataFrame, index: np.ndarray) -> np.ndarray:
    return (frame["reference"] == frame["prediction"]).to_numpy(float)[index].mean(axis=1)


def _matthews(frame: pd.DataFrame, index: np.ndarray) -> np.ndarray:
    truth, guess = (frame[side].to_numpy() == 1 for side in ("reference", "prediction"))
    counts = [(t & g)[index].sum(axis=1, dtype=float) for t, g in
              ((truth, guess), (~truth, ~guess), (~truth, guess), (truth, ~guess))]  # fmt: skip
    tp, tn, fp, fn = counts
    product = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return np.divide(tp * tn - fp * fn, product, out=np.zeros(len(index)), where=product > 0)


def _pearson_spearman(frame: pd.DataFrame, index: np.ndarray) -> np.ndarray:
    truth, guess = (frame[side].to_numpy(float)[index] for side in ("reference", "prediction"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a constant prediction has no correlation; it counts as 0, as in the metric
        pearson = _correlation(truth, guess)
        spearman = _correlation(stats.rankdata(truth, axis=1), stats.rankdata(guess, axis=1))
    return np.nan_to_num((pearson + spearman) / 2)


def _correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    first, second = (side - side.mean(axis=1, keepdims=True) for side in (first, second))
    return (first * second).sum(axis=1) / np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))


def _span_f1(frame: pd.DataFrame, index: np.ndarray) -> np.ndarray:
    spans = [[set(get_entities(list(tags))) for tags in frame[side]] for side in ("reference", "prediction")]
    counts = np.array([[len(t & g), len(t), len(g)] for t, g in zip(*spans, strict=True)], float)
    right, truth, guess = (counts[:, column][index].sum(axis=1) for column in range(3))
    return np.divide(2 * right, truth + guess, out=np.zeros(len(index)), where=truth + guess > 0)


BY_METRIC: dict[str, Callable[[pd.DataFrame, np.ndarray], np.ndarray]] = {
    "accuracy": _accuracy,
    "matthews": _matthews,
    "pearson-spearman": _pearson_spearman,
    "span-f1": _span_f1,
}


def scores(predictions: pd.DataFrame, metric: str, index: np.ndarray) -> np.ndarray:
    """The metric in percent on each row of `index` [S, n], as a vector [S]; a `KeyError` for a metric of no target."""
    return 100 * BY_METRIC[metric](predictions, index)


def replicates(run: pd.Series, store: Store) -> np.ndarray:
    """Scores of a run (a line of `measured.runs`) on all resamples, [RESAMPLES]; kept in the store's cache."""
    kept = store.root / "cache" / "resampled" / f"{run['id']}-{run['digest'][:12]}.npy"
    if kept.exists():
        return np.load(kept)
    path = store.root / "predictions" / run["tier"] / f"{run['id']}.parquet"
    found = scores(pd.read_parquet(path), get_task(run["target"]).metric, resamples(run["validation_size"]))
    write_atomically(kept, lambda temporary: np.save(temporary.open("wb"), found))
    return found


def mean_of(frame: pd.DataFrame, store: Store, by: tuple[str, ...] = ("source", "target")) -> tuple[float, np.ndarray]:
    """Mean score and replicates [RESAMPLES] of some runs: over the seeds of each cell first, then over the cells."""
    cells = [group for _, group in frame.groupby(list(by))]
    score = float(np.mean([cell["score"].mean() for cell in cells]))
    vectors = [np.mean([replicates(run, store) for _, run in cell.iterrows()], axis=0) for cell in cells]
    return score, np.mean(vectors, axis=0)


def mean_difference(pairs: pd.DataFrame, store: Store) -> tuple[float, np.ndarray]:
    """Mean of score - score_2 over the pairs of runs that `effects.paired` gives, and the same on every resample.

    Seeds are averaged within a PLM, source and target, then those.
    """
    values, vectors = [], []
    for _, cell in pairs.groupby(["plm", "source", "target"]):
        values.append((cell["score"] - cell["score_2"]).mean())
        vectors.append(
            np.mean([replicates(run, store) - replicates(_second(run), store) for _, run in cell.iterrows()], axis=0)
        )
    return float(np.mean(values)), np.mean(vectors, axis=0)


def _second(run: pd.Series) -> pd.Series:
    return pd.Series(
        {name: run.get(f"{name}_2", run[name]) for name in ("id", "digest", "tier", "target", "validation_size")}
    )


def interval(vector: np.ndarray) -> tuple[float, float]:
    """The 2.5th and the 97.5th percentile."""
    low, high = np.percentile(vector, (2.5, 97.5))
    return float(low), float(high)
