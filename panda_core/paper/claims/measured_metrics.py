"""Our statistic of each claim on the metrics themselves, from the stored task embeddings."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from panda_core.paper.audit.composition import OTHER, SAME, relation
from panda_core.paper.claims.effects import LEAST_SOURCES, over_targets, runs_of, strictest
from panda_core.paper.claims.outcome import Measured, Missing
from panda_core.report import measured, similarity_page
from panda_core.report.similarity import METRICS, embedded
from panda_core.store import Store
from panda_core.tasks import targets

ALMOST_UNCHANGED = 0.05  # as in the audit of Table VIII
RIVALS = ("on", "e-avg")
# (PLM, target, similarities [n, n]) -> what a metric is worth on this target, None where it cannot be said
Worth = Callable[[str, str, pd.DataFrame], float | None]


def _against(
    store: Store, runs: pd.DataFrame, worth: Worth, words: str, unit: str, rivals: Iterable[str] = RIVALS
) -> Measured | Missing:
    """`worth` by the paper's metric less by a rival: the rival that it gains least over, named in `words` by "{}"."""
    lines = [
        (metric, plm, target, worth(plm, target, values))
        for (plm, metric), values in similarity_page.matrices(store).items()
        for target in runs["target"].unique()
        if target in values
    ]
    frame = pd.DataFrame(lines, columns=["metric", "plm", "target", "worth"]).dropna()
    if not {"ours", *rivals} <= set(frame["metric"]):
        names = " and ".join(METRICS[name] for name in ("ours", *rivals))
        return Missing(f"it takes task embeddings by {names}, and enough transfers of the same tasks")
    by_metric = frame.pivot(index=["plm", "target"], columns="metric", values="worth").astype(float)
    found = []
    for rival in rivals:
        gap = (by_metric["ours"] - by_metric[rival]).dropna().groupby("target").mean()
        found.append(over_targets(gap, words.format(METRICS[rival]), _behind(runs, gap), unit))
    return strictest(found)


def _behind(runs: pd.DataFrame, means: pd.Series) -> pd.DataFrame:
    return runs[runs["target"].isin(means.index)]


def _ranked(runs: pd.DataFrame, column: str) -> Callable[[str, str, pd.DataFrame], pd.DataFrame]:
    """Similarity and mean of `column` of each other source that was run to a target, most similar first."""

    def sources(plm: str, target: str, values: pd.DataFrame) -> pd.DataFrame:
        part = runs[(runs["plm"] == plm) & (runs["target"] == target) & (runs["source"] != target)]
        scores = part.groupby("source")[column].mean()
        frame = pd.DataFrame({"similarity": values[target].reindex(scores.index), "score": scores}).dropna()
        return frame.sort_values("similarity", ascending=False)

    return sources


def better_than_prior_metrics(store: Store) -> Measured | Missing:
    """Spearman's correlation with first-epoch vanilla PoT: the paper's metric less the rivals."""
    runs = measured.of("figure-05", store)
    sources = _ranked(runs, "first")

    def correlation(plm: str, target: str, values: pd.DataFrame) -> float | None:
        frame = sources(plm, target, values)
        if len(frame) < LEAST_SOURCES or frame.nunique().min() == 1:
            return None
        return frame.corr(method="spearman").loc["similarity", "score"]

    words = "correlation of the paper's metric with first-epoch vanilla PoT less that of {}, the lesser difference"
    return _against(store, runs, correlation, words, "correlation")


def retrieves_better(store: Store) -> Measured | Missing:
    """Vanilla PoT from the source that the paper's metric ranks first less that from the rivals' first."""
    runs = measured.of("figure-07", store)
    words = "vanilla PoT from the source that the paper's metric ranks first less that of {}, the lesser difference"
    return _against(store, runs, _best_of_first(runs, 1), words, "points")


def choice_by_metric(store: Store) -> Measured | Missing:
    """PANDA: best of the three sources that the paper's metric ranks first less best of those of E_avg."""
    runs = runs_of(store, "table-02", "panda")
    words = "best of the three sources that the paper's metric ranks first less that of {}, both under PANDA"
    return _against(store, runs, _best_of_first(runs, 3), words, "points", ("e-avg",))


def _best_of_first(runs: pd.DataFrame, count: int) -> Worth:
    sources = _ranked(runs, "score")

    def best(plm: str, target: str, values: pd.DataFrame) -> float | None:
        frame = sources(plm, target, values)
        return frame["score"].head(count).max() if len(frame) >= LEAST_SOURCES else None

    return best


def distinguishes_better(store: Store) -> Measured | Missing:
    """How surely a metric ranks tasks of the target's type above others: the paper's metric less the rivals."""
    words = "share of pairs of tasks that are ranked by type, the paper's metric less {}, the lesser difference"
    return _against(store, measured.of("figure-05", store), ranked_by_type, words, "of 1")


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
    """0.05 less how far a similarity of QNLI moves between 100 and more sampled examples, by target."""
    gaps = {}
    for plm, part in similarity_page.by_samples(store, "qnli").groupby("plm"):
        large = part.set_index("samples").drop(columns="plm")
        large = large[large.index >= similarity_page.USED].dropna(axis=1)
        if len(large) > 1:
            gaps[plm] = ALMOST_UNCHANGED - (large.max() - large.min())
    if not gaps:
        return Missing("it takes task embeddings of QNLI and the targets from 100 and more examples")
    runs = embedded(store)
    words = "0.05 less how far a similarity of QNLI moves between 100 and more sampled examples"
    return over_targets(pd.concat(gaps).groupby(level=1).mean(), words, runs[runs["plm"].isin(gaps)], "cosine")


def similarity_by_scale(store: Store) -> Measured | Missing:
    """Mean similarity to a target: larger on the larger PLM by Eq. 2, larger on the smaller one by E_avg."""
    found, runs = similarity_page.matrices(store), embedded(store)
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
        gaps.append(over_targets(gap, words, _behind(runs, gap), "cosine"))
    return strictest(gaps)
