"""How far a grid is: counted by the driver, shown as a bar, and published for `panda status`."""

import time
from dataclasses import dataclass, field

from panda_core.grid.dag import Node

_SHOWN = 20  # failures that are published; all are in the store


@dataclass
class Progress:
    """Counts of a driver. `costs` are the expected seconds of the runs to be made, by id."""

    experiments: tuple[str, ...]
    total: int
    done_before: int
    costs: dict[str, float]
    made: int = 0
    found: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    blocked: int = 0
    started: float = field(default_factory=time.monotonic)
    spent: float = 0.0

    def settled(self, node: Node, made: bool) -> None:
        """A run is there: made here, or by another driver."""
        self.made += made
        self.found += not made
        cost = self.costs.pop(node.id, 0.0)
        self.spent += cost * made

    def failed(self, node: Node, cause: str) -> None:
        """A run failed."""
        self.failures[f"{node.spec.label} [{node.id}]"] = cause
        self.costs.pop(node.id, None)

    def block(self, node: Node) -> None:
        """A run cannot be made, because one that it starts from failed."""
        self.blocked += 1
        self.costs.pop(node.id, None)

    @property
    def seconds(self) -> float:
        """Time since the driver started."""
        return time.monotonic() - self.started

    @property
    def left(self) -> float | None:
        """Seconds left at the pace so far, weighted by what the runs were expected to cost; None before the first."""
        return self.seconds / self.spent * sum(self.costs.values()) if self.spent else None

    def values(self) -> dict:
        """JSON values, as `panda status` shows them."""
        return {
            "experiments": list(self.experiments),
            "total": self.total,
            "done": self.done_before + self.made + self.found,
            "made": self.made,
            "found": self.found,
            "failed": len(self.failures),
            "blocked": self.blocked,
            "failures": dict(list(self.failures.items())[-_SHOWN:]),
            "seconds": round(self.seconds, 1),
            "runs_per_hour": round(3600 * self.made / self.seconds, 1) if self.seconds else 0.0,
            "seconds_left": None if self.left is None else round(self.left),
        }


def duration(seconds: float) -> str:
    """A length of time in the two largest units that say something."""
    minutes, hours = seconds / 60, seconds / 3600
    if hours >= 48:
        return f"{hours / 24:.0f} days"
    if hours >= 1:
        return f"{int(hours)} h {int(minutes % 60)} min"
    return f"{minutes:.0f} min" if minutes >= 2 else f"{seconds:.0f} s"
