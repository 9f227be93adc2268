"""What a run is expected to take, from the records of runs like it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from math import ceil
from statistics import median

from panda_core.methods import target_like
from panda_core.runs import RunSpec
from panda_core.tasks.sizes import train_rows

# Stated, not measured: seconds for one training example, where the store has no record of the PLM.
DEFAULT_SECONDS = 0.01

BASES = ("method and task", "task", "PLM", "default")


class CostModel:
    """Seconds per training example, evaluations included, as the median of records (JSON values) of a store.

    A run is looked up with its PLM, data, task and method; then without the method; then by PLM alone; at last it is
    the stated default.
    """

    def __init__(self, records: Iterable[dict]):
        rates: dict[tuple, list[float]] = defaultdict(list)
        for record in records:
            spec = record["spec"]
            examples = record["steps"] * spec["training"]["batch_size"]
            keys = self._keys(spec["plm"], spec["data"], spec["target"], spec["method"])
            # Taken from another run, without training: that says something about this method and task alone.
            for key in keys[:1] if record.get("equal_to") else keys:
                rates[key].append(working_seconds(record) / examples)
        self.rates = {key: median(found) for key, found in rates.items()}
        self.used: Counter[str] = Counter()

    def seconds(self, spec: RunSpec) -> float:
        """The expected seconds of a run; `used` counts what the estimates rest on."""
        keys = self._keys(spec.plm, spec.data, spec.target, spec.method)
        rate, basis = next(
            ((self.rates[key], basis) for key, basis in zip(keys, BASES, strict=False) if key in self.rates),
            (DEFAULT_SECONDS, BASES[-1]),
        )
        self.used[basis] += 1
        return steps(spec) * spec.training.batch_size * rate

    @staticmethod
    def _keys(plm: str, data: str, task: str, method: str) -> tuple[tuple, ...]:
        return (plm, data, task, method), (plm, data, task), (plm,)


def working_seconds(record: dict) -> float:
    """The seconds that a run takes on a machine of its own.

    On a CPU that is the processor time of each thread, which other programs hardly change. Where a GPU may have done
    the work, the processor only waits for it, and the time on the clock counts.
    """
    without_gpu = record["environment"]["versions"]["torch"].endswith("+cpu")  # that build of torch knows none
    return record["cpu_seconds"] / record["environment"]["threads"] if without_gpu else record["seconds"]


def steps(spec: RunSpec) -> int:
    """The optimiser steps of a run, by the task's size in practice or in Table I; a teacher takes fewer."""
    training, rows = spec.training, train_rows(spec.target, spec.data)
    brief = target_like.brief(spec, rows) if spec.method == target_like.METHOD.name else None
    return brief or training.steps or training.epochs * ceil(rows / training.batch_size)
