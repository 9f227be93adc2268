"""Where rows come from: a local mirror, the hub, or the practice suite. Nothing falls back from one to another."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from panda_core.data.mirror import MIRROR, mirror
from panda_core.errors import UsageError, WorkError
from panda_core.files import sha256_of
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
        loaded = _from_mirror(task, split, folder) if folder else _from_hub(task, split)
    else:
        raise UsageError(f"unknown data origin '{data}': known: practice, real")
    get_format(task).check(loaded.frame, task, loaded.provenance["where"])
    return loaded


def _practice(task: Task, split: str) -> Split:
    from panda_core import practice

    frame = practice.generate(task.name, split)
    digest = pd.util.hash_pandas_object(frame.astype(str), index=False).to_numpy().tobytes()
    return Split(
        frame,
        {
            "origin": "practice",
            "where": f"practice/{task.name}/{split}",
            "sha256": hashlib.sha256(digest).hexdigest(),
            "rows": len(frame),
            "subset": False,
        },
    )


def _from_mirror(task: Task, split: str, folder: Path) -> Split:
    if not folder.is_dir():
        raise WorkError(f"{MIRROR}={folder}: there is no such folder; set it to a folder of parquet files, or unset it")
    path = folder / task.name / f"{task.split_name(split)}.parquet"
    if not path.is_file():
        raise WorkError(
            f"{task.name}: {path} is not there ({MIRROR} names the folder); add the file in the schema of "
            f"{task.hub.id}, unset {MIRROR} to use the hub, or use --data practice"
        )
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise WorkError(f"{path}: not a readable parquet file ({error})") from None
    where = f"{task.name}/{path.name}"
    return Split(frame, {"origin": "local", "where": where, "sha256": sha256_of(path), **_size(task, split, frame)})


def _from_hub(task: Task, split: str) -> Split:
    from datasets import load_dataset
    from huggingface_hub import HfApi

    name = f"{task.hub.id}{f' ({task.hub.config})' if task.hub.config else ''}"
    try:
        commit = task.hub.revision or HfApi().dataset_info(task.hub.id).sha
        rows = load_dataset(task.hub.id, task.hub.config, split=task.split_name(split), revision=commit)
    except Exception as error:  # the client raises many unrelated types for "not reachable" and "not there"
        raise WorkError(
            f"{task.name}: {name} could not be had from the hub ({type(error).__name__}); check the network, set "
            f"{MIRROR} to a folder of parquet files, or use --data practice"
        ) from None
    frame = rows.to_pandas()
    return Split(
        frame,
        {
            "origin": "hub",
            "where": f"{name}/{split}",
            "revision": commit,
            "sha256": hashlib.sha256(frame.to_json(orient="records").encode()).hexdigest(),
            **_size(task, split, frame),
        },
    )


def _size(task: Task, split: str, frame: pd.DataFrame) -> dict:
    official = task.rows[split == "validation"]
    return {"rows": len(frame), "official_rows": official, "subset": len(frame) < official}
