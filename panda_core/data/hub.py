"""Rows from the hub: the parquet files of a pinned or resolved commit."""

import pandas as pd

from panda_core.data.mirror import MIRROR
from panda_core.errors import WorkError
from panda_core.hub import failure
from panda_core.tasks import Hub, Task

_TIMEOUT = 10  # seconds to wait for the hub's first answer
_OFFLINE = (
    " (HF_HUB_OFFLINE=1 must not be set: no commit of it is pinned, so that the hub is asked for the newest)",
    " (with HF_HUB_OFFLINE=1 only what was downloaded before is used)",
)


def read_hub(task: Task, split: str) -> tuple[pd.DataFrame, str, str]:
    """The rows of a task's split, the name of the place for messages, and the commit that they are from.

    Class labels are compared with the declaration by name, so that a label means here what it means there.
    """
    from datasets import load_dataset

    hub = task.hub
    name = f"{hub.id} ({hub.config})" if hub.config else hub.id
    try:
        commit = _commit(hub)
        # the hub's own conversion has no card: its configurations are folders
        part = {"data_dir": hub.config} if hub.branch else {"name": hub.config}
        rows = load_dataset(hub.id, **part, split=task.split_name(split), revision=commit)
    except Exception as error:  # the client raises many unrelated types for "not reachable" and "not there"
        others = f", set {MIRROR} to a folder of parquet files, or use --data practice"
        raise failure(f"{task.name}: {name}", error, f"{_OFFLINE[bool(hub.revision)]}{others}") from None
    where = f"{name}/{task.split_name(split)}"
    frame = rows.to_pandas()
    if task.label not in frame and "entities" in frame:
        frame[task.label] = [_tags(*row) for row in zip(frame["tokens"], frame["entities"], strict=True)]
    else:
        frame = _by_declaration(frame, rows.features, task, where)
    return frame, where, commit


def _commit(hub: Hub) -> str:
    """The commit to read: asked for once, without retries, so that a missing network is noticed in seconds."""
    from huggingface_hub import HfApi, constants

    if hub.revision and constants.HF_HUB_OFFLINE:
        return hub.revision
    return HfApi().dataset_info(hub.id, revision=hub.revision or hub.branch, timeout=_TIMEOUT).sha


def _tags(tokens: list[str], entities: list[dict]) -> list[str]:
    """BIO tags of entities given as {"type", "start", "end"}, `end` exclusive (CoNLL04)."""
    tags = ["O"] * len(tokens)
    for entity in entities:
        start, end = entity["start"], entity["end"]
        tags[start:end] = [f"B-{entity['type']}", *[f"I-{entity['type']}"] * (end - start - 1)]
    return tags


def _by_declaration(frame: pd.DataFrame, features, task: Task, where: str) -> pd.DataFrame:
    """The rows with their labels as declared: tag numbers by name; class names must agree with the declaration."""
    feature = features.get(task.label)
    inner = getattr(feature, "feature", feature)
    names = getattr(inner, "names", None)
    if not names or tuple(names) == task.labels:
        return frame
    if inner is feature:
        raise WorkError(
            f"{where}: column {task.label}: the classes are {', '.join(names)}, declared are {', '.join(task.labels)}"
        )
    return frame.assign(**{task.label: [[names[tag] for tag in tags] for tags in frame[task.label]]})
