"""Our statistic of each claim on the metrics themselves, from the stored task embeddings."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from panda_core.paper.audit.composition import OTHER, SAME, relation
from panda_core.paper.claims.effects import LEAST_SOURCES, behind, least_of, over_targets, run_ids, runs_of
from panda_core.paper.claims.outcome import Measured, Missing
from panda_core.report import similarity
from panda_core.report.similarity import METRICS, embedded, ranked
from panda_core.store import Store
from panda_core.tasks import targets

ALMOST_UNCHANGED = 0.05  # as in the audit of Table VIII
RIVALS = ("on", "e-avg")
Matrices = dict[tuple[str, str], pd.DataFrame]  # by PLM and metric: similarities of tasks [n, n]
# (PLM, target, similarities [n, n]) -> what a metric is worth on this target, None where it cannot be said
Worth = Callable[[str, str, pd.DataFrame], float | None]


def _matrices(store: Store) -> Matrices:
    """The similarities of the tasks that all metrics know."""
    return similarity.of_common_tasks(similarity.matrices(store))


def _worth(matrices: Matrices, worth: Worth, rivals: Iterable[str]) -> pd.DataFrame | Missing:
    """What each metric is worth: a line for every PLM and target, a column for each metric."""
    lines = [
        (metric, plm, target, worth(plm, target, values))
        for (plm, metric), values in matrices.items()
        for target in targets()
        if target in values
    ]
    frame = pd.DataFrame(lines, columns=["metric", "plm", "target", "worth"]).dropna()
    if not {"ours", *rivals} <= set(frame["metric"]):
        names = " and ".join(METRICS[name] for name in ("ours", *rivals))
        return Missing(f"it takes task embeddings by {names}, and enough transfers of the same tasks")
    return frame.pivot(index=["plm", "target"], columns="metric", values="worth").astype(float)


def _against(
    found: pd.DataFrame | Missing, runs: pd.DataFrame, words: str, unit: str, rivals: Iterable[str] = RIVALS
) -> Measured | Missing:
    """`_worth` of the paper's metric less that of a rival: the rival that it gains least over, named in `words` by
    "{}". `runs` are those that it was read from."""
    return found if isinstance(found, Missing) else least_of(_gaps(found, runs, words, unit, rivals))


def _gaps(
    found: pd.DataFrame, runs: pd.DataFrame, words: str, unit: str, rivals: Iterable[str] = RIVALS
) -> list[Measured | Missing]:
    """`_worth` of the paper's metric less that of each rival, as in `_against`."""
    gaps = {rival: (found["ours"] - found[rival]).dropna() for rival in rivals}
    return [
        over_targets(gap.groupby("target").mean(), words.format(METRICS[rival]), behind(runs, gap.index), unit)
        for rival, gap in gaps.items()
    ]


def _known(matrices: Matrices, runs: pd.DataFrame) -> pd.DataFrame:
    """Of some transfers those between tasks that all metrics know: from other tasks, with the seeds in common."""
    tasks = {plm: values.index for (plm, _), values in matrices.items()}
    parts = [
        part[part["source"].isin(tasks[plm])]
        for plm, target, part in similarity.sources_of_targets(runs)
        if target in tasks.get(plm, ())
    ]
    return pd.concat(parts) if parts else runs.iloc[:0]


def _ranked(runs: pd.DataFrame, column: str) -> Callable[[str, str, pd.DataFrame], pd.DataFrame]:
    """Similarity and mean of `column` of each source that was run to a target, most similar first."""

    def sources(plm: str, target: str, values: pd.DataFrame) -> pd.DataFrame:
        return ranked(runs[(runs["plm"] == plm) & (runs["target"] == target)], values[target], column)

    return sources


def better_than_prior_metrics(store: Store) -> Measured | Missing:
    """Spearman's correlation with first-epoch vanilla PoT: the paper's metric less the rivals."""
    from panda_core.transferability.measure import rank_correlation

    matrices = _matrices(store)
    runs = _known(matrices, runs_of(store, "figure-05", "vanilla-pot"))
    sources = _ranked(runs, "first")

    def correlation(plm: str, target: str, values: pd.DataFrame) -> float | None:
        frame = sources(plm, target, values)
        if len(frame) < LEAST_SOURCES:
            return None
        return rank_correlation(frame["similarity"], frame["score"].to_dict())

    words = "correlation of the paper's metric with first-epoch vanilla PoT less that of {}, the lesser difference"
    return _against(_worth(matrices, correlation, RIVALS), runs, words, "correlation")


