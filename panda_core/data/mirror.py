"""The local mirror: a folder of parquet files in the hub's schema, named by the environment variable PANDA_DATA."""

import os
from pathlib import Path

from panda_core.tasks import Task

MIRROR = "PANDA_DATA"


def mirror() -> Path | None:
    """The local mirror, if the environment names one."""
    folder = os.environ.get(MIRROR)
    return Path(folder) if folder else None


def mirrored(folder: Path, task: Task, split: str) -> Path:
    """Where a mirror has the parquet file of a task's split ("train" or "validation")."""
    return folder / task.name / f"{task.split_name(split)}.parquet"
