"""The plan of a grid: which of its runs are done, which are missing, and what they are expected to cost."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from panda_core.experiments.experiment import at_hand
from panda_core.grid.cost import CostModel
from panda_core.grid.dag import Node, dag, path_costs
from panda_core.grid.failures import Failures
from panda_core.record import digest_of
from panda_core.runs import RunSpec
from panda_core.store import Store

# "lost prompt": the record is there, but not the prompt that a missing run starts from (prompts are not committed).
State = Literal["done", "missing", "lost prompt", "damaged", "failed"]


@dataclass(frozen=True)
class Plan:
    """All runs of a grid in topological order, their states, and the expected seconds of those to be made.

    `path` is the expected time of the longest chain that starts with a run. `basis` counts what the estimates rest on.
    """

    nodes: dict[str, Node]
    states: dict[str, State]
    costs: dict[str, float]
    path: dict[str, float]
    basis: Counter

    @property
    def to_make(self) -> list[Node]:
        """The runs that are not done, inputs first."""
        return [node for key, node in self.nodes.items() if self.states[key] != "done"]

    def not_at_hand(self) -> tuple[str, ...]:
        """The tasks of runs to be made whose rows cannot be had here now."""
        tasks = dict.fromkeys((node.spec.target, node.spec.data) for node in self.to_make)
        return tuple(task for task, data in tasks if not at_hand(task, data))

    def seconds(self, workers: int = 1) -> float:
        """Expected time with `workers`: the work shared out evenly, and never less than the longest chain."""
        return max(sum(self.costs.values()) / workers, max(self.path.values(), default=0.0))


def plan(blocks: Sequence[Sequence[RunSpec]], store: Store) -> Plan:
    """The plan of the blocks against a store. Reads records, makes nothing, does not load torch.

    A record that is not JSON or was edited is "damaged"; its predictions are checked by the grid and `panda verify`.
    """
    nodes, failures = dag(blocks), Failures(store.root)
    known = {path.stem: _record(path) for path in store.record_paths()}
    states: dict[str, State] = {}
    wanted: set[str] = set()
    for key, node in reversed(nodes.items()):
        if key in known:
            lost = key in wanted and store.prompt_path(node.spec) is None
            states[key] = "damaged" if known[key] is None else "lost prompt" if lost else "done"
        else:
            states[key] = "failed" if failures.path(node.spec).exists() else "missing"
        if states[key] != "done":
            wanted.update(node.inputs)
    states = {key: states[key] for key in nodes}
    model = CostModel(record for record in known.values() if record)
    costs = {key: model.seconds(node.spec) for key, node in nodes.items() if states[key] != "done"}
    return Plan(nodes, states, costs, path_costs(nodes, costs), model.used)


def _record(path: Path) -> dict | None:
    """The JSON values of a record, None where it is cut off or was edited."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return values if digest_of(values) == values["digest"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
