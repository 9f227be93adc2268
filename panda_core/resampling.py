"""Scores on 1000 resamples of the validation examples, the bootstrap behind every interval of a score.

All sets of one size are resampled alike, so that the difference of two runs on a task, taken resample by resample, is a
paired bootstrap. A resample is kept as the number of times that it holds each example, so that sums over it are matrix
products: that is a hundred times as fast as calling the metric for each, and gives the same scores.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd
from seqeval.metrics.sequence_labeling import get_entities

from panda_core.metrics import answer_f1
from panda_core.tasks.task import MetricName

RESAMPLES = 1000


@lru_cache(maxsize=16)
def resamples(size: int) -> np.ndarray:
    """How often each resample holds each example, [RESAMPLES, size]."""
    return counted(np.random.default_rng(0).integers(size, size=(RESAMPLES, size)))


def counted(index: np.ndarray) -> np.ndarray:
    """The counts [S, n] of resamples that are given as indices of the examples, [S, n]."""
    return np.stack([np.bincount(row, minlength=index.shape[1]) for row in index]).astype(float)


def _accuracy(frame: pd.DataFrame, counts: np.ndarray) -> np.ndarray:
    return counts @ (frame["reference"] == frame["prediction"]).to_numpy(float) / counts.shape[1]


def _f1(frame: pd.DataFrame, counts: np.ndarray) -> np.ndarray:
    truth, guess = (frame[side].to_numpy() == 1 for side in ("reference", "prediction"))
    right, given, guessed = (counts @ each.astype(float) for each in (truth & guess, truth, guess))
    return _ratio(2 * right, given + guessed)


def _matthews(frame: pd.DataFrame, counts: np.ndarray) -> np.ndarray:
    truth, guess = (frame[side].to_numpy() == 1 for side in ("reference", "prediction"))
    tp, tn, fp, fn = (
        counts @ both.astype(float) for both in (truth & guess, ~truth & ~guess, ~truth & guess, truth & ~guess)
    )
    product = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return _ratio(tp * tn - fp * fn, product)


def _pearson_spearman(frame: pd.DataFrame, counts: np.ndarray) -> np.ndarray:
    truth, guess = (frame[side].to_numpy(float) for side in ("reference", "prediction"))
    ranks = (_ranks(side, counts) for side in (truth, guess))
    return (_correlation(*(side - side.mean() for side in (truth, guess)), counts) + _correlation(*ranks, counts)) / 2


def _ranks(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Ranks of the examples within each resample, less their mean; equal values share the mean of theirs, [S, n]."""
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.diff(values[order], prepend=np.nan) != 0)
    of_value = np.add.reduceat(counts[:, order], starts, axis=1)
    ranks = of_value.cumsum(axis=1) - of_value / 2 - counts.shape[1] / 2
    return ranks[:, np.unique(values, return_inverse=True)[1]]


def _correlation(first: np.ndarray, second: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Pearson's correlation in each resample of two variables, [n] or [S, n]; 0 where one of them is constant there."""

    def mean(values: np.ndarray) -> np.ndarray:
        total = counts @ values if values.ndim == 1 else np.einsum("sn,sn->s", counts, values)
        return total / counts.shape[1]

    def covariance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return mean(one * other) - mean(one) * mean(other)

    own = [covariance(values, values) for values in (first, second)]
    varies = [square > 1e-12 * np.square(values).max() for square, values in zip(own, (first, second), strict=True)]
    return _ratio(covariance(first, second), np.sqrt(np.where(varies[0] & varies[1], own[0] * own[1], 0.0)))


def _span_f1(frame: pd.DataFrame, counts: np.ndarray, without: tuple[str, ...] = ()) -> np.ndarray:
    spans = [
        [{span for span in get_entities(list(tags)) if span[0] not in without} for tags in frame[side]]
        for side in ("reference", "prediction")
    ]
    right, truth, guess = (
        counts @ np.array(column, float)
        for column in zip(*((len(t & g), len(t), len(g)) for t, g in zip(*spans, strict=True)), strict=True)
    )
    return _ratio(2 * right, truth + guess)


def _role_f1(frame: pd.DataFrame, counts: np.ndarray) -> np.ndarray:
    return _span_f1(frame, counts, without=("V", "C-V"))  # the predicate is given


def _answer_f1(frame: pd.DataFrame, counts: np.ndarray) -> np.ndarray:
    questions = zip(frame["reference"], frame["prediction"], strict=True)
    return counts @ [answer_f1([accepted], [given]) for accepted, given in questions] / counts.shape[1]


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """A quotient, 0 where nothing can be divided by."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


BY_METRIC: dict[MetricName, Callable[[pd.DataFrame, np.ndarray], np.ndarray]] = {
    "accuracy": _accuracy,
    "f1": _f1,
    "matthews": _matthews,
    "pearson-spearman": _pearson_spearman,
    "span-f1": _span_f1,
    "role-f1": _role_f1,
    "answer-f1": _answer_f1,
}


def scores(predictions: pd.DataFrame, metric: MetricName, counts: np.ndarray) -> np.ndarray:
    """The metric in percent on each of the resamples `counts` [S, n], as a vector [S]."""
    return 100 * BY_METRIC[metric](predictions, counts)


def interval(vector: np.ndarray) -> tuple[float, float]:
    """The 2.5th and the 97.5th percentile."""
    low, high = np.percentile(vector, (2.5, 97.5))
    return float(low), float(high)
