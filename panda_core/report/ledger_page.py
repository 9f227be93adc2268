"""The audit and the claim ledger as tables, and the sentence about the claims that the introduction quotes."""

from html import escape

import pandas as pd

from panda_core.intervals import LEAST_UNITS
from panda_core.paper import audit, printed
from panda_core.paper.audit import composition
from panda_core.paper.claims import Measured, Row, counts, verdict
from panda_core.plms.registry import PLMS
from panda_core.report.comparison import source_title
from panda_core.report.html import Layer, Markup, badge, cell, typeset, with_interval
from panda_core.report.reading import teacher_weights
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
    rest = rows.drop(rows.nlargest(3, "gain").index)["gain"].mean()
    collapsed = cells[cells["collapsed"]]
    share = 100 * collapsed["over_vanilla"].sum() / cells["over_vanilla"].sum()
    chosen = composition.choices()
    oracle = chosen["panda_oracle"] - chosen["vanilla_oracle"]
    words = (
        f"The headline is right: the 105 printed gains have a mean of **{rows['gain'].mean():.2f} points** and a "
        f"largest value of **{rows['gain'].max():.1f}**. They are points, not percent of the score. Half of them are "
        f"{rows['gain'].median():.1f} or less; without the three largest the mean is {rest:.2f}.\n\n"
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
        f". By our statistic and rule: {with_interval(found.value, found.low, found.high, found.digits)} {found.unit}, "
        f"{would}"
    )


def _ours(row: Row) -> Markup:
    found = row.ours
    if not isinstance(found, Measured):
        return Markup(f'<span class="panda-none">none</span>: {escape(found.reason)}', "")
    margin = f"; must exceed {cell(row.claim.margin, 0)}" if row.claim.margin else ""
    text = f"{with_interval(found.value, found.low, found.high, found.digits)} {found.unit}"
    against = "; the whole interval speaks against the claim" if row.against else ""
    small = f"{escape(found.words)}{margin}{against}<br>{escape(found.scope)}"
    if row.turned:
        small += f"<br>{escape(without_one(row))}"
    return Markup(f"{text}<br><small>{small}</small>", found.value)


def without_one(row: Row) -> str:
    """The other verdict and the value that gives it; targets that turn it each for itself share a line."""
    digits = row.ours.digits
    rests = sorted(row.turned, key=lambda rest: rest.value)
    titles = ", ".join(get_task(rest.target).title for rest in row.turned)
    least, most = rests[0], rests[-1]
    other = verdict(least, row.claim.margin)
    if len(rests) == 1:
        return f"without {titles}: {other}, {with_interval(least.value, least.low, least.high, digits)}"
    values = f"{cell(least.value, digits, True)} to {cell(most.value, digits, True)}"
    return f"without any one of {titles}: {other}, {values}"


def _runs(row: Row) -> Markup:
    if not isinstance(row.ours, Measured):
        return Markup("–", 0)
    ids = row.ours.runs
    return Markup(f"<details><summary>{len(ids)}</summary><small>{' '.join(ids)}</small></details>", len(ids))


def summary(rows: list[Row]) -> str:
    """The ledger in a few sentences; not supported is not the same as disproved."""
    found = counts(rows)
    again = [row for row in rows if row.of_printed]
    kept = sum(verdict(row.of_printed, row.claim.margin) == "supported" for row in again)
    few = [row for row in rows if row.verdict == "supported" and not row.ours.chance]
    counted = f" ({len(few)} of them by a mere count)" if few else ""
    holds = sum(row.printed.holds is True for row in rows)
    numbers = sum(row.printed.holds is not None for row in rows)
    below, against = sum(row.below for row in rows), sum(row.against for row in rows)
    return (
        f"Of {len(rows)} claims, {numbers} can be checked in the paper's own printed tables and {holds} hold there, "
        "read as printed, without intervals. The measurements of this book are held to a stricter rule, an interval "
        f"over the tasks: {found['supported']} are supported{counted}, {found['not supported']} are not supported, "
        f"and {found['not testable here']} are not testable here. Of the {found['not supported']}, {below} have their "
        f"whole interval below what the claim needs: {against} {'speaks' if against == 1 else 'speak'} against the "
        f"claim; {below - against} are shares or the least of several comparisons, whose intervals are too low by "
        f"construction. The others leave the claim open. Of the {len(again)} claims that the printed cells let us hold "
        f"to the same rule, it supports {kept} there."
    )


def chance(rows: list[Row]) -> str:
    """What so many intervals at once mean."""
    tested = [row.ours.chance for row in rows if isinstance(row.ours, Measured)]
    by_chance = sum(tested)
    return (
        f"{by_chance} claims are tested at once, without a correction. If none of them held, each would still look "
        f"supported with a probability of at most 2.5 %, so up to {0.025 * by_chance:.1f} of them on average by chance "
        f"alone. {len(tested) - by_chance} more are counts or ranges, without chance."
    )


def weight_of_teachers(panda: pd.DataFrame) -> str:
    """What the weight of the teachers in these runs means for the claims on teachers, losses and metrics."""
    words = teacher_weights(panda)
    if not words:
        return ""
    return (
        f"**How much a teacher weighs.** {words[0]} So it is nearly granted that two teachers, or two losses, do "
        "alike, and a claim that one of them does better can hardly be seen."
    )


def weight_of_one_target(rows: list[Row]) -> str:
    """How many verdicts hang on one target."""
    tested = [row for row in rows if isinstance(row.ours, Measured) and row.ours.without]
    parts = []
    for name in ("supported", "not supported"):
        known = [row for row in tested if row.verdict == name]
        turned = sum(bool(row.turned) for row in known)
        parts.append(f"{turned} of the {len(known)} that are {name}")
    return (
        f"Of the {len(tested)} claims whose statistic is a mean over more than {LEAST_UNITS} targets, each target was "
        f"left out once. That would turn the verdict of {parts[0]} and of {parts[1]}; their rows say which target."
    )
