"""The losses of Section III-C.2; Eq. 1 is `Format.loss`."""

import torch

from panda_core.formats.base import Format


def distillation_loss(
    student: torch.Tensor, teacher: torch.Tensor, fmt: Format, match: str = "probabilities"
) -> torch.Tensor:
    """Eq. 3: squared distance of the student's and the teacher's predictions, the mean over the rows.

    `student`, `teacher` [R, C] are logits, one row per predicted distribution. The sum over examples in Eq. 3 is
    taken as a mean, as that of Eq. 1 is, so that lambda keeps its meaning for any batch size; over classes it is
    a sum. `match` "probabilities" is Eq. 3 as printed, "logits" skips the softmax. Predictions of a regression task
    are its values.
    """
    if match == "probabilities":
        student, teacher = fmt.distribution(student), fmt.distribution(teacher)
    return (teacher - student).square().sum(dim=-1).mean()


def panda_loss(
    task_loss: torch.Tensor, kd_loss: torch.Tensor, weight: float, similarity: float
) -> torch.Tensor:
    """Eq. 4: L_all = L_ce + lambda * sim * L_kd, with `weight` = lambda."""
    return task_loss + weight * similarity * kd_loss
