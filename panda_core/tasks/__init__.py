"""The task registry: one declaration per task of Table I. `get_task("cb")` is the way in."""

from collections.abc import Collection

from panda_core.errors import UsageError, unknown
from panda_core.tasks.registry import TABLE_1, TASKS
from panda_core.tasks.task import Hub, Licence, Task

__all__ = ["TABLE_1", "TASKS", "Hub", "Licence", "Task", "and_stand_ins", "get_target", "get_task", "targets"]


def get_task(name: str) -> Task:
    """The task called `name`; a `UsageError` with near matches if there is none."""
    if name not in TASKS:
        raise unknown("task", name, TASKS)
    return TASKS[name]


def targets() -> tuple[str, ...]:
    """Names of the tasks that Table I marks as targets."""
    return tuple(name for name, task in TASKS.items() if "target" in task.roles)


def and_stand_ins(names: Collection[str]) -> tuple[str, ...]:
    """The tasks called `names`, and the open ones that stand in for them; as the registry orders them."""
    return tuple(name for name, task in TASKS.items() if name in names or task.stands_in_for in names)


def get_target(name: str) -> Task:
    """The target task called `name`; a `UsageError` where Table I has it as a source only."""
    task = get_task(name)
    if "target" not in task.roles:
        raise UsageError(f"{name} cannot be a target: Table I has it as a source only; targets: {', '.join(targets())}")
    return task
