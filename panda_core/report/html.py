"""Tables and heatmaps of the pages as HTML that reads without a script; book/_static/exhibits.js adds the rest.

A heatmap is itself a table with numbers in its cells, so that nothing is said by colour alone.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape

import pandas as pd

from panda_core.intervals import LEAST_UNITS, t_interval

NOT_RUN = "not run"
LONG = 60  # lines; a longer table scrolls in a box of its own
SHORT = 24  # characters; a shorter text is kept in one line
TIERS = {
    "smoke": "tier smoke: a very short training, too short to compare methods",
    "reduced": "tier reduced: measured here with a stated step budget",
    "full": "tier full: the paper's schedule",
}


def badge(kind: str, text: str) -> str:
    """One label of a page, in the colour of its kind."""
    return f'<span class="panda-badge {kind}">{escape(text)}</span>'


def code_words(commit: str | None, dirty: bool | None) -> str:
    """The code of a run as a page names it: twelve digits of its commit, and whether it was changed since."""
    return commit[:12] + (" with changes" if dirty else "") if commit else "not from a checkout"


def cell(value, digits: int = 1, sign: bool = False) -> str:
    """A number as a page shows it; `NOT_RUN` for none, text as it is."""
    if isinstance(value, str):
        return escape(value)
    if value is None or pd.isna(value):
        return f'<span class="panda-none">{NOT_RUN}</span>'
    value = round(float(value), digits) + 0.0  # no negative zero
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    return text.replace("-", "−")


def number(count: int, word: str) -> str:
    """A count with its word, e.g. "1 run" or "1,080 runs"."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def from_to(counts: pd.Series) -> str:
    """The least and the greatest count, e.g. "1 to 3"; once where they are equal."""
    least, most = counts.min(), counts.max()
    return f"{least}" if least == most else f"{least} to {most}"


def typeset(text: str) -> str:
    """Words with the sign of their negative numbers written as a minus."""
    return re.sub(r"(?<![\w.])-(?=\d)", "−", text)


def with_interval(value: float, low: float, high: float, digits: int = 1, sign: bool = True) -> str:
    """A difference with its 95 % interval, e.g. "+1.2 (−0.3 to +2.8)"; what is no difference without plus signs."""
    return f"{cell(value, digits, sign)} ({_end(low, digits, sign)} to {_end(high, digits, sign)})"


def _end(value: float, digits: int, sign: bool) -> str:
    """The end of an interval; with up to two more digits where rounding would hide on which side of zero it lies."""
    return cell(value, next((more for more in range(digits, digits + 3) if round(value, more)), digits), sign)


@dataclass(frozen=True)
class Markup:
    """HTML that a table takes as it is; `key` is what its column is sorted by."""

    html: str
    key: float | str = ""


def mean_with_interval(values: pd.Series, digits: int = 1, least: int = LEAST_UNITS, sign: bool = True) -> Markup:
    """The mean with its 95 % t interval; of fewer values than `least` the mean alone."""
    if values.empty:
        return Markup(cell(None))
    mean = float(values.mean())
    whole = len(values) >= least
    return Markup(with_interval(mean, *t_interval(values), digits, sign) if whole else cell(mean, digits, sign), mean)


def table(frame: pd.DataFrame, caption: str, filters: Sequence[str] = ()) -> str:
    """A sortable table. Cells are text, numbers or `Markup`; `filters` are columns that a reader can choose by."""
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in frame.columns)
    rows = "".join(f"<tr>{''.join(map(_td, line))}</tr>" for line in frame.itertuples(index=False))
    if frame.empty:
        rows = f'<tr><td colspan="{len(frame.columns)}">{cell(None)}</td></tr>'
    chosen = escape(json.dumps([list(frame.columns).index(name) for name in filters]))
    tall, sortable = " panda-tall" if len(frame) > LONG else "", "" if frame.empty else " panda-sortable"
    return (
        f'<div class="panda-table{tall}" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="panda-grid{sortable}" data-filters="{chosen}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _td(value) -> str:
    if isinstance(value, Markup):
        key = "" if pd.isna(value.key) else value.key
        return f'<td data-key="{escape(str(key))}">{value.html}</td>'
    if value == "–":  # nothing to sort by, as where nothing was run
        return '<td data-key="">–</td>'
    if isinstance(value, str):
        kind = ' class="panda-short"' if len(value) <= SHORT else ""
        return f"<td{kind}>{escape(value)}</td>"
    if value is None or pd.isna(value):
        return f'<td data-key="">{cell(None)}</td>'
    digits = 0 if isinstance(value, int) else 1
    return f'<td data-key="{value}">{cell(value, digits)}</td>'


@dataclass(frozen=True)
class Layer:
    """One view of a heatmap: rows and columns of numbers (NaN: not run), shown around 0 (`diverging`) or from low to
    high. `choice` names it, one word per menu; `note` is the sentence below it."""

    choice: tuple[str, ...]
    values: pd.DataFrame
    diverging: bool = False
    digits: int = 1
    note: str = ""


def heatmap(layers: Sequence[Layer], menus: Sequence[str], caption: str, corner: str) -> str:
    """A table coloured by value with a menu for each part of the layers' choice; the first layer is shown at first.

    Numbers are rounded here, so that the script, which rounds halves in another way, shows the same.
    """
    layers = [replace(layer, values=layer.values.map(partial(_rounded, digits=layer.digits))) for layer in layers]
    data = {
        "menus": list(menus),
        "layers": [
            {
                "choice": layer.choice, "rows": list(layer.values.index), "columns": list(layer.values.columns),
                "values": [[None if pd.isna(v) else float(v) for v in line] for line in layer.values.to_numpy()],
                "diverging": layer.diverging, "digits": layer.digits, "note": layer.note,
            }
            for layer in layers
        ],
    }  # fmt: skip
    text = json.dumps(data, ensure_ascii=False, allow_nan=False).replace("</", "<\\/")
    first = layers[0]
    return (
        f'<div class="panda-heatmap"><script type="application/json">{text}</script>'
        f'<div class="panda-menus"></div>'
        f'<div class="panda-table" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="panda-grid"><caption>{escape(caption)}</caption>{_heat_rows(first, corner)}</table></div>'
        f'<p class="panda-note" aria-live="polite">{escape(first.note)}</p></div>'
    )


def _rounded(value: float, digits: int) -> float:
    return round(float(value), digits) + 0.0  # no negative zero


def _heat_rows(layer: Layer, corner: str) -> str:
    """Head and body of the first layer; the script draws the others by the same rule."""
    values = layer.values
    known = values.stack().dropna()
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in values.columns)
    body = []
    for name, line in values.iterrows():
        cells = "".join(
            f"<td{shade(v, low, high, layer.diverging)}>{cell(v, layer.digits, layer.diverging)}</td>" for v in line
        )
        body.append(f'<tr><th scope="row">{escape(str(name))}</th>{cells}</tr>')
    return f'<thead><tr><th scope="col">{escape(corner)}</th>{head}</tr></thead><tbody>{"".join(body)}</tbody>'


def shade(value: float, low: float, high: float, diverging: bool) -> str:
    """The style of a heatmap's cell: a tint whose strength follows the square root of the value, so that a few large
    ones leave the others visible; nothing where there is no value."""
    if pd.isna(value):
        return ""
    if diverging:
        widest = max(abs(low), abs(high)) or 1.0
        kind, strength = ("up" if value >= 0 else "down"), abs(value) / widest
    else:
        kind, strength = "up", (value - low) / (high - low) if high > low else 0.0
    return f' class="heat-{kind}" style="--heat:{50 * strength**0.5:.0f}%"'
