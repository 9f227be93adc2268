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
    from panda_core.runs import RunSpec


def brief(spec: RunSpec, rows: int) -> int | None:
    """The steps of a teacher on `rows` training examples: one epoch of a small task, 1000 steps on a large one.

    None where the run's own budget is no longer than that, so that nothing is cut short.
    """
    teacher, training = spec.protocol.teacher, spec.training
    epoch = ceil(rows / training.batch_size)
    steps = teacher.small_epochs * epoch if rows < teacher.small_task else teacher.large_steps
    return steps if steps < (training.steps or training.epochs * epoch) else None


def equal(spec: RunSpec, rows: int) -> RunSpec | None:
    """Vanilla prompt transfer, where the teacher is not cut short."""
    return single_run(spec, "vanilla-pot", spec.sources[0]) if brief(spec, rows) is None else None


def train(job: Job) -> Outcome:
    """Vanilla prompt transfer for `brief` steps, or its result where that is all of them."""
    rows = len(job.train.examples)
    if whole := equal(job.spec, rows):
        return job.finished(whole) or vanilla_pot.train(job)
    training = replace(job.spec.training, steps=brief(job.spec, rows), epochs=None)
    return vanilla_pot.train(replace(job, spec=replace(job.spec, training=training)))


METHOD = Method(
    name="target-like",
    title="Target-like teacher",
    sources=1,
    protocol=("teacher",),
    kinds=TRANSFERABLE,
    inputs=vanilla_pot.METHOD.inputs,
    train=train,
    internal="target-like",
    equal=equal,
)
