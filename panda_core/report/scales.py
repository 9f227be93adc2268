"""Figures 1 and 2 (left): averages by PLM, worked out from the printed tables because the figures print no numbers."""

import pandas as pd

from panda_core.paper import printed
from panda_core.report.comparison import plm_title, source_title
from panda_core.report.html import Markup, cell, number, with_interval
from panda_core.report.measured import same_seeds
from panda_core.report.replicates import mean_of
from panda_core.resampling import interval
from panda_core.store import Store

PLMS = tuple(printed.GRIDS)
ALONE = {"model-tuning": "model-tuning", "prompt-tuning-lester": "Lester et al.", "p-tuning-v2": "P-Tuning v2"}
BEST = {"vanilla-pot": "best of vanilla PoT", "panda": "best of PANDA"}
# Our name of a method where it differs from the printed tables'.
OURS = {"prompt-tuning-lester": "prompt-tuning"}


def printed_means(targets: tuple[str, ...]) -> pd.DataFrame:
    """By PLM: the mean over the targets of the methods without transfer, and of the best source of each transfer."""
    grid = printed.grid()
    means = grid[grid["target"].isin(targets)].groupby(["plm", "method", "source"])["value"].mean()
    lines = {
        plm_title(plm): {title: means[plm, name, ""] for name, title in ALONE.items()}
        | {title: means[plm, name].max() for name, title in BEST.items()}
        for plm in PLMS
    }
    return pd.DataFrame.from_dict(lines, orient="index")


def measured_means(runs: pd.DataFrame, store: Store, targets: tuple[str, ...]) -> pd.DataFrame:
    """The same from our runs: one line per PLM and row, means with their intervals; only whole rows."""
    lines = []
    runs = runs[(runs["variant"] == "") & runs["target"].isin(targets)]
    runs = runs[runs.groupby(["plm", "method", "source"])["target"].transform("nunique") == len(targets)]
    for plm, part in same_seeds(runs, ("method", "source", "target")).groupby("plm"):
        tuned = None
        for name, title in (ALONE | BEST).items():
            rows = part[part["method"] == OURS.get(name, name)]
            whole = dict(list(rows.groupby("source")))
            if not whole:
                continue
            best = max(whole, key=lambda source: whole[source].groupby("target")["score"].mean().mean())
            score, vector = mean_of(whole[best], store)
            low, high = interval(vector)
            seeds = number(whole[best]["seed"].nunique(), "seed")
            mean = Markup(f"{cell(score)} ({cell(low)} to {cell(high)}; {seeds})", score)
            if name == "model-tuning":
                tuned, less = (score, vector), Markup("–")
            elif tuned:
                value = score - tuned[0]
                less = Markup(with_interval(value, *interval(vector - tuned[1])), value)
            else:
                less = None
            lines.append((plm_title(plm), title, source_title(best) if best else "–", mean, less))
    return pd.DataFrame(lines, columns=["PLM", "Row", "Source", "Mean", "Less model-tuning"])


def reading(means: pd.DataFrame, targets: tuple[str, ...]) -> str:
    """Where the last column lies against model-tuning, by PLM."""
    last, tuned = means.columns[-1], means["model-tuning"]
    words = ", ".join(f"{plm} {cell(value, 1, True)}" for plm, value in (means[last] - tuned).items())
    return f"From the printed tables, {last} less model-tuning, mean over {len(targets)} targets: {words} points."


def reading_measured(means: pd.DataFrame) -> str:
    """Where the best transfers of our runs (`measured_means`) lie against model-tuning, by PLM."""
    words = []
    for plm, part in means.groupby("PLM"):
        less = part.set_index("Row")["Less model-tuning"]
        listed = [f"{title} {less[title].html}" for title in BEST.values() if isinstance(less.get(title), Markup)]
        if listed:
            words.append(f"Measured here on {plm}, less model-tuning: {' and '.join(listed)} points.")
    return " ".join(words)
