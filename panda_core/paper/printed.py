"""The printed tables as tidy data frames. Values are numbers; `decimals` tells how precisely each was printed."""

from functools import lru_cache
from pathlib import Path

import pandas as pd

from panda_core.errors import unknown

FOLDER = Path(__file__).with_name("tables")
FILES = {
    path.stem[:8].replace("_", "-") if path.stem.startswith("table") else "figure-08": path
    for path in sorted(FOLDER.glob("*.csv"))
}
# The tables of all 21 sources and 9 targets, by PLM: the transfer grid.
GRIDS = {
    "bert-large": "table-02",
    "bert-base": "table-13",
    "bert-medium": "table-14",
    "bert-small": "table-15",
    "bert-tiny": "table-16",
}
AVERAGE = "Avg."
TARGETS = ("cb", "copa", "wsc", "rte", "wic", "cola", "mrpc", "stsb", "conll04")
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI")


def title(exhibit: str) -> str:
    """The paper's own name of an exhibit: "table-13" is "Table XIII", "figure-08" is "Figure 8"."""
    kind, number = exhibit.split("-")
    return f"Table {_ROMAN[int(number) - 1]}" if kind == "table" else f"Figure {int(number)}"


@lru_cache
def _texts(exhibit: str) -> pd.DataFrame:
    if exhibit not in FILES:
        raise unknown("printed table", exhibit, FILES)
    return pd.read_csv(FILES[exhibit], dtype=str, keep_default_na=False)


def texts(exhibit: str) -> pd.DataFrame:
    """A printed table with every cell as the text that the paper prints; a `UsageError` for an unknown exhibit."""
    return _texts(exhibit).copy()


def decimals(text: str) -> int:
    """Digits after the point: "79.0" has 1."""
    return len(text.partition(".")[2])


def half_unit(text: str) -> float:
    """How far the number behind a printed text may be from it: half a unit of its last digit."""
    return 0.5 * 10.0 ** -decimals(text)


def size(text: str) -> int:
    """A printed number of examples: "393K" is 393,000."""
    return int(text[:-1]) * 1000 if text.endswith("K") else int(text)


@lru_cache
def _grid() -> pd.DataFrame:
    parts = [texts(exhibit).assign(exhibit=exhibit) for exhibit in GRIDS.values()]
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(
        value=frame["score"].astype(float),
        gain=pd.to_numeric(frame["printed_gain"]),
        row=frame["row"].astype(int),
    )[["exhibit", "plm", "row", "method", "source", "target", "value", "gain"]]


def grid() -> pd.DataFrame:
    """Tables II and XIII to XVI: exhibit, plm, row, method, source, target, value, gain (on averages of PANDA)."""
    return _grid().copy()


def pairs() -> pd.DataFrame:
    """One line per PLM, source and target with both methods beside no transfer: none, vanilla, panda (percent)."""
    cells = grid().query("target != @AVERAGE")
    by = ["plm", "source", "target"]
    both = cells[cells["method"].isin(("vanilla-pot", "panda"))].pivot(index=by, columns="method", values="value")
    both = both.rename(columns={"vanilla-pot": "vanilla"}).reset_index().rename_axis(columns=None)
    none = cells[cells["method"] == "p-tuning-v2"][["plm", "target", "value"]].rename(columns={"value": "none"})
    return both.merge(none, on=["plm", "target"])[[*by, "none", "vanilla", "panda"]]


def averages() -> pd.DataFrame:
    """The printed averages of the grid tables: exhibit, plm, row, method, source, value, gain."""
    return grid().query("target == @AVERAGE").drop(columns="target").reset_index(drop=True)


def index(frame: pd.DataFrame) -> dict[tuple[str, str, str, str], float]:
    """(plm, method, target, source) -> value, of a frame like `grid()`."""
    keys = zip(frame["plm"], frame["method"], frame["target"], frame["source"], strict=True)
    return dict(zip(keys, frame["value"], strict=True))


@lru_cache
def _cells() -> dict[tuple[str, str, str, str], float]:
    return index(_grid())


def cell(plm: str, method: str, target: str = AVERAGE, source: str = "") -> float:
    """One printed value of the grid tables; a `KeyError` where the paper prints none."""
    return _cells()[plm, method, target, source]


def tasks() -> pd.DataFrame:
    """Table I: task, group, task_type, transfer_type, train_size, lr, batch_size, epochs, metric, cluster..."""
    frame = texts("table-01")
    return frame.assign(
        lr=frame["lr"].astype(float), batch_size=frame["batch_size"].astype(int), epochs=frame["epochs"].astype(int)
    )


def clusters() -> dict[str, str]:
    """The group of every task (Section IV-E), with the inferred ones."""
    return dict(tasks()[["task", "cluster_inferred"]].itertuples(index=False))


# Where each of the other tables keeps its value, and what tells its rows apart beside PLM, method and source.
_VALUES = {
    "table-03": ("score", None), "table-04": ("performance", "setting"), "table-05": ("score", "variant"),
    "table-06": ("score", "variant"), "table-07": ("score", "kd_loss"), "table-08": ("similarity", "n_samples"),
    "table-10": ("average_similarity_pct", "pair_type"), "table-11": ("score", None),
}  # fmt: skip


def values(exhibit: str) -> pd.DataFrame:
    """Any table of one number per line as exhibit, plm, method, variant, source, target, value, printed (the text)."""
    if exhibit in GRIDS.values():
        column, variant = "score", None
    elif exhibit in _VALUES:
        column, variant = _VALUES[exhibit]
    else:
        raise unknown("table of one number per line", exhibit, [*GRIDS.values(), *_VALUES])
    frame = texts(exhibit)
    if exhibit == "table-10":
        frame["method"] = frame["metric"]
    if exhibit == "table-08":
        frame["method"] = "ours"
    return pd.DataFrame(
        {
            "exhibit": exhibit,
            "plm": frame["plm"],
            "method": frame["method"],
            "variant": frame[variant] if variant else "",
            "source": frame.get("source", ""),
            "target": frame.get("target", AVERAGE),
            "value": frame[column].astype(float),
            "printed": frame[column],
        }
    )
