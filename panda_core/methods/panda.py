"""PANDA: a random prompt trained on the target while it mimics a teacher that knows the source (Section III-C.2).

Where the teacher weighs 0, because a negative similarity counts as 0 or lambda is 0, Eq. 4 is Eq. 1: with the same seed
this is the target's own run without transfer, to the bit. That run is an input already, so its fit is taken and nothing
is trained.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from panda_core.methods.method import TRANSFERABLE, Method, single_run, source_run, target_run

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome
    from panda_core.runs import RunSpec


def train(job: Job) -> Outcome:
    """Train the student by Eq. 4, with the similarity of source and target as the weight of its teacher."""
    from panda_core.distillation import taught, used_similarity

    protocol = job.spec.protocol
    similarity = job.similarity(job.spec.sources[0], job.inputs["source"])
    used = used_similarity(similarity, protocol.kd)
    # A teacher with dropout draws random numbers between those of the student, whatever it weighs.
    weightless = protocol.kd.weight * used == 0 and not protocol.teacher.dropout
    outcome = job.finished(target_run(job.spec)) if weightless and "target" in job.inputs else None
    outcome = outcome or taught(job, [(1.0, job.model_of(job.inputs["teacher"]))], used)
    return replace(outcome, similarity=similarity)


def teacher_run(spec: RunSpec, source: str) -> RunSpec:
    """The run that makes the teacher from one source, as `teacher.prompt` says (Table V)."""
    match spec.protocol.teacher.prompt:
        case "target-like":
            plain = replace(spec.protocol.teacher, dropout=False)
            return single_run(replace(spec, protocol=replace(spec.protocol, teacher=plain)), "target-like", source)
        case "source":
            return single_run(spec, "source-teacher", source)
        case "random":
            return replace(spec, method="random-teacher", sources=(), source_training=None)
        case "vanilla-pot":
            return single_run(spec, "vanilla-pot", source)


def inputs(spec: RunSpec) -> dict[str, RunSpec]:
    """The source prompt, the target's own prompt (both for the similarity), and the teacher."""
    source = spec.sources[0]
    needed = {"source": source_run(spec, source), "teacher": teacher_run(spec, source)}
    if spec.protocol.kd.similarity != "constant":
        needed["target"] = target_run(spec)
    return needed


METHOD = Method(
    name="panda",
    title="PANDA",
    sources=1,
    protocol=("kd", "teacher", "embedding"),
    kinds=TRANSFERABLE,
    inputs=inputs,
    train=train,
)
