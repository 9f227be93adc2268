"""Where rows come from: a local mirror, the hub, or the practice suite. Nothing falls back from one to another."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from panda_core.data.hub import read_hub
from panda_core.data.licensed import licensed_files, no_licensed_files, read_licensed
from panda_core.data.mirror import MIRROR, mirror, mirrored
from panda_core.data.parquet import read_parquet
from panda_core.errors import UsageError, WorkError
from panda_core.files import remembered_sha256
from panda_core.formats import get_format
from panda_core.tasks import Task

Data = Literal["practice", "real"]


@dataclass(frozen=True)
class Split:
    """The rows of one split. `provenance`: origin, where, SHA-256, rows, official rows, and whether a subset."""

    frame: pd.DataFrame
    provenance: dict


def load_split(task: Task, data: Data, split: Literal["train", "validation"]) -> Split:
    """Checked rows of a task's split.

    `data` "practice" generates them; "real" reads the folder named by PANDA_DATA where that is set, else the hub.
    Raises a `WorkError` that says where the rows were looked for, and names file, row and column of bad ones.
    """
    if data == "practice":
        loaded = _practice(task, split)
    elif data == "real":
        folder = mirror()
        if folder:
            loaded = _from_mirror(task, split, folder)
        elif task.hub:
            loaded = _from_hub(task, split)
        elif task.licensed:
            raise no_licensed_files(task, None, split)
        else:
            raise WorkError(f"{task.name}: the hub does not have it; set {MIRROR} to a folder of parquet files")
    else:
        raise UsageError(f"unknown data origin '{data}': known: practice, real")
    get_format(task).check(loaded.frame, task, loaded.provenance["where"])
    return loaded


def _practice(task: Task, split: str) -> Split:
    from panda_core import practice

    frame = practice.generate(task.name, split)
    where = f"practice/{task.name}/{split}"
    return Split(
        frame,
        {"origin": "practice", "where": where, "sha256": _digest(frame), "rows": len(frame), "subset": False},
    )


def _from_mirror(task: Task, split: str, folder: Path) -> Split:
    if not folder.is_dir():
        wrong = "this is a file" if folder.exists() else "there is no such folder"
        raise WorkError(f"{MIRROR}={folder}: {wrong}; set it to a folder of parquet files, or unset it")
    path = mirrored(folder, task, split)
    if path.is_file():
        where = f"{task.name}/{path.name}"
        frame, digest = read_parquet(path, where), remembered_sha256(path)
    elif task.licensed:
        if not licensed_files(task, folder, split):
            raise no_licensed_files(task, folder, split)
        frame, where, digest = read_licensed(task, folder, split)
    else:
        hub = f" in the schema of {task.hub.id}, unset {MIRROR} to use the hub" if task.hub else ""
        raise WorkError(
            f"{task.name}: {path} is not there ({MIRROR} names the folder); add the file{hub}, or use --data practice"
        )
    return Split(frame, {"origin": "local", "where": where, "sha256": digest, **_size(task, split, frame)})


def _from_hub(task: Task, split: str) -> Split:
    frame, where, commit = read_hub(task, split)
    return Split(
        frame,
        {
            "origin": "hub",
            "where": where,
            "revision": commit,
            "sha256": _digest(frame),
            **_size(task, split, frame),
        },
    )


def _digest(frame: pd.DataFrame) -> str:
    """SHA-256 of the rows as JSON lines."""
    return hashlib.sha256(frame.to_json(orient="records", lines=True, double_precision=15).encode()).hexdigest()


def _size(task: Task, split: str, frame: pd.DataFrame) -> dict:
    """Rows, the official number of them (None where it is not known), and whether these are fewer."""
    official = task.rows[split == "validation"]
    return {"rows": len(frame), "official_rows": official, "subset": official is not None and len(frame) < official}
