"""The page that sets every method side by side: scores, differences to P-Tuning v2, both presets, and a reading."""

from functools import lru_cache

import pandas as pd

from panda_core.experiments import Parameters
from panda_core.experiments.side_by_side import METHODS_SIDE_BY_SIDE
from panda_core.grid.dag import dag
from panda_core.methods import METHODS
from panda_core.report import measured
from panda_core.report.html import Markup, cell, number, with_interval
from panda_core.report.measured import SAME_RUN, SAME_TARGET, paired
from panda_core.report.reading import UNTAUGHT, teacher_weights
from panda_core.report.replicates import mean_difference, mean_of, replicates
from panda_core.report.variants import ON_TOP
from panda_core.resampling import interval
from panda_core.runs import RunSpec, run_id
from panda_core.store import Store
from panda_core.tasks import get_task

NAME = "methods"
PAPER, RELEASED = "paper", "released-code"
BASE = METHODS["p-tuning-v2"].title


@lru_cache(maxsize=1)
def declared() -> pd.DataFrame:
    """A line for each run that the page shows, whether it was made or not.

    `id`, `preset`, `row` (its name on the page), `target`, `variant` (preset or what is tuned, where unusual), and
    `needed`: the ids of the run and of everything that it starts from.
    """
    lines = []
    for experiment, given in METHODS_SIDE_BY_SIDE.parts:
        preset = given.protocol or PAPER
        for spec in (spec for block in experiment.blocks(given) for spec in block):
            on_top = spec.protocol.prompt.kind if spec.method == "panda" else ""
            variant = preset if preset != PAPER else on_top if on_top in ON_TOP else ""
            lines.append((run_id(spec), preset, _row(spec), spec.target, variant, tuple(dag([[spec]]))))
    return pd.DataFrame(lines, columns=["id", "preset", "row", "target", "variant", "needed"])


def _row(spec: RunSpec) -> str:
    name, titles = METHODS[spec.method].title, [get_task(source).title for source in spec.sources]
    if spec.method == "panda" and spec.protocol.prompt.kind in ON_TOP:
        name += f" {ON_TOP[spec.protocol.prompt.kind]}"
    if len(titles) > 1:
        return f"{name} from {len(titles)} sources"
    return f"{name} from {titles[0]}" if titles else name


def targets() -> list[str]:
    """The target tasks, in the order of the columns."""
    return list(declared()["target"].unique())


def runs(store: Store) -> pd.DataFrame:
    """The runs of the page that are in the store, lines of `measured.runs` with `preset`, `row` and `variant`.

    `whole` are the seconds of the run and of all that it starts from; NaN where a record is missing.
    """
    every = measured.runs(store)
    found = every.merge(declared()[["id", "preset", "row", "variant", "needed"]], on="id")
    trained = measured.trained_as(every)
    seconds = every.set_index("id")["seconds"]
    found["whole"] = [
        seconds.reindex(list({trained.get(key, key) for key in ids})).sum(skipna=False) for ids in found["needed"]
    ]
    return found.drop(columns="needed")


def about() -> str:
    """What the runs of the page share, in a sentence or two."""
    specs = [spec for block in METHODS_SIDE_BY_SIDE.blocks(Parameters()) for spec in block]
    (budget,) = {(spec.training.steps, spec.training.batch_size) for spec in specs}
    rates = sorted({spec.training.lr for spec in specs}, reverse=True)
    return (
        f"Each run trains for {budget[0]} steps of {budget[1]} examples on its target. The learning rate is that of "
        f"the tier for what is trained ({', '.join(f'{rate:g}' for rate in rates)}), chosen on source tasks."
    )


def _of(found: pd.DataFrame, row: str, preset: str = PAPER) -> pd.DataFrame:
    return found[(found["row"] == row) & (found["preset"] == preset)]


def _rows(preset: str) -> list[str]:
    frame = declared()
    return list(frame[frame["preset"] == preset]["row"].unique())


