"""95 % intervals: of scores by bootstrap over the validation examples, of means by Student's t over their units.

The first tell how much a score would move with other validation examples of the same kind. They do not cover the
choice of the seed, nor that the best of several evaluations is reported. The second hold whatever makes the units
differ, which are targets or seeds.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from panda_core.tasks import Task

if TYPE_CHECKING:
    from panda_core.formats.base import Format

RESAMPLES = 1000
LEAST_UNITS = 5  # of fewer targets or tasks a t interval is too wide to say anything


def bootstrap_interval(task: Task, predictions: pd.DataFrame) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of the score in percent, over 1000 resamples of the examples."""
    fmt, predictions = _format(task), _listed(predictions)
    return _percentiles(len(predictions), lambda index: fmt.score(predictions.iloc[index], task))


def bootstrap_difference(task: Task, first: pd.DataFrame, second: pd.DataFrame) -> tuple[float, float]:
    """The same for score(first) - score(second), both on the same resampled examples (a paired bootstrap)."""
    first, second = _listed(first), _listed(second)
    if first["reference"].tolist() != second["reference"].tolist():
        raise ValueError("a paired bootstrap needs the predictions of both methods on the same examples")
    fmt = _format(task)
    return _percentiles(
        len(first), lambda index: fmt.score(first.iloc[index], task) - fmt.score(second.iloc[index], task)
    )


def t_interval(values: Sequence[float]) -> tuple[float, float]:
    """The interval of the mean of at least two values."""
    mean, half = np.mean(values), stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return float(mean - half), float(mean + half)


def _listed(predictions: pd.DataFrame) -> pd.DataFrame:
    """Predictions with lists, which metrics read, where a file gives arrays: of several tags or answers."""
    sides = predictions[["reference", "prediction"]]
    return sides.map(lambda value: value.tolist() if isinstance(value, np.ndarray) else value)


def _format(task: Task) -> Format:
    from panda_core.formats import get_format  # torch, which those that need no score are spared

    return get_format(task)


def _percentiles(size: int, statistic: Callable[[np.ndarray], float]) -> tuple[float, float]:
    with warnings.catch_warnings():
        # a resample may hold one class only; the metrics define the score of that case and warn
        warnings.simplefilter("ignore")
        result = stats.bootstrap(
            (np.arange(size),),
            statistic,
            vectorized=False,
            method="percentile",
            n_resamples=RESAMPLES,
            rng=np.random.default_rng(0),
        )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)
