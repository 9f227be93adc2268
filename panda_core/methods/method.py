"""What every method declares, and the specs of the runs that methods share. Nothing here loads torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome
    from panda_core.runs import RunSpec


@dataclass(frozen=True)
class Method:
    """A method under its field name.

    `sources`: how many source tasks it takes. `protocol`: the groups of `Protocol` that it reads. `inputs`: the runs
    it starts from, by role. `train`: makes the result. `internal`: needed by other methods only.
    """

    name: str
    title: str
    sources: int
    protocol: tuple[str, ...]
    inputs: Callable[[RunSpec], dict[str, RunSpec]]
    train: Callable[[Job], Outcome]
    internal: bool = False


def prompt_run(spec: RunSpec, task: str) -> RunSpec:
    """P-Tuning v2 on `task`: the source prompt of a source task, or the target's own prompt."""
    training = spec.training if task == spec.target else spec.source_training
    return replace(
        spec, method="p-tuning-v2", target=task, sources=(), training=training, source_training=None
    )
