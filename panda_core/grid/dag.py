"""The runs that a set of specs needs, each once, inputs before the runs that start from them."""

from collections.abc import Sequence
from dataclasses import dataclass

from panda_core.methods import METHODS
from panda_core.methods.method import IMPORTED
from panda_core.runs import RunSpec, inputs, normalise, run_id
from panda_core.tasks.sizes import train_rows


@dataclass(frozen=True)
class Node:
    """One run of a grid: its id, spec, the ids of its inputs, and the first block that needs it.

    `equal` is the run of the grid that gives the same: it is made before, so that its result can be taken, but where it
    fails this one is trained.
    """

    id: str
    spec: RunSpec
    inputs: tuple[str, ...]
    equal: str | None
    block: int

    @property
    def awaited(self) -> tuple[str, ...]:
        """The runs that come before this one."""
        return (*self.inputs, self.equal) if self.equal else self.inputs


def dag(blocks: Sequence[Sequence[RunSpec]]) -> dict[str, Node]:
    """All runs of the blocks and everything they depend on, by id; runs that several need are there once.

    Imported prompts are no runs. The order is topological. A run belongs to the first block that needs it, itself or
    for a run of its own.
    """
    nodes: dict[str, Node] = {}
    asked = {run_id(spec) for specs in blocks for spec in specs}

    def add(spec: RunSpec, block: int) -> str:
        key = run_id(spec)
        if key not in nodes:
            needed = tuple(add(run, block) for run in inputs(spec).values() if run.method != IMPORTED)
            same = _equal(spec)
            equal = add(same, block) if same and run_id(same) in asked else None
            nodes[key] = Node(key, spec, needed, equal, block)
        return key

    for block, specs in enumerate(blocks):
        for spec in specs:
            add(spec, block)
    return nodes


def _equal(spec: RunSpec) -> RunSpec | None:
    found = METHODS[spec.method].equal(spec, train_rows(spec.target, spec.data))
    return found and normalise(found)


def dependents(nodes: dict[str, Node]) -> dict[str, list[str]]:
    """The runs that come after each run, because they start from it or may take its result, by id."""
    found: dict[str, list[str]] = {key: [] for key in nodes}
    for node in nodes.values():
        for earlier in node.awaited:
            found[earlier].append(node.id)
    return found


def path_costs(nodes: dict[str, Node], costs: dict[str, float]) -> dict[str, float]:
    """The cost in seconds of the longest chain that starts with each run and goes through its dependents.

    A run that is not in `costs` costs nothing: it is there already.
    """
    after = dependents(nodes)
    found: dict[str, float] = {}
    for key in reversed(nodes):
        found[key] = costs.get(key, 0.0) + max((found[later] for later in after[key]), default=0.0)
    return found
