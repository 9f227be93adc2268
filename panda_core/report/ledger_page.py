"""The audit and the claim ledger as tables, and the sentence about the claims that the introduction quotes."""

from html import escape

import pandas as pd

from panda_core.paper import audit, printed
from panda_core.paper.audit import composition
from panda_core.paper.claims import Measured, Row, counts
from panda_core.plms.registry import PLMS
from panda_core.report.comparison import source_title
from panda_core.report.exhibit_page import badge
from panda_core.report.html import Layer, Markup, cell, typeset, with_interval
from panda_core.tasks import TABLE_1, get_task

HOLDS = {True: "holds", False: "does not hold", None: "no numbers"}


def _label(word: str) -> Markup:
    return Markup(badge(f"is-{word.replace(' ', '-')}", word), word)


def audit_table(exhibit: str = "all") -> pd.DataFrame:
    """Every check of the audit, or those of one exhibit, a line each."""
    frame = audit.frame()
    frame = frame[(frame["exhibit"] == exhibit) | (exhibit == "all")]
    return pd.DataFrame(
        {
            "Exhibit": [_exhibit(name) for name in frame["exhibit"]],
            "Kind": frame["group"],
            "Checked": frame["what"],
            "Printed": frame["printed"],
            "Recomputed": frame["recomputed"],
            "Verdict": [_label(word) for word in frame["verdict"]],
            "Tolerance or rule": frame["tolerance"],
        }
    )


def _exhibit(name: str) -> Markup:
    kind, number = name.split("-")
    return Markup(f'<a href="{name}.html">{printed.title(name)}</a>', f"{kind} {number}")


def audit_summary() -> pd.DataFrame:
    """How many checks of each kind agree, differ or cannot tell."""
    frame = audit.frame().pivot_table(index="group", columns="verdict", values="what", aggfunc="count", sort=False)
    frame = frame.reindex(columns=["agrees", "differs", "cannot tell"]).fillna(0).astype(int)
    return frame.rename_axis("Kind").reset_index()


def differing() -> pd.DataFrame:
    """The checks that do not agree, single accuracies left to the full table."""
    frame = audit_table()
    chosen = (audit.frame()["verdict"] == "differs") & (audit.frame()["group"] != "counts of correct answers")
    return frame[chosen.to_numpy()].drop(columns="Verdict")


def composition_table(by: str) -> pd.DataFrame:
    """What the printed gains are made of, by one property of the pairs."""
    frame = composition.summary(by)
    titles = {
        "plm": lambda name: PLMS[name].title, "source": source_title, "target": lambda name: get_task(name).title,
        "group": str, "same_group": lambda same: "same group" if same else "different groups",
        "own": lambda own: "source is the target" if own else "another task",
        "collapsed": lambda low: "at the majority class" if low else "above it, or not known",
    }  # fmt: skip
    return pd.DataFrame(
        {
            "Pairs with": [titles[by](value) for value in frame[by]],
            "Pairs": frame["pairs"],
            "PANDA less vanilla PoT": [_gain(value) for value in frame["over_vanilla"]],
            "Vanilla PoT less no transfer": [_gain(value) for value in frame["vanilla_over_none"]],
            "PANDA less no transfer": [_gain(value) for value in frame["over_none"]],
            "PANDA above vanilla PoT (% of pairs)": frame["share_above_vanilla"],
            "PANDA above no transfer (% of pairs)": frame["share_above_none"],
        }
    )


def _gain(value: float) -> Markup:
    return Markup(cell(value, 2, True), round(value, 4))


def gain_layers() -> list[Layer]:
    """Printed gains of every PLM as heatmap layers: mean over the PLMs first."""
    cells = composition.gains()
    views = {"PANDA less vanilla PoT": "over_vanilla", "vanilla PoT less no transfer": "vanilla_over_none",
             "PANDA less no transfer": "over_none"}  # fmt: skip
    parts = {"mean of the five": cells} | {PLMS[plm].title: part for plm, part in cells.groupby("plm")}
    shown = []
    for name, part in parts.items():
        for title, column in views.items():
            values = part.pivot_table(index="source", columns="target", values=column)
            values = values.reindex(index=list(TABLE_1), columns=list(printed.TARGETS))
            values = values.rename(index=source_title, columns=lambda target: get_task(target).title)
            shown.append(Layer((name, title), values, True, note=f"{name}, as printed, {title}, points."))
    return shown


