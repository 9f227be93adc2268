"""Sentences that read an exhibit, made from its numbers alone."""

from dataclasses import replace

import pandas as pd

from panda_core.experiments import EXPERIMENTS
from panda_core.paper import audit, printed
from panda_core.paper.audit import composition
from panda_core.protocol import PAPER
from panda_core.report.comparison import plm_title, source_title
from panda_core.report.html import cell, number, with_interval
from panda_core.report.measured import SAME_RUN, SAME_TARGET, paired
from panda_core.report.replicates import mean_difference
from panda_core.report.variants import ON_TOP, SHOWN, WORDS, Shown, anchor_of, groups, means, printed_value
from panda_core.resampling import interval
from panda_core.store import Store
from panda_core.tasks import get_task

# By variant of PANDA: what it trains, and the method that trains the same without a teacher.
UNTAUGHT = {
    "": ("P-Tuning v2", "p-tuning-v2"),
    "adapter": ("adapters", "adapter"),
    "mlp-prefix": ("prefix-tuning", "prefix-tuning"),
}
PARTLY = "The rows that this exhibit compares were not all run here yet."
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
        over_vanilla, over_none = paired(panda, vanilla, SAME_RUN), paired(panda, none, SAME_TARGET)
        sentences = []
        for pairs, name in ((over_vanilla, "vanilla PoT"), (over_none, "no transfer")):
            if len(pairs):
                value, vector = mean_difference(pairs, store)
                cells = number(len(pairs[["source", "target"]].drop_duplicates()), "pair")
                sentences.append(f"{with_interval(value, *interval(vector))} points over {name} ({cells})")
        if sentences:
            words.append(
                f"Measured here on {plm_title(plm)}, PANDA is {' and '.join(sentences)}; the 95 % intervals are over "
                "the validation examples, with targets, sources and seeds as they were run."
            )
            words += [*_without_extremes(over_vanilla, store), *teacher_weights(panda)]
    return words or [NOTHING]


def teacher_weights(panda: pd.DataFrame) -> list[str]:
    """How much the teachers of these runs of PANDA can weigh: lambda times similarity (Eq. 4), and a bound of Eq. 3.

    A task's own prompt, whose similarity is 1 by definition, is left out.
    """
    similarity = panda.loc[panda["source"] != panda["target"], "similarity"]
    if similarity.empty:
        return []
    silent, most = int((similarity <= 0).sum()), PAPER.kd.weight * similarity.max()
    words = (
        f"In {silent} of {number(len(similarity), 'run')} of PANDA from another task the similarity is not above 0, "
        "so the teacher weighs nothing and the run is that of P-Tuning v2."
    )
    if most > 0:
        words += (
            f" The largest similarity is {similarity.max():.2f}, so that no teacher weighs more than {most:.3f}: two "
            "distributions have a squared distance of at most 2, so outside of regression its term adds at most "
            f"{2 * most:.2f} to the loss of an example."
        )
    return [words]


def _without_extremes(pairs: pd.DataFrame, store: Store) -> list[str]:
    """The gain over vanilla PoT without the target where it is largest, and without the one where it is least: a mean
    may be made of one of them."""
    cells = pairs.assign(gain=pairs["score"] - pairs["score_2"]).groupby(["source", "target"])["gain"].mean()
    gains = cells.groupby("target").mean()
    if len(gains) < 3:
        return []
    found = {}
    for target in (gains.idxmax(), gains.idxmin()):
        value, vector = mean_difference(pairs[pairs["target"] != target], store)
        found[get_task(target).title] = gains[target], with_interval(value, *interval(vector))
    (most, (high, without_most)), (least, (low, without_least)) = found.items()
    return [
        f"Without {most}, where it gains most over vanilla PoT ({cell(high, 1, True)}), this gain is {without_most}; "
        f"without {least}, where it gains least ({cell(low, 1, True)}), it is {without_least}."
    ]


def ablation(runs: pd.DataFrame, store: Store, first: str, second: str) -> list[str]:
    """A variant of PANDA less another, as measured on every PLM at hand."""
    words = []
    for plm, part in runs.groupby("plm"):
        panda = part[part["method"] == "panda"]
        pairs = paired(panda[panda["variant"] == first], panda[panda["variant"] == second], SAME_RUN)
        if len(pairs):
            value, vector = mean_difference(pairs, store)
            low, high = interval(vector)
            words.append(
                f"Measured here on {plm_title(plm)}, {WORDS.get(first, first)} less {WORDS.get(second, second)} is "
                f"{with_interval(value, low, high, 2)} points over {number(len(pairs), 'pair')} of runs, "
                f"{_sure(low, high)}."
            )
    return words


