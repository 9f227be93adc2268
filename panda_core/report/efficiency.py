"""Table XII: trained parameters and training time, printed and measured."""

from math import ceil

import pandas as pd

from panda_core.paper import printed
from panda_core.paper.audit.names import METHODS
from panda_core.report.comparison import plm_title
from panda_core.report.cost_page import benches, provenance, title
from panda_core.report.html import Markup, cell, mean_with_interval, number, table
from panda_core.tasks.sizes import train_rows

ROWS = ("model-tuning", "p-tuning-v2", "vanilla-pot", "panda")


def rows(runs: pd.DataFrame) -> pd.DataFrame:
    """A row for each method: printed parameters and seconds, and for every PLM what the records of STS-B hold."""
    frame = (
        printed.texts("table-12")
        .set_index("method")
        .astype({"trainable_parameters_millions": float, "training_time_seconds": float})
    )
    lines = []
    for method in ROWS:
        line: dict[str, object] = {
            "Method": METHODS[method],
            "printed: million parameters": Markup(
                f"{frame.loc[method, 'trainable_parameters_millions']:g}",
                frame.loc[method, "trainable_parameters_millions"],
            ),
            "printed: seconds": frame.loc[method, "training_time_seconds"],
        }
        for plm, part in runs.groupby("plm"):
            own = part[part["method"] == method]
            name, trained = plm_title(plm), own["trainable_parameters"].mean()
            line[f"{name}: million parameters on the target"] = _millions(trained) if len(own) else None
            line[f"{name}: seconds on the target"] = _time(own["seconds"])
            line[f"{name}: milliseconds a step"] = _time(1000 * own["seconds_per_step"])
        lines.append(line)
    return pd.DataFrame(lines)


def timed() -> str:
    """A table for each bench of these methods on STS-B: their steps by turns in one process, and a whole run from them.

    A whole run is the paper's ten epochs with the teacher's predictions, as sum of its steps; "" where none was made.
    """
    shown = []
    for bench in benches("methods"):
        lines = []
        for line in _of_stsb(bench):
            whole = _ten_epochs(line, bench)
            more = 100 * (line["beside_plain"] - 1)
            lines.append(
                {
                    "Method": METHODS[line["engine"]],
                    "Milliseconds a step (median)": 1000 * line["seconds"],
                    "Beside a step of vanilla PoT, % (median of pairs)": Markup(cell(more, 1, True), more),
                    "Ten epochs, s": Markup(f"{whole:.0f}", whole),
                    "Memory added, MB": Markup(f"{line['memory'] / 2**20:.0f}", line["memory"]),
                }
            )
        if lines:
            shown.append(table(pd.DataFrame(lines), f"STS-B, timed side by side: {title(bench)}"))
            shown.append(provenance(bench, "methods"))
    return "".join(shown)


def _of_stsb(bench: dict) -> list[dict]:
    return [line for line in bench["methods"] if line["task"] == "stsb"]


def _ten_epochs(line: dict, bench: dict) -> float:
    """Seconds of the paper's ten epochs of STS-B, with the teacher's predictions."""
    rows = train_rows("stsb", "real")
    return 10 * ceil(rows / bench["batch_size"]) * line["mean_seconds"] + rows * (line["teacher_seconds"] or 0.0)


def _time(values: pd.Series) -> object:
    """The mean of measured times; a run that is another one over again was not trained and has none."""
    timed = values.dropna()
    if len(values) and timed.empty:
        return Markup('<span class="panda-none">not trained again</span>')
    return timed.mean() if len(timed) else None


def _millions(value: float) -> Markup:
    return Markup(f"{value / 1e6:.3f}", value)


def _teacher(runs: pd.DataFrame) -> str:
    """What the time of a step leaves out: the teacher's epoch, or as many steps as the student's where that is less."""
    if (runs.loc[runs["method"] == "panda", "epochs"] < 1).all():
        return (
            "The teacher's own training is not in it: at this budget as many steps again, as one epoch of STS-B is "
            "longer than the budget."
        )
    return "The teacher's own training, one epoch, is not in it."


def reading(runs: pd.DataFrame) -> str:
    """What PANDA costs beside vanilla PoT, printed and measured."""
    seconds = printed.texts("table-12").set_index("method")["training_time_seconds"].astype(float)
    extra = seconds["panda"] - seconds["vanilla-pot"]
    words = [
        f"As printed, PANDA takes {extra:.0f} s more than vanilla PoT: {100 * extra / seconds['vanilla-pot']:.1f} % "
        "with the "
        f"source prompt in both, {100 * extra / seconds['p-tuning-v2']:.0f} % of the target's own training."
    ]
    for plm, part in runs.groupby("plm"):
        step = part.pivot_table("seconds_per_step", "seed", "method")
        if {"panda", "vanilla-pot"} <= set(step):
            more = (100 * (step["panda"] / step["vanilla-pot"] - 1)).dropna()
            words.append(
                f"Measured here on {plm_title(plm)}, a step of PANDA differs from one of vanilla PoT by "
                f"{mean_with_interval(more, 0, least=3).html} % ({number(len(more), 'seed')}, over which the 95 % "
                f"interval is taken). {_teacher(part)} The runs were not timed side by side."
            )
    for bench in benches("methods"):
        whole = {line["engine"]: _ten_epochs(line, bench) for line in _of_stsb(bench)}
        if {"panda", "vanilla-pot"} <= set(whole):
            panda, vanilla = whole["panda"], whole["vanilla-pot"]
            words.append(
                f"Timed side by side on {plm_title(bench['plm'])}, ten epochs take {panda:.0f} s with PANDA and "
                f"{vanilla:.0f} s with vanilla PoT, {cell(100 * (panda / vanilla - 1), 1, True)} %."
            )
    return " ".join(words)
