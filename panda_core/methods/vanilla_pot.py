"""Vanilla prompt transfer: the target prompt starts from the source prompt (Section III-B; SPoT)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panda_core.methods.method import TRANSFERABLE, Method, source_run

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome


def train(job: Job) -> Outcome:
    """Start from the source prompt and a new head, then train both on the target by Eq. 1."""
    model = job.new_model()
    model.load_prompt(job.inputs["source"])
    return job.fit(model)


METHOD = Method(
    name="vanilla-pot",
    title="Vanilla prompt transfer",
    sources=1,
    kinds=TRANSFERABLE,
    inputs=lambda spec: {"source": source_run(spec, spec.sources[0])},
    train=train,
)
