"""The experiments of the paper, one declaration each; `runs_of(["table-02"], parameters)` is the way in."""

from collections.abc import Sequence

from panda_core.errors import unknown
from panda_core.experiments.differences import DIFFERENCES
from panda_core.experiments.exhibits import EXHIBITS
from panda_core.experiments.experiment import AVAILABLE, Experiment, Parameters
from panda_core.experiments.practice import PRACTICE
from panda_core.experiments.side_by_side import METHODS_SIDE_BY_SIDE
from panda_core.experiments.study import STUDY, Study
from panda_core.runs import RunSpec

__all__ = ["AVAILABLE", "EXPERIMENTS", "PAPER_GRID", "Experiment", "Parameters", "Study", "runs_of"]

EXPERIMENTS: dict[str, Experiment | Study] = {
    **EXHIBITS, **{each.name: each for each in (STUDY, METHODS_SIDE_BY_SIDE, DIFFERENCES, PRACTICE)}
}

# 189 pairs of source and target, five PLMs: what the name "paper-grid" stands for.
PAPER_GRID = ("table-02", "table-13", "table-14", "table-15", "table-16")


def runs_of(names: Sequence[str], given: Parameters) -> list[list[RunSpec]]:
    """The runs of the named experiments, in blocks in the order in which they are wanted.

    "paper-grid" stands for the five large tables. Raises a `UsageError` for unknown names and impossible parameters.
    """
    found = []
    for name in names:
        for each in PAPER_GRID if name == "paper-grid" else (name,):
            if each not in EXPERIMENTS:
                raise unknown("experiment", each, (*EXPERIMENTS, "paper-grid"))
            found += EXPERIMENTS[each].blocks(given)
    return found
