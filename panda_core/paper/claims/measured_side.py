"""Our statistic of each claim on the transfer grid, from the records of the run store: a `Measured`, or a "
"`Missing` with the reason."""

from math import comb

import numpy as np
import pandas as pd

from panda_core.paper.claims.effects import (
    CELL,
    SAME_RUN,
    SAME_TARGET,
    contrast,
    difference,
    of_pairs,
    over_pairs,
    paired,
    run_ids,
    runs_of,
)
from panda_core.paper.claims.outcome import Measured, Missing
from panda_core.store import Store
from panda_core.tasks import get_task


def _group(task: str) -> str:
    return get_task(task).cluster


def _panda_and_vanilla(store: Store) -> pd.DataFrame:
    pairs = paired(runs_of(store, "table-02", "panda"), runs_of(store, "table-02", "vanilla-pot"), SAME_RUN)
    return pairs.assign(same_group=pairs["source"].map(_group) == pairs["target"].map(_group))


def _vanilla_and_none(store: Store) -> pd.DataFrame:
    pairs = paired(runs_of(store, "table-02", "vanilla-pot"), runs_of(store, "table-02", "p-tuning-v2"), SAME_TARGET)
    return pairs.assign(same_group=pairs["source"].map(_group) == pairs["target"].map(_group))


def gain_over_vanilla(store: Store) -> Measured | Missing:
    """PANDA less vanilla PoT over all pairs of source and target."""
    panda, vanilla = (runs_of(store, "table-02", method) for method in ("panda", "vanilla-pot"))
    return difference(store, panda, vanilla, SAME_RUN, "PANDA less vanilla PoT")


def consistency(store: Store) -> Measured | Missing:
    """Share of sources whose average gain is not negative, less one half."""
    pairs = _panda_and_vanilla(store)
    if not len(pairs):
        return Missing("no run yet")
    gain = (pairs["score"] - pairs["score_2"]).groupby([pairs["plm"], pairs["source"]]).mean()
    if len(gain) < 9:
        return Missing(f"only {len(gain)} of the 9 sources that it takes were run")
    up = (gain >= 0).astype(float) * 100 - 100
    return over_pairs(up, "share of sources with an average gain of 0 or more, less 100 %", run_ids(pairs), "%")


def gain_over_none(store: Store) -> Measured | Missing:
    """PANDA less P-Tuning v2 over all pairs."""
    panda, none = runs_of(store, "table-02", "panda"), runs_of(store, "table-02", "p-tuning-v2")
    return difference(store, panda, none, SAME_TARGET, "PANDA less P-Tuning v2 without transfer")


def best_against_model_tuning(store: Store) -> Measured | Missing:
    """The source with the best average under PANDA, less model-tuning."""
    panda, tuned = runs_of(store, "table-02", "panda"), runs_of(store, "table-02", "model-tuning")
    if not len(panda) or not len(tuned):
        return Missing("no run yet")
    whole = panda.groupby(["plm", "source"])["target"].nunique() == 9
    average = panda.groupby(["plm", "source"])["score"].mean()[whole]
    if average.empty:
        return Missing("no source was run to all nine targets yet")
    best = average.groupby("plm").idxmax().tolist()
    chosen = panda[[pair in best for pair in zip(panda["plm"], panda["source"], strict=True)]]
    sources = ", ".join(f"{get_task(source).title} on {plm}" for plm, source in best)
    return difference(store, chosen, tuned, SAME_TARGET, f"PANDA from its best source ({sources}) less model-tuning")


def against_model_tuning(store: Store) -> Measured | Missing:
    """PANDA from every source less model-tuning."""
    panda, tuned = runs_of(store, "table-02", "panda"), runs_of(store, "table-02", "model-tuning")
    return difference(store, panda, tuned, SAME_TARGET, "PANDA less model-tuning, mean over all sources")


def prompt_tuning_gap(store: Store) -> Measured | Missing:
    """Model-tuning less P-Tuning v2."""
    tuned, none = runs_of(store, "table-02", "model-tuning"), runs_of(store, "table-02", "p-tuning-v2")
    return difference(store, tuned, none, SAME_TARGET, "model-tuning less P-Tuning v2")


def sensitivity_to_similarity(store: Store) -> Measured | Missing:
    """Vanilla PoT over no transfer: within a group of tasks less between groups."""
    pairs = _vanilla_and_none(store)
    same = pairs["same_group"]
    words = "vanilla PoT over no transfer, pairs of one group of tasks less pairs of two"
    return contrast(store, pairs[same], pairs[~same], words)


def similar_source_helps(store: Store) -> Measured | Missing:
    """Vanilla PoT from MNLI and QNLI over no transfer."""
    vanilla = runs_of(store, "table-02", "vanilla-pot")
    vanilla = vanilla[vanilla["source"].isin(("mnli", "qnli"))]
    none = runs_of(store, "table-02", "p-tuning-v2")
    return difference(store, vanilla, none, SAME_TARGET, "vanilla PoT from MNLI and QNLI less no transfer")


def dissimilar_source_harms(store: Store) -> Measured | Missing:
    """No transfer less vanilla PoT from NER and SRL tasks."""
    vanilla = runs_of(store, "table-02", "vanilla-pot")
    vanilla = vanilla[vanilla["source"].map(_group).isin(("NER", "SRL"))]
    none = runs_of(store, "table-02", "p-tuning-v2")
    found = difference(store, vanilla, none, SAME_TARGET, "")
    return _turned(found, "no transfer less vanilla PoT from NER and SRL tasks")


