"""The target-like network: PANDA's teacher, the source prompt trained briefly on the target (Section III-C.2)."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

from panda_core.methods import vanilla_pot
from panda_core.methods.method import TRANSFERABLE, Method

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome


def train(job: Job) -> Outcome:
    """Vanilla prompt transfer cut short: one epoch on a small task, 1000 steps on a large one."""
    teacher, rows = job.spec.protocol.teacher, len(job.train.examples)
    epoch = ceil(rows / job.spec.training.batch_size)
    steps = teacher.small_epochs * epoch if rows < teacher.small_task else teacher.large_steps
    if job.spec.training.steps is not None:
        steps = min(steps, job.spec.training.steps)
    brief = replace(job, spec=replace(job.spec, training=replace(job.spec.training, steps=steps, epochs=None)))
    return vanilla_pot.train(brief)


METHOD = Method(
    name="target-like",
    title="Target-like teacher",
    sources=1,
    protocol=("teacher",),
    kinds=TRANSFERABLE,
    inputs=vanilla_pot.METHOD.inputs,
    train=train,
    internal="target-like",
)
