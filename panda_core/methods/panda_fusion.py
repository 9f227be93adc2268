"""PANDA with several sources: their teachers fused early, into one network, or late, in their predictions
(Section III-C.3).

Eq. 5 fuses prompts. A teacher also has a head, whose labels are the target's because the prompt and the head of each
target-like network were trained together on it; so the heads are fused with the same weights.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from panda_core.methods.method import SEVERAL, TRANSFERABLE, Method, source_run, target_run
from panda_core.methods.panda import teacher_run

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome
    from panda_core.runs import RunSpec


def early(job: Job) -> Outcome:
    """Eq. 5: one teacher, whose prompt and head are the weighted sums of those of all sources' teachers."""
    from panda_core.distillation import fused, taught

    similarities, weights = _weights(job)
    states = [job.inputs[f"teacher {source}"] for source in job.spec.sources]
    outcome = taught(job, [(1.0, job.model_of(fused(states, weights)))], similarity=1.0)
    return replace(outcome, similarities=similarities)


def late(job: Job) -> Outcome:
    """Eq. 6: the student matches the weighted sum of all teachers' predictions."""
    from panda_core.distillation import taught

    similarities, weights = _weights(job)
    teachers = [job.model_of(job.inputs[f"teacher {source}"]) for source in job.spec.sources]
    outcome = taught(job, list(zip(weights, teachers, strict=True)), similarity=1.0)
    return replace(outcome, similarities=similarities)


def _weights(job: Job) -> tuple[dict[str, float], list[float]]:
    """The similarity of each source, and the weights that follow from them."""
    from panda_core.distillation import source_weights, used_similarity

    protocol = job.spec.protocol
    found = {source: job.similarity(source, job.inputs.get(f"source {source}")) for source in job.spec.sources}
    return found, source_weights([used_similarity(value, protocol.kd) for value in found.values()], protocol.fusion)


def inputs(spec: RunSpec) -> dict[str, RunSpec]:
    """A teacher from every source; for their similarities, the prompt of every source and the target's own."""
    needed = {f"teacher {source}": teacher_run(spec, source) for source in spec.sources}
    if spec.protocol.kd.similarity != "constant":
        needed |= {f"source {source}": source_run(spec, source) for source in spec.sources}
        needed["target"] = target_run(spec)
    return needed


EARLY, LATE = (
    Method(
        name=f"panda-{name}",
        title=f"PANDA-{name.capitalize()}",
        sources=SEVERAL,
        protocol=("kd", "teacher", "embedding", "fusion"),
        kinds=TRANSFERABLE,
        inputs=inputs,
        train=train,
    )
    for name, train in (("early", early), ("late", late))
)
