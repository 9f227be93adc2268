"""Rows and columns that repeat: two sources with the same nine scores, a target that scores the same from nearly every
source, a source that is its own target."""

from collections.abc import Iterator
from itertools import combinations

import pandas as pd

from panda_core.paper import printed
from panda_core.paper.audit import names
from panda_core.paper.audit.check import Check

GROUP = "repeated values"
METHODS = ("vanilla-pot", "panda")


def checks() -> list[Check]:
    """Repeated rows, narrow columns, the diagonal, and the one cell far from its column."""
    return [*_rows(), *_columns(), *_diagonal(), *_far_cells()]


def _scores(plm: str, method: str) -> pd.DataFrame:
    """[21 sources, 9 targets]"""
    grid = printed.grid().query("plm == @plm and method == @method and target != @printed.AVERAGE")
    return grid.pivot(index="source", columns="target", values="value")


def _rows() -> Iterator[Check]:
    for plm, exhibit in printed.GRIDS.items():
        for method in METHODS:
            scores = _scores(plm, method)
            repeated = False
            for first, second in combinations(scores.index, 2):
                same = int((scores.loc[first] == scores.loc[second]).sum())
                # columns that hardly vary make many rows look alike, so only whole rows count
                if same == len(printed.TARGETS):
                    repeated = True
                    yield Check(
                        exhibit,
                        GROUP,
                        f"{names.METHODS[method]}: the rows of {names.task(first)} and {names.task(second)}",
                        "two sources",
                        f"equal on all {same} targets",
                        "differs",
                        "different sources give different scores somewhere",
                    )
            if not repeated:
                yield Check(
                    exhibit,
                    GROUP,
                    f"{names.METHODS[method]}: no two rows are equal",
                    f"{len(scores)} rows",
                    "all different",
                    "agrees",
                    "different sources give different scores somewhere",
                )


def _columns() -> Iterator[Check]:
    """How many different scores a column has under both methods: an observation, not a fault."""
    for plm, exhibit in printed.GRIDS.items():
        vanilla, panda = (_scores(plm, method) for method in METHODS)
        for target in printed.TARGETS:
            most = panda[target].value_counts()
            yield Check(
                exhibit,
                "spread of a column",
                f"{names.task(target)}: different scores among the 21 sources",
                "no claim",
                f"vanilla PoT {vanilla[target].nunique()} (standard deviation {vanilla[target].std():.1f}), PANDA "
                f"{panda[target].nunique()} ({panda[target].std():.1f}); most frequent with PANDA: {most.index[0]:g}, "
                f"{most.iloc[0]} times",
                "cannot tell",
            )


def _diagonal() -> Iterator[Check]:
    """A prompt transferred to its own task has been trained there twice; the paper does not say what the cell is."""
    for plm, exhibit in printed.GRIDS.items():
        for method in METHODS:
            scores = _scores(plm, method)
            same = [t for t in printed.TARGETS if scores.loc[t, t] == printed.cell(plm, "p-tuning-v2", t)]
            yield Check(
                exhibit,
                "source = target",
                f"{names.METHODS[method]}: cells equal to P-Tuning v2 without transfer",
                "no claim",
                f"{len(same)} of 9" + (f": {', '.join(map(names.task, same))}" if same else ""),
                "cannot tell",
            )


def _far_cells() -> Iterator[Check]:
    """PANDA's cells a point or more from the median of their column, and more than 8 mean absolute deviations."""
    for plm, exhibit in printed.GRIDS.items():
        scores = _scores(plm, "panda")
        distance = (scores - scores.median()).abs()
        far = distance[(distance > 8 * distance.mean()) & (distance >= 1)].stack().dropna()
        for (source, target), _ in far.items():
            column = scores[target].drop(source)
            average, usual = printed.cell(plm, "panda", source=source), column.mode().iloc[0]
            row, value = scores.loc[source], scores.loc[source, target]
            means = [row.where(row.index != target, other).mean() for other in (value, usual)]
            yield Check(
                exhibit,
                GROUP,
                f"PANDA from {names.task(source)}, {names.task(target)}: far from its column",
                f"{value:g}",
                f"the other 20 sources give {column.min():g} to {column.max():g}, most often {usual:g}; the average "
                f"of the row is {means[0]:.1f} with this value, {means[1]:.1f} with {usual:g}; {average:g} is printed",
                "cannot tell",
                "a point or more, and more than 8 mean absolute deviations, from the median",
            )
