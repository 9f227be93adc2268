"""The sizes and settings of Table I, Table XII against arithmetic, Figure 8 against itself."""

from collections.abc import Iterator

import pandas as pd

from panda_core.paper import printed
from panda_core.paper.audit import names
from panda_core.paper.audit.check import Check, number, statement
from panda_core.paper.audit.setting import BERT, bert_parameters
from panda_core.tasks import get_task

# Section IV-B: the grid that the text says was searched.
SEARCHED = {"lr": (5e-3, 7e-3, 1e-2), "batch_size": (16, 32, 64), "epochs": (20, 40, 60, 80, 100)}
PROMPT_LENGTH = 20
TARGET_EPOCHS = 10  # caption of Table XII, footnote 11


def checks() -> list[Check]:
    """All of them."""
    return [*_sizes(), *_searched(), *_table_12(), *_figure_8()]


def _sizes() -> Iterator[Check]:
    for line in printed.tasks().itertuples():
        rows = get_task(line.task).rows[0]
        text = line.train_size
        if rows is None:
            yield Check(
                "table-01",
                "sizes",
                f"{line.name_as_printed}: training examples",
                text,
                "no public count",
                "cannot tell",
            )
            continue
        size, unit = printed.size(text), 1000 if text.endswith("K") else 1
        near = abs(size - rows) < unit if unit > 1 else size == rows
        yield Check(
            "table-01",
            "sizes",
            f"{line.name_as_printed}: training examples",
            text,
            f"{rows:,} in the public training set",
            "agrees" if near else "differs",
            "rounded or cut off to whole thousands" if unit > 1 else "exact",
        )


def _searched() -> Iterator[Check]:
    words = {"lr": "learning rate", "batch_size": "batch size", "epochs": "epochs"}
    tasks = printed.tasks()
    for field, values in SEARCHED.items():
        outside = tasks[~tasks[field].isin(values)]
        listed = ", ".join(f"{n} {v:g}" for n, v in zip(outside["name_as_printed"], outside[field], strict=True))
        yield statement(
            "table-01",
            f"Section IV-B: {words[field]} found by a search over {', '.join(f'{v:g}' for v in values)}",
            "all tasks",
            f"{len(tasks) - len(outside)} of {len(tasks)} are in the grid; outside: {listed or 'none'}",
            outside.empty,
            "every printed setting is one of the searched",
        )


def _table_12() -> Iterator[Check]:
    frame = printed.texts("table-12").set_index("method")
    seconds, millions = (frame[c].astype(float) for c in ("training_time_seconds", "trainable_parameters_millions"))
    yield number(
        "table-12",
        "arithmetic",
        "model-tuning: parameters of BERT-large with the cased vocabulary (millions)",
        millions["model-tuning"],
        bert_parameters(*BERT["bert-large"]) / 1e6,
        0.05,
        "rounded to 0.1; the head has a few thousand more",
        2,
    )
    _, layers, width = BERT["bert-large"]
    prefix = PROMPT_LENGTH * 2 * layers * width / 1e6
    yield number(
        "table-12",
        "arithmetic",
        "P-Tuning v2: a prefix of 20 positions, keys and values in 24 layers of width 1024 (millions)",
        millions["p-tuning-v2"],
        prefix,
        0.005,
        "rounded to 0.01; the head has a few thousand more",
        3,
    )
    for method in ("vanilla-pot", "panda"):
        yield number(
            "table-12",
            "arithmetic",
            f"{names.METHODS[method]}: two such prefixes, source and target (millions)",
            millions[method],
            2 * prefix,
            0.05,
            "rounded to 0.1; it agrees if cut off",
            3,
        )
    share = 100 * millions["panda"] / millions["model-tuning"]
    yield number(
        "table-12",
        "arithmetic",
        "Section V-d: PANDA trains 0.5 % of model-tuning's parameters",
        0.5,
        share,
        0.05,
        "rounded to 0.1; it agrees if cut off",
        2,
    )
    extra = seconds["panda"] - seconds["vanilla-pot"]
    yield statement(
        "table-12",
        "Section V-d: PANDA adds little time to vanilla PoT",
        "small",
        f"{extra:.1f} s more, {100 * extra / seconds['vanilla-pot']:.1f} %; of the target's own training "
        f"({seconds['p-tuning-v2']:g} s) it is {100 * extra / seconds['p-tuning-v2']:.0f} %",
        extra / seconds["vanilla-pot"] < 0.05,
        "less than 5 % more in all",
    )
    yield statement(
        "table-12",
        "Section V-d: PANDA is relatively slower than model-tuning",
        "relatively lower efficiency",
        f"{seconds['panda'] / seconds['model-tuning']:.1f} times the time of model-tuning with the source prompt, "
        f"{(seconds['p-tuning-v2'] + extra) / seconds['model-tuning']:.2f} times without it",
        seconds["panda"] > seconds["model-tuning"],
        "more seconds",
    )
    yield from _source_training(seconds)


def _source_training(seconds: pd.Series) -> Iterator[Check]:
    """Vanilla PoT's time beyond P-Tuning v2's is one epoch of MNLI, P-Tuning v2's ten epochs of STS-B."""
    source = seconds["vanilla-pot"] - seconds["p-tuning-v2"]
    yield statement(
        "table-12",
        "Caption of Table XII: the source task is the main reason for the time of PoT",
        "main reason",
        f"{source:.1f} of {seconds['vanilla-pot']:g} s, {100 * source / seconds['vanilla-pot']:.0f} %",
        source > seconds["vanilla-pot"] / 2,
        "more than half of the time",
    )
    examples = {task: get_task(task).rows[0] for task in ("mnli", "stsb")}
    speeds = examples["mnli"] / source, TARGET_EPOCHS * examples["stsb"] / seconds["p-tuning-v2"]
    yield statement(
        "table-12",
        "Caption of Table XII: one epoch of MNLI and ten of STS-B, on one GPU",
        "1 and 10 epochs",
        f"{speeds[0]:.1f} examples a second on MNLI, {speeds[1]:.1f} on STS-B",
        abs(speeds[0] / speeds[1] - 1) < 0.05,
        "the same speed to 5 %, for all inputs have one length",
    )


def _figure_8() -> Iterator[Check]:
    """The first of the five predictions of a block is read as the source model's, the others in the printed order."""
    frame = printed.texts("figure-08")
    for line in frame.itertuples():
        right = line.prediction == line.label
        yield Check(
            "figure-08",
            "case study",
            f"example {line.example}, {line.method_as_printed}, block {names.task(line.source)}",
            f"{line.prediction} {line.symbol}",
            f"label {line.label}: {'right' if right else 'wrong'}",
            "agrees" if right == (line.marked_correct == "1") else "differs",
            "the mark says whether prediction and label agree",
        )
    for (example, method), block in frame[frame["method"].isin(("model-tuning", "p-tuning-v2"))].groupby(
        ["example", "method"]
    ):
        found = block["prediction"].tolist()
        yield Check(
            "figure-08",
            "case study",
            f"example {example}, {names.METHODS[method]}: the same in both blocks, for it uses no source",
            " and ".join(found),
            "one model, one prediction",
            "agrees" if len(set(found)) == 1 else "differs",
            "a method without a source does not depend on the block",
        )
