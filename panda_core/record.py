"""The record of a run: what was measured, and everything a reader needs to trust or remake it."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from panda_core.files import canonical_json
from panda_core.runs import RunSpec

SCHEMA = 1


@dataclass(frozen=True)
class Evaluation:
    """One point of the evaluation curve; `train_loss` is the mean since the last point, `score` in percent."""

    step: int
    epoch: float
    train_loss: float
    score: float


@dataclass(frozen=True)
class Record:
    """What one run gave. Scores are in percent, times in seconds, memory in bytes.

    `score` is the best evaluation of `curve`, `score_last` the last one. `inputs` are the ids of the runs it started
    from, `started_from` the SHA-256 of their prompts as they were then (empty in records from before it was noted).
    `data` and `weights` say where rows and PLM came from, `similarities` are those of several sources, `files` hold
    SHA-256 by name, `digest` is the SHA-256 of everything else, so that an edited record is noticed.

    `equal_to` is the id of the run that this one equals to the bit (see `panda_core.methods.panda` and `target_like`),
    "" where it was trained itself. Of such a run nothing was trained: times and memory are 0, the fit is the other
    run's, and environment, data and weights are those of its training.
    """

    id: str
    schema: int
    tier: str
    spec: RunSpec
    inputs: dict[str, str]
    metric: str
    score: float
    score_last: float
    similarity: float | None
    curve: list[Evaluation]
    steps: int
    validation_size: int
    trainable_parameters: int
    seconds: float
    seconds_per_step: float
    cpu_seconds: float
    peak_memory: int
    environment: dict[str, Any]
    data: dict[str, dict[str, Any]]
    weights: dict[str, str]
    files: dict[str, str]
    created: str
    similarities: dict[str, float] = field(default_factory=dict)
    equal_to: str = ""
    started_from: dict[str, str] = field(default_factory=dict)
    digest: str = ""

    @property
    def subset(self) -> bool:
        """Whether the run trained or was scored on a subset of the official rows."""
        cut = [split.get("official_rows") and "used_rows" in split for split in self.data.values()]
        return any(cut) or any(split.get("subset") for split in self.data.values())

    def sealed(self) -> dict:
        """The record as JSON values, with its digest."""
        values = asdict(self)
        return values | {"digest": digest_of(values)}


def digest_of(values: dict) -> str:
    """SHA-256 of a record's JSON values, the digest itself left out."""
    return hashlib.sha256(canonical_json(values | {"digest": ""}).encode()).hexdigest()


def first_epoch(curve: Sequence[Evaluation]) -> Evaluation:
    """The evaluation after the first epoch; the last one, where training ended before."""
    return next((point for point in curve if point.epoch >= 1), curve[-1])


def superseded(records: Sequence[Record]) -> list[tuple[Record, str]]:
    """The records that started from a prompt which was trained again since and came out different, with its role."""
    prompts = {record.id: record.files.get("prompt") for record in records}
    return [
        (record, role)
        for record in records
        for role, used in record.started_from.items()
        if prompts.get(record.inputs[role], used) != used
    ]
