"""The audit and the claim ledger as tables; the sentences about the claims are in `ledger_words`."""

from html import escape

import pandas as pd

from panda_core.paper import audit, printed
from panda_core.paper.audit import composition
from panda_core.paper.claims import Measured, Row, verdict
from panda_core.plms.registry import PLMS
from panda_core.report.comparison import source_title
from panda_core.report.html import Layer, Markup, badge, cell, typeset, with_interval
from panda_core.tasks import TABLE_1, get_task

HOLDS = {True: "holds", False: "does not hold", None: "cannot tell"}


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
        "group": str, "relation": str,
        "collapsed": lambda low: "only vanilla PoT at the majority class" if low else "all others, or not known",
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


WAYS = {"mean": "any, on average", "best": "the best for all targets", "oracle": "the best for each target"}


def choices_table() -> pd.DataFrame:
    """Printed averages over the targets by how the source is chosen, a line per PLM and way."""
    lines = [
        {
            "PLM": PLMS[line["plm"]].title,
            "Source": words,
            "No transfer": line["none"],
            "Model-tuning": line["model_tuning"],
            "Vanilla PoT": line[f"vanilla_{way}"],
            "PANDA": line[f"panda_{way}"],
            "PANDA less vanilla PoT": _gain(line[f"panda_{way}"] - line[f"vanilla_{way}"]),
        }
        for line in composition.choices().to_dict("records")
        for way, words in WAYS.items()
    ]
    return pd.DataFrame(lines)


def headline() -> str:
    """The headline of 2.3 points, and what it is made of."""
    cells, rows = composition.gains(), composition.rows()
    over_none, vanilla = cells["over_none"].mean(), cells["vanilla_over_none"].mean()
    related = composition.summary("relation").set_index("relation")
    same, other = related.loc[composition.SAME], related.loc[composition.OTHER]
    by_source = composition.summary("source")
    ends = rows.nlargest(3, "gain"), rows.nsmallest(3, "gain")
    rest, upper = (rows.drop(end.index)["gain"].mean() for end in ends)
    collapsed = cells[cells["collapsed"]]
    share = 100 * collapsed["over_vanilla"].sum() / cells["over_vanilla"].sum()
    chosen = composition.choices()
    oracle = chosen["panda_oracle"] - chosen["vanilla_oracle"]
    words = (
        f"The headline is right: the 105 printed gains have a mean of **{rows['gain'].mean():.2f} points** and a "
        f"largest value of **{rows['gain'].max():.1f}**. They are points, not percent of the score. Half of them are "
        f"{rows['gain'].median():.1f} or less; without the three largest the mean is {rest:.2f}, without the "
        f"three smallest {upper:.2f}.\n\n"
        f"Against *no transfer*, PANDA gains {over_none:.2f} points and vanilla PoT *loses* {-vanilla:.2f}: "
        f"{100 * -vanilla / (over_none - vanilla):.0f} % of the headline makes up for what vanilla transfer loses. The "
        f"{len(collapsed)} cells where vanilla PoT is at most half a point above the most frequent class, and no "
        f"transfer further ({100 * len(collapsed) / len(cells):.1f} % of all), make up {share:.0f} % of the sum of the "
        "gains.\n\n"
        f"PANDA's gain over no transfer depends little on the source: {same['over_none']:.2f} points from sources of "
        f"the target's type, {other['over_none']:.2f} from others; by source it goes from "
        f"{by_source['over_none'].min():.2f} to {by_source['over_none'].max():.2f}, while that of vanilla PoT goes "
        f"from {by_source['vanilla_over_none'].min():.2f} to {by_source['vanilla_over_none'].max():.2f}. So the "
        f"headline is largest where the source is a poor choice. With the best source of each target, PANDA less "
        f"vanilla PoT is "
        f"{oracle.min():+.2f} to {oracle.max():+.2f} points by PLM, and above 0 on {int((oracle > 0).sum())} of "
        f"{len(oracle)}; but a best of 21 favours the method whose scores vary more."
    )
    return typeset(words)


def ledger_table(rows: list[Row]) -> pd.DataFrame:
    """The claims, a line each."""
    return pd.DataFrame(
        {
            "Claim": [_two_lines(f"“{row.claim.quote}”", row.claim.where) for row in rows],
            "In the printed tables": [
                _two_lines(HOLDS[row.printed.holds], f"{row.claim.evidence}: {row.printed.words}{_by_our_rule(row)}")
                for row in rows
            ],
            "Measured here": [_ours(row) for row in rows],
            "Verdict": [_label(row.verdict) for row in rows],
            "Runs": [_runs(row) for row in rows],
        }
    )  # fmt: skip


def _two_lines(first: str, second: str) -> Markup:
    return Markup(f"{escape(first)}<br><small>{escape(typeset(second))}</small>", first)


def _by_our_rule(row: Row) -> str:
    """What our statistic and rule say of the printed cells."""
    found = row.of_printed
    if found is None:
        return ""
    would = verdict(found, row.claim.margin)
    return (
        f". By our statistic and rule: {shown(found)}, {would}"
    )


def shown(found: Measured) -> str:
    """A statistic of ours with its interval and unit."""
    return f"{with_interval(found.value, found.low, found.high, found.digits, found.sign)} {found.unit}"


def _ours(row: Row) -> Markup:
    found = row.ours
    if not isinstance(found, Measured):
        return Markup(f'<span class="panda-none">none</span>: {escape(found.reason)}', "")
    margin = f"; must exceed {cell(row.claim.margin, 0)}" if row.claim.margin else ""
    text = shown(found)
    against = "; the whole interval speaks against the claim" if row.against else ""
    small = f"{escape(found.words)}{margin}{against}<br>{escape(found.scope)}"
    if row.turned:
        small += f"<br>{escape(without_one(row))}"
    return Markup(f"{text}<br><small>{small}</small>", found.value)


SIDES = {"for": "supported", "open": "open", "against": "against the claim"}


def without_one(row: Row) -> str:
    """What the rest says and the value that says it; targets that turn it the same way, each for itself, together."""
    digits, parts = row.ours.digits, []
    for side, words in SIDES.items():
        rests = [rest for rest in row.turned if row.side(rest) == side]
        titles = ", ".join(get_task(rest.target).title for rest in rests)
        if len(rests) == 1:
            (rest,) = rests
            parts.append(f"without {titles}: {words}, {with_interval(rest.value, rest.low, rest.high, digits)}")
        elif rests:
            ends = (pick(rest.value for rest in rests) for pick in (min, max))
            values = " to ".join(dict.fromkeys(cell(end, digits, True) for end in ends))
            parts.append(f"without any one of {titles}: {words}, {values}")
    return "; ".join(parts)


def _runs(row: Row) -> Markup:
    if not isinstance(row.ours, Measured):
        return Markup("–", 0)
    ids = row.ours.runs
    return Markup(f"<details><summary>{len(ids)}</summary><small>{' '.join(ids)}</small></details>", len(ids))
