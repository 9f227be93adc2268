"""Numbers that the paper prints in more than one table."""

from collections.abc import Iterator

import pandas as pd

from panda_core.paper import printed
from panda_core.paper.audit import names
from panda_core.paper.audit.check import Check, number

GROUP = "cross-references"
SAME = "the same number printed twice"
ROUNDED = "one digit more is printed here than in the other table"


def checks() -> list[Check]:
    """Tables III to VII against the averages of the grid tables."""
    return [*_table_3(), *_table_4(), *_tables_5_and_6(), *_table_7()]


def _same(exhibit: str, line, method: str, source: str) -> Check:
    grid = printed.GRIDS[line.plm]
    what = f"{names.plm(line.plm)}, {names.row(method, source)}: as in {printed.title(grid)}"
    return number(exhibit, GROUP, what, line.value, printed.cell(line.plm, method, source=source), 0, SAME, 1)


def _table_3() -> Iterator[Check]:
    for line in printed.values("table-03").itertuples():
        yield _same("table-03", line, line.method, line.source)


def _table_4() -> Iterator[Check]:
    frame = printed.values("table-04").set_index("method")
    yield _same("table-04", frame.loc["p-tuning-v2"], "p-tuning-v2", "")
    for method in ("vanilla-pot", "panda"):
        mean = pd.Series(
            [printed.cell("bert-base", method, source=source) for source in ("mnli", "qnli", "qqp")]
        ).mean()
        yield number(
            "table-04",
            GROUP,
            f"{names.row(method)} (avg.): mean over MNLI, QNLI and QQP of Table XIII",
            frame.loc[method, "value"],
            mean,
            0.1,
            "three averages and their mean are each rounded to 0.1",
        )


def _tables_5_and_6() -> Iterator[Check]:
    whole_method = {"", "target-like prompt", "our metric"}
    for exhibit in ("table-05", "table-06"):
        for line in printed.values(exhibit).itertuples():
            if line.variant in whole_method:
                yield _same(exhibit, line, line.method, line.source)


def _table_7() -> Iterator[Check]:
    """Printed with two digits; MSE is PANDA itself, so it is in Tables XV and XVI with one."""
    frame = printed.values("table-07")
    for line in frame[frame["variant"] == "MSE"].itertuples():
        average = printed.cell(line.plm, "panda", source=line.source)
        what = f"{names.plm(line.plm)}, MSE from {names.task(line.source)}"
        yield number(
            "table-07",
            GROUP,
            f"{what}: the average of {printed.title(printed.GRIDS[line.plm])}",
            line.value,
            average,
            0.05 + printed.half_unit(line.printed),
            ROUNDED,
            1,
        )
        cells = [printed.cell(line.plm, "panda", target, line.source) for target in printed.TARGETS]
        yield number(
            "table-07",
            GROUP,
            f"{what}: the mean of its row there",
            line.value,
            sum(cells) / len(cells),
            0.05 + printed.half_unit(line.printed),
            "cells are rounded to 0.1, this average to its last digit",
        )
