"""Exhibits that compare methods or variants on a mean over the targets: Tables IV to VII and XI, Figures 1, 2, 4, 6."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from panda_core.experiments import EXPERIMENTS
from panda_core.paper import printed
from panda_core.report.comparison import MEASURED_TITLES, plm_title, source_title, with_stand_ins
from panda_core.report.html import Markup, cell, number, with_interval
from panda_core.report.replicates import mean_of
from panda_core.resampling import interval
from panda_core.store import Store

# How the paper words a variant; the declared settings are the keys.
ON_TOP = {"adapter": "on adapters", "mlp-prefix": "on prefix-tuning"}
WORDS = {
    "random": "random prompt", "source": "source prompt", "target-like": "target-like prompt",
    "constant": "constant (ones)", "e-avg": "E_avg metric", "on": "ON metric", "ours": "our metric",
    "ce": "CE", "kl": "KL", "mse": "MSE", **ON_TOP,
}  # fmt: skip


@dataclass(frozen=True)
class Group:
    """A row: a method or a variant of it, from one source or from all of the exhibit's together ("")."""

    method: str
    variant: str = ""
    source: str = ""

    def label(self, exhibit: str) -> str:
        """Its name in the table."""
        name = MEASURED_TITLES.get(self.method, self.method)
        if self.variant:
            kind = {"figure-04": "lambda = ", "figure-02": "initialised: "}.get(exhibit, "")
            word = self.variant if kind else WORDS.get(self.variant, self.variant)
            name = f"{name}, {kind}{word}"
        return f"{name}, from {source_title(self.source)}" if self.source else name


def groups(exhibit: str, sources: Sequence[str] = ("",)) -> list[Group]:
    """The rows of an exhibit, from its declaration: once, or once for each of `sources`."""
    names = [(use.method, "+".join(use.settings.values())) for use in EXPERIMENTS[exhibit].uses]
    return [Group(method, variant, source) for source in sources for method, variant in names]


def printed_value(exhibit: str, group: Group, plm: str) -> float | None:
    """What the paper prints for a row on one PLM, None where it prints nothing."""
    if exhibit not in printed.FILES:
        return None
    frame = printed.values(exhibit)
    frame = frame[(frame["plm"] == plm) & (frame["method"] == group.method)]
    if exhibit in ("table-05", "table-06", "table-07") and group.variant:
        frame = frame[frame["variant"] == WORDS[group.variant]]
    if group.source:
        frame = frame[frame["source"] == group.source]
    frame = frame[frame["target"] == printed.AVERAGE]
    return float(frame["value"].iloc[0]) if len(frame) == 1 else None


def rows(exhibit: str, runs: pd.DataFrame, store: Store) -> pd.DataFrame:
    """The table: printed and measured mean of every row, and its difference to the base row of `SHOWN`.

    Measured columns use the seeds and sources that all rows at hand have finished and have intervals. Where
    differences are printed, a last column per PLM takes their mean over the paper's PLMs from ours.
    """
    experiment, shown = EXPERIMENTS[exhibit], SHOWN[exhibit]
    digits = shown.digits
    beside = "the printed one" if len(experiment.plms) == 1 else "the mean of the printed ones"
    found = means(exhibit, runs, store)
    lines = []
    for group in _rows(exhibit, runs):
        anchor = anchor_of(shown.base, group)
        line: dict[str, object] = {"Row": group.label(exhibit)}
        differences = []
        for plm in experiment.plms:
            own, other = (printed_value(exhibit, each, plm) for each in (group, anchor))
            line[f"printed: {plm_title(plm)}"] = "–" if own is None else Markup(cell(own, digits), own)
            if own is not None and other is not None and group != anchor:
                differences.append(own - other)
                line[f"printed: {plm_title(plm)}"] = Markup(
                    f"{cell(own, digits)} <small>({cell(own - other, digits, True)})</small>", own
                )
        for plm, measured in found.items():
            own, other = measured.get(group), measured.get(anchor)
            line[f"measured: {plm_title(plm)}"] = _markup(own, None if group == anchor else other, digits)
            line[f"{plm_title(plm)}: its difference less {beside}"] = _less(own, other, differences, digits)
        lines.append(line)
    frame = pd.DataFrame(lines)
    return frame.drop(columns=[name for name in frame if frame[name].map(lambda shown: shown == "–").all()])


def anchor_of(base: Group, group: Group) -> Group:
    """The row that a row is compared with: `base`, from the same source."""
    return Group(base.method, base.variant, group.source)


Mean = tuple[float, np.ndarray, int] | str


def means(exhibit: str, runs: pd.DataFrame, store: Store) -> dict[str, dict[Group, Mean]]:
    """What was measured of every row, by PLM: see `_measured`."""
    wanted, targets = _rows(exhibit, runs), EXPERIMENTS[exhibit].targets
    return {plm: _measured(part, store, wanted, targets) for plm, part in runs.groupby("plm")}