def gain_from_dissimilar(store: Store) -> Measured | Missing:
    """PANDA over vanilla PoT: between groups less within a group."""
    pairs = _panda_and_vanilla(store)
    same = pairs["same_group"]
    words = "PANDA over vanilla PoT, pairs of two groups of tasks less pairs of one"
    return contrast(store, pairs[~same], pairs[same], words)


def loss_from_similar(store: Store) -> Measured | Missing:
    """Vanilla PoT less PANDA within a group of tasks."""
    pairs = _panda_and_vanilla(store)
    pairs = pairs[pairs["same_group"]]
    found = of_pairs(store, pairs, "")
    return _turned(found, "vanilla PoT less PANDA, source and target of one group")


def every_scale(store: Store) -> Measured | Missing:
    """PANDA less vanilla PoT on the PLM where it is least."""
    panda, vanilla = (runs_of(store, "table-02", method) for method in ("panda", "vanilla-pot"))
    plms = sorted(set(panda["plm"]) & set(vanilla["plm"]))
    if len(plms) < 2:
        return Missing(f"it takes two PLMs, {len(plms)} were run")
    found = [
        difference(
            store,
            panda[panda["plm"] == plm],
            vanilla,
            SAME_RUN,
            f"PANDA less vanilla PoT on {plm}, the least of {len(plms)} PLMs",
        )
        for plm in plms
    ]
    missing = [each for each in found if isinstance(each, Missing)]
    return missing[0] if missing else min(found, key=lambda each: each.value)


def predicts_transfer(store: Store) -> Measured | Missing:
    """Spearman's correlation over the sources of similarity and first-epoch vanilla PoT, averaged over targets."""
    pairs = _panda_and_vanilla(store).dropna(subset=["similarity"])
    other = pairs[pairs["source"] != pairs["target"]]
    cells = other.groupby(["plm", "target", "source"])[["similarity", "first_2"]].mean()
    enough = cells.groupby(["plm", "target"]).filter(lambda part: len(part) >= 8)
    if enough.empty:
        return Missing("it takes at least 8 sources of one target")
    ranks = enough.groupby(["plm", "target"]).apply(
        lambda part: part["similarity"].corr(part["first_2"], method="spearman")
    )
    words = "Spearman's correlation over the sources of similarity and first-epoch vanilla PoT, mean over targets"
    return over_pairs(ranks.fillna(0.0), words, run_ids(other), "correlation")


def choice_by_metric(store: Store) -> Measured | Missing:
    """PANDA: best of the three sources that the metric ranks first, less the expected best of three drawn at random."""
    frame = runs_of(store, "table-02", "panda").dropna(subset=["similarity"])
    frame = frame[frame["source"] != frame["target"]]
    cells = frame.groupby(["plm", "target", "source"])[["similarity", "score"]].mean()
    gains = {}
    for key, part in cells.groupby(["plm", "target"]):
        if len(part) >= 8:
            gains[key] = part.nlargest(3, "similarity")["score"].max() - expected_best(part["score"].to_numpy(), 3)
    if not gains:
        return Missing("it takes at least 8 sources of one target")
    words = (
        "best of the three sources that the metric ranks first, less the expected best of three drawn at random, PANDA"
    )
    return over_pairs(pd.Series(gains), words, tuple(sorted(frame["id"])), "points")


def expected_best(scores: np.ndarray, drawn: int) -> float:
    """The mean of the best of `drawn` of the scores, over all ways to draw them."""
    ranked, total = np.sort(scores), len(scores)
    # the i-th smallest is the best of a draw if the other ones come from the i smaller scores
    ways = np.array([comb(i, drawn - 1) for i in range(total)], float)
    return float((ranked * ways).sum() / ways.sum())


def same_against_different(store: Store) -> Measured | Missing:
    """Similarity (Eq. 2) of pairs of one group less that of pairs of two, a task with itself left out."""
    frame = runs_of(store, "table-02", "panda").dropna(subset=["similarity"])
    frame = frame[frame["source"] != frame["target"]]
    cells = frame.groupby(CELL)["similarity"].mean().reset_index()
    same = cells["source"].map(_group) == cells["target"].map(_group)
    inside, outside = cells.loc[same, "similarity"], cells.loc[~same, "similarity"]
    if min(len(inside), len(outside)) < 9:
        return Missing("it takes 9 pairs of one group and 9 of two")
    draws = np.random.default_rng(0)
    means = [draws.choice(part.to_numpy(), size=(1000, len(part))).mean(axis=1) for part in (inside, outside)]
    low, high = np.percentile(means[0] - means[1], (2.5, 97.5))
    words = "similarity by Eq. 2 of pairs of one group less that of pairs of two"
    return Measured(inside.mean() - outside.mean(), low, high, words, len(cells), tuple(sorted(frame["id"])), "cosine")


def _turned(found: Measured | Missing, words: str) -> Measured | Missing:
    """The same difference, counted the other way round."""
    if isinstance(found, Missing):
        return found
    return Measured(-found.value, -found.high, -found.low, words, found.pairs, found.runs, found.unit)
