"""What is read off a matrix of similarities: Tables VIII to X and the right part of Figure 5."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from scipy.stats import spearmanr

from panda_core.record import Evaluation
from panda_core.tasks import Task


def cosines(embeddings: torch.Tensor) -> np.ndarray:
    """The cosine of each pair of n embeddings [n, width]: a symmetric matrix [n, n], 0 where an embedding is zero."""
    unit = torch.nn.functional.normalize(embeddings.double(), dim=1)
    return (unit @ unit.T).clamp(-1, 1).numpy()


def type_means(values: np.ndarray, tasks: Sequence[Task]) -> tuple[float | None, float | None]:
    """Table X: the mean similarity of two tasks of the same type and of different types, from values [n, n].

    A task is not compared with itself. None where there is no such pair.
    """
    pairs = [(i, j) for i in range(len(tasks)) for j in range(i)]
    chosen = {True: [], False: []}
    for i, j in pairs:
        chosen[tasks[i].same_type(tasks[j])].append(values[i, j])
    same, different = (float(np.mean(chosen[kind])) if chosen[kind] else None for kind in (True, False))
    return same, different


def sampling_spread(values: np.ndarray, used: int) -> tuple[float, float]:
    """Table IX, from the similarities [K, n] of one source with n targets for each of K sampling numbers.

    The standard deviation over the sampling numbers (divided by K, which is what the paper's own numbers are), and the
    distance from the mean over them to the numbers that are `used`; both averaged over the targets.
    """
    return float(values.std(axis=0).mean()), float(np.abs(values[used] - values.mean(axis=0)).mean())


def first_epoch(curve: Sequence[Evaluation]) -> Evaluation:
    """The evaluation after the first epoch; the last one, where training ended before."""
    return next((point for point in curve if point.epoch >= 1), curve[-1])


def rank_correlation(similarity: Mapping[str, float], score: Mapping[str, float]) -> float | None:
    """Spearman's correlation over the sources in `score`; None below three sources, or where all are equal."""
    pairs = np.array([(similarity[source], score[source]) for source in score])
    if len(pairs) < 3 or (pairs == pairs[0]).all(axis=0).any():
        return None
    return float(spearmanr(pairs[:, 0], pairs[:, 1]).statistic)