def scores(found: pd.DataFrame, store: Store) -> pd.DataFrame:
    """The large table: every method under the preset PAPER, its scores with intervals, and what it trains and takes."""
    lines = []
    for row in _rows(PAPER):
        own = _of(found, row)
        line: dict[str, object] = {"Method": row}
        for target in targets():
            line[_column(target)] = _score(own[own["target"] == target], store)
        line["Mean"] = _mean(own, store)
        line["Trained parameters"] = _parameters(own)
        line["Seconds on a target"] = _seconds(own)
        line["Seconds with all it starts from"] = _whole(own)
        lines.append(line)
    return pd.DataFrame(lines)


def _column(target: str) -> str:
    task = get_task(target)
    return f"{task.title} ({'Matthews' if task.metric == 'matthews' else task.metric})"


def _score(own: pd.DataFrame, store: Store) -> Markup | None:
    if own.empty:
        return None
    run = own.iloc[0]
    low, high = interval(replicates(run, store))
    spread = f"{cell(low)} to {cell(high)}" if low < high else "on every resample"
    return Markup(f"{cell(run['score'])} <small>({spread})</small>", run["score"])


def _mean(own: pd.DataFrame, store: Store) -> Markup | None:
    if own.empty:
        return None
    if len(own) < len(targets()):
        return Markup(f'<span class="panda-none">{len(own)} of {len(targets())} targets</span>')
    score, vector = mean_of(own, store)
    low, high = interval(vector)
    return Markup(f"{cell(score)} <small>({cell(low)} to {cell(high)})</small>", score)


def _parameters(own: pd.DataFrame) -> Markup | None:
    """How many numbers were trained: a range where the heads of the targets differ in size."""
    if own.empty:
        return None
    low, high = own["trainable_parameters"].min(), own["trainable_parameters"].max()
    return Markup(f"{low:,}" if low == high else f"{low:,} to {high:,}", int(high))


def _seconds(own: pd.DataFrame) -> object:
    """The mean over the runs that were trained; how many were not is said."""
    timed = own["seconds"].dropna()
    if len(timed) == len(own):
        return timed.mean() if len(own) else None
    note = f"<small>({len(own) - len(timed)} not trained again)</small>"
    return Markup(f"{cell(timed.mean())} {note}" if len(timed) else note, timed.mean() if len(timed) else 0.0)


def _whole(own: pd.DataFrame) -> object:
    if own.empty:
        return None
    known = own["whole"].mean(skipna=False)
    return Markup('<span class="panda-none">not known</span>') if pd.isna(known) else known


def differences(found: pd.DataFrame, store: Store) -> pd.DataFrame:
    """Every method less P-Tuning v2 on the same targets and the same resampled validation examples."""
    base = _of(found, BASE)
    rows = [row for row in _rows(PAPER) if row != BASE]
    return pd.DataFrame([{"Method": row} | _against(_of(found, row), base, store) for row in rows])


def presets(found: pd.DataFrame, store: Store) -> pd.DataFrame:
    """The runs that both presets define: their means, and RELEASED_CODE less PAPER on each target."""
    lines = []
    for row in _rows(RELEASED):
        paper, released = (_of(found, row, preset) for preset in (PAPER, RELEASED))
        line: dict[str, object] = {"Method": row, "PAPER: mean": _mean(paper, store)}
        line["RELEASED_CODE: mean"] = _mean(released, store)
        lines.append(line | {f"Change: {name}": v for name, v in _against(released, paper, store).items()})
    return pd.DataFrame(lines)


def _against(first: pd.DataFrame, second: pd.DataFrame, store: Store) -> dict[str, object]:
    """Differences of two rows of the page with intervals, by target and over all; None where one side was not run."""
    pairs = paired(first, second, SAME_TARGET)
    line: dict[str, object] = {}
    for target in targets():
        line[get_task(target).title] = _difference(pairs[pairs["target"] == target], store)
    line["Mean"] = _difference(pairs, store) if len(pairs) == len(targets()) else None
    return line


def _difference(pairs: pd.DataFrame, store: Store) -> Markup | None:
    if pairs.empty:
        return None
    if (pairs["equal_to"] == pairs["id_2"]).all():
        return Markup("0.0 <small>(the same run)</small>", 0.0)
    value, vector = mean_difference(pairs, store)
    low, high = interval(vector)
    if low == high:
        return Markup(f"{cell(value, 1, True)} <small>(on every resample)</small>", value)
    return Markup(with_interval(value, low, high), value)


