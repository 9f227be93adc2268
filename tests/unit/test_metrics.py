"""Metrics against values worked out by hand, and what they give where their formulas break down."""

import math
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_core import metrics


def test_accuracy_counts_equal_labels():
    assert metrics.accuracy([0, 1, 2, 1], [0, 1, 1, 1]) == 0.75


def test_f1_of_class_one_by_hand():
    # 2 right of 3 predicted and of 4 in the reference: 2 * 2 / (3 + 4)
    assert metrics.f1([1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 1, 0]) == pytest.approx(4 / 7)


@pytest.mark.parametrize(("reference", "prediction"), [([0, 0], [0, 0]), ([1, 0], [0, 0]), ([0, 0], [1, 1])])
def test_f1_without_a_true_positive_is_zero_in_silence(reference, prediction):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert metrics.f1(reference, prediction) == 0.0


def test_matthews_by_hand():
    # TP 3, TN 2, FP 1, FN 2: (3*2 - 1*2) / sqrt(4 * 5 * 3 * 4)
    reference = [1, 1, 1, 1, 1, 0, 0, 0]
    prediction = [1, 1, 1, 0, 0, 1, 0, 0]
    assert metrics.matthews(reference, prediction) == pytest.approx(4 / math.sqrt(240))


@pytest.mark.parametrize(
    ("reference", "prediction"),
    [([0, 1, 1, 0], [0] * 4), ([0, 1, 1, 0], [1] * 4), ([1] * 4, [0, 1, 1, 0]), ([1] * 4, [1] * 4)],
)
def test_matthews_of_one_class_is_zero_in_silence(reference, prediction):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert metrics.matthews(reference, prediction) == 0.0


def test_pearson_spearman_by_hand():
    # deviations (-1, 0, 1) and (-2, -1, 3): Pearson 5 / sqrt(2 * 14); the ranks agree, so Spearman 1
    assert metrics.pearson_spearman([1, 2, 3], [1, 2, 6]) == pytest.approx((5 / math.sqrt(28) + 1) / 2)


def test_matthews_of_scikit_learns_documented_example():
    assert metrics.matthews([1, 1, 1, 0], [1, 0, 1, 1]) == pytest.approx(-1 / 3)


def test_correlations_of_scipys_documented_example():
    # documented: Spearman 0.82078; Pearson by hand: 6 / sqrt(10 * 5.2)
    expected = (0.8207826816681233 + 6 / math.sqrt(52)) / 2
    assert metrics.pearson_spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]) == pytest.approx(expected)


def test_ranks_of_equal_values_are_shared():
    # deviations (-1.5, -0.5, 0.5, 1.5) and, for values and ranks alike, multiples of (-1, -1, 1, 1)
    assert metrics.pearson_spearman([1, 2, 3, 4], [1, 1, 2, 2]) == pytest.approx(4 / math.sqrt(20))


def test_the_two_correlations_differ_where_an_outlier_keeps_the_order():
    # ranks (1, 3, 2, 4): Spearman 1 - 6 * 2 / (4 * 15); deviations (-3, -1, -2, 6): Pearson 13 / sqrt(5 * 50)
    assert metrics.pearson_spearman([1, 2, 3, 4], [1, 3, 2, 10]) == pytest.approx((0.8 + 13 / math.sqrt(250)) / 2)


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


def test_span_f1_of_seqevals_documented_example():
    reference = [["O", "O", "O", "B-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]]
    prediction = [["O", "O", "B-MISC", "I-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]]
    assert metrics.span_f1(reference, prediction) == pytest.approx(0.5)


def test_a_span_may_begin_without_its_b_as_in_the_evaluation_of_conll():
    assert metrics.span_f1([["B-PER", "I-PER", "O"]], [["I-PER", "I-PER", "O"]]) == 1.0
    # another type begins another span: PER is found, LOC is not there
    assert metrics.span_f1([["B-PER", "I-PER"]], [["B-PER", "I-LOC"]]) == 0.0


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


def test_role_f1_leaves_the_given_predicate_out():
    # without V and C-V: gold A0, A1; predicted A0 (right), A1 with a wrong border
    reference = [["B-A0", "B-V", "B-C-V", "B-A1", "I-A1"]]
    prediction = [["B-A0", "B-V", "B-C-V", "O", "B-A1"]]
    assert metrics.role_f1(reference, prediction) == pytest.approx(0.5)
    # with them, two easy spans more on each side: 3 of 4
    assert metrics.span_f1(reference, prediction) == pytest.approx(0.75)


def test_role_f1_keeps_references_and_continuations():
    reference = [["B-R-A0", "B-V", "B-C-A1"]]
    assert metrics.role_f1(reference, [["B-R-A0", "B-V", "O"]]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("text", "normalised"),
    [
        ("The Panthers", "panthers"),
        ("an  apple, a pear", "apple pear"),
        ("U.S.A.", "usa"),
        ("Theatre another", "theatre another"),
        ("well-known", "wellknown"),
        ("  The  the  ", ""),
        ("“quoted” – €5", "“quoted” – €5"),
    ],
)
def test_answers_are_normalised(text, normalised):
    assert metrics.normalise_answer(text) == normalised


def test_answer_f1_by_hand():
    reference = [["the Eiffel Tower in Paris", "Eiffel Tower"], ["42"], ["a b b"]]
    prediction = ["Eiffel Tower, Paris", "forty-two", "b b c"]
    # best of 2*3/(4+3) and 2*2/(2+3); nothing shared; "b b" against "b b c": 2*2/(2+3)
    assert metrics.answer_f1(reference, prediction) == pytest.approx((6 / 7 + 0 + 4 / 5) / 3)
    assert metrics.exact_match(reference, prediction) == 0.0


def test_exact_match_takes_any_accepted_answer():
    assert metrics.exact_match([["1889", "the year 1889"], ["Paris"]], ["Year 1889!", "paris"]) == 1.0
    assert metrics.exact_match([["Paris"], ["Paris"]], ["Paris, France", "paris"]) == 0.5


@pytest.mark.parametrize(("given", "score"), [("", 1.0), ("the", 1.0), ("something", 0.0)])
def test_a_question_without_answer_accepts_nothing_else(given, score):
    assert metrics.answer_f1([[]], [given]) == score
    assert metrics.exact_match([[]], [given]) == score


def test_an_empty_prediction_is_no_answer():
    assert metrics.answer_f1([["Paris"]], [""]) == 0.0


labels = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=30)


@pytest.mark.filterwarnings("ignore:A single label was found")
@given(labels)
def test_every_label_metric_is_a_finite_number_in_its_range(pairs):
    reference, prediction = (list(side) for side in zip(*pairs, strict=True))
    assert 0 <= metrics.accuracy(reference, prediction) <= 1
    assert 0 <= metrics.f1(reference, prediction) <= 1
    assert -1 - 1e-9 <= metrics.matthews(reference, prediction) <= 1 + 1e-9


@given(st.lists(st.text(max_size=12), min_size=1, max_size=4), st.text(max_size=12))
def test_exact_match_never_beats_answer_f1(answers, prediction):
    assert metrics.exact_match([answers], [prediction]) <= metrics.answer_f1([answers], [prediction]) <= 1
