"""Where each task can be had now; nothing is downloaded to find out."""

from panda_core.data.licensed import licensed_files
from panda_core.data.mirror import mirror
from panda_core.practice import SIZES
from panda_core.tasks import Task


def availability(task: Task) -> dict[str, bool]:
    """By origin: as practice data, in the local mirror, and by name from the hub."""
    folder = mirror()
    local = folder is not None and all(
        (folder / task.name / f"{task.split_name(split)}.parquet").is_file()
        or (task.licensed is not None and bool(licensed_files(task, folder, split)))
        for split in ("train", "validation")
    )
    return {"practice": task.name in SIZES, "local": local, "hub": task.hub is not None}
