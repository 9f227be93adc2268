"""Table I: printed settings beside the public sizes and what the runs here had."""

import pandas as pd

from panda_core.paper import audit, printed
from panda_core.report import measured
from panda_core.report.html import Markup
from panda_core.store import Store
from panda_core.tasks import TASKS, get_task


def rows(store: Store) -> pd.DataFrame:
    """One line per task of Table I."""
    runs = measured.comparable(measured.runs(store))
    trained = runs.groupby("target")["train_rows"].max()
    stand_ins: dict[str, list[str]] = {}
    for other in TASKS.values():
        if other.stands_in_for:
            stand_ins.setdefault(other.stands_in_for, []).append(other.title)
    lines = []
    for line in printed.tasks().itertuples():
        task = get_task(line.task)
        own = trained.get(line.task)
        lines.append(
            {
                "Task": task.title, "Group": line.group, "Kind": line.task_type, "Role": line.transfer_type,
                "Printed size": line.train_size, "Public training set": _size(task.rows[0]) or "not known",
                "Rows at hand here": _size(own),
                "Stand-in here": ", ".join(stand_ins.get(line.task, ["–"])),
                "Learning rate": f"{line.lr:g}", "Batch": line.batch_size, "Epochs": line.epochs,
            }
        )  # fmt: skip
    return pd.DataFrame(lines)


def _size(value: float | None) -> Markup | None:
    return None if value is None or pd.isna(value) else Markup(f"{int(value):,}", int(value))


def reading() -> str:
    """What the audit found in Table I."""
    frame = audit.frame().query("exhibit == 'table-01'")
    sizes = frame[frame["group"] == "sizes"]
    unknown = sizes.loc[sizes["verdict"] == "cannot tell", "what"].str.partition(":")[0]
    wrong = sizes.loc[sizes["verdict"] == "differs", "what"].str.partition(":")[0]
    return (
        f"{int((sizes['verdict'] == 'agrees').sum())} of {len(sizes)} printed sizes are those of the public training "
        f"sets; {' and '.join(wrong)} differ, {' and '.join(unknown)} cannot be told. Several printed settings lie "
        "outside the grid that the text says was searched."
    )
