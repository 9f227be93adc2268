"""What the similarity exhibits show: heatmaps, means within and between types, correlations, chosen sources."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from panda_core.paper import printed
from panda_core.report.comparison import plm_title, source_title
from panda_core.report.html import Layer, Markup, cell, from_to, mean_with_interval, number, with_interval
from panda_core.report.similarity import METRICS, of_common_tasks, sources_of_targets
from panda_core.tasks import get_task

GAP = "Difference (95 % interval)"


def layers(found: dict[tuple[str, str], pd.DataFrame]) -> list[Layer]:
    """Heatmap layers, one for each PLM and metric."""
    shown = []
    for (plm, metric), values in sorted(found.items(), key=lambda item: (item[0][0], list(METRICS).index(item[0][1]))):
        names = [source_title(name) for name in values.index]
        note = f"{plm_title(plm)}, {METRICS[metric]}, {len(names)} tasks, cosine; real data."
        shown.append(
            Layer((plm_title(plm), METRICS[metric]), values.set_axis(names).set_axis(names, axis=1), True, 2, note)
        )
    return shown


def type_means(found: dict[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """Table X, printed and measured: mean similarity (times 100) of tasks of the same and of different types.

    On each PLM over the tasks that all of its metrics have; the paper does not say how many its means are over.
    The interval of a measured difference is a bootstrap over the tasks.
    """
    from panda_core.transferability.measure import type_gap_interval
    from panda_core.transferability.measure import type_means as means

    lines = []
    for (plm, metric), values in printed.values("table-10").groupby(["plm", "method"]):
        pair = values.set_index("variant")["value"]
        gap = pair["same"] - pair["different"]
        name = METRICS[metric.replace("_", "-")]
        shown = Markup(cell(gap, 1, True), gap)
        lines.append((f"{plm_title(plm)}, as printed", name, Markup("–"), pair["same"], pair["different"], shown))
    for (plm, metric), values in of_common_tasks(found).items():
        tasks = [get_task(name) for name in values.index]
        same, different = means(values.to_numpy(), tasks)
        if same is not None and different is not None:
            gap, ends = 100 * (same - different), (100 * end for end in type_gap_interval(values.to_numpy(), tasks))
            shown = Markup(with_interval(gap, *ends), gap)
            numbers = len(tasks), 100 * same, 100 * different, shown
            lines.append((f"{plm_title(plm)}, measured here", METRICS[metric], *numbers))
    return pd.DataFrame(lines, columns=["PLM", "Metric", "Tasks", "Same type", "Different types", GAP])


def correlations_by_target(found: dict[tuple[str, str], pd.DataFrame], runs: pd.DataFrame) -> pd.DataFrame:
    """Spearman's correlation of similarity and first-epoch vanilla PoT over the sources, a line per target.

    Targets with fewer than three sources, or with equal scores, are left out.
    """
    from panda_core.transferability.measure import rank_correlation

    lines = []
    for (plm, metric), target, values, part in _with_metrics(found, runs):
        scores = part.groupby("source")["first"].mean()
        value = rank_correlation(values[target], scores.to_dict())
        if value is not None:
            lines.append((plm, metric, target, len(scores), value))
    return pd.DataFrame(lines, columns=["plm", "metric", "target", "sources", "correlation"])


def _with_metrics(
    found: dict[tuple[str, str], pd.DataFrame], runs: pd.DataFrame
) -> Iterator[tuple[tuple[str, str], str, pd.DataFrame, pd.DataFrame]]:
    """(PLM and metric, target, similarities, vanilla PoT from the sources that all metrics of the PLM know)."""
    for key, values in of_common_tasks(found).items():
        for plm, target, part in sources_of_targets(runs[runs["method"] == "vanilla-pot"]):
            if plm == key[0] and target in values:
                yield key, target, values, part[part["source"].isin(values.index)]


def correlations(found: dict[tuple[str, str], pd.DataFrame], runs: pd.DataFrame) -> pd.DataFrame:
    """Figure 5 (right): one line per PLM and metric with the mean over the targets, how many those are, and over how
    many sources of each the ranks go.

    The targets are the units of the intervals. The last column compares the paper's metric with a rival, target by
    target.
    """
    frame = correlations_by_target(found, runs)
    lines = []
    for (plm, metric), part in frame.groupby(["plm", "metric"]):
        by_target = part.set_index("target")["correlation"]
        ours = frame[(frame["plm"] == plm) & (frame["metric"] == "ours")].set_index("target")["correlation"]
        less = Markup("–") if metric == "ours" else mean_with_interval((ours - by_target).dropna(), 2)
        mean = mean_with_interval(by_target, 2)
        ends = (Markup(cell(end, 2, True), end) for end in (by_target.min(), by_target.max()))
        lines.append((plm_title(plm), METRICS[metric], mean, *ends, len(by_target), from_to(part["sources"]), less))
    names = ["PLM", "Metric", "Mean correlation", "Least", "Most", "Targets", "Sources of each", "Ours less this one"]
    return pd.DataFrame(lines, columns=names)


def chosen_sources(found: dict[tuple[str, str], pd.DataFrame], runs: pd.DataFrame) -> pd.DataFrame:
    """Figure 7: for every PLM, metric and target, the most similar source that was run, and vanilla PoT from it."""
    lines = []
    for (plm, metric), target, values, part in _with_metrics(found, runs):
        scores = part.groupby("source")["score"].mean()
        if len(scores) >= 3:
            best = values.loc[scores.index, target].idxmax()
            lines.append((plm_title(plm), METRICS[metric], get_task(target).title, source_title(best), scores[best],
                          scores.mean(), scores.max(), len(scores), part["seed"].nunique()))  # fmt: skip
    return pd.DataFrame(lines, columns=["PLM", "Metric", "Target", "Chosen source", *CHOICE, "Sources", "Seeds"])


CHOICE = ("Vanilla PoT from it", "Mean over all sources", "Best source")
ABOVE = "Chosen less mean over all"


def choices(chosen: pd.DataFrame) -> pd.DataFrame:
    """How well a metric chooses: means over the targets of `chosen_sources`, a line for each PLM and metric.

    The targets are the units of the interval.
    """
    lines = []
    for (plm, metric), part in chosen.groupby(["PLM", "Metric"]):
        above = mean_with_interval(part[CHOICE[0]] - part[CHOICE[1]])
        counts = len(part), from_to(part["Sources"]), from_to(part["Seeds"])
        lines.append((plm, metric, *part[list(CHOICE)].mean(), above, *counts))
    names = ["PLM", "Metric", *CHOICE, ABOVE, "Targets", "Sources of each", "Seeds"]
    return pd.DataFrame(lines, columns=names)


MORE_PLMS = "That takes a second PLM here."
NOTHING = "No task embedding was made here yet, so there is no similarity to compare."


def reading_correlations(found: dict[tuple[str, str], pd.DataFrame], runs: pd.DataFrame) -> str:
    """Which metric orders the sources best, by PLM."""
    frame = correlations(found, runs)
    if frame.empty:
        return NOTHING if not found else "No target has transfers from three sources yet."
    words = []
    for plm, part in frame.groupby("PLM"):
        ranked = sorted(zip(part["Mean correlation"], part["Metric"], strict=True), key=lambda each: -each[0].key)
        listed = ", ".join(f"{metric} {value.html}" for value, metric in ranked)
        sources = part["Sources of each"].iloc[0]
        words.append(f"On {plm}, over {sources} sources of each target, the mean correlations are: {listed}.")
    return " ".join([*words, "The paper says that its metric is best on every PLM, and prints no numbers."])


def scale_means(found: dict[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """Figure 9: the mean similarity of two different tasks, a line for each metric and PLM, on the tasks in common.

    A metric that knows no two tasks on all PLMs is left out.
    """
    lines = []
    for metric, title in METRICS.items():
        own = {plm: values for (plm, name), values in found.items() if name == metric}
        tasks = sorted(set.intersection(*(set(values.index) for values in own.values()))) if own else []
        if len(tasks) < 2:
            continue
        for plm, values in own.items():
            others = values.loc[tasks, tasks].where(~np.eye(len(tasks), dtype=bool))
            mean = float(others.mean(axis=None))
            lines.append((title, plm_title(plm), len(tasks), Markup(cell(mean, 2), mean)))
    return pd.DataFrame(lines, columns=["Metric", "PLM", "Tasks", "Mean similarity"])


def reading_scales(found: dict[tuple[str, str], pd.DataFrame]) -> str:
    """How the mean similarity moves from PLM to PLM, beside what the paper says of it."""
    frame = scale_means(found)
    if frame.empty:
        return NOTHING if not found else "No metric knows two tasks on all of the PLMs."
    words = []
    for metric, part in frame.groupby("Metric", sort=False):
        listed = ", ".join(f"{line['Mean similarity'].html} on {line['PLM']}" for line in part.to_dict("records"))
        words.append(f"{metric}: {listed} (mean over {number(int(part['Tasks'].iloc[0]), 'task')}).")
    said = "The paper says that on smaller PLMs similarities by its metric are lower, and cosines of prompts higher."
    more = "The claims' page has the differences with their intervals." if frame["PLM"].nunique() > 1 else MORE_PLMS
    return " ".join([*words, said, more])


def reading_types(found: dict[tuple[str, str], pd.DataFrame]) -> str:
    """How far tasks of the same type are above others, by metric: the differences, and the largest ratio."""
    frame = type_means(found)
    words = []
    for plm, part in frame.groupby("PLM", sort=False):
        ranked = sorted(part.to_dict("records"), key=lambda line: -line[GAP].key)
        listed = ", ".join(f"{line['Metric']} {line[GAP].html}" for line in ranked)
        text = f"{plm}: tasks of the same type less others, by metric: {listed}"
        if ranked[0][GAP].key <= 0:
            text += "; by no metric are tasks of the same type the more similar ones"
        elif part["Different types"].min() > 0:
            ratio = part["Same type"] / part["Different types"]
            text += f"; the largest ratio is that of {part['Metric'][ratio.idxmax()]}, {ratio.max():.1f}"
        words.append(f"{text}.")
    return " ".join(words if found else [*words, NOTHING])


def reading_chosen(chosen: pd.DataFrame) -> str:
    """How the chosen sources do against all of them, by PLM and metric."""
    if chosen.empty:
        return NOTHING
    words = []
    for line in choices(chosen).to_dict("records"):
        own, mean, best = (line[name] for name in CHOICE)
        words.append(
            f"{line['PLM']}, {line['Metric']}: {own:.1f} against {mean:.1f} for a source at random "
            f"(difference {line[ABOVE].html}), {best:.1f} at best, of {line['Sources of each']} sources."
        )
    return " ".join(words)
