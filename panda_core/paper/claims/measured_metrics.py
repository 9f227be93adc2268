"""Our statistic of each claim on the metrics themselves, from the stored task embeddings."""

import pandas as pd

from panda_core.paper.claims.effects import over_pairs
from panda_core.paper.claims.outcome import Measured, Missing
from panda_core.report import measured, similarity_page
from panda_core.store import Store

ALMOST_UNCHANGED = 0.05  # as in the audit of Table VIII


def better_than_prior_metrics(store: Store) -> Measured | Missing:
    """Spearman's correlation with first-epoch vanilla PoT: the paper's metric less the better of E_avg and ON."""
    runs = measured.of("figure-05", store)
    found = similarity_page.correlations_by_target(similarity_page.matrices(store), runs)
    if found.empty or not {"ours", "on", "e-avg"} <= set(found["metric"]):
        return Missing("it takes task embeddings by all three metrics, and transfers from three sources of a target")
    wide = found.pivot(index=["plm", "target"], columns="metric", values="correlation").dropna()
    gap = wide["ours"] - wide[["on", "e-avg"]].max(axis=1)
    words = "correlation of the paper's metric less that of the better rival, mean over targets"
    return over_pairs(gap, words, tuple(sorted(runs["id"])), "correlation")


def insensitive_to_samples(store: Store) -> Measured | Missing:
    """0.05 less how far a similarity of QNLI moves between 100 and 300 sampled examples, over the targets."""
    gaps = []
    for _, part in similarity_page.by_samples(store, "qnli").groupby("plm"):
        large = part.set_index("samples").drop(columns="plm")
        large = large[large.index >= similarity_page.USED].dropna(axis=1)
        if len(large) > 1:
            gaps.append(ALMOST_UNCHANGED - (large.max() - large.min()))
    if not gaps or pd.concat(gaps).empty:
        return Missing("it takes task embeddings of QNLI and the targets from 100 and more examples")
    words = "0.05 less how far a similarity of QNLI moves between 100 and more sampled examples, mean over targets"
    return over_pairs(pd.concat(gaps), words, (), "cosine")
