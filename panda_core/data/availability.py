"""Where each task can be had now, and whether its rows are those of a record; nothing is downloaded to find out."""

from collections.abc import Mapping

from panda_core.data.licensed import licensed_digest, licensed_files
from panda_core.data.mirror import mirror, mirrored
from panda_core.files import remembered_sha256
from panda_core.practice import SIZES
from panda_core.tasks import Task


def availability(task: Task) -> dict[str, bool]:
    """By origin: as practice data, in the local mirror, and by name from the hub."""
    folder = mirror()
    local = folder is not None and all(
        mirrored(folder, task, split).is_file()
        or (task.licensed is not None and bool(licensed_files(task, folder, split)))
        for split in ("train", "validation")
    )
    return {"practice": task.name in SIZES, "local": local, "hub": task.hub is not None}


def other_rows(task: Task, recorded: Mapping[str, dict]) -> bool:
    """Whether a task's rows that would be read now are surely not those that a record's `data` tells of.

    Files of a local folder are compared by their bytes, a subset with the hub by its size.
    """
    return any(_other(task, split, provenance) for split, provenance in recorded.items())


def _other(task: Task, split: str, recorded: dict) -> bool:
    folder = mirror()
    if recorded["origin"] != "local":
        return False
    if folder is None:
        return recorded["subset"]
    path = mirrored(folder, task, split)
    if path.is_file():
        return remembered_sha256(path) != recorded["sha256"]
    files = licensed_files(task, folder, split) if task.licensed else []
    return bool(files) and licensed_digest(files, folder) != recorded["sha256"]
