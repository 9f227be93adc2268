"""How a student is taught (Section III-C): by one teacher (Eq. 3 and 4), or by several at once (Eq. 5 and 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch

from panda_core.data.batches import Batch
from panda_core.job import Job, Outcome
from panda_core.losses import distillation_loss, panda_loss, soft_predictions
from panda_core.model import PromptedModel
from panda_core.protocol import FusionProtocol, KDProtocol
from panda_core.training import predict_rows, seen

# the student's rows [R, C] and their batch -> the teacher's rows [R, C]
Teacher = Callable[[torch.Tensor, Batch], torch.Tensor]


def taught(job: Job, teachers: Sequence[tuple[float, PromptedModel]], similarity: float) -> Outcome:
    """Train a student with a random prompt by Eq. 4; what it is to match is the weighted sum of the teachers' soft
    predictions (Eq. 6), which for a single teacher of weight 1 are its own (Eq. 3)."""
    fmt, kd = job.train.format, job.spec.protocol.kd
    rows_of = [(weight, _teacher(job, model)) for weight, model in teachers]

    def loss(rows: torch.Tensor, batch: Batch) -> torch.Tensor:
        target = sum(weight * soft_predictions(teacher(rows, batch), fmt, kd) for weight, teacher in rows_of)
        kd_loss = distillation_loss(rows, target, fmt, kd)
        if kd.divide_by_batch:
            kd_loss = kd_loss / len(batch.index)
        return panda_loss(fmt.loss(rows, fmt.row_labels(batch)), kd_loss, kd.weight, similarity)

    return job.fit(job.new_model(), loss)


def _teacher(job: Job, model: PromptedModel) -> Teacher:
    """The predictions of a frozen network on the batches of the training set.

    In evaluation mode they never change, so they are computed once; with dropout, they are made for each batch.
    """
    fmt = job.train.format
    if job.spec.protocol.teacher.dropout:

        @torch.no_grad()
        def anew(rows: torch.Tensor, batch: Batch) -> torch.Tensor:
            return fmt.rows(model.train()(batch), batch).float()

        return anew
    shown = seen(job.train, job.spec.training, job.spec.seed)
    stored = predict_rows(model, job.train, job.spec.protocol.optimiser.precision, shown)
    return lambda rows, batch: fmt.stack([stored[i] for i in batch.index.tolist()], rows)


def used_similarity(similarity: float, kd: KDProtocol) -> float:
    """The similarity as it weighs in Eq. 4 to 6: a negative one counts as 0 where `kd.clamp_negative` says so."""
    return max(similarity, 0.0) if kd.clamp_negative else similarity


def source_weights(similarities: Sequence[float], fusion: FusionProtocol) -> list[float]:
    """The weights of n sources in Eq. 5 and 6: sim_i / n, or sim_i over their sum (all 0 where the sum is 0)."""
    whole = len(similarities) if fusion.weights == "printed" else sum(similarities)
    return [similarity / whole if whole else 0.0 for similarity in similarities]


def fused(states: Sequence[Mapping[str, torch.Tensor]], weights: Sequence[float]) -> dict[str, torch.Tensor]:
    """Eq. 5: the weighted sum of trained states, tensor by tensor: prompts, and the heads that belong to them."""
    pairs = list(zip(weights, states, strict=True))
    return {name: sum(weight * state[name] for weight, state in pairs) for name in states[0]}
