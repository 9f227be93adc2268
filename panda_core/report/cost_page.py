"""The page on cost: what `panda bench` measured, what bfloat16 changes, and estimates for the paper's PLMs."""

import json
from html import escape

import numpy as np
import pandas as pd

from panda_core.environment import ROOT
from panda_core.plms.arithmetic import paper_config, prefix_parameters, training_memory, training_operations
from panda_core.report import measured
from panda_core.report.comparison import plm_title
from panda_core.report.cost import ENCODER_PARAMETERS, seconds_an_example
from panda_core.report.differences import effect as effect_of
from panda_core.report.html import Markup, table
from panda_core.store import Store
from panda_core.tasks import get_task
from panda_core.tasks.sizes import train_rows
from panda_core.tiers import Training, training_for

FOLDER = ROOT / "results" / "bench"
_TITLES = {
    "peft-128": "PEFT + Trainer, padded to 128",
    "peft-batch": "PEFT + Trainer, padded per batch",
    "panda-float32": "this engine, float32",
    "panda": "this engine",
}
_FLOAT32 = {"optimiser.precision": "float32"}
LESS = "Float32 less bfloat16"


def benches(kind: str) -> list[dict]:
    """The measurements of a kind (see `panda_core.bench.measure`) that are kept with the project: JSON values of the
    files of `results/bench`."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    return [bench for bench in found if kind in bench]


def title(bench: dict) -> str:
    """What a measurement was made of, in words."""
    where = bench["environment"]
    return (
        f"{bench['plm']} reading {bench['representation']}, {bench['data']} data, batches of {bench['batch_size']}, "
        f"{where['device']}, {where['threads']} threads, {where['precision']}"
    )


def provenance(bench: dict, kind: str) -> str:
    """The command that makes a measurement again, and the code that made it."""
    where = bench["environment"]
    tasks = " ".join(f"--task {task}" for task in dict.fromkeys(line["task"] for line in bench[kind]))
    changes = ", with changes" if where["dirty"] else ""
    versions = ", ".join(f"{name} {where['versions'][name]}" for name in ("torch", "transformers"))
    command = (
        f"panda bench --measure {kind} --plm {bench['plm']} --representation {bench['representation']} {tasks} "
        f"--data {bench['data']} --batch-size {bench['batch_size']} --steps {bench['steps']} --rounds {bench['rounds']}"
    )
    commit = f"<code>{escape(str(where['commit'])[:12])}</code>"
    return (
        f'<p class="panda-source">Made by <code>{escape(command)}</code>, code of commit {commit}{changes}, '
        f"{escape(versions)}.</p>"
    )


def speed(bench: dict) -> str:
    """A table with a row for each task and engine."""
    rows = [
        {
            "Task": line["task"],
            "Teacher": "yes" if line["teacher"] else "no",
            "Engine": _TITLES[line["engine"]],
            "Median step, ms": _number(1000 * line["seconds"]),
            "Mean step, ms": _number(1000 * line["mean_seconds"]),
            "Times as fast": _number(line["faster"]),
            "Tokens a second": round(line["tokens_per_second"]),
            "Memory added, MB": round(line["memory"] / 2**20),
        }
        for line in bench["speed"]
    ]
    return table(pd.DataFrame(rows), title(bench), ["Task", "Teacher"])


def ratios(bench: dict) -> str:
    """How many times as fast this engine is, by the time of all steps and by the median step.

    The last row of several tasks is for the same number of steps of each, together.
    """
    rows = []
    for teacher, part in pd.DataFrame(bench["speed"]).groupby("teacher"):
        whole, median = (part.pivot(index="task", columns="engine", values=n) for n in ("mean_seconds", "seconds"))
        if len(whole) > 1:
            whole.loc["together"], median.loc["together"] = whole.sum(), median.sum()
        for task in whole.index:
            row = {"Task": task, "Teacher": "yes" if teacher else "no"}
            for title, slow in (("padded to 128", "peft-128"), ("padded per batch", "peft-batch")):
                row[f"{title}: all steps"] = _number(whole.loc[task, slow] / whole.loc[task, "panda"])
                row[f"{title}: median step"] = _number(median.loc[task, slow] / median.loc[task, "panda"])
            row["float32, padded to 128: all steps"] = _number(
                whole.loc[task, "peft-128"] / whole.loc[task, "panda-float32"]
            )
            rows.append(row)
    return table(pd.DataFrame(rows), "How many times as fast this engine is as PEFT + Trainer")


def teachers(bench: dict) -> str:
    """PANDA's step beside that of vanilla PoT in percent, without and with its share of the teacher's predictions."""
    if not all("beside_plain" in line for line in bench["speed"]):
        return ""
    frame = _by_engine(bench)
    rows = []
    for name in frame.index.unique("task"):
        plain, taught = frame.loc[(name, False, "panda")], frame.loc[(name, True, "panda")]
        task, batch = get_task(name), bench["batch_size"]

        def more(predictions: float, plain=plain, taught=taught) -> Markup:
            return _number(100 * (taught["beside_plain"] - 1 + predictions / plain["mean_seconds"]), sign=True)

        row = {"Task": name, "Step alone, %": more(0.0), "Predictions, ms an example": _number(
            1000 * taught["teacher_seconds"], digits=2)}  # fmt: skip
        for tier in ("reduced", "full"):
            passes = _passes(training_for(task, tier), train_rows(name, bench["data"]))
            row[f"Run of tier {tier}, %"] = more(taught["teacher_seconds"] * batch / passes)
            row[f"Passes over the examples it sees, {tier}"] = _number(passes)
        rows.append(row)
    return table(pd.DataFrame(rows), f"What a step of PANDA takes beside one of vanilla PoT; {title(bench)}")


def _passes(training: Training, rows: int) -> float:
    """How often a run trains on each example that it sees at all."""
    return training.epochs or max(1.0, training.steps * training.batch_size / rows)


def profiles(bench: dict) -> str:
    """Where the processor's time goes, in percent of a training step, one column a task."""
    frame = pd.DataFrame({line["task"]: line["shares"] for line in bench["profile"]}).fillna(0.0) * 100
    frame = frame.loc[frame.max(axis=1).sort_values(ascending=False).index]
    rows = [
        {"Operation": kind} | {task: _number(value) for task, value in line.items()} for kind, line in frame.iterrows()
    ]
    return table(pd.DataFrame(rows), f"Share of the processor's time in a step of this engine, %; {title(bench)}")


