"""Metrics against values worked out by hand, and what they give where their formulas break down."""

import math
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_core import metrics


def test_accuracy_counts_equal_labels():
    assert metrics.accuracy([0, 1, 2, 1], [0, 1, 1, 1]) == 0.75


def test_matthews_by_hand():
    # TP 3, TN 2, FP 1, FN 2: (3*2 - 1*2) / sqrt(4 * 5 * 3 * 4)
    reference = [1, 1, 1, 1, 1, 0, 0, 0]
    prediction = [1, 1, 1, 0, 0, 1, 0, 0]
    assert metrics.matthews(reference, prediction) == pytest.approx(4 / math.sqrt(240))


@pytest.mark.parametrize("predicted", [0, 1])
def test_matthews_of_one_predicted_class_is_zero(predicted):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert metrics.matthews([0, 1, 1, 0], [predicted] * 4) == 0.0


def test_pearson_spearman_by_hand():
    # deviations (-1, 0, 1) and (-2, -1, 3): Pearson 5 / sqrt(2 * 14); the ranks agree, so Spearman 1
    assert metrics.pearson_spearman([1, 2, 3], [1, 2, 6]) == pytest.approx((5 / math.sqrt(28) + 1) / 2)


def test_pearson_spearman_of_reversed_order_is_minus_one():
    assert metrics.pearson_spearman([0.0, 2.5, 5.0], [5.0, 2.5, 0.0]) == pytest.approx(-1)


@pytest.mark.parametrize(("reference", "prediction"), [([1.0, 2.0, 3.0], [2.0] * 3), ([2.0] * 3, [1.0, 2.0, 3.0])])
def test_correlation_with_a_constant_is_zero_with_a_warning(reference, prediction):
    with pytest.warns(RuntimeWarning, match="constant"):
        assert metrics.pearson_spearman(reference, prediction) == 0.0


def test_span_f1_by_hand():
    # gold: PER 0-1, LOC 3; predicted: PER 0-1 (right), LOC 2-3 (wrong border), ORG 4 (no such span)
    reference = [["B-PER", "I-PER", "O", "B-LOC", "O"]]
    prediction = [["B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG"]]
    # precision 1/3, recall 1/2
    assert metrics.span_f1(reference, prediction) == pytest.approx(2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2))


def test_span_f1_is_micro_averaged_over_sentences():
    reference = [["B-A"], ["B-A"], ["B-B"], ["O"]]
    prediction = [["B-A"], ["B-A"], ["O"], ["B-B"]]
    # 2 right of 3 predicted and of 3 in the reference
    assert metrics.span_f1(reference, prediction) == pytest.approx(2 / 3)


@pytest.mark.parametrize(("reference", "prediction"), [(["O"], ["O"]), (["B-A"], ["O"]), (["O"], ["B-A"])])
def test_span_f1_without_a_match_is_zero_in_silence(reference, prediction):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert metrics.span_f1([reference], [prediction]) == 0.0


binary = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=30)


@given(binary)
def test_every_label_metric_is_a_finite_fraction(pairs):
    reference, prediction = (list(side) for side in zip(*pairs, strict=True))
    assert 0 <= metrics.accuracy(reference, prediction) <= 1
    assert -1 - 1e-9 <= metrics.matthews(reference, prediction) <= 1 + 1e-9
