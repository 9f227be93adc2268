"""Every printed average against the mean of its own row, and every printed gain against its two averages."""

from collections.abc import Iterator

import pandas as pd

from panda_core.paper import printed
from panda_core.paper.audit import names
from panda_core.paper.audit.check import Check, number
from panda_core.paper.audit.counts import exact_count

# A number that was rounded to 0.1 is off by at most this.
ROUNDED = 0.05
# Two rounded averages and a rounded difference.
GAIN_TOLERANCE = 0.15


def row_averages() -> Iterator[Check]:
    """The column Avg. of Tables II and XIII to XVI."""
    for (exhibit, _, method, source), row in printed.grid().groupby(["exhibit", "row", "method", "source"]):
        average = row.loc[row["target"] == printed.AVERAGE, "value"].item()
        yield _average(exhibit, names.row(method, source), row, average)


def _average(exhibit: str, what: str, row: pd.DataFrame, average: float) -> Check:
    """An average beside the mean of its row. Accuracies are k/n, known exactly; the other cells were rounded."""
    cells = row[row["target"] != printed.AVERAGE]
    exact = [exact_count(value, target) for value, target in zip(cells["value"], cells["target"], strict=True)]
    rounded = exact.count(None)
    known = cells["value"].where([value is None for value in exact], exact).astype(float)
    tolerance = ROUNDED + ROUNDED * rounded / len(cells)
    why = f"accuracies are k/n, known exactly; {rounded} of {len(cells)} cells and the average are rounded to 0.1"
    return number(exhibit, "averages", f"{what}: mean of {len(cells)} targets", average, known.mean(), tolerance, why)


def large_plm_averages() -> Iterator[Check]:
    """The averages and differences of Table XI."""
    frame = printed.texts("table-11").assign(value=lambda f: f["score"].astype(float))
    for plm, rows in frame.groupby("plm", sort=False):
        averages = rows[rows["target"] == printed.AVERAGE].set_index("method")
        for method, row in rows.groupby("method", sort=False):
            what = f"{names.plm(plm)}, {names.row(method)}"
            yield _average("table-11", what, row, averages.loc[method, "value"])
        for method in ("vanilla-pot", "panda"):
            difference = averages.loc[method, "value"] - averages.loc["p-tuning-v2", "value"]
            yield number(
                "table-11",
                "gains",
                f"{names.plm(plm)}, {names.row(method)} over P-Tuning v2",
                float(averages.loc[method, "printed_delta"]),
                difference,
                GAIN_TOLERANCE,
                "two averages and their difference are each rounded to 0.1",
                1,
            )


def printed_gains() -> Iterator[Check]:
    """The subscripts of Tables II and XIII to XVI: PANDA less vanilla PoT from the same source."""
    averages = printed.averages()
    partner = {"panda": "vanilla-pot", "oracle-panda": "oracle-vanilla", "ours-top3-panda": "eavg-top3-vanilla"}
    for line in averages[averages["gain"].notna()].itertuples():
        other = printed.cell(line.plm, partner[line.method], source=line.source)
        yield number(
            line.exhibit,
            "gains",
            f"{names.row(line.method, line.source)} over {names.row(partner[line.method])}",
            line.gain,
            line.value - other,
            GAIN_TOLERANCE,
            "two averages and their difference are each rounded to 0.1",
            1,
        )


def multitask_gains() -> Iterator[Check]:
    """The gains of Table IV over P-Tuning v2."""
    frame = printed.texts("table-04")
    base = float(frame.loc[frame["method"] == "p-tuning-v2", "performance"].item())
    for line in frame[frame["printed_gain"] != "-"].itertuples():
        yield number(
            "table-04",
            "gains",
            f"{names.row(line.method)} over P-Tuning v2",
            float(line.printed_gain),
            float(line.performance) - base,
            GAIN_TOLERANCE,
            "two averages and their difference are each rounded to 0.1",
            1,
        )


def checks() -> list[Check]:
    """All of them."""
    return [*row_averages(), *large_plm_averages(), *printed_gains(), *multitask_gains()]
