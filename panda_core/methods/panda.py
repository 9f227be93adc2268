"""PANDA: a random prompt trained on the target while it mimics a teacher that knows the source (Section III-C.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from panda_core.methods.method import Method, prompt_run

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome
    from panda_core.runs import RunSpec


def train(job: Job) -> Outcome:
    """Train the student by Eq. 4.

    The teacher is in evaluation mode and does not change, so its predictions are computed once, on the examples that
    the student will see.
    """
    from panda_core.losses import distillation_loss, panda_loss
    from panda_core.training import predict_rows, seen

    kd = job.spec.protocol.kd
    similarity = job.similarity() if kd.similarity == "ours" else 1.0
    sim = max(similarity, 0.0) if kd.clamp_negative else similarity
    teacher = job.new_model()
    teacher.load(job.inputs["teacher"])
    shown = seen(job.train, job.spec.training, job.spec.seed)
    teacher_rows = predict_rows(teacher, job.train, job.spec.protocol.optimiser.precision, shown)
    fmt = job.train.format

    def loss(rows, batch):
        target = fmt.stack([teacher_rows[i] for i in batch.index.tolist()], rows)
        kd_loss = distillation_loss(rows, target, fmt, kd.match)
        return panda_loss(fmt.loss(rows, fmt.row_labels(batch)), kd_loss, kd.weight, sim)

    return replace(job.fit(job.new_model(), loss), similarity=similarity)


def inputs(spec: RunSpec) -> dict[str, RunSpec]:
    """The source prompt, the target's own prompt (both for Eq. 2), and the target-like teacher."""
    source = prompt_run(spec, spec.sources[0])
    needed = {"source": source, "teacher": replace(spec, method="target-like")}
    if spec.protocol.kd.similarity == "ours":
        needed["target"] = prompt_run(spec, spec.target)
    return needed


METHOD = Method(
    name="panda",
    title="PANDA",
    sources=1,
    protocol=("prompt", "optimiser", "kd", "teacher", "embedding"),
    inputs=inputs,
    train=train,
)