def reading(found: pd.DataFrame, store: Store) -> str:
    """What was seen, as a list in Markdown, made from the numbers alone."""
    known = len(declared())
    if found.empty:
        return f"None of the {known} runs of this page was made yet, so there is nothing to read."
    made = f"All {known} runs were made." if len(found) == known else f"{len(found)} of {known} runs were made so far."
    weights = teacher_weights(_method(found, "panda"))
    points = [made, *_ranking(found, store), *_transfer(found, store), *weights, *_others(found, store)]
    return "\n".join(f"- {point}" for point in points)


def _ranking(found: pd.DataFrame, store: Store) -> list[str]:
    """Which methods differ from P-Tuning v2 in their mean over the targets."""
    base, means, differences = _of(found, BASE), {}, {}
    for row in _rows(PAPER):
        pairs = paired(_of(found, row), base, SAME_TARGET)
        if len(pairs) == len(targets()):
            means[row] = pairs["score"].mean()
            differences[row] = interval(mean_difference(pairs, store)[1])
    others = {row: ends for row, ends in differences.items() if row != BASE}
    if not others:
        return []
    best = max(means, key=means.get)
    than = "" if best == BASE else f"; {BASE} has {cell(means[BASE])}"
    above, below = [r for r, (low, _) in others.items() if low > 0], [r for r, (_, high) in others.items() if high < 0]
    left = len(others) - len(above) - len(below)
    return [
        f"Of the {len(means)} rows that were run on all targets, {best} has the highest mean: "
        f"{cell(means[best])}{than}.",
        f"The whole interval of the difference in the mean to {BASE} is above 0 for {_listed(above)}; below 0 for "
        f"{_listed(below)}. The other {left} of {len(others)} cannot be told from it. The intervals hold the choice of "
        "the validation examples, not that of the seed.",
    ]


def _listed(rows: list[str]) -> str:
    return ", ".join(rows) if rows else "none"


def _transfer(found: pd.DataFrame, store: Store) -> list[str]:
    """One source: transfer against none, and PANDA against vanilla transfer."""
    vanilla, panda, none = (_method(found, name) for name in ("vanilla-pot", "panda", "p-tuning-v2"))
    return _sentences(
        store,
        ("Vanilla transfer from one source less P-Tuning v2", vanilla, none, SAME_TARGET),
        ("PANDA from one source less P-Tuning v2", panda, none, SAME_TARGET),
        ("PANDA less vanilla transfer from the same source", panda, vanilla, SAME_RUN),
    )


def _others(found: pd.DataFrame, store: Store) -> list[str]:
    """Several sources against one, PANDA on top of other methods, and the presets against each other."""
    one = _method(found, "panda")
    several = [
        (f"{METHODS[name].title} less PANDA from each of its sources alone", _method(found, name), one, SAME_TARGET)
        for name in ("panda-early", "panda-late", "attempt", "sesom")
    ]
    on_top = [
        (f"PANDA on {words} less {words} alone", _method(found, "panda", kind), _method(found, alone), SAME_TARGET)
        for kind, (words, alone) in UNTAUGHT.items()
        if kind
    ]
    both = [
        (f"{METHODS[name].title} with RELEASED_CODE less the same with PAPER", _method(found, name, RELEASED),
         _method(found, name), SAME_RUN)
        for name in ("p-tuning-v2", "vanilla-pot", "panda")
    ]  # fmt: skip
    return _sentences(store, *several, *on_top, *both)


def _method(found: pd.DataFrame, method: str, variant: str = "") -> pd.DataFrame:
    return found[(found["method"] == method) & (found["variant"] == variant)]


def _sentences(store: Store, *compared: tuple[str, pd.DataFrame, pd.DataFrame, tuple[str, ...]]) -> list[str]:
    """One for each comparison that has pairs: its words, the mean difference, and whether it can be told from 0."""
    found = []
    for words, first, second, on in compared:
        pairs = paired(first, second, on)
        if pairs.empty:
            continue
        value, vector = mean_difference(pairs, store)
        low, high = interval(vector)
        sure = "not to be told from 0" if low <= 0 <= high else "beyond the choice of validation examples"
        found.append(f"{words}: {with_interval(value, low, high)} points over {number(len(pairs), 'pair')}, {sure}.")
    return found
