"""Our statistic of each claim on the transfer grid, from the records of the run store: a `Measured`, or a `Missing`
with the reason."""

from dataclasses import replace

import pandas as pd

from panda_core.paper.audit.composition import OTHER, SAME, relation
from panda_core.paper.claims.effects import (
    LEAST_SOURCES,
    behind,
    by_target,
    contrast,
    difference,
    least_of,
    of_pairs,
    over_targets,
    runs_of,
    share_not_lower,
)
from panda_core.paper.claims.outcome import Measured, Missing
from panda_core.report.measured import SAME_RUN, SAME_TARGET, paired
from panda_core.report.similarity import sources_of_targets
from panda_core.store import Store
from panda_core.tasks import get_task

GRID = "table-02"


def _pairs(store: Store, first: str, second: str, on: tuple[str, ...]) -> pd.DataFrame:
    """Pairs of runs of two methods on the grid."""
    return paired(runs_of(store, GRID, first), runs_of(store, GRID, second), on)


def _panda_and_vanilla(store: Store) -> pd.DataFrame:
    return _pairs(store, "panda", "vanilla-pot", SAME_RUN)


def _vanilla_and_none(store: Store) -> pd.DataFrame:
    return _pairs(store, "vanilla-pot", "p-tuning-v2", SAME_TARGET)


def gain_over_vanilla(store: Store) -> Measured | Missing:
    """PANDA less vanilla PoT over all pairs of source and target."""
    return of_pairs(_panda_and_vanilla(store), "PANDA less vanilla PoT, mean over all sources")


def consistency(store: Store) -> Measured | Missing:
    """Share of sources whose average gain is not negative."""
    words = "sources from which PANDA's average is not below vanilla PoT's"
    return share_not_lower(_panda_and_vanilla(store), "source", "target", words)


def consistency_by_target(store: Store) -> Measured | Missing:
    """Share of targets whose average gain is not negative."""
    words = "targets on which PANDA, mean over the sources, is not below vanilla PoT"
    return share_not_lower(_panda_and_vanilla(store), "target", "source", words)


def gain_over_none(store: Store) -> Measured | Missing:
    """Share of sources whose average under PANDA is not below P-Tuning v2 without transfer."""
    pairs = _pairs(store, "panda", "p-tuning-v2", SAME_TARGET)
    return share_not_lower(
        pairs, "source", "target", "sources from which PANDA's average is not below P-Tuning v2's without transfer"
    )


def best_against_model_tuning(store: Store) -> Measured | Missing:
    """PANDA from its best source less model-tuning."""
    return _from_best_source(store, "panda", "model-tuning", "PANDA from its best source less model-tuning")


def vanilla_from_best_source(store: Store) -> Measured | Missing:
    """Vanilla PoT from its best source less no transfer."""
    return _from_best_source(store, "vanilla-pot", "p-tuning-v2", "vanilla PoT from its best source less no transfer")


def _from_best_source(store: Store, method: str, other: str, words: str) -> Measured | Missing:
    """The source with the best average over the *other* targets, so that no target chooses by its own score."""
    ours = runs_of(store, GRID, method)
    table = ours.groupby(["plm", "source", "target"])["score"].mean().unstack().dropna()
    if not len(table) or table.shape[1] < 2:
        return Missing("no source was run to all nine targets yet")
    chosen = []
    for plm, part in table.groupby("plm"):
        for target in part.columns:
            source = part.drop(columns=target).mean(axis=1).idxmax()[1]
            chosen.append((plm, source, target))
    kept = ours.merge(pd.DataFrame(chosen, columns=["plm", "source", "target"]))
    words = f"{words} (for each target the source with the best average over the others)"
    return difference(kept, runs_of(store, GRID, other), SAME_TARGET, words)


def against_model_tuning(store: Store) -> Measured | Missing:
    """Share of sources whose average under PANDA is not below model-tuning's."""
    pairs = _pairs(store, "panda", "model-tuning", SAME_TARGET)
    return share_not_lower(
        pairs, "source", "target", "sources from which PANDA's average is not below model-tuning's"
    )


def prompt_tuning_gap(store: Store) -> Measured | Missing:
    """Model-tuning less P-Tuning v2."""
    tuned, none = runs_of(store, GRID, "model-tuning"), runs_of(store, GRID, "p-tuning-v2")
    return difference(tuned, none, SAME_TARGET, "model-tuning less P-Tuning v2")


def scale_helps(store: Store) -> Measured | Missing:
    """The gap to model-tuning on the smaller PLM less that on the larger one."""
    pairs = _pairs(store, "model-tuning", "p-tuning-v2", SAME_TARGET)
    small, large = (pairs[pairs["plm"] == plm] for plm in ("minilm-l3", "minilm-l6"))
    if small.empty or large.empty:
        return Missing("it takes both minilm-l3 and minilm-l6")
    gap = (by_target(small) - by_target(large)).dropna()
    words = "gap of P-Tuning v2 to model-tuning on minilm-l3 less that on minilm-l6"
    return over_targets(gap, words, pairs[pairs["target"].isin(gap.index)])


