"""Practice tasks that the project writes itself: the 21 tasks of Table I in small, in the hub's schema, by seed.

    from panda_core.practice import generate
    train = generate("mnli", "train")              # a pandas.DataFrame with the columns of the hub
    harder = generate("mnli", "train", difficulty=0.8, size=500)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from panda_core.errors import UsageError, unknown

from .base import SPLITS, fill
from .suite import TASKS

if TYPE_CHECKING:
    import pandas

SIZES: dict[str, tuple[int, int]] = {name: task.sizes for name, task in TASKS.items()}
CLUSTERS: dict[str, str] = {name: task.cluster for name, task in TASKS.items()}


def generate(task: str, split: str, *, seed: int = 0, difficulty: float = 0.5, size: int | None = None) -> pandas.DataFrame:
    """The rows of a practice task, in the columns and types of its hub data set.

    The same arguments give the same rows. "train" and "validation" share no example, whatever their seeds and sizes.

    difficulty: in [0, 1], the share of subtle examples: near misses, negation, passives, ambiguous names.
    size:       number of rows, by default that of `SIZES`.

    Raises UsageError for an unknown task or split, a difficulty outside [0, 1], or more rows than can be made.
    """
    import pandas as pd

    if task not in TASKS:
        raise unknown("practice task", task, TASKS)
    if split not in SPLITS:
        raise unknown("split", split, SPLITS)
    if not 0 <= difficulty <= 1:
        raise UsageError(f"difficulty {difficulty!r} is out of range: give a number from 0 (plain) to 1 (subtle)")
    declared = TASKS[task]
    size = declared.sizes[SPLITS.index(split)] if size is None else size
    if size < 1:
        raise UsageError(f"size {size} is out of range: give a positive number of rows")
    rows = fill(declared, split, seed=seed, difficulty=float(difficulty), size=size)
    running = {"idx": declared.index(rows) if declared.index else range(size), "id": [str(i) for i in range(size)], "orig_id": range(size),
               "sent_id": [f"practice-{i}" for i in range(size)]}
    columns = {}
    for name, kind in declared.columns.items():
        values = running[name] if name in running and name not in rows[0] else [row[name] for row in rows]
        columns[name] = pd.Series(values, dtype=kind)
    return pd.DataFrame(columns)


def expected_transfer(source: str, target: str) -> float:
    """How much of the target's latent skills the source exercises, in [0, 1]; 1 for a task and itself.

    The skills of a task are weights that add up to 1; the result is what the two tasks have in common, the sum over skills
    of the smaller weight. It is known from how the tasks are made, and says nothing of sizes or of what a PLM knows.
    """
    for name in (source, target):
        if name not in TASKS:
            raise unknown("practice task", name, TASKS)
    have, need = TASKS[source].skills, TASKS[target].skills
    return float(sum(min(weight, have.get(skill, 0.0)) for skill, weight in need.items()))


__all__ = ["CLUSTERS", "SIZES", "expected_transfer", "generate"]
