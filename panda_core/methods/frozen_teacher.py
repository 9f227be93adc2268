"""Teachers whose prompt is never trained on the target (Table V): the source prompt as it is, and a random one.

A source head has labels of another task, so each gets a head of its own: a linear probe, trained on the target with
the target's budget while the prompt stays frozen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from panda_core.methods.method import TRANSFERABLE, Method, source_run

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome


def train_source(job: Job) -> Outcome:
    """Train a head on the target by Eq. 1 over the frozen source prompt."""
    model = job.new_model()
    model.load_prompt(job.inputs["source"])
    model.prompt.requires_grad_(False)
    return job.fit(model)


def train_random(job: Job) -> Outcome:
    """Train a head on the target by Eq. 1 over a frozen random prompt, another one than the student's."""
    model = job.new_model(seed=job.spec.seed + 1)
    model.prompt.requires_grad_(False)
    return job.fit(model)


SOURCE = Method(
    name="source-teacher",
    title="Source prompt as teacher",
    sources=1,
    kinds=TRANSFERABLE,
    inputs=lambda spec: {"source": source_run(spec, spec.sources[0])},
    train=train_source,
    internal="source",
)

RANDOM = Method(
    name="random-teacher",
    title="Random prompt as teacher",
    sources=0,
    kinds=TRANSFERABLE,
    inputs=lambda spec: {},
    train=train_random,
    internal="random",
)
