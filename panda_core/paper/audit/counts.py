"""Accuracies that no number of correct answers can give.

On a validation set of n examples an accuracy is k / n. The other scores are not on such a grid: Matthews correlation
(CoLA), the mean of two correlations (STS-B) and F1 (CoNLL04) can take nearly any value.
"""

from collections import Counter
from collections.abc import Iterator
from math import ceil

import pandas as pd

from panda_core.paper import printed
from panda_core.paper.audit import names
from panda_core.paper.audit.check import Check
from panda_core.tasks import get_task

GROUP = "counts of correct answers"
SIZES = {name: get_task(name).rows[1] for name in printed.TARGETS if get_task(name).metric == "accuracy"}
MOST_RUNS = 10


def reading(value: float, size: int) -> str:
    """How `value` percent can come from `size` examples.

    "rounded": k/size rounded to one digit; "cut off": k/size with the further digits dropped; "mean of n runs": the
    smallest n up to 10 whose mean accuracy rounds to it; else "none".
    """
    tenths = round(value * 10)
    for runs in range(1, MOST_RUNS + 1):
        examples = size * runs
        if _count(tenths - 0.5, tenths + 0.5, examples):
            return "rounded" if runs == 1 else f"mean of {runs} runs"
        if runs == 1 and _count(tenths, tenths + 1, examples, half_open=True):
            return "cut off"
    return "none"


def exact_count(value: float, target: str) -> float | None:
    """The accuracy k/n in percent that was rounded to `value`; None where the score is on no such grid."""
    size = SIZES.get(target)
    if size is None or reading(value, size) != "rounded":
        return None
    return 100 * round(value * size / 100) / size


def _count(low: float, high: float, examples: int, half_open: bool = False) -> bool:
    """Whether some whole k has low <= 1000 k / examples <= high (tenths of a percent; `half_open`: < high)."""
    smallest = ceil(low * examples / 1000 - 1e-9)
    found = 1000 * smallest / examples
    return found < high - 1e-9 if half_open else found <= high + 1e-9


def readings() -> pd.DataFrame:
    """Every printed accuracy once: exhibit, plm, method, source, target, value, reading."""
    large = printed.values("table-11")[["exhibit", "plm", "method", "source", "target", "value"]]
    grid = printed.grid()[large.columns]
    frame = pd.concat([grid, large], ignore_index=True)
    frame = frame[frame["target"].isin(SIZES)].reset_index(drop=True)
    return frame.assign(reading=[reading(v, SIZES[t]) for v, t in zip(frame["value"], frame["target"], strict=True)])


def checks() -> list[Check]:
    """One line per table and target, and one for every value that is not a rounded k / n."""
    frame = readings()
    return [*_columns(frame), *_exceptions(frame), *_no_grid()]


def _columns(frame: pd.DataFrame) -> Iterator[Check]:
    for (exhibit, target), column in frame.groupby(["exhibit", "target"], sort=False):
        size, kinds = SIZES[target], Counter(column["reading"])
        other = len(column) - kinds["rounded"]
        rest = f", {other} {'is' if other == 1 else 'are'} not" if other else ""
        yield Check(
            exhibit,
            GROUP,
            f"{names.task(target)}: multiples of 1/{size}",
            f"{len(column)} values",
            f"{kinds['rounded']} are a count of {size}, rounded{rest}",
            "differs" if other else "agrees",
            "k/n rounded to 0.1",
        )


def _exceptions(frame: pd.DataFrame) -> Iterator[Check]:
    for line in frame[frame["reading"] != "rounded"].itertuples():
        size = SIZES[line.target]
        below = int(line.value * size / 100)
        near = " and ".join(f"{k}/{size} = {100 * k / size:.2f}" for k in (below, below + 1))
        explained = {"none": f"nor does a mean of up to {MOST_RUNS} runs give it"}.get(
            line.reading, f"possible as: {line.reading}"
        )
        yield Check(
            line.exhibit,
            GROUP,
            f"{names.plm(line.plm)}, {names.row(line.method, line.source)}, {names.task(line.target)}",
            f"{line.value:g}",
            f"{near}; {explained}",
            "differs",
            "k/n rounded to 0.1",
        )


def _no_grid() -> Iterator[Check]:
    reasons = {
        "cola": "a Matthews correlation", "stsb": "a mean of two correlations", "conll04": "an F1 score of whole "
        "entities",
    }  # fmt: skip
    for target, score in reasons.items():
        yield Check(
            "table-02",
            GROUP,
            f"{names.task(target)} (and in Tables XI and XIII to XVI)",
            "all values",
            f"{score} is on no grid",
            "cannot tell",
        )
