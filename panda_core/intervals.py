"""95 % intervals: of scores by bootstrap over the validation examples, of means by Student's t over their units.

The first tell how much a score would move with other validation examples of the same kind. They do not cover the
choice of the seed, nor that the best of several evaluations is reported. The second hold whatever makes the units
differ, which are targets or seeds.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from panda_core.resampling import interval, resamples, scores
from panda_core.tasks import Task

LEAST_UNITS = 5  # of fewer targets or tasks a t interval is too wide to say anything


def bootstrap_interval(task: Task, predictions: pd.DataFrame) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of the score in percent, over 1000 resamples of the examples."""
    return interval(_scores(task, predictions))


def bootstrap_difference(task: Task, first: pd.DataFrame, second: pd.DataFrame) -> tuple[float, float]:
    """The same for score(first) - score(second), both on the same resampled examples (a paired bootstrap)."""
    references = ([np.asarray(value).tolist() for value in frame["reference"]] for frame in (first, second))
    if next(references) != next(references):
        raise ValueError("a paired bootstrap needs the predictions of both methods on the same examples")
    return interval(_scores(task, first) - _scores(task, second))


def t_interval(values: Sequence[float]) -> tuple[float, float]:
    """The interval of the mean of at least two values."""
    mean, half = np.mean(values), stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return float(mean - half), float(mean + half)


def _scores(task: Task, predictions: pd.DataFrame) -> np.ndarray:
    return scores(predictions, task.metric, resamples(len(predictions)))
