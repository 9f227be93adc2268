"""What every method declares, and the specs of the runs that methods share. Nothing here loads torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome
    from panda_core.runs import RunSpec

SEVERAL = -1
IMPORTED = "imported"

# What is tuned -> the method that tunes it without any transfer.
_WITHOUT_TRANSFER = {
    "prefix": "p-tuning-v2",
    "mlp-prefix": "prefix-tuning",
    "tokens": "prompt-tuning",
    "adapter": "adapter",
}
TRANSFERABLE = tuple(_WITHOUT_TRANSFER)


@dataclass(frozen=True)
class Method:
    """A method under its field name.

    `sources`: how many source tasks it takes, `SEVERAL` for one or more. `protocol`: the groups of `Protocol` that it
    reads beside `prompt`, `optimiser` and `head`. `inputs`: the runs it starts from, by role. `train`: makes the
    result. `kinds`: what it can tune (`prompt.kind`), the default first. `internal`: made for other methods only; the
    `teacher.prompt` of PANDA that needs it. `equal`: a run of another method that gives the same to the bit, from
    the spec and the number of training examples; where it is made first, its result can be taken.
    """

    name: str
    title: str
    sources: int
    inputs: Callable[[RunSpec], dict[str, RunSpec]]
    train: Callable[[Job], Outcome]
    protocol: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("prefix",)
    internal: str = ""
    equal: Callable[[RunSpec, int], RunSpec | None] = lambda spec, rows: None


def source_task(source: str) -> str:
    """The task of a source: mnli, of "mnli" and of "mnli@0123456789abcdef" (see `panda_core.methods.imported`)."""
    return source.partition("@")[0]


def source_run(spec: RunSpec, source: str) -> RunSpec:
    """Training the prompt of one of the sources of `spec`; where that was imported, what stands for it."""
    if "@" in source:
        return replace(spec, method=IMPORTED, target=source_task(source), sources=(source,), source_training=None)
    return target_run(replace(spec, target=source, training=spec.budgets[source]))


def target_run(spec: RunSpec) -> RunSpec:
    """Training the target's own prompt, without transfer."""
    return replace(spec, method=_WITHOUT_TRANSFER[spec.protocol.prompt.kind], sources=(), source_training=None)


def single_run(spec: RunSpec, method: str, source: str) -> RunSpec:
    """`method` from one of the sources of `spec`."""
    return replace(spec, method=method, sources=(source,), source_training=spec.budgets[source])
