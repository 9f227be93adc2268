"""Where the paper, the released code and this project differ, each point with its effect as measured here."""

import re
import shlex
from collections.abc import Sequence
from html import escape

import pandas as pd

from panda_core.paper.claims import Measured
from panda_core.paper.claims.effects import by_target, of_pairs, scope
from panda_core.paper.differences import Point, points
from panda_core.report import measured
from panda_core.report.html import Markup, cell, number, with_interval
from panda_core.report.measured import SAME_RUN, paired
from panda_core.store import Store

EFFECT = "Effect of the other reading here (points)"


def effect(
    settings: dict[str, str], method: str, store: Store, sources: Sequence[str] | None = None
) -> Markup | None:
    """Runs with the settings less the same runs without them, mean over all pairs with its interval; None: not run.

    From the given sources, or from all.
    """
    runs = measured.comparable(measured.runs(store))
    chosen = True if sources is None else runs["source"].isin(sources)
    runs = runs[(runs["method"] == method) & chosen]
    changed, usual = (runs[measured.with_settings(runs, wanted)] for wanted in (settings, {}))
    pairs = paired(changed, usual, SAME_RUN)
    if pairs.empty:
        return None
    found, means = of_pairs(pairs, ""), by_target(pairs)
    text = (
        with_interval(found.value, found.low, found.high)
        if isinstance(found, Measured)
        else f"{cell(means.mean(), 1, True)}, too few targets for an interval"
    )
    moved = pairs.loc[pairs["score"] != pairs["score_2"], "target"].nunique()
    small = f"{scope(pairs, len(means))}; other scores on {number(moved, 'target')}"
    return Markup(f"{text}<br><small>{escape(small)}</small>", means.mean())


def how(point: Point) -> str:
    """The command that makes the runs with the other reading."""
    words = ["panda", "grid", point.experiment, "--plm", point.plm, "--data", "real", "--tier", "reduced"]
    words += ["--method", point.method, *(word for source in point.sources or () for word in ("--source", source))]
    words += ["--protocol", point.protocol] if point.protocol else []
    words += [word for path, value in point.settings.items() for word in ("--set", f"{path}={value}")]
    return shlex.join(words)


def rows(store: Store) -> pd.DataFrame:
    """One line per point."""
    lines = []
    for point in points():
        line: dict[str, object] = {"Point": point.topic, "Paper": _text(point.paper)}
        line |= {"Released code": _text(point.code), "Here": _text(point.here)}
        line[EFFECT] = Markup("no single setting", "")
        if point.measurable:
            found = effect(point.changes, point.method, store, point.sources)
            shown = found.html if found else '<span class="panda-none">not measured yet</span>'
            command = f"<details><summary>command</summary><code>{escape(how(point))}</code></details>"
            line[EFFECT] = Markup(shown + command, found.key if found else "")
        lines.append(line)
    return pd.DataFrame(lines)


def _text(words: str) -> Markup:
    """Plain words, with names between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words)), words)


def summary(found: pd.DataFrame) -> str:
    """How many of the points have been measured, from their `rows`."""
    settings = sum(point.measurable for point in points())
    known = sum(shown.key != "" for shown in found[EFFECT])
    return (
        f"{len(found)} points; {settings} of them are a setting, and the effect of {known} was measured so far. "
        "`panda grid differences` makes all their runs."
    )
