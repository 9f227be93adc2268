"""Printed and measured numbers of an exhibit side by side, as data frames and heatmap layers."""

from collections.abc import Iterator, Sequence
from statistics import fmean as mean

import pandas as pd

from panda_core.paper import printed
from panda_core.paper.audit.names import METHODS as TITLES
from panda_core.plms.registry import PLMS
from panda_core.report.html import Layer, Markup, cell, number, with_interval
from panda_core.report.measured import SAME_RUN, SAME_TARGET, paired, same_seeds
from panda_core.report.replicates import mean_of
from panda_core.resampling import interval
from panda_core.store import Store
from panda_core.tasks import TABLE_1, TASKS, get_task

MEASURED_TITLES = {**TITLES, "prompt-tuning": "Lester et al."}
SHOWN = {"vanilla-pot": "vanilla PoT", "panda": "PANDA"}
NONE = "p-tuning-v2"
WORDS = {**SHOWN, NONE: "no transfer"}
GAPS = (("panda", "vanilla-pot"), ("panda", NONE), ("vanilla-pot", NONE))
ALONE = {"model-tuning": "model-tuning", "prompt-tuning-lester": "prompt-tuning", "p-tuning-v2": "p-tuning-v2"}
# The PLMs of our own runs have long titles, which the columns of a table have no room for.
SHORT = {"minilm-l3": "MiniLM-L3", "minilm-l6": "MiniLM-L6"}


def source_title(name: str) -> str:
    """A source task, with what it stands in for; "no transfer" for none."""
    if not name:
        return "no transfer"
    task = get_task(name)
    return f"{task.title} (for {get_task(task.stands_in_for).title})" if task.stands_in_for else task.title


def plm_title(name: str) -> str:
    """A short title of a PLM of the registry, or the name as it is."""
    return SHORT.get(name) or (PLMS[name].title if name in PLMS else name)


def source_order(names: Sequence[str]) -> list[str]:
    """Sources in the order of Table I, each followed by its stand-ins."""
    place = {name: number for number, name in enumerate(TABLE_1)}
    return sorted(names, key=lambda name: (place.get(TASKS[name].stands_in_for or name, 99), name not in place, name))


def with_stand_ins(sources: Sequence[str], runs: pd.DataFrame) -> list[str]:
    """The sources in their order, each followed by those that were run in its place."""
    run = sorted(name for name in runs["source"].unique() if name in TASKS)
    return [name for source in sources for name in (source, *(x for x in run if TASKS[x].stands_in_for == source))]


def score_layers(plm: str, runs: pd.DataFrame, targets: Sequence[str] = printed.TARGETS) -> list[Layer]:
    """Heatmap layers of a transfer grid: printed on `plm` and measured on every PLM at hand; scores, then gains."""
    note = printed.title(printed.GRIDS[plm])
    return [*_layers("as printed", plm, _printed_cells(plm), targets, note), *_measured_layers(runs, targets)]


def _measured_layers(runs: pd.DataFrame, targets: Sequence[str]) -> Iterator[Layer]:
    for plm, part in runs.groupby("plm"):
        of, cells = dict(list(part.groupby("method"))), {}
        for first, second in GAPS:
            if {first, second} <= of.keys():
                pairs = paired(of[first], of[second], SAME_TARGET if second == NONE else SAME_RUN)
                cells[first, second] = _by_cell(pairs.assign(score=pairs["score"] - pairs["score_2"]))
        cells |= {(name,): _by_cell(of[name]) for name in SHOWN if name in of}
        yield from _layers("measured here", plm, cells, targets, "mean of the seeds")


