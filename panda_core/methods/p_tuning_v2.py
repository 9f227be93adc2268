"""P-Tuning v2: a prefix in every layer, trained from a random start (Section III-A, Eq. 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panda_core.methods.method import Method

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome


def train(job: Job) -> Outcome:
    """Train prompt and head on the task by Eq. 1; the PLM is frozen."""
    return job.fit(job.new_model())


METHOD = Method(
    name="p-tuning-v2",
    title="P-Tuning v2",
    sources=0,
    inputs=lambda spec: {},
    train=train,
)
