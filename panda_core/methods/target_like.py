"""The target-like network: PANDA's teacher, the source prompt trained briefly on the target (Section III-C.2).

Where the run's own budget is no longer than that, nothing is cut short, and the teacher is vanilla prompt transfer with
the same seed, to the bit: where that run is there, its fit is taken and nothing is trained.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

from panda_core.methods import vanilla_pot
from panda_core.methods.method import TRANSFERABLE, Method, single_run

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome


def train(job: Job) -> Outcome:
    """Vanilla prompt transfer cut short: one epoch on a small task, 1000 steps on a large one."""
    teacher, rows = job.spec.protocol.teacher, len(job.train.examples)
    epoch = ceil(rows / job.spec.training.batch_size)
    steps = teacher.small_epochs * epoch if rows < teacher.small_task else teacher.large_steps
    budget = job.spec.training.steps
    if budget is not None and budget <= steps:
        whole = single_run(job.spec, "vanilla-pot", job.spec.sources[0])
        return job.finished(whole) or vanilla_pot.train(job)
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
