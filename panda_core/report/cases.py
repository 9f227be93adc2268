"""The case study of Figure 8: the printed predictions, and what our runs predict for any validation example.

Data rows are not part of this project, so an example is known by its number in the official validation set; only the
two that the paper prints are quoted.
"""

from html import escape

import pandas as pd

from panda_core.paper import printed
from panda_core.report.comparison import MEASURED_TITLES, plm_title, source_title
from panda_core.report.html import table
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
            "Prediction": frame["prediction"],
            "Label": frame["label"],
            "Right": frame["marked_correct"].map({"1": "yes", "0": "no"}),
        }
    )


def quotation(target: str, number: int) -> str:
    """The text of a printed example as HTML, nothing for others."""
    if (target, number) not in PRINTED:
        return ""
    frame = printed.texts("figure-08")
    line = frame[frame["example"] == PRINTED[target, number]].iloc[0]
    fields = [line[name] for name in ("premise", "hypothesis", "choice1", "choice2") if line[name]]
    return f"<blockquote>{'<br>'.join(map(escape, fields))}</blockquote>"


def explorer(runs: pd.DataFrame, store: Store) -> str:
    """A part for every example of the targets at hand, with a menu to pick one; the printed ones come first."""
    parts = []
    for target, of_target in runs[runs["seed"] == runs["seed"].min()].groupby("target"):
        predictions = [(run, _predictions(run, store)) for run in of_target.itertuples()]
        size = min(len(frame) for _, frame in predictions)
        numbers = sorted(range(size), key=lambda n: ((target, n) not in PRINTED, n))
        parts += [_part(target, number, predictions) for number in numbers]
    parts.sort(key=lambda part: "<blockquote>" not in part)
    return f'<div class="panda-cases">{"".join(parts)}</div>'


def _predictions(run, store: Store) -> pd.DataFrame:
    return pd.read_parquet(store.root / "predictions" / run.tier / f"{run.id}.parquet")


def _part(target: str, number: int, predictions: list[tuple]) -> str:
    """One example: label, and a line per run with its prediction and how sure it was."""
    task = get_task(target)
    names = task.labels or ("choice 1", "choice 2")
    label = int(predictions[0][1]["reference"][number])
    lines = []
    for run, frame in predictions:
        guess = int(frame["prediction"][number])
        sure = frame["probabilities"][number] if "probabilities" in frame else None
        lines.append(
            {
                "PLM": plm_title(run.plm),
                "Method": MEASURED_TITLES.get(run.method, run.method),
                "Source": source_title(run.source) if run.source else "–",
                "Seed": str(run.seed),
                "Prediction": names[guess] if guess < len(names) else str(guess),
                "Probability": "–" if sure is None else f"{100 * float(sure[guess]):.0f} %",
                "Right": "yes" if guess == label else "no",
            }
        )
    shown = " (printed in the paper)" if (target, number) in PRINTED else ""
    title = f"{task.title}, validation example {number}{shown}"
    known = names[label] if label < len(names) else str(label)
    caption = f"{title}; label: {known}"
    return (
        f'<div class="panda-case" data-title="{escape(title)}">{quotation(target, number)}'
        f"{table(pd.DataFrame(lines), caption)}</div>"
    )


def reading(runs: pd.DataFrame, store: Store) -> str:
    """How often vanilla PoT and PANDA are right alone, on the same examples; and the flaw of the printed figure."""
    words = [
        "In the print, model-tuning and P-Tuning v2 predict differently for example 2 in its two blocks, although "
        "neither "
        "uses the source task that tells the blocks apart."
    ]
    for (plm, target, seed, source), part in runs[runs["source"] != ""].groupby(["plm", "target", "seed", "source"]):
        found = {run.method: _predictions(run, store) for run in part.itertuples()}
        if seed == runs["seed"].min() and {"vanilla-pot", "panda"} <= found.keys():
            right = {name: frame["reference"] == frame["prediction"] for name, frame in found.items()}
            only_vanilla = int((right["vanilla-pot"] & ~right["panda"]).sum())
            only_panda = int((right["panda"] & ~right["vanilla-pot"]).sum())
            words.append(
                f"On {plm_title(plm)}, {source_title(source)} to {get_task(target).title}: vanilla PoT alone is "
                "right on "
                f"{only_vanilla} of {len(right['panda'])} examples, PANDA alone on {only_panda}."
            )
    return " ".join(words)
