"""The evaluation metrics of Section IV-A, from well-kept libraries; all return fractions, not percent."""

import re
import string
import warnings
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats
from seqeval.metrics import f1_score as seqeval_f1
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def accuracy(reference: Sequence[int], prediction: Sequence[int]) -> float:
    """Share of predictions that equal the reference."""
    return float(accuracy_score(reference, prediction))


def f1(reference: Sequence[int], prediction: Sequence[int]) -> float:
    """F1 of class 1 (MultiRC over all its answers); 0 where class 1 is neither given nor predicted."""
    return float(f1_score(reference, prediction, labels=[1], average="micro", zero_division=0))


def matthews(reference: Sequence[int], prediction: Sequence[int]) -> float:
    """Matthews correlation coefficient; 0 where only one class is given or predicted."""
    if len(set(reference)) < 2 or len(set(prediction)) < 2:
        return 0.0
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


def role_f1(reference: Sequence[Sequence[str]], prediction: Sequence[Sequence[str]]) -> float:
    """`span_f1` of semantic roles without the predicate itself, which is given (CoNLL-2005 evaluation).

    The continuation of an argument (C-) counts as a span of its own; the official script joins the two.
    """
    return span_f1(*([[_without_predicate(tag) for tag in tags] for tags in side] for side in (reference, prediction)))


def _without_predicate(tag: str) -> str:
    return "O" if tag[2:] in ("V", "C-V") else tag


def normalise_answer(text: str) -> str:
    """An answer as SQuAD's and ReCoRD's official scripts compare it: lower case, no ASCII punctuation, no article
    (a, an, the), one space between words."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def answer_f1(reference: Sequence[Sequence[str]], prediction: Sequence[str]) -> float:
    """Mean over the questions of the best F1 of shared words between the prediction and an accepted answer."""
    return _best_of_answers(reference, prediction, _shared_words_f1)


def exact_match(reference: Sequence[Sequence[str]], prediction: Sequence[str]) -> float:
    """Share of predictions that equal an accepted answer once both are normalised."""
    return _best_of_answers(reference, prediction, lambda answer, given: float(answer == given))


def _best_of_answers(
    reference: Sequence[Sequence[str]], prediction: Sequence[str], compare: Callable[[str, str], float]
) -> float:
    """Mean over questions of the best comparison; a question without answers accepts the empty prediction alone."""
    best = []
    for answers, given in zip(reference, prediction, strict=True):
        given = normalise_answer(given)
        accepted = [normalise_answer(answer) for answer in answers]
        best.append(max(compare(answer, given) for answer in ([a for a in accepted if a] or [""])))
    return float(np.mean(best))


def _shared_words_f1(answer: str, given: str) -> float:
    words, guess = answer.split(), given.split()
    if not words or not guess:
        return float(words == guess)
    shared = sum((Counter(words) & Counter(guess)).values())
    return 2 * shared / (len(words) + len(guess))


METRICS: dict[str, Callable[[Sequence, Sequence], float]] = {
    "accuracy": accuracy,
    "f1": f1,
    "matthews": matthews,
    "pearson-spearman": pearson_spearman,
    "span-f1": span_f1,
    "role-f1": role_f1,
    "answer-f1": answer_f1,
    "exact-match": exact_match,
}
