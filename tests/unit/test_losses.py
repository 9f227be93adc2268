"""Eq. 3 and Eq. 4 against values worked out by hand."""

import math

import pytest
import torch

from panda_core.formats import get_format
from panda_core.losses import distillation_loss, panda_loss
from panda_core.tasks import get_task

CLASSIFICATION, REGRESSION = get_format(get_task("cb")), get_format(get_task("stsb"))


def test_equation_3_on_one_example():
    # softmax(0, ln 3) = (1/4, 3/4); softmax(ln 4, 0) = (4/5, 1/5)
    student, teacher = torch.tensor([[0.0, math.log(3)]]), torch.tensor([[math.log(4), 0.0]])
    by_hand = (4 / 5 - 1 / 4) ** 2 + (1 / 5 - 3 / 4) ** 2
    assert distillation_loss(student, teacher, CLASSIFICATION).item() == pytest.approx(by_hand, abs=1e-6)


def test_equation_3_is_the_mean_over_examples():
    # the second example agrees with its teacher, so the mean is half of the first example's 0.605
    student = torch.tensor([[0.0, math.log(3)], [1.0, 2.0]])
    teacher = torch.tensor([[math.log(4), 0.0], [1.0, 2.0]])
    assert distillation_loss(student, teacher, CLASSIFICATION).item() == pytest.approx(0.605 / 2, abs=1e-6)


def test_equation_3_on_logits():
    student, teacher = torch.tensor([[1.0, 2.0]]), torch.tensor([[4.0, 0.0]])
    assert distillation_loss(student, teacher, CLASSIFICATION, match="logits").item() == 3**2 + 2**2


def test_equation_3_on_the_values_of_a_regression():
    student, teacher = torch.tensor([[1.0], [2.0]]), torch.tensor([[4.0], [2.5]])
    assert distillation_loss(student, teacher, REGRESSION).item() == pytest.approx((9 + 0.25) / 2)


def test_the_teacher_is_followed_downhill():
    student = torch.zeros(1, 3, requires_grad=True)
    distillation_loss(student, torch.tensor([[2.0, 0.0, 0.0]]), CLASSIFICATION).backward()
    assert student.grad[0, 0] < 0 < student.grad[0, 1]


def test_equation_4():
    loss = panda_loss(torch.tensor(0.7), torch.tensor(0.5), weight=0.05, similarity=0.8)
    assert loss.item() == pytest.approx(0.7 + 0.05 * 0.8 * 0.5)


def test_equation_1_is_the_mean_cross_entropy():
    rows, labels = torch.tensor([[0.0, math.log(3)], [0.0, 0.0]]), torch.tensor([1, 0])
    by_hand = -(math.log(3 / 4) + math.log(1 / 2)) / 2
    assert CLASSIFICATION.loss(rows, labels).item() == pytest.approx(by_hand, abs=1e-6)
