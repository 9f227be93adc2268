"""95 % bootstrap intervals of a score, over the examples of the validation set."""

import warnings

import numpy as np
import pandas as pd
from scipy import stats

from panda_core.formats import get_format
from panda_core.tasks import Task

RESAMPLES = 1000


def bootstrap_interval(task: Task, predictions: pd.DataFrame, seed: int = 0) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of the score in percent, over 1000 resamples of the examples.

    It tells how much the score would move with other validation examples of the same kind; it does not cover the
    choice of the seed, nor that of the best evaluation.
    """
    fmt = get_format(task)

    def score(index: np.ndarray) -> float:
        return fmt.score(predictions.iloc[index], task)

    with warnings.catch_warnings():
        # a resample with one class only has a degenerate score, which the metrics define and warn about
        warnings.simplefilter("ignore")
        result = stats.bootstrap(
            (np.arange(len(predictions)),), score, vectorized=False, method="percentile",
            n_resamples=RESAMPLES, rng=np.random.default_rng(seed),
        )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)
