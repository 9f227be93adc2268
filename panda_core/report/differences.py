"""Where the paper, the released code and this project differ, each point with its effect as measured here."""

import re
import shlex
from html import escape
from itertools import pairwise
from pathlib import Path

import pandas as pd
import yaml

import panda_core.paper
from panda_core.methods import METHODS
from panda_core.paper.claims import Measured
from panda_core.paper.claims.effects import by_target, of_pairs, scope
from panda_core.report import measured
from panda_core.report.html import Markup, cell, with_interval
from panda_core.report.measured import SAME_RUN, paired
from panda_core.runs import command, make_spec
from panda_core.store import Store

EFFECT = "Effect of the other reading here (points)"
FILE = Path(panda_core.paper.__file__).with_name("differences.yml")


def points() -> list[dict]:
    """The points as data: topic, paper, code, here, `settings` or `preset` where measurable."""
    found = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for point in found:
        if point.get("preset"):
            point["settings"] = preset_settings()
    return found


def preset_settings() -> dict[str, str]:
    """What the preset `released-code` changes in a run of PANDA."""
    spec = make_spec(plm="minilm-l6", method="panda", sources=("mnli",), target="cb", protocol="released-code")
    words = shlex.split(command(spec))
    return dict(word.split("=", 1) for flag, word in pairwise(words) if flag == "--set")


def effect(settings: dict[str, str], method: str, store: Store) -> Markup | None:
    """Runs with the settings less the same runs without them, mean over all pairs with its interval; None: not run."""
    runs = measured.comparable(measured.runs(store))
    runs = runs[runs["method"] == method]
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
    return Markup(f"{text}<br><small>{escape(scope(pairs, len(means)))}</small>", means.mean())


def how(point: dict) -> str:
    """The command that makes the runs with the other reading."""
    method = point.get("method", "panda")
    words = ["panda", "grid", point.get("experiment", "table-02"), "--plm", point.get("plm", "minilm-l3")]
    words += ["--data", "real", "--tier", "reduced", "--method", method]
    words += ["--source", "mnli"] if METHODS[method].sources == 1 else []
    if point.get("preset"):
        return shlex.join([*words, "--protocol", "released-code"])
    words += [word for path, value in point["settings"].items() for word in ("--set", f"{path}={value}")]
    return shlex.join(words)


def rows(store: Store) -> pd.DataFrame:
    """One line per point."""
    lines = []
    for point in points():
        line: dict[str, object] = {"Point": point["topic"]}
        line |= {
            name: _text(point[key]) for name, key in (("Paper", "paper"), ("Released code", "code"), ("Here", "here"))
        }
        line[EFFECT] = Markup("no single setting", "")
        if "settings" in point:
            found = effect(point["settings"], point.get("method", "panda"), store)
            shown = found.html if found else '<span class="panda-none">not measured yet</span>'
            command = f"<details><summary>command</summary><code>{escape(how(point))}</code></details>"
            line[EFFECT] = Markup(shown + command, found.key if found else "")
        lines.append(line)
    return pd.DataFrame(lines)


def _text(words: str) -> Markup:
    """Plain words, with names between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(words)), words)


def summary(store: Store) -> str:
    """How many points have been measured."""
    known = [p for p in points() if "settings" in p]
    found = sum(effect(p["settings"], p.get("method", "panda"), store) is not None for p in known)
    return f"{len(points())} points; {len(known)} of them are a setting, and the effect of {found} was measured so far."
