"""The rows of Table II that pick cells of other rows: ORACLE, and the best of three sources that a metric chose."""

from collections.abc import Iterator

from panda_core.paper import printed
from panda_core.paper.audit import names
from panda_core.paper.audit.check import Check, number

EXHIBIT, PLM = "table-02", "bert-large"


def checks() -> list[Check]:
    """Every cell of the four rows: the oracle is the best of its column, a choice is some cell of its column."""
    return [*_oracles(), *_choices()]


def _column(method: str, target: str) -> list[float]:
    grid = printed.grid().query("plm == @PLM and method == @method and target == @target")
    return grid["value"].tolist()


def _oracles() -> Iterator[Check]:
    for method, row in (("vanilla-pot", "oracle-vanilla"), ("panda", "oracle-panda")):
        for target in printed.TARGETS:
            what = f"{names.METHODS[row]}, {names.task(target)}: best of the 21 sources"
            best = max(_column(method, target))
            yield number(EXHIBIT, "best-of rows", what, printed.cell(PLM, row, target), best, 0, "a copy of a cell", 1)


def _choices() -> Iterator[Check]:
    for method, row in (("vanilla-pot", "eavg-top3-vanilla"), ("panda", "ours-top3-panda")):
        for target in printed.TARGETS:
            value, column = printed.cell(PLM, row, target), _column(method, target)
            better = sum(cell > value for cell in column)
            found = column.count(value)
            # the best of any three of 21 cells leaves at least two cells that are no better
            possible = found > 0 and better <= len(column) - 3
            yield Check(
                EXHIBIT,
                "best-of rows",
                f"{names.METHODS[row]}, {names.task(target)}: a cell of its column",
                f"{value:g}",
                f"{found} source(s) have it, {better} are better",
                "agrees" if possible else "differs",
                "a copy of a cell",
            )