def headline() -> str:
    """The headline of 2.3 points, and what it is made of."""
    cells, rows = composition.gains(), composition.rows()
    over_none, vanilla = cells["over_none"].mean(), cells["vanilla_over_none"].mean()
    by_group = cells.groupby("same_group")["over_vanilla"].mean()
    three = rows.nlargest(3, "gain")
    rest = rows.drop(three.index)["gain"].mean()
    collapsed = cells[cells["collapsed"]]
    share = 100 * collapsed["over_vanilla"].sum() / cells["over_vanilla"].sum()
    return (
        (
            f"The headline is right: the 105 printed gains have a mean of **{rows['gain'].mean():.2f} points** and a "
            "largest value "
            f"of **{rows['gain'].max():.1f}**. They are points, not percent of the score. Half of them are "
            f"{rows['gain'].median():.1f} "
            f"or less; without the three largest the mean is {rest:.2f}.\n\n"
            f"Against *no transfer*, PANDA gains {over_none:.2f} points and vanilla PoT *loses* {-vanilla:.2f}: "
            f"{100 * -vanilla / (over_none - vanilla):.0f} % of the headline makes up for what vanilla transfer "
            "loses. Between tasks of "
            f"one group the gain over vanilla PoT is {by_group[True]:.2f} points, between groups "
            f"{by_group[False]:.2f}. PANDA's own "
            f"gain over no transfer depends little on the source: by source it goes from "
            f"{composition.summary('source')['over_none'].min():.2f} to "
            f"{composition.summary('source')['over_none'].max():.2f}, while that "
            f"of vanilla PoT goes from {composition.summary('source')['vanilla_over_none'].min():.2f} to "
            f"{composition.summary('source')['vanilla_over_none'].max():.2f}. The {len(collapsed)} cells where "
            "vanilla PoT scores like the "
            f"most frequent class ({100 * len(collapsed) / len(cells):.0f} % of all) make up {share:.0f} % of the "
            "sum of the gains."
        )
        .replace("from -", "from −")
        .replace("to -", "to −")
    )


def ledger_table(rows: list[Row]) -> pd.DataFrame:
    """The claims, a line each."""
    return pd.DataFrame(
        {
            "Claim": [_two_lines(f"“{row.claim.quote}”", row.claim.where) for row in rows],
            "Evidence in the paper": [row.claim.evidence for row in rows],
            "In the printed tables": [_two_lines(HOLDS[row.printed.holds], row.printed.words) for row in rows],
            "Measured here": [_ours(row) for row in rows],
            "Verdict": [_label(row.verdict) for row in rows],
            "Runs": [_runs(row) for row in rows],
        }
    )  # fmt: skip


def _two_lines(first: str, second: str) -> Markup:
    return Markup(f"{escape(first)}<br><small>{escape(typeset(second))}</small>", first)


def _ours(row: Row) -> Markup:
    found = row.ours
    if not isinstance(found, Measured):
        return Markup(f'<span class="panda-none">none</span>: {escape(found.reason)}', "")
    digits = 1 if found.unit in ("points", "%") else 2
    margin = f"; must exceed {cell(row.claim.margin, 0)}" if row.claim.margin else ""
    text = f"{with_interval(found.value, found.low, found.high, digits)} {found.unit}"
    return Markup(f"{text}<br><small>{escape(found.words)}; {found.pairs} pairs or units{margin}</small>", found.value)


def _runs(row: Row) -> Markup:
    if not isinstance(row.ours, Measured):
        return Markup("–", 0)
    ids = row.ours.runs
    return Markup(f"<details><summary>{len(ids)}</summary><small>{' '.join(ids)}</small></details>", len(ids))


def summary(rows: list[Row]) -> str:
    """The ledger in one sentence."""
    found = counts(rows)
    holds = sum(row.printed.holds is True for row in rows)
    numbers = sum(row.printed.holds is not None for row in rows)
    return (
        f"Of {len(rows)} claims, {numbers} can be checked in the paper's own printed tables and {holds} hold there. "
        "In the "
        f"measurements of this book {found['supported']} are supported, {found['not supported']} are not supported, "
        "and "
        f"{found['not testable here']} are not testable here."
    )
