"""What is read off a matrix of similarities: Tables VIII to X and the right part of Figure 5."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from scipy.stats import spearmanr

from panda_core.resampling import RESAMPLES
from panda_core.tasks import Task


def cosines(embeddings: torch.Tensor) -> np.ndarray:
    """The cosine of each pair of n embeddings [n, width]: a symmetric matrix [n, n], 0 where an embedding is zero."""
    unit = torch.nn.functional.normalize(embeddings.double(), dim=1)
    return (unit @ unit.T).clamp(-1, 1).numpy()


def type_means(values: np.ndarray, tasks: Sequence[Task]) -> tuple[float | None, float | None]:
    """Table X: the mean similarity of two tasks of the same type and of different types, from values [n, n].

    A task is not compared with itself. None where there is no such pair.
    """
    return _type_means(values, _same_type(tasks), np.arange(len(tasks)))


def type_gap_interval(values: np.ndarray, tasks: Sequence[Task]) -> tuple[float, float] | None:
    """The 95 % interval of the difference of both means: a bootstrap over the tasks. None without pairs of both kinds.

    A task that is drawn twice is still not compared with itself. Draws without a pair of either kind do not count.
    """
    same_type, gaps = _same_type(tasks), []
    for drawn in np.random.default_rng(0).integers(len(tasks), size=(RESAMPLES, len(tasks))):
        same, different = _type_means(values, same_type, drawn)
        if same is not None and different is not None:
            gaps.append(same - different)
    return tuple(np.percentile(gaps, (2.5, 97.5)).tolist()) if gaps else None


def _same_type(tasks: Sequence[Task]) -> np.ndarray:
    return np.array([[one.same_type(other) for other in tasks] for one in tasks])


def _type_means(values: np.ndarray, same_type: np.ndarray, drawn: np.ndarray) -> tuple[float | None, float | None]:
    """The means over the pairs of different tasks among those `drawn` [m], positions in values and same_type [n, n]."""
    index = np.ix_(drawn, drawn)
    others, values, same_type = drawn[:, None] != drawn, values[index], same_type[index]
    kinds = (others & same_type, others & ~same_type)
    same, different = (float(values[kind].mean()) if kind.any() else None for kind in kinds)
    return same, different


def sampling_spread(values: np.ndarray, used: int) -> tuple[np.ndarray, np.ndarray]:
    """Table IX before its average over the targets, from the similarities [K, n] of one source with n targets for each
    of K sampling numbers.

    The standard deviation [n] over the sampling numbers (divided by K, which is what the paper's own numbers are), and
    the distance [n] from the mean over them to the number that is `used`, a row.
    """
    return values.std(axis=0), np.abs(values[used] - values.mean(axis=0))


def rank_correlation(similarity: Mapping[str, float], score: Mapping[str, float]) -> float | None:
    """Spearman's correlation over the sources in `score`; None below three sources, or where all are equal."""
    pairs = np.array([(similarity[source], score[source]) for source in score])
    if len(pairs) < 3 or (pairs == pairs[0]).all(axis=0).any():
        return None
    return float(spearmanr(pairs[:, 0], pairs[:, 1]).statistic)
