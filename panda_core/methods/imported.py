"""Source prompts that were trained elsewhere: `TASK@ID` as a source names the imported prompt ID of the task.

The id is a hash of the prompt's numbers, so that the id of a run decides its result here too. Such a prompt is not
made by a run: it is in the store, or it has to be imported again.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from panda_core.errors import UsageError, WorkError
from panda_core.methods.method import Method

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome
    from panda_core.runs import RunSpec

NAME = "imported"


def source_task(source: str) -> str:
    """The task of a source: of "mnli" and of "mnli@0123456789abcdef" it is mnli."""
    return source.partition("@")[0]


def check_source(source: str) -> None:
    """Raise a `UsageError` where a source is written with @ and no id of an imported prompt follows."""
    _, at, key = source.partition("@")
    if at and not re.fullmatch("[0-9a-f]{16}", key):
        raise UsageError(f"--source {source}: after @ comes the id that `panda import` printed, 16 digits 0-9 and a-f")


def imported_run(spec: RunSpec, source: str) -> RunSpec:
    """What stands for the imported prompt of `source` among the inputs of the run `spec`."""
    return replace(spec, method=NAME, target=source_task(source), sources=(source,), source_training=None)


def imported_id(spec: RunSpec) -> str:
    """The id of the imported prompt that `imported_run` names; it is the id of that "run" too."""
    return spec.sources[0].partition("@")[2]


def _train(job: Job) -> Outcome:
    raise WorkError(f"{job.spec.sources[0]}: an imported prompt is not trained; import its adapter again")


METHOD = Method(name=NAME, title="Imported prompt", sources=1, inputs=lambda spec: {}, train=_train, internal=NAME)
