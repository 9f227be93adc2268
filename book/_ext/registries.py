"""The `registry` directive: a table of the tasks or the PLMs, written from their declarations when the book is built.

Its argument is one of `tasks` (the paper's), `stand-ins` (tasks outside the paper), `hub` (where the hub has each task)
and `plms`.
"""

from collections.abc import Sequence

from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from panda_core.plms.registry import PLMS, PLMEntry
from panda_core.tasks.registry import TASKS
from panda_core.tasks.task import Task

METRICS = {
    "accuracy": "accuracy",
    "f1": "F1",
    "matthews": "Matthews correlation",
    "pearson-spearman": "mean of Pearson's and Spearman's correlation",
    "answer-f1": "F1 of the answers' words",
    "span-f1": "F1 of whole entities",
    "role-f1": "F1 of whole roles",
}


def task_row(task: Task) -> list[str]:
    """The cells of one task, in MyST Markdown."""
    sizes = " / ".join("?" if rows is None else f"{rows:,}" for rows in task.rows)
    name = f"{task.title} {{cite:p}}`{task.citation}`"
    if task.stands_in_for:
        name += f", in place of {TASKS[task.stands_in_for].title}"
    place = "a licence of its own" if task.licensed else "hub" if task.hub else "local folder only"
    return [name, task.type, ", ".join(task.roles), sizes, METRICS[task.metric], task.licence, place]


def hub_row(task: Task) -> list[str]:
    """Where the hub has a task, and whether a public source says so; in MyST Markdown."""
    columns = ", ".join(f"`{column}`" for column in dict.fromkeys((*task.inputs, task.label)))
    splits = f"`{task.train}`, `{task.validation}`"
    if task.hub is None:
        why = "not on the hub: licensed" if task.licensed else "not on the hub: local folder only"
        return [task.title, why, "–", "–", splits, columns, "–"]
    hub = task.hub
    commit = f"`{hub.revision[:12]}`" if hub.revision else f"newest of `{hub.branch}`" if hub.branch else "newest"
    confirmed = f"yes: {hub.confirmed_by}" if hub.confirmed_by else "no"
    return [task.title, f"`{hub.id}`", f"`{hub.config}`" if hub.config else "–", commit, splits, columns, confirmed]


def plm_row(plm: PLMEntry) -> list[str]:
    """The cells of one PLM, in MyST Markdown."""
    place = f"package `{plm.package.name}`" if plm.package else f"hub: `{plm.hub}`"
    return [f"`{plm.name}`", plm.title, plm.parameters, place, plm.licence]


def list_table(caption: str, name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a `list-table` directive."""
    lines = [f":::{{list-table}} {caption}", ":header-rows: 1", ":class: dense", f":name: {name}", ""]
    for row in (header, *rows):
        lines += [f"* - {row[0]}", *(f"  - {cell}" for cell in row[1:])]
    return [*lines, ":::"]


def table(registry: str) -> list[str]:
    """The lines of the table of one registry."""
    header = ("Task", "Kind", "Role", "Train / validation", "Score", "Licence, as its authors state it", "From")
    if registry == "tasks":
        own = [task_row(t) for t in TASKS.values() if t.in_table_1]
        return list_table("The tasks of the paper", "tab-tasks", header, own)
    if registry == "stand-ins":
        others = [task_row(t) for t in TASKS.values() if not t.in_table_1]
        return list_table("Tasks that are not the paper's", "tab-stand-ins", header, others)
    if registry == "hub":
        header = ("Task", "Data set", "Configuration", "Commit", "Splits", "Columns that are read", "Confirmed")
        return list_table("Where the hub has each task", "tab-hub", header, [hub_row(task) for task in TASKS.values()])
    header = ("Name", "Model", "Parameters", "From", "Licence")
    return list_table("The models", "tab-plms", header, [plm_row(plm) for plm in PLMS.values()])


class Registry(SphinxDirective):
    """A table written from the declarations of the package."""

    required_arguments = 1

    def run(self):
        """The table's nodes."""
        if self.arguments[0] not in ("tasks", "stand-ins", "hub", "plms"):
            raise self.error("registry takes tasks, stand-ins, hub or plms")
        return self.parse_text_to_nodes(StringList(table(self.arguments[0]), source=__file__))


def setup(app):
    """Register with Sphinx."""
    app.add_directive("registry", Registry)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
