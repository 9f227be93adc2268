"""Where the runs of a grid are made: `local` processes or a `ray` cluster, with the methods of `Executor`."""

from typing import Protocol

from panda_core.grid.making import Assignment, Ending

EXECUTORS = ("local", "ray")


class Slot(Protocol):
    """A worker that makes one run at a time; `plm` is the one that it has loaded, as `plm_of` names it."""

    plm: tuple | None


class Executor(Protocol):
    """Workers of one driver. A worker that dies costs its run one attempt and is replaced."""

    def free(self) -> list[Slot]:
        """The workers that have nothing to do."""

    def submit(self, slot: Slot, assignment: Assignment) -> None:
        """Let a free worker make a run."""

    def wait(self, timeout: float) -> list[Ending]:
        """How runs ended; waits for one at most `timeout` seconds."""

    def stop(self) -> None:
        """End all workers; a run that is being made is cut short, after saving what can be saved of it."""
