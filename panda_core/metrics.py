"""The evaluation metrics of Section IV-A, from well-kept libraries; all return fractions, not percent."""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats
from seqeval.metrics import f1_score as seqeval_f1
from sklearn.metrics import accuracy_score, matthews_corrcoef


def accuracy(reference: Sequence[int], prediction: Sequence[int]) -> float:
    """Share of predictions that equal the reference."""
    return float(accuracy_score(reference, prediction))


def matthews(reference: Sequence[int], prediction: Sequence[int]) -> float:
    """Matthews correlation coefficient; 0 where only one class is predicted."""
    return float(matthews_corrcoef(reference, prediction))


def pearson_spearman(reference: Sequence[float], prediction: Sequence[float]) -> float:
    """Mean of Pearson's and Spearman's correlation; 0 with a warning where either side is constant."""
    if np.ptp(reference) == 0 or np.ptp(prediction) == 0:
        warnings.warn("a correlation with a constant is undefined and counted as 0", RuntimeWarning, stacklevel=2)
        return 0.0
    pearson = stats.pearsonr(reference, prediction).statistic
    spearman = stats.spearmanr(reference, prediction).statistic
    return float((pearson + spearman) / 2)


def span_f1(reference: Sequence[Sequence[str]], prediction: Sequence[Sequence[str]]) -> float:
    """Micro F1 of exactly matching BIO spans (CoNLL evaluation); 0 where there is no span at all."""
    return float(seqeval_f1(list(reference), list(prediction), zero_division=0))


METRICS: dict[str, Callable[[Sequence, Sequence], float]] = {
    "accuracy": accuracy,
    "matthews": matthews,
    "pearson-spearman": pearson_spearman,
    "span-f1": span_f1,
}