def _rows(exhibit: str, runs: pd.DataFrame) -> list[Group]:
    if not SHOWN[exhibit].by_source:
        return groups(exhibit)
    return groups(exhibit, with_stand_ins(EXPERIMENTS[exhibit].sources, runs))


def _measured(part: pd.DataFrame, store: Store, wanted: list[Group], targets: tuple[str, ...]) -> dict[Group, Mean]:
    """For every row with runs: mean, replicates and seeds; or a few words on why there is no mean yet.

    A source counts at a seed once all its targets are done in every row that has a source done, so that a grid that is
    under way gives no mean over uneven pairs.
    """
    # Several sources at once are no source that rows of one source could share.
    part = part.assign(single=part["source"].mask(part["source"].str.contains("+", regex=False), ""))
    chosen = {group: _select(part, group) for group in wanted}
    done = {
        group: frame.groupby(["single", "seed"])["target"].nunique() for group, frame in chosen.items() if len(frame)
    }
    whole = {group: set(count.index[count == len(targets)]) for group, count in done.items()}
    pairs = _common({block for block in blocks if block[0]} for group, blocks in whole.items() if not group.source)
    seeds = _common([*({seed for _, seed in blocks} for blocks in whole.values()), {seed for _, seed in pairs}])
    found: dict[Group, Mean] = {}
    for group, count in done.items():
        blocks = {
            (source, seed)
            for source, seed in whole[group]
            if seed in seeds and (group.source or not source or (source, seed) in pairs)
        }
        frame = chosen[group]
        kept = frame[[block in blocks for block in zip(frame["single"], frame["seed"], strict=True)]]
        found[group] = (*mean_of(kept, store), kept["seed"].nunique()) if blocks else _unfinished(count, targets)
    return found


def _unfinished(count: pd.Series, targets: tuple[str, ...]) -> str:
    """Why a row has no mean, from the targets done by source and seed."""
    most = int(count.max())
    return "done, but not beside the other rows" if most == len(targets) else f"{number(most, 'target')} so far"


def _common(sets: Iterable[set]) -> set:
    """What all sets hold that are not empty."""
    sets = [each for each in sets if each]
    return set.intersection(*sets) if sets else set()


def _select(part: pd.DataFrame, group: Group) -> pd.DataFrame:
    frame = part[(part["method"] == group.method) & (part["variant"] == group.variant)]
    return frame[frame["source"] == group.source] if group.source else frame


def _markup(own: Mean | None, base: Mean | None, digits: int) -> object:
    """The mean of a row with its interval, and the difference to the row `base`, where there is one."""
    if own is None:
        return None
    if isinstance(own, str):
        return Markup(f'<span class="panda-none">{own}</span>', "")
    score, vector, seeds = own
    low, high = interval(vector)
    spread = f"{cell(low, digits)} to {cell(high, digits)}; {number(seeds, 'seed')}"
    text = f"{cell(score, digits)} <small>({spread})</small>"
    if isinstance(base, tuple):
        difference = vector - base[1]
        text += f"<br><small>{with_interval(score - base[0], *interval(difference), digits)}</small>"
    return Markup(text, round(score, 4))


def _less(own: Mean | None, base: Mean | None, printed_differences: list[float], digits: int) -> object:
    """The measured difference of a row to the base less the mean of the printed ones, with its interval."""
    if not printed_differences:
        return "–"
    if not (isinstance(own, tuple) and isinstance(base, tuple)):
        return None
    wanted = float(np.mean(printed_differences))
    low, high = interval(own[1] - base[1] - wanted)
    value = own[0] - base[0] - wanted
    return Markup(with_interval(value, low, high, digits), round(value, 4))


@dataclass(frozen=True)
class Shown:
    """How an exhibit is shown: the row that differences are to, the two variants that a sentence compares."""

    base: Group
    compared: tuple[str, str] | None = None
    by_source: bool = False
    digits: int = 1


SHOWN = {
    "table-04": Shown(Group("p-tuning-v2")),
    "table-05": Shown(Group("vanilla-pot"), ("target-like", "source")),
    "table-06": Shown(Group("panda", "constant"), ("ours", "constant")),
    "table-07": Shown(Group("panda", "mse"), ("mse", "kl"), by_source=True, digits=2),
    "table-11": Shown(Group("p-tuning-v2")),
    "figure-02": Shown(Group("p-tuning-v2")),
    "figure-04": Shown(Group("panda", "0.05"), ("0.05", "5"), digits=2),
    "figure-06": Shown(Group("p-tuning-v2")),
}


def curve(runs: pd.DataFrame, store: Store) -> pd.DataFrame:
    """Figure 4: the means of its table by lambda (rows) and PLM (columns), where two weights or more have one."""
    columns = {
        plm_title(plm): {float(group.variant): mean[0] for group, mean in found.items() if isinstance(mean, tuple)}
        for plm, found in means("figure-04", runs, store).items()
    }
    return pd.DataFrame({plm: points for plm, points in columns.items() if len(points) > 1}).sort_index()
