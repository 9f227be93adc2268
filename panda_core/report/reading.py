"""Sentences that read an exhibit, made from its numbers alone."""

import pandas as pd

from panda_core.paper import audit, printed
from panda_core.paper.audit import composition
from panda_core.paper.claims.effects import SAME_RUN, SAME_TARGET, paired
from panda_core.report.comparison import plm_title, source_title
from panda_core.report.html import cell, with_interval
from panda_core.report.resampling import interval, mean_difference
from panda_core.report.variants import SHOWN
from panda_core.store import Store

NOTHING = "Nothing was measured for this exhibit yet, so there is nothing to compare the printed numbers with."


def grid(plm: str, runs: pd.DataFrame, store: Store) -> str:
    """Tables II and XIII to XVI: the printed gains, what they are made of, and ours."""
    rows = composition.rows().query("plm == @plm")
    best = rows.loc[rows["gain"].idxmax()]
    up = int((rows["gain"] > 0).sum())
    over_none, vanilla = (rows["panda"] - rows["none"]).mean(), (rows["vanilla"] - rows["none"]).mean()
    words = [
        f"As printed, PANDA's average is above vanilla PoT's from {up} of {len(rows)} sources, by "
        f"{rows['gain'].mean():.1f} "
        f"points on average (median {rows['gain'].median():.1f}) and most from {source_title(best['source'])} "
        f"({cell(best['gain'], 1, True)}). Against no transfer at all, PANDA is {cell(over_none, 1, True)} and "
        "vanilla PoT "
        f"{cell(vanilla, 1, True)} points: {_share(over_none, vanilla)}"
    ]
    return " ".join([*words, *_measured_gains(runs, store)])


def _share(over_none: float, vanilla: float) -> str:
    if vanilla >= 0:
        return "both ways of transfer help on average."
    share = 100 * -vanilla / (over_none - vanilla)
    return f"{share:.0f} % of the printed gain makes up for what vanilla transfer loses."


def _measured_gains(runs: pd.DataFrame, store: Store) -> list[str]:
    """For every PLM at hand: PANDA over vanilla PoT and over no transfer, with intervals."""
    if runs.empty:
        return [NOTHING]
    words = []
    for plm, part in runs.groupby("plm"):
        panda, vanilla, none = (part[part["method"] == m] for m in ("panda", "vanilla-pot", "p-tuning-v2"))
        sentences = []
        for other, on, name in ((vanilla, SAME_RUN, "vanilla PoT"), (none, SAME_TARGET, "no transfer")):
            pairs = paired(panda, other, on)
            if len(pairs):
                value, vector = mean_difference(pairs, store)
                cells = len(pairs[["source", "target"]].drop_duplicates())
                sentences.append(f"{with_interval(value, *interval(vector))} points over {name} ({cells} pairs)")
        if sentences:
            words.append(f"Measured here on {plm_title(plm)}, PANDA is {' and '.join(sentences)}; intervals of 95 %.")
    return words or [NOTHING]


def ablation(runs: pd.DataFrame, store: Store, first: str, second: str) -> str:
    """A variant of PANDA less another, as measured on every PLM at hand."""
    words = []
    for plm, part in runs.groupby("plm"):
        panda = part[part["method"] == "panda"]
        pairs = paired(panda[panda["variant"] == first], panda[panda["variant"] == second], SAME_RUN)
        if len(pairs):
            value, vector = mean_difference(pairs, store)
            low, high = interval(vector)
            sure = "which cannot be told from no difference" if low <= 0 <= high else "beyond the choice of examples"
            words.append(
                f"Measured here on {plm_title(plm)}, {first} less {second} is {with_interval(value, low, high, 2)} "
                "points "
                f"over {len(pairs)} pairs of runs, {sure}."
            )
    return " ".join(words) or NOTHING


def variants(exhibit: str, runs: pd.DataFrame, store: Store) -> str:
    """What the audit says about the statements on an exhibit, and the two variants that matter, as measured."""
    frame = audit.frame().query("exhibit == @exhibit and group == 'statements of the text'")
    agree = int((frame["verdict"] == "agrees").sum())
    words = (
        f"Of {len(frame)} statements of the text about this exhibit, {agree} agree with its numbers."
        if len(frame)
        else ""
    )
    compared = SHOWN[exhibit].compared
    measured = ablation(runs, store, *compared) if compared else ("" if len(runs) else NOTHING)
    return f"{words} {measured}".strip() or "The table speaks for itself."


def scales(runs: pd.DataFrame, store: Store) -> str:
    """Table III: the printed gain by PLM, and ours."""
    means = composition.summary("plm").set_index("plm")["over_vanilla"]
    words = ", ".join(f"{plm_title(plm)} {cell(value, 1, True)}" for plm, value in means.items())
    chosen = set(printed.texts("table-03")["source"])
    rows = composition.rows().query("plm != 'bert-large'")
    nine, rest = (rows.loc[rows["source"].isin(chosen) == inside, "gain"].mean() for inside in (True, False))
    return " ".join(
        [
            f"Printed gain of PANDA over vanilla PoT, mean over all 21 sources: {words} points. The nine sources "
            "that this "
            f"table shows gain {nine:.1f} points on its four PLMs, the other twelve {rest:.1f}.",
            *_measured_gains(runs, store),
        ]
    )
