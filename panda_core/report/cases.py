"""The case study of Figure 8: the printed predictions, and what our runs predict for any validation example.

Data rows are not part of this project, so an example is known by its number in the official validation set; only the
two that the paper prints are quoted.
"""

import json
from html import escape

import pandas as pd

from panda_core.paper import printed
from panda_core.report.comparison import MEASURED_TITLES, plm_title, source_title
from panda_core.report.html import Markup, cell, table
from panda_core.store import Store
from panda_core.tasks import get_task

# The examples that the paper prints, by their place in the official validation sets (counted from 0).
PRINTED = {("cb", 34): "1", ("copa", 14): "2"}


def printed_table() -> pd.DataFrame:
    """The 20 printed predictions."""
    frame = printed.texts("figure-08")
    return pd.DataFrame(
        {
            "Example": frame["example"] + " (" + frame["target"].map(lambda t: get_task(t).title) + ")",
            "Source task": frame["source"].map(source_title),
            "Similarity": frame["similarity"].astype(float).map("{:.3f}".format),
            "Method": frame["method"].map(lambda m: MEASURED_TITLES.get(m, "source model alone")),
            "Prediction": [_named(t, p) for t, p in zip(frame["target"], frame["prediction"], strict=True)],
            "Label": [_named(t, p) for t, p in zip(frame["target"], frame["label"], strict=True)],
            "Right": frame["marked_correct"].map({"1": "yes", "0": "no"}),
        }
    )


def _named(target: str, printed_class: str) -> str:
    """A printed class with its name, e.g. "0 (entailment)"."""
    return f"{printed_class} ({get_task(target).labels[int(printed_class)]})"


def quotation(target: str, number: int) -> str:
    """The text of a printed example as HTML, nothing for others."""
    if (target, number) not in PRINTED:
        return ""
    frame = printed.texts("figure-08")
    line = frame[frame["example"] == PRINTED[target, number]].iloc[0]
    names = ("premise", "hypothesis", "question", "choice1", "choice2")
    parts = [f"<strong>{name.capitalize()}:</strong> {escape(line[name])}" for name in names if line[name]]
    return f"<blockquote>{'<br>'.join(parts)}</blockquote>"


def _of_first_seed(runs: pd.DataFrame) -> pd.DataFrame:
    """Of each PLM the runs with its first seed."""
    return runs[runs["seed"] == runs.groupby("plm")["seed"].transform("min")]


def explorer(runs: pd.DataFrame, store: Store) -> str:
    """A part for every example of the targets at hand, with menus to pick one; the printed ones come first."""
    parts = []
    for target, of_target in _of_first_seed(runs).groupby("target"):
        ordered = of_target.sort_values(["plm", "method", "source"], key=_place)
        predictions = [(run, _predictions(run, store)) for run in ordered.itertuples()]
        size = min(len(frame) for _, frame in predictions)
        numbers = sorted(range(size), key=lambda n: ((target, n) not in PRINTED, n))
        parts += [_part(target, number, predictions) for number in numbers]
    parts.sort(key=lambda part: "<blockquote>" not in part)
    return f'<div class="panda-cases">{"".join(parts)}</div>'


def _place(column: pd.Series) -> pd.Series:
    """Methods in the order of the paper's tables, everything else by name."""
    order = {name: place for place, name in enumerate(MEASURED_TITLES)}
    return column.map(order) if column.name == "method" else column


def _predictions(run, store: Store) -> pd.DataFrame:
    return pd.read_parquet(store.root / "predictions" / run.tier / f"{run.id}.parquet")


def _part(target: str, number: int, predictions: list[tuple]) -> str:
    """One example: label, and a line per run with its prediction and how sure it was."""
    task = get_task(target)
    label = int(predictions[0][1]["reference"][number])
    lines, right = [], {}
    for run, frame in predictions:
        guess = int(frame["prediction"][number])
        right.setdefault(run.method, []).append(guess == label)
        sure = 100 * float(frame["probabilities"][number][guess]) if "probabilities" in frame else None
        lines.append(
            {
                "PLM": plm_title(run.plm),
                "Method": MEASURED_TITLES.get(run.method, run.method),
                "Source": source_title(run.source) if run.source else "–",
                "Prediction": task.labels[guess],
                "How sure": Markup("–") if sure is None else Markup(_bar(sure), sure),
                "Right": "yes" if guess == label else "no",
            }
        )
    shown = " (printed in the paper)" if (target, number) in PRINTED else ""
    title = f"{task.title}, validation example {number}{shown}"
    caption = f"{title}; label: {task.labels[label]}"
    return (
        f'<div class="panda-case" data-title="{escape(title)}" data-kinds="{escape(json.dumps(kinds(right)))}">'
        f"{quotation(target, number)}{table(pd.DataFrame(lines), caption)}</div>"
    )


def _bar(share: float) -> str:
    """A probability in percent, with a bar behind it."""
    return f'<span class="panda-bar" style="--share:{share:.0f}%">{share:.0f} %</span>'


def kinds(right: dict[str, list[bool]]) -> list[str]:
    """What a reader may look for, of an example: which runs of each method are right on it."""
    everyone = [each for runs in right.values() for each in runs]
    vanilla, panda = (right.get(method, []) for method in ("vanilla-pot", "panda"))
    found = {
        "all runs right": all(everyone),
        "all runs wrong": not any(everyone),
        "runs disagree": any(everyone) and not all(everyone),
        "PANDA right more often than vanilla PoT": sum(panda) > sum(vanilla),
        "vanilla PoT right more often than PANDA": sum(vanilla) > sum(panda),
    }
    return [kind for kind, holds in found.items() if holds]


def reading(runs: pd.DataFrame, store: Store) -> str:
    """How often vanilla PoT and PANDA are right alone, on the same examples; and the flaw of the printed figure."""
    words = [
        "In the print, model-tuning and P-Tuning v2 predict differently for example 2 in its two blocks, although "
        "neither "
        "uses the source task that tells the blocks apart."
    ]
    shown = _of_first_seed(runs)
    for (plm, target, source), part in shown[shown["source"] != ""].groupby(["plm", "target", "source"]):
        found = {run.method: _predictions(run, store) for run in part.itertuples()}
        if {"vanilla-pot", "panda"} <= found.keys():
            right = {name: frame["reference"] == frame["prediction"] for name, frame in found.items()}
            only_vanilla = int((right["vanilla-pot"] & ~right["panda"]).sum())
            only_panda = int((right["panda"] & ~right["vanilla-pot"]).sum())
            alike = part.loc[part["method"] == "panda", "similarity"].iloc[0]
            known = "" if pd.isna(alike) else f" (similarity {cell(alike, 3)})"
            words.append(
                f"On {plm_title(plm)}, {source_title(source)} to {get_task(target).title}{known}, seed "
                f"{part['seed'].iloc[0]}: vanilla PoT alone is right on {only_vanilla} of {len(right['panda'])} "
                f"examples, PANDA alone on {only_panda}."
            )
    return " ".join(words)