def _by_cell(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.pivot_table(index="source", columns="target", values="score")


def _printed_cells(plm: str) -> dict[tuple[str, ...], pd.DataFrame]:
    grid = printed.grid()
    grid = grid[(grid["plm"] == plm) & (grid["target"] != printed.AVERAGE)]
    score = {name: _by_cell(part.assign(score=part["value"])) for name, part in grid.groupby("method")}
    gaps = {
        (first, second): score[first] - (score[second].loc[""] if second == NONE else score[second])
        for first, second in GAPS
    }
    return gaps | {(name,): score[name] for name in SHOWN}


def _layers(
    where: str, plm: str, cells: dict[tuple[str, ...], pd.DataFrame], targets: Sequence[str], note: str
) -> Iterator[Layer]:
    """Differences of two methods and scores of one, from cells [source, target] by the methods' names."""
    sources = source_order({*TABLE_1, *(source for frame in cells.values() for source in frame.index)} - {""})
    index = [source_title(name) for name in sources]
    columns = [get_task(target).title for target in targets]
    for key, frame in cells.items():
        values = frame.reindex(index=sources, columns=list(targets)).astype(float)
        values = values.set_axis(index).set_axis(columns, axis=1)
        if values.notna().any(axis=None):
            gap = len(key) == 2
            name = " less ".join(WORDS[each] for each in key) if gap else f"{WORDS[key[0]]}, score"
            about = f"{plm_title(plm)}, {where} ({note}), {'points' if gap else 'percent'}."
            yield Layer((where, plm_title(plm), name), values, gap, note=about)


def averages(runs: pd.DataFrame, store: Store, targets: Sequence[str] = printed.TARGETS) -> pd.DataFrame:
    """Mean over the targets of every PLM, method, variant and source that was run to all of them.

    plm, method, variant, source, targets (how many were run), seeds (the fewest of a target), score and its replicates
    `vector` (both missing where targets are).
    """
    lines = []
    for key, part in runs.groupby(["plm", "method", "variant", "source"]):
        part = part[part["target"].isin(targets)]
        done = part["target"].nunique()
        score, vector = mean_of(part, store) if done == len(targets) else (None, None)
        seeds = int(part.groupby("target")["seed"].nunique().min()) if done else 0
        lines.append((*key, done, seeds, score, vector))
    return pd.DataFrame(lines, columns=["plm", "method", "variant", "source", "targets", "seeds", "score", "vector"])


def without_transfer(plm: str, runs: pd.DataFrame, targets: Sequence[str] = printed.TARGETS) -> pd.DataFrame:
    """The rows of a grid that need no source: method by target, printed on `plm` and measured on every PLM at hand."""
    lines = []
    for method in ALONE:
        values = [printed.cell(plm, method, target) for target in (*targets, printed.AVERAGE)]
        lines.append((MEASURED_TITLES[method], f"{plm_title(plm)}, as printed", *values))
    alone = runs[(runs["source"] == "") & runs["target"].isin(targets)]
    for own, part in same_seeds(alone, ("method", "target")).groupby("plm"):
        for method, ours in ALONE.items():
            scores = part[part["method"] == ours].groupby("target")["score"].mean().reindex(targets)
            average = scores.mean() if scores.notna().all() else None
            lines.append((MEASURED_TITLES[method], f"{plm_title(own)}, measured here", *scores, average))
    names = [get_task(target).title for target in targets]
    return pd.DataFrame(lines, columns=["Method", "PLM", *names, "Average"])


def average_rows(
    plms: Sequence[str], runs: pd.DataFrame, store: Store, sources: Sequence[str] = TABLE_1
) -> pd.DataFrame:
    """The table of row averages: printed, the mean over `plms`, beside measured, columns for every PLM at hand.

    The two methods are averaged over the seeds that both were run with, so that their difference is one of pairs.
    """
    both = same_seeds(runs[runs["method"].isin(SHOWN)], ("method",), ("plm", "source", "target"))
    found = averages(both, store).set_index(["plm", "method", "source"])
    names = ["Printed: vanilla PoT", "Printed: PANDA", "Printed: gain"]
    lines = []
    for source in with_stand_ins(sources, runs):
        line: dict[str, object] = {"Source": source_title(source)}
        gain = None
        if source in sources:
            vanilla, panda = (mean(printed.cell(plm, method, source=source) for plm in plms) for method in SHOWN)
            gain = panda - vanilla
            line |= dict(zip(names, (vanilla, panda, _signed(gain)), strict=True))
        else:
            line |= dict.fromkeys(names, Markup("–"))
        for own in sorted(runs["plm"].unique()):
            line |= _measured_columns(own, source, found, gain)
        lines.append(line)
    return pd.DataFrame(lines)


def _measured_columns(plm: str, source: str, found: pd.DataFrame, gain: float | None) -> dict[str, object]:
    ends = ("vanilla PoT", "PANDA", "gain (95 % interval)", "its gain less the printed one")
    names = [f"{plm_title(plm)}: {end}" for end in ends]
    both = [found.loc[(plm, method, source)] if (plm, method, source) in found.index else None for method in SHOWN]
    columns = [_partial(each) for each in both]
    if any(each is None or pd.isna(each["score"]) for each in both):
        return dict(zip(names, [*columns, None, None], strict=True))
    value, vector = both[1]["score"] - both[0]["score"], both[1]["vector"] - both[0]["vector"]
    low, high = interval(vector)
    columns.append(Markup(with_interval(value, low, high), value))
    less = None if gain is None else Markup(with_interval(value - gain, low - gain, high - gain), value - gain)
    return dict(zip(names, [*columns, Markup("–") if less is None else less], strict=True))


def _partial(found: pd.Series | None) -> object:
    """A measured average, how many targets there are so far, or nothing."""
    if found is None:
        return None
    if pd.isna(found["score"]):
        return Markup(f'<span class="panda-none">{found["targets"]} of {len(printed.TARGETS)} targets</span>', "")
    return Markup(f"{cell(found['score'])} <small>({number(found['seeds'], 'seed')})</small>", found["score"])


def _signed(value: float) -> Markup:
    return Markup(cell(value, 1, True), round(value, 3))


def printed_by_plm(exhibit: str) -> pd.DataFrame:
    """Table III as printed: a row for each source or method without transfer, two columns for each PLM."""
    frame = printed.values(exhibit)
    lines = []
    for (method, source), part in frame.assign(
        method=frame["method"].where(frame["source"] == "", ""), as_is=frame["method"]
    ).groupby(["method", "source"], sort=False):
        line: dict[str, object] = {"Source": f"from {source_title(source)}" if source else MEASURED_TITLES[method]}
        for plm, values in part.groupby("plm", sort=False):
            known = values.set_index("as_is")["value"]
            for name, title in SHOWN.items():
                line[f"{plm_title(plm)}: {title}"] = known.get(name, known.get(method))
        lines.append(line)
    return pd.DataFrame(lines)


def printed_by_target(exhibit: str) -> pd.DataFrame:
    """Table XI as printed: a row for each PLM and method, a column for each target."""
    frame = printed.values(exhibit)
    wide = frame.pivot_table(index=["plm", "method"], columns="target", values="value", sort=False)
    targets = [name for name in wide.columns if name != printed.AVERAGE]
    names = pd.DataFrame(
        {"PLM": [plm_title(plm) for plm, _ in wide.index], "Method": [MEASURED_TITLES[m] for _, m in wide.index]}
    )
    values = wide[[*targets, printed.AVERAGE]].rename(columns={name: get_task(name).title for name in targets})
    return pd.concat([names, values.reset_index(drop=True)], axis=1)
