"""The losses of Section III-C; Eq. 1 is `Format.loss`."""

import torch

from panda_core.formats.base import Format
from panda_core.formats.span import MASKED
from panda_core.protocol import KDProtocol


def soft_predictions(rows: torch.Tensor, fmt: Format, kd: KDProtocol) -> torch.Tensor:
    """What is compared in Eq. 3 of logits `rows` [R, C]: distributions [R, C] at the temperature, or the logits.

    A regression task predicts values and no distribution; they are compared as they are.
    """
    if kd.match == "logits" or not fmt.categorical:
        return rows
    return fmt.distribution(rows / kd.temperature)


def distillation_loss(
    student: torch.Tensor, teacher: torch.Tensor, fmt: Format, kd: KDProtocol
) -> torch.Tensor:
    """Eq. 3: the distance of the student's predictions from the teacher's, the mean over the rows.

    `student` [R, C] are logits, one row per predicted distribution; `teacher` [R, C] is what `soft_predictions` made
    of the teacher's. The sum over examples in Eq. 3 is taken as a mean, as that of Eq. 1 is, so that lambda keeps its
    meaning for any batch size; over classes it is a sum. `kd.loss` "kl" and "ce" are the Kullback-Leibler divergence
    and the cross-entropy of Table VII, times the squared temperature, which keeps the size of their gradients. Values
    of a regression task are compared by their squared difference whatever the loss.
    """
    if kd.loss == "mse" or not fmt.categorical:
        # positions that are padded out have no prediction, whatever the weights of several teachers sum to
        difference = (teacher - soft_predictions(student, fmt, kd)).masked_fill(student < MASKED / 2, 0)
        squared = difference.square()
        return (squared.sum(dim=-1) if kd.over_classes == "sum" else squared.mean(dim=-1)).mean()
    expected = (teacher / kd.temperature).softmax(dim=-1) if kd.match == "logits" else teacher
    predicted = (student / kd.temperature).log_softmax(dim=-1)
    loss = -(expected * predicted)
    if kd.loss == "kl":
        loss = loss + torch.special.xlogy(expected, expected)
    return kd.temperature**2 * loss.sum(dim=-1).mean()


def panda_loss(
    task_loss: torch.Tensor, kd_loss: torch.Tensor, weight: float, similarity: float
) -> torch.Tensor:
    """Eq. 4: L_all = L_ce + lambda * sim * L_kd, with `weight` = lambda."""
    return task_loss + weight * similarity * kd_loss
