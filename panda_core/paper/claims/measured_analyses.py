"""Our statistic of each claim on the ablations and analyses: a `Measured`, or a `Missing` with the reason."""

import pandas as pd

from panda_core.paper.claims.effects import (
    SAME_RUN,
    SAME_TARGET,
    difference,
    of_pairs,
    over_pairs,
    paired,
    run_ids,
    runs_of,
)
from panda_core.paper.claims.outcome import Measured, Missing
from panda_core.report import measured
from panda_core.store import Store


def several_sources(store: Store) -> Measured | Missing:
    """PANDA with the later fusion less PANDA from each of the same sources alone."""
    fused, single = runs_of(store, "table-04", "panda-late"), runs_of(store, "table-04", "panda")
    return difference(store, fused, single, SAME_TARGET, "PANDA-Late from three sources less PANDA from each of them")


def fusion_against_rivals(store: Store) -> Measured | Missing:
    """PANDA with either fusion less ATTEMPT and SESoM, on the same sources."""
    frame = measured.of("table-04", store)
    ours, rivals = (
        frame[frame["method"].isin(("panda-early", "panda-late"))],
        frame[frame["method"].isin(("attempt", "sesom"))],
    )
    return difference(store, ours, rivals, SAME_RUN, "PANDA with fusion less ATTEMPT and SESoM")


def _variants(store: Store, exhibit: str, first: str, second: str, words: str) -> Measured | Missing:
    return difference(
        store, runs_of(store, exhibit, "panda", first), runs_of(store, exhibit, "panda", second), SAME_RUN, words
    )


def random_teacher(store: Store) -> Measured | Missing:
    """The source prompt as a teacher less a random one."""
    return _variants(
        store, "table-05", "source", "random", "teacher with the source prompt less teacher with a random one"
    )


def target_like_teacher(store: Store) -> Measured | Missing:
    """The target-like teacher less the source prompt."""
    return _variants(
        store, "table-05", "target-like", "source", "target-like teacher less teacher with the source prompt"
    )


def metric_as_weight(store: Store) -> Measured | Missing:
    """The new metric in Eq. 4 less the constant one."""
    return _variants(store, "table-06", "ours", "constant", "similarity of Eq. 2 in Eq. 4 less the constant one")


def mse_loss(store: Store) -> Measured | Missing:
    """MSE less KL divergence."""
    return _variants(store, "table-07", "mse", "kl", "squared distance (MSE) less KL divergence")


def large_weight_harms(store: Store) -> Measured | Missing:
    """lambda 0.05 less lambda 5."""
    return _variants(store, "figure-04", "0.05", "5", "lambda 0.05 less lambda 5")


def small_weight_harms(store: Store) -> Measured | Missing:
    """lambda 0.05 less lambda 0.01."""
    return _variants(store, "figure-04", "0.05", "0.01", "lambda 0.05 less lambda 0.01")


def other_methods(store: Store) -> Measured | Missing:
    """Adapter and prefix-tuning with PANDA less the same without."""
    frame = measured.of("figure-06", store)
    parts = []
    for plain in ("adapter", "prefix-tuning"):
        found = paired(frame[frame["method"] == f"{plain}-panda"], frame[frame["method"] == plain], SAME_TARGET)
        if len(found):
            parts.append(found)
    if not parts:
        return Missing("no run yet")
    return of_pairs(store, pd.concat(parts), "adapter and prefix-tuning with PANDA less the same without")


def initialisation(store: Store) -> Measured | Missing:
    """Standard deviation between initialisations of a prompt less that between seeds, averaged over targets."""
    frame = measured.of("figure-02", store)
    frame = frame[frame["method"] == "p-tuning-v2"]
    means = frame.groupby(["plm", "target", "variant"])["score"].mean().unstack()
    seeds = frame[frame["variant"] == ""].groupby(["plm", "target"])["score"].agg(["std", "count"])
    if means.shape[1] < 3 or not (seeds["count"] >= 3).any():
        return Missing("it takes three initialisations, and three seeds of the usual one")
    spread = means.dropna().std(axis=1)
    left = (spread - seeds["std"]).dropna()
    words = "standard deviation between initialisations less that between seeds, mean over targets"
    return over_pairs(left, words, tuple(sorted(frame["id"])), "points")


def small_extra_time(store: Store) -> Measured | Missing:
    """5 % less the extra seconds per step of PANDA over vanilla PoT, in percent."""
    pairs = paired(*(runs_of(store, "table-12", method) for method in ("panda", "vanilla-pot")), SAME_RUN)
    pairs = pairs.dropna(subset="seconds")  # a run that was not trained has no time
    if pairs.empty:
        return Missing("no run yet")
    extra = 100 * (pairs["seconds"] / pairs["seconds_2"] - 1)
    words = "5 % less the extra time of PANDA on the target over vanilla PoT, from records of separate runs"
    return over_pairs(5 - extra, words, run_ids(pairs), "%")


def few_parameters(store: Store) -> Measured | Missing:
    """1 % less the share of model-tuning's parameters that two prompts make."""
    prompts, tuned = runs_of(store, "table-12", "panda"), runs_of(store, "table-12", "model-tuning")
    pairs = paired(prompts, tuned, SAME_TARGET)
    if pairs.empty:
        return Missing("no run yet")
    share = 200 * pairs["trainable_parameters"] / pairs["trainable_parameters_2"]
    return over_pairs(
        1 - share, "1 % less the share of model-tuning's parameters in source and target prompt", run_ids(pairs), "%"
    )