def sensitivity_to_similarity(store: Store) -> Measured | Missing:
    """Vanilla PoT over no transfer: within a type of tasks less between types."""
    words = "vanilla PoT over no transfer, sources of the target's type less others"
    return _by_type(_vanilla_and_none(store), SAME, words)


def _by_type(pairs: pd.DataFrame, first: str, words: str) -> Measured | Missing:
    """The pairs with sources of the target's type (`SAME`) less those with others (`OTHER`), or the other way round."""
    if pairs.empty:
        return Missing("no run yet")
    kinds = pd.Series(list(map(relation, pairs["source"], pairs["target"])), pairs.index)
    second = OTHER if first == SAME else SAME
    return contrast(pairs[kinds == first], pairs[kinds == second], words)


def similar_source_helps(store: Store) -> Measured | Missing:
    """Vanilla PoT from MNLI and QNLI over no transfer."""
    pairs = _vanilla_and_none(store)
    return of_pairs(pairs[pairs["source"].isin(("mnli", "qnli"))], "vanilla PoT from MNLI and QNLI less no transfer")


def dissimilar_source_harms(store: Store) -> Measured | Missing:
    """No transfer less vanilla PoT from NER and SRL tasks."""
    pairs = paired(runs_of(store, GRID, "p-tuning-v2"), runs_of(store, GRID, "vanilla-pot"), SAME_TARGET)
    far = pairs["source_2"].map(lambda name: get_task(name).cluster).isin(("NER", "SRL"))
    pairs = pairs[far].assign(source=pairs["source_2"])
    return of_pairs(pairs, "no transfer less vanilla PoT from NER and SRL tasks")


def gain_from_dissimilar(store: Store) -> Measured | Missing:
    """PANDA over vanilla PoT: between types less within a type."""
    words = "PANDA over vanilla PoT, sources of other types than the target's less those of its type"
    return _by_type(_panda_and_vanilla(store), OTHER, words)


def loss_from_similar(store: Store) -> Measured | Missing:
    """Share of pairs with PANDA below vanilla PoT: within a type less between types."""
    pairs = _panda_and_vanilla(store)
    cells = pairs.groupby(["plm", "source", "target"])[["score", "score_2"]].transform("mean")
    lower = 100 * (cells["score"] < cells["score_2"] - 1e-9)
    words = "share of sources with PANDA below vanilla PoT, of the target's type less of others"
    return _in(_by_type(pairs.assign(score=lower.astype(float), score_2=0.0), SAME, words), "%")


def every_scale(store: Store) -> Measured | Missing:
    """PANDA less vanilla PoT on the PLM where it is least."""
    pairs = _panda_and_vanilla(store)
    plms = sorted(pairs["plm"].unique())
    if len(plms) < 2:
        return Missing(f"it takes two PLMs; run so far: {len(plms)}")
    words = f"PANDA less vanilla PoT on {{}}, the least of {len(plms)} PLMs"
    return least_of([of_pairs(pairs[pairs["plm"] == plm], words.format(plm)) for plm in plms])


def predicts_transfer(store: Store) -> Measured | Missing:
    """Spearman's correlation over the sources of similarity and first-epoch vanilla PoT, averaged over targets."""
    from panda_core.transferability.measure import rank_correlation

    pairs = _panda_and_vanilla(store).dropna(subset=["similarity", "first_2"])
    ranks = {}
    for plm, target, part in sources_of_targets(pairs):
        cells = part.groupby("source")[["similarity", "first_2"]].mean()
        if len(cells) >= LEAST_SOURCES:
            ranks[plm, target] = rank_correlation(cells["similarity"], cells["first_2"].to_dict())
    words = (
        "Spearman's correlation over the sources of similarity and first-epoch vanilla PoT (1 would be a perfect "
        "order), mean over targets"
    )
    # where all scores are equal there is no order to predict
    return _by_target(pd.Series(ranks, dtype=float).dropna(), words, pairs, "correlation")


def _by_target(found: pd.Series, words: str, runs: pd.DataFrame, unit: str = "points") -> Measured | Missing:
    """A number for each PLM and target, averaged over the PLMs; `runs` are transfers, those from other tasks count."""
    if found.empty:
        return Missing(f"it takes at least {LEAST_SOURCES} sources of one target")
    used = behind(pd.concat(part for *_, part in sources_of_targets(runs)), found.index)
    return over_targets(found.groupby(level=1).mean(), words, used, unit)


def same_against_different(store: Store) -> Measured | Missing:
    """Similarity (Eq. 2) of a target with tasks of its type less that with others, a task with itself left out."""
    frame = runs_of(store, GRID, "panda").dropna(subset=["similarity"])
    pairs = frame.assign(score=frame["similarity"], score_2=0.0)
    words = "similarity by Eq. 2 of a target with sources of its type less that with others"
    return _in(_by_type(pairs, SAME, words), "cosine")


def _in(found: Measured | Missing, unit: str) -> Measured | Missing:
    return found if isinstance(found, Missing) else replace(found, unit=unit)