def _sure(low: float, high: float) -> str:
    return "which cannot be told from no difference" if low <= 0 <= high else "beyond the choice of examples"


def variants(exhibit: str, runs: pd.DataFrame, store: Store) -> str:
    """Which row is best, as printed and as measured; what the audit says of the text; the two variants that matter."""
    shown = SHOWN[exhibit]
    words = [*_best_printed(exhibit, shown)]
    frame = audit.frame().query("exhibit == @exhibit and group == 'statements of the text'")
    if len(frame):
        counts = frame["verdict"].value_counts()
        agree, differ = (int(counts.get(verdict, 0)) for verdict in ("agrees", "differs"))
        if agree + differ:
            told = number(agree + differ, "statement")
            agreeing = "1 agrees" if agree == 1 else f"{agree} agree"
            words.append(f"Of {told} of the text that its numbers can tell, {agreeing} with them.")
    compared = ablation(runs, store, *shown.compared) if shown.compared else []
    measured = [*_best_measured(exhibit, runs, store, shown), *compared, *_on_top(exhibit, runs, store)]
    return " ".join([*words, *(measured or [NOTHING if runs.empty else PARTLY])])


def _on_top(exhibit: str, runs: pd.DataFrame, store: Store) -> list[str]:
    """PANDA on each kind of prompt less that kind alone, in an exhibit that declares several."""
    if not any(row.variant in ON_TOP for row in groups(exhibit)):
        return []
    words = []
    for plm, part in runs.groupby("plm"):
        listed = []
        for variant, (title, alone) in UNTAUGHT.items():
            taught = part[(part["method"] == "panda") & (part["variant"] == variant)]
            pairs = paired(taught, part[part["method"] == alone], SAME_TARGET)
            if len(pairs):
                value, vector = mean_difference(pairs, store)
                listed.append(f"on {title} {with_interval(value, *interval(vector))}")
        if listed:
            words.append(f"On {plm_title(plm)}, PANDA less the same without it: {', '.join(listed)} points.")
    return words


def _best_printed(exhibit: str, shown: Shown) -> list[str]:
    """The row that is printed best most often, over PLMs and sources, and its mean lead over the base row."""
    rows = groups(exhibit, EXPERIMENTS[exhibit].sources if shown.by_source else ("",))
    leads = []
    for plm in EXPERIMENTS[exhibit].plms:
        for source in dict.fromkeys(row.source for row in rows):
            values = {row: printed_value(exhibit, row, plm) for row in rows if row.source == source}
            values = {replace(row, source=""): value for row, value in values.items() if value is not None}
            if values:
                leads.append({row: value - values[anchor_of(shown.base, row)] for row, value in values.items()})
    if not leads:
        return []
    best = [max(lead, key=lead.get) for lead in leads]
    row = max(dict.fromkeys(best), key=best.count)
    mean = sum(lead[row] for lead in leads) / len(leads)
    over = f", {cell(mean, shown.digits, True)} points to {shown.base.label(exhibit)}" if row != shown.base else ""
    where = "comparison" if len(leads) == 1 else "comparisons"
    return [
        f"As printed, {row.label(exhibit)} has the highest mean in {best.count(row)} of {len(leads)} {where}"
        f"{over}{' on average' if over and len(leads) > 1 else ''}."
    ]


def _best_measured(exhibit: str, runs: pd.DataFrame, store: Store, shown: Shown) -> list[str]:
    """By PLM: the row with the highest mean and its difference to the base row; or that too few rows are whole."""
    if shown.by_source:
        return []
    words = []
    for plm, found in means(exhibit, runs, store).items():
        whole = {row: mean for row, mean in found.items() if isinstance(mean, tuple)}
        if len(whole) < 2 or shown.base not in whole:
            rows = len(groups(exhibit))
            words.append(f"On {plm_title(plm)}, rows with all their targets so far: {len(whole)} of {rows}.")
            continue
        best = max(whole, key=lambda row: whole[row][0])
        text = f"Measured here on {plm_title(plm)}, {best.label(exhibit)} has the highest mean of {len(whole)} rows"
        if best != shown.base:
            base = whole[shown.base]
            low, high = interval(whole[best][1] - base[1])
            difference = with_interval(whole[best][0] - base[0], low, high, shown.digits)
            text += f": {difference} points to {shown.base.label(exhibit)}, {_sure(low, high)}"
            text += ", though the highest of several is partly so by luck" if low > 0 else ""
        words.append(f"{text}.")
    return words


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
