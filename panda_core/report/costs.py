"""The page on cost: what `panda bench` measured, where the time goes, and estimates for the paper's PLMs."""

import json
from html import escape

import pandas as pd

from panda_core.environment import ROOT
from panda_core.plms.arithmetic import paper_config, prefix_parameters, training_memory
from panda_core.report.cost import ENCODER_PARAMETERS, PROMPT_OPERATIONS, TOKENS, a100_rate
from panda_core.report.html import Markup, table

FOLDER = ROOT / "results" / "bench"
_TITLES = {
    "peft-128": "PEFT + Trainer, padded to 128",
    "peft-batch": "PEFT + Trainer, padded per batch",
    "panda-float32": "this engine, float32",
    "panda": "this engine",
}


def benches() -> list[dict]:
    """The measurements that are kept with the project, one for each file of `results/bench`."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]


def title(bench: dict) -> str:
    """What a measurement was made of, in words."""
    where = bench["environment"]
    return (
        f"{bench['plm']} reading {bench['representation']}, {bench['data']} data, batches of {bench['batch_size']}, "
        f"{where['device']}, {where['threads']} threads, {where['precision']}"
    )


def measured(bench: dict) -> str:
    """A table with a row for each task and engine."""
    rows = [
        {
            "Task": line["task"],
            "Teacher": "yes" if line["teacher"] else "no",
            "Engine": _TITLES[line["engine"]],
            "Median step, ms": _number(1000 * line["seconds"]),
            "Mean step, ms": _number(1000 * line["mean_seconds"]),
            "Times as fast": Markup(f"{line['faster']:.1f}", line["faster"]),
            "Tokens a second": round(line["tokens_per_second"]),
            "Memory added, MB": round(line["memory"] / 2**20),
        }
        for line in bench["measured"]
    ]
    return table(pd.DataFrame(rows), title(bench), ["Task", "Teacher"])


def ratios(bench: dict) -> str:
    """What the table says, as sentences."""
    frame = pd.DataFrame(bench["measured"]).set_index(["task", "teacher", "engine"])
    words = []
    for task in frame.index.unique("task"):
        line = frame.loc[(task, False)]
        per_batch = line.loc["panda", "faster"] / line.loc["peft-batch", "faster"]
        words.append(
            f"On {task} this engine is {line.loc['panda', 'faster']:.1f} times as fast as PEFT and Trainer padded to "
            f"128 tokens, {per_batch:.1f} times as fast as with padding per batch; in float32 "
            f"{line.loc['panda-float32', 'faster']:.1f} times as fast as the first."
        )
        taught, plain = frame.loc[(task, True, "panda"), "mean_seconds"], line.loc["panda", "mean_seconds"]
        change = 100 * (taught / plain - 1)
        words.append(
            f"Beside a step without a teacher, one with a teacher's predictions at hand takes {change:+.0f} %."
        )
    return "<p>" + escape(" ".join(words)) + "</p>"


def teachers(bench: dict, epochs: tuple[int, ...] = (1, 10, 100)) -> str:
    """What the teacher's predictions, made once, add to each step of a run of so many epochs, in percent."""
    rows = []
    for line in bench["measured"]:
        if line["engine"] == "panda" and line["teacher"]:
            batch = line["teacher_seconds"] * bench["batch_size"]
            rows.append(
                {"Task": line["task"]}
                | {f"{n} epochs, %": _number(100 * batch / n / line["mean_seconds"]) for n in epochs}
            )
    return table(pd.DataFrame(rows), "The teacher's predictions as a share of a step, by the length of the run")


def profiles(bench: dict) -> str:
    """Where the processor's time goes, in percent of a training step, one column a task."""
    frame = pd.DataFrame(bench["profile"]).fillna(0.0) * 100
    frame = frame.loc[frame.max(axis=1).sort_values(ascending=False).index]
    rows = [
        {"Operation": kind} | {task: _number(value) for task, value in line.items()} for kind, line in frame.iterrows()
    ]
    return table(pd.DataFrame(rows), "Share of the processor's time in a step of this engine, %")


def estimates() -> str:
    """The paper's PLMs by counted operations: an estimate, not a measurement."""
    rows = []
    for name, size in ENCODER_PARAMETERS.items():
        config = paper_config(name)
        step = 32 * TOKENS * PROMPT_OPERATIONS * size
        rows.append(
            {
                "PLM": name,
                "Million parameters in the layers": _number(size / 1e6),
                "Thousand parameters in the prefix": _number(prefix_parameters(config, 20) / 1e3),
                "10^12 operations a step": Markup(f"{step / 1e12:.2f}", step),
                "Seconds a step, A100": Markup(f"{step / a100_rate():.3f}", step),
                "Memory of a step in bfloat16, GB": _number(training_memory(config, 20, 32, 128).total / 1e9),
            }
        )
    return table(pd.DataFrame(rows), "Estimates, not measurements: a training step of 32 sequences of 128 tokens")


def _number(value: float) -> Markup:
    return Markup(f"{value:.1f}", value)