def memory(bench: dict) -> str:
    """Two tables: what training adds to the memory by the tokens of a batch, and what is held after each run."""
    sizes = [
        {
            "Task": line["task"], "Batch": size["batch_size"], "Tokens of the largest batch": size["tokens"],
            "Memory added, MB": _number(size["memory"] / 2**20),
            "KB a token": _number(size["memory"] / 2**10 / size["tokens"]),
        }
        for line in bench["memory"] for size in line["by_batch"]
    ]  # fmt: skip
    runs = [
        {"Task": line["task"]}
        | {f"run {number}": _number(held / 2**20, sign=True) for number, held in enumerate(line["by_runs"], 1)}
        for line in bench["memory"]
    ]
    return table(pd.DataFrame(sizes), title(bench)) + table(
        pd.DataFrame(runs), "MB that the process holds after each run, less those after the first"
    )


def precision(store: Store) -> pd.DataFrame:
    """Runs in float32 beside the same runs in bfloat16: the same batches and dropout, other rounding.

    A line per pair: the largest distance of their training losses, and of both scores.
    """
    lines = []
    for pair in _pairs(store).itertuples():
        one, other = (pd.DataFrame(_curve(store, pair.tier, run)) for run in (pair.id, pair.id_rounded))
        distance = (one["train_loss"] - other["train_loss"]).abs()
        lines.append(
            {
                "PLM": plm_title(pair.plm), "Task": get_task(pair.target).title, "Seed": pair.seed, "Steps": pair.steps,
                "Training loss, float32": _number(one["train_loss"].iloc[-1], 4),
                "Largest distance of the losses": _number(distance.max(), 4),
                "Score, float32": pair.score, "Score, bfloat16": pair.score_rounded,
                LESS: _number(pair.score - pair.score_rounded, 2, sign=True),
            }
        )  # fmt: skip
    return pd.DataFrame(lines)