def retrieves_better(store: Store) -> Measured | Missing:
    """Vanilla PoT from the source that the paper's metric ranks first less that from the rivals' first, on the PLM and
    against the rival where that is least."""
    matrices = _matrices(store)
    runs = _known(matrices, runs_of(store, "figure-07", "vanilla-pot"))
    found = _worth(matrices, _best_of_first(runs, 1), RIVALS)
    if isinstance(found, Missing):
        return found
    by_plm = dict(list(found.groupby(level="plm")))
    if len(by_plm) < 2:
        return Missing(f"it takes two PLMs with enough transfers; run so far: {len(by_plm)}")
    words = "vanilla PoT from the source that the paper's metric ranks first less that of {{}}, on {}, the least of all"
    return least_of([gap for plm, part in by_plm.items() for gap in _gaps(part, runs, words.format(plm), "points")])


def choice_by_metric(store: Store) -> Measured | Missing:
    """PANDA: best of the three sources that the paper's metric ranks first less best of those of E_avg."""
    matrices = _matrices(store)
    runs = _known(matrices, runs_of(store, "table-02", "panda"))
    words = "best of the three sources that the paper's metric ranks first less that of {}, both under PANDA"
    return _against(_worth(matrices, _best_of_first(runs, 3), ("e-avg",)), runs, words, "points", ("e-avg",))


def _best_of_first(runs: pd.DataFrame, count: int) -> Worth:
    sources = _ranked(runs, "score")

    def best(plm: str, target: str, values: pd.DataFrame) -> float | None:
        frame = sources(plm, target, values)
        return frame["score"].head(count).max() if len(frame) >= LEAST_SOURCES else None

    return best


def distinguishes_better(store: Store) -> Measured | Missing:
    """How surely a metric ranks tasks of the target's type above others: the paper's metric less the rivals."""
    words = "share of pairs of tasks that are ranked by type, the paper's metric less {}, the lesser difference"
    return _against(_worth(_matrices(store), ranked_by_type, RIVALS), embedded(store), words, "of 1")


def ranked_by_type(_: str, target: str, values: pd.DataFrame) -> float | None:
    """The share of pairs of one task of the target's type and one other in which the first is the more similar one.

    1 is perfect, 0.5 chance. Unlike a difference of means it does not depend on the scale of a metric.
    """
    kinds = np.array([relation(source, target) for source in values.index])
    same, other = (values[target][kinds == kind].dropna().to_numpy() for kind in (SAME, OTHER))
    if min(len(same), len(other)) == 0:
        return None
    above = same[:, None] - other[None, :]
    return float((above > 0).mean() + 0.5 * (above == 0).mean())


def insensitive_to_samples(store: Store) -> Measured | Missing:
    """0.05 less how far a similarity of QNLI moves between 100 and more sampled examples: measured, without chance."""
    gaps = {}
    for plm, part in similarity.by_samples(store, "qnli").groupby("plm"):
        large = part.set_index("samples").drop(columns="plm")
        large = large[large.index >= similarity.USED].dropna(axis=1)
        if len(large) > 1:
            gaps[plm] = ALMOST_UNCHANGED - (large.max() - large.min())
    if not gaps:
        return Missing("it takes task embeddings of QNLI and the targets from 100 and more examples")
    left = pd.concat(gaps)
    runs = embedded(store)
    used = runs[runs["plm"].isin(gaps) & runs["target"].isin({"qnli", *left.index.get_level_values(1)})]
    words = (
        "0.05 less how far a similarity of QNLI moves between 100 and more sampled examples "
        "(least and most over PLMs and targets)"
    )
    scope = f"{len(left)} similarities: {', '.join(gaps)}"
    ends = float(left.min()), float(left.max())
    return Measured(float(left.mean()), *ends, words, scope, run_ids(used), "cosine", chance=False)


def similarity_by_scale(store: Store) -> Measured | Missing:
    """Mean similarity to a target: larger on the larger PLM by Eq. 2, larger on the smaller one by E_avg."""
    found, runs = similarity.matrices(store), embedded(store)
    gaps = []
    for metric, larger, smaller in (("ours", "minilm-l6", "minilm-l3"), ("e-avg", "minilm-l3", "minilm-l6")):
        if {(larger, metric), (smaller, metric)} - found.keys():
            return Missing("it takes task embeddings by the paper's metric and by E_avg on minilm-l3 and minilm-l6")
        both = found[larger, metric].index.intersection(found[smaller, metric].index)
        others = ~np.eye(len(both), dtype=bool)
        means = [found[plm, metric].loc[both, both].where(others).mean() for plm in (larger, smaller)]
        gap = means[0] - means[1]
        gap = gap[gap.index.isin(targets())].dropna()
        words = f"mean similarity by {METRICS[metric]} on {larger} less that on {smaller}, the lesser tendency"
        gaps.append(over_targets(gap, words, runs[runs["target"].isin(both)], "cosine"))
    return least_of(gaps)
