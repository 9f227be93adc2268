"""Eq. 3 and Eq. 4 and the rivals of Table VII against values worked out by hand."""

import math
from math import log

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import kl_div

from panda_core.formats import get_format
from panda_core.formats.span import MASKED
from panda_core.losses import distillation_loss, panda_loss, soft_predictions
from panda_core.protocol import KDProtocol
from panda_core.tasks import get_task

CLASSIFICATION, REGRESSION, SPAN = (get_format(get_task(name)) for name in ("cb", "stsb", "squad"))

# softmax(0, ln 3) = (1/4, 3/4); softmax(ln 4, 0) = (4/5, 1/5)
STUDENT, TEACHER = torch.tensor([[0.0, log(3)]]), torch.tensor([[log(4), 0.0]])


def distance(student, teacher, fmt=CLASSIFICATION, **choices):
    """The distillation loss of two tensors of logits."""
    kd = KDProtocol(**choices)
    return distillation_loss(student, soft_predictions(teacher, fmt, kd), fmt, kd)


def test_equation_3_on_one_example():
    by_hand = (4 / 5 - 1 / 4) ** 2 + (1 / 5 - 3 / 4) ** 2
    assert distance(STUDENT, TEACHER).item() == pytest.approx(by_hand, abs=1e-6)
    assert distance(STUDENT, TEACHER, over_classes="mean").item() == pytest.approx(by_hand / 2, abs=1e-6)


def test_equation_3_is_the_mean_over_examples():
    # the second example agrees with its teacher, so the mean is half of the first example's 0.605
    student = torch.tensor([[0.0, log(3)], [1.0, 2.0]])
    teacher = torch.tensor([[log(4), 0.0], [1.0, 2.0]])
    assert distance(student, teacher).item() == pytest.approx(0.605 / 2, abs=1e-6)


def test_equation_3_on_logits():
    student, teacher = torch.tensor([[1.0, 2.0]]), torch.tensor([[4.0, 0.0]])
    assert distance(student, teacher, match="logits").item() == 3**2 + 2**2
    assert distance(student, teacher, match="logits", over_classes="mean").item() == (3**2 + 2**2) / 2


@pytest.mark.parametrize("loss", ["mse", "kl", "ce"])
def test_the_values_of_a_regression_are_compared_by_their_squared_difference(loss):
    student, teacher = torch.tensor([[1.0], [2.0]]), torch.tensor([[4.0], [2.5]])
    assert distance(student, teacher, REGRESSION, loss=loss, temperature=3).item() == pytest.approx((9 + 0.25) / 2)


def test_cross_entropy_by_hand():
    by_hand = -(4 / 5 * log(1 / 4) + 1 / 5 * log(3 / 4))
    assert distance(STUDENT, TEACHER, loss="ce").item() == pytest.approx(by_hand, abs=1e-6)


def test_divergence_by_hand():
    by_hand = 4 / 5 * log((4 / 5) / (1 / 4)) + 1 / 5 * log((1 / 5) / (3 / 4))
    assert distance(STUDENT, TEACHER, loss="kl").item() == pytest.approx(by_hand, abs=1e-6)
    assert distance(TEACHER, TEACHER, loss="kl").item() == pytest.approx(0, abs=1e-6)


def test_a_temperature_of_2_by_hand():
    # softmax(0, ln 9 / 2) = (1/4, 3/4); softmax(ln 16 / 2, 0) = (4/5, 1/5); ce and kl are multiplied by 2 squared
    student, teacher = torch.tensor([[0.0, log(9)]]), torch.tensor([[log(16), 0.0]])
    assert distance(student, teacher, temperature=2).item() == pytest.approx(0.605, abs=1e-6)
    for loss in ("kl", "ce"):
        expected = 4 * distance(STUDENT, TEACHER, loss=loss).item()
        assert distance(student, teacher, loss=loss, temperature=2).item() == pytest.approx(expected, abs=1e-5)


@given(st.lists(st.floats(-5, 5), min_size=6, max_size=6), st.floats(0.5, 8), st.sampled_from(("probabilities", "logits")))
def test_divergence_is_that_of_torch_and_differs_from_the_cross_entropy_by_the_teachers_entropy(values, temperature, match):
    student, teacher = torch.tensor(values).view(2, 3), torch.tensor(values[::-1]).view(2, 3)
    log_q, p = (student / temperature).log_softmax(-1), (teacher / temperature).softmax(-1)
    expected = temperature**2 * kl_div(log_q, p, reduction="batchmean")
    found = distance(student, teacher, loss="kl", temperature=temperature, match=match)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
    entropy = -temperature**2 * (p * p.log()).sum(-1).mean()
    torch.testing.assert_close(
        distance(student, teacher, loss="ce", temperature=temperature, match=match) - found, entropy, atol=1e-4, rtol=1e-4
    )


def test_at_a_high_temperature_the_gradient_is_that_of_squared_logits():
    # Section IV-D.c: the gradient tends to that of |q - p|^2 / 2, here up to the number of classes (centred logits)
    student = torch.tensor([[1.0, -2.0, 1.0]], requires_grad=True)
    distance(student, torch.tensor([[0.5, 0.5, -1.0]]), loss="ce", temperature=1000).backward()
    expected = (student.detach() - torch.tensor([[0.5, 0.5, -1.0]])) / 3
    torch.testing.assert_close(student.grad, expected, atol=5e-3, rtol=0)


@pytest.mark.parametrize("match", ["probabilities", "logits"])
@pytest.mark.parametrize("loss", ["mse", "kl", "ce"])
def test_padding_of_a_span_counts_nothing(match, loss):
    kd = KDProtocol(match=match, loss=loss)
    padded = [torch.nn.functional.pad(rows, (0, 2), value=MASKED) for rows in (STUDENT, TEACHER)]
    bare, wide = (0.4 * soft_predictions(rows, SPAN, kd) for rows in (TEACHER, padded[1]))
    expected = distillation_loss(STUDENT, bare, SPAN, kd).item()
    assert distillation_loss(padded[0], wide, SPAN, kd).item() == pytest.approx(expected, abs=1e-6)
    assert math.isfinite(expected)


def test_the_teacher_is_followed_downhill():
    for loss in ("mse", "kl", "ce"):
        student = torch.zeros(1, 3, requires_grad=True)
        distance(student, torch.tensor([[2.0, 0.0, 0.0]]), loss=loss).backward()
        assert student.grad[0, 0] < 0 < student.grad[0, 1]


def test_equation_4():
    loss = panda_loss(torch.tensor(0.7), torch.tensor(0.5), weight=0.05, similarity=0.8)
    assert loss.item() == pytest.approx(0.7 + 0.05 * 0.8 * 0.5)


def test_equation_1_is_the_mean_cross_entropy():
    rows, labels = torch.tensor([[0.0, log(3)], [0.0, 0.0]]), torch.tensor([1, 0])
    by_hand = -(log(3 / 4) + log(1 / 2)) / 2
    assert CLASSIFICATION.loss(rows, labels).item() == pytest.approx(by_hand, abs=1e-6)