def twins(store: Store) -> pd.DataFrame:
    """The runs of all these pairs."""
    pairs, runs = _pairs(store), measured.comparable(measured.runs(store))
    exact = runs["id"].isin(pairs["id"])
    found = runs[exact | runs["id"].isin(pairs["id_rounded"])]
    return found.assign(variant=np.where(exact[found.index], "float32", ""))


def _pairs(store: Store) -> pd.DataFrame:
    """A line per run in float32 with the same run in bfloat16, whose columns end in _rounded."""
    runs = measured.comparable(measured.runs(store)).query("method == 'p-tuning-v2'")
    exact = runs[measured.with_settings(runs, _FLOAT32)]
    rounded = runs[measured.with_settings(runs, {}) & (runs["precision"] == "bfloat16")]
    same = ["tier", "plm", "method", "source", "target", "seed"]
    return exact.merge(rounded, on=same, suffixes=("", "_rounded")).sort_values(same)


def tolerance(store: Store) -> str:
    """The tolerance of bfloat16 in words: the largest distance of the losses, the mean difference of the scores."""
    found = precision(store)
    if found.empty:
        return "No run was made both ways yet."
    largest = max(each.key for each in found["Largest distance of the losses"])
    differences = pd.Series([each.key for each in found[LESS]])
    effect = effect_of(_FLOAT32, "p-tuning-v2", store)
    return (
        f"Over these {len(found)} pairs the training losses are at most {largest:.3f} apart, and the scores "
        f"{differences.abs().mean():.1f} points on average. Float32 less bfloat16, mean score with its 95 % interval: "
        f"{effect.html.partition('<br>')[0]}."
    )


def _curve(store: Store, tier: str, run: str) -> list[dict]:
    return json.loads((store.root / "records" / tier / f"{run}.json").read_text(encoding="utf-8"))["curve"]


def estimates() -> str:
    """The paper's PLMs by counted operations: an estimate, not a measurement."""
    counted = {name: training_operations(paper_config(name), 20, 32, 128) for name in ENCODER_PARAMETERS}
    rate = counted["bert-large"] / (32 * seconds_an_example())
    rows = []
    for name, operations in counted.items():
        config = paper_config(name)
        rows.append(
            {
                "PLM": plm_title(name),
                "Million parameters in the layers": _number(ENCODER_PARAMETERS[name] / 1e6),
                "Thousand parameters in the prefix": _number(prefix_parameters(config, 20) / 1e3),
                "10^12 operations a step": _number(operations / 1e12, 3),
                "Milliseconds a step, A100": _number(1000 * operations / rate),
                "Memory of a step, PLM in bfloat16, GB": _number(training_memory(config, 20, 32, 128).total / 1e9, 2),
            }
        )
    return table(
        pd.DataFrame(rows),
        "Estimates, not measurements: a training step of 32 sequences of 128 tokens, at the "
        f"{rate / 1e12:.0f} x 10^12 operations a second that BERT-large reached in Table XII",
    )


def _by_engine(bench: dict) -> pd.DataFrame:
    return pd.DataFrame(bench["speed"]).set_index(["task", "teacher", "engine"]).sort_index()


def _number(value: float, digits: int = 1, sign: bool = False) -> Markup:
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    return Markup(text.replace("-", "−"), value)
