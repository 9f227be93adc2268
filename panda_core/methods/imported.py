"""Source prompts that were trained elsewhere: `TASK@ID` as a source names the imported prompt ID of the task.

The id is a hash of the prompt's numbers, so that here too the id of a run decides its result. No run makes such a
prompt: it is in the store, or it has to be imported again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from panda_core.errors import UsageError, WorkError
from panda_core.methods.method import IMPORTED, Method

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome
    from panda_core.runs import RunSpec


def check_source(source: str) -> None:
    """Raise a `UsageError` where a source is written with @ and no id of an imported prompt follows."""
    _, at, key = source.partition("@")
    if at and not re.fullmatch("[0-9a-f]{16}", key):
        raise UsageError(f"--source {source}: after @ comes the id that `panda import` printed, 16 digits 0-9 and a-f")


def imported_id(spec: RunSpec) -> str:
    """The id of the imported prompt that a spec of this method stands for, which is the id of the spec too."""
    return spec.sources[0].partition("@")[2]


def _train(job: Job) -> Outcome:
    raise WorkError(f"{job.spec.sources[0]}: an imported prompt is not trained; import its adapter again")


METHOD = Method(
    name=IMPORTED, title="Imported prompt", sources=1, inputs=lambda spec: {}, train=_train, internal=IMPORTED
)
