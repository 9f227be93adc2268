"""Our statistic of each claim on the ablations and analyses: a `Measured`, or a `Missing` with the reason."""

from dataclasses import replace
from itertools import combinations

import pandas as pd

from panda_core.experiments import EXPERIMENTS
from panda_core.paper.claims.effects import (
    Statistic,
    behind,
    difference,
    least_of,
    of_pairs,
    over_targets,
    run_ids,
    runs_of,
)
from panda_core.paper.claims.outcome import Measured, Missing
from panda_core.report import measured
from panda_core.report.measured import SAME_RUN, SAME_TARGET, paired, same_seeds
from panda_core.store import Store

FEW_PARAMETERS = 1.0  # percent


def several_sources(store: Store) -> Measured | Missing:
    """PANDA with either fusion less PANDA from each of the same sources alone: the fusion that gains less."""
    single = runs_of(store, "table-04", "panda")
    words = "{} from three sources less PANDA from each of them, the lesser of the two fusions"
    return least_of(
        [
            difference(runs_of(store, "table-04", method), single, SAME_TARGET, words.format(title))
            for method, title in (("panda-early", "PANDA-Early"), ("panda-late", "PANDA-Late"))
        ]
    )


def fusion_against_rivals(store: Store) -> Measured | Missing:
    """PANDA with either fusion less ATTEMPT and SESoM, on the same sources: the least of the four differences."""
    words = "{} less {}, the least of the four differences"
    return least_of(
        [
            difference(
                runs_of(store, "table-04", ours), runs_of(store, "table-04", rival), SAME_RUN, words.format(ours, rival)
            )
            for ours in ("panda-early", "panda-late")
            for rival in ("attempt", "sesom")
        ]
    )


def _variants(store: Store, exhibit: str, first: str, second: str, words: str) -> Measured | Missing:
    runs = [runs_of(store, exhibit, "panda", variant) for variant in (first, second)]
    return difference(*runs, SAME_RUN, words)


def _others(exhibit: str, than: str) -> list[str]:
    """The variants of PANDA that an exhibit declares, but one."""
    found = ("+".join(use.settings.values()) for use in EXPERIMENTS[exhibit].uses if use.method == "panda")
    return [name for name in found if name != than]


def random_teacher(store: Store) -> Measured | Missing:
    """The source prompt as a teacher less a random one."""
    return _variants(
        store, "table-05", "source", "random", "teacher with the source prompt less teacher with a random one"
    )


def random_teacher_hinders(store: Store) -> Measured | Missing:
    """No transfer less PANDA with a random teacher."""
    none, random = runs_of(store, "table-05", "p-tuning-v2"), runs_of(store, "table-05", "panda", "random")
    pairs = paired(none, random, SAME_TARGET)
    return of_pairs(pairs.assign(source=pairs["source_2"]), "no transfer less PANDA with a random teacher")


def target_like_teacher(store: Store) -> Measured | Missing:
    """The target-like teacher less the source prompt."""
    return _variants(
        store, "table-05", "target-like", "source", "target-like teacher less teacher with the source prompt"
    )


def source_teacher(store: Store) -> Measured | Missing:
    """The source prompt as a teacher less the target-like one."""
    return _variants(
        store, "table-05", "source", "target-like", "teacher with the source prompt less target-like teacher"
    )


def metric_as_weight(store: Store) -> Measured | Missing:
    """The new metric in Eq. 4 less the constant one."""
    return _variants(store, "table-06", "ours", "constant", "similarity of Eq. 2 in Eq. 4 less the constant one")


def every_weight_helps(store: Store) -> Measured | Missing:
    """Every variant of Table VI less vanilla PoT from the same source: the variant that gains least."""
    vanilla = runs_of(store, "table-06", "vanilla-pot")
    words = "PANDA with the metric {} in Eq. 4 less vanilla PoT, the least of the four"
    return least_of(
        [
            difference(runs_of(store, "table-06", "panda", name), vanilla, SAME_RUN, words.format(name))
            for name in _others("table-06", "")
        ]
    )


def mse_loss(store: Store) -> Measured | Missing:
    """MSE less the other losses: the one that it gains least over."""
    return least_of(
        [
            _variants(store, "table-07", "mse", name, f"MSE less {name.upper()}, the lesser of the two differences")
            for name in _others("table-07", "mse")
        ]
    )


def losses_alike(store: Store) -> Measured | Missing:
    """1 point less the difference of two losses, whichever way it goes: the two that differ most.

    KL and CE differ by the teacher's entropy, which no student changes: they have the same gradients.
    """
    words = "1 point less the difference of {} and {}, whichever way it goes, the two losses that differ most"
    pairs = combinations(("mse", "kl", "ce"), 2)
    found = [_variants(store, "table-07", *names, words.format(*map(str.upper, names))) for names in pairs]
    return least_of(found, seen_as=_near)


def _near(found: Statistic) -> Statistic:
    """1 less the size of a difference."""
    least = 0.0 if found.low <= 0 <= found.high else min(abs(found.low), abs(found.high))
    return replace(found, value=1 - abs(found.value), low=1 - max(abs(found.low), abs(found.high)), high=1 - least)


def best_weight(store: Store) -> Measured | Missing:
    """lambda 0.05 less every other lambda: the one that it gains least over."""
    others = _others("figure-04", "0.05")
    words = f"lambda 0.05 less lambda {{}}, the least of the {len(others)} differences"
    return least_of([_variants(store, "figure-04", "0.05", name, words.format(name)) for name in others])


def large_weight_harms(store: Store) -> Measured | Missing:
    """lambda 0.01 less lambda 5: too small a weight against too large a one."""
    return _variants(store, "figure-04", "0.01", "5", "lambda 0.01 less lambda 5")


def small_weight_harms(store: Store) -> Measured | Missing:
    """lambda 0.05 less lambda 0.01."""
    return _variants(store, "figure-04", "0.05", "0.01", "lambda 0.05 less lambda 0.01")


def other_methods(store: Store) -> Measured | Missing:
    """Adapter and prefix-tuning with PANDA less the same without: the one that gains less."""
    words = "{} with PANDA less the same without, the lesser of adapter and prefix-tuning"
    return least_of(
        [
            difference(
                runs_of(store, "figure-06", "panda", kind),
                runs_of(store, "figure-06", plain),
                SAME_TARGET,
                words.format(plain),
            )
            for kind, plain in (("adapter", "adapter"), ("mlp-prefix", "prefix-tuning"))
        ]
    )


def initialisation(store: Store) -> Measured | Missing:
    """Variance between the ways to start a prompt, over what chance gives them, by target.

    A run is a start and a seed. Runs of one seed share their batches and dropout, so the seeds are blocks: without an
    effect of the start, the mean square between starts is expected to be that of the residual of the two-way layout.
    """
    frame = measured.of("figure-02", store)
    frame = same_seeds(frame[frame["method"] == "p-tuning-v2"], ("variant",), ("plm", "target"))
    left = {}
    for key, part in frame.groupby(["plm", "target"]):
        scores = part.pivot_table(index="variant", columns="seed", values="score").to_numpy()
        starts, seeds = scores.shape
        if min(starts, seeds) < 3:
            continue
        residual = scores - scores.mean(axis=0) - scores.mean(axis=1, keepdims=True) + scores.mean()
        chance = (residual**2).sum() / ((starts - 1) * (seeds - 1))
        left[key] = scores.mean(axis=1).var(ddof=1) - chance / seeds
    if not left:
        return Missing("it takes three initialisations with three seeds each")
    found = pd.Series(left)
    words = "variance between initialisations, less what the seeds' own noise adds to it, mean over targets"
    return over_targets(found.groupby(level=1).mean(), words, behind(frame, found.index), "square points")


def few_parameters(store: Store) -> Measured | Missing:
    """1 % less the share of model-tuning's parameters that two prompts make: a count, without chance."""
    prompts, tuned = runs_of(store, "table-12", "panda"), runs_of(store, "table-12", "model-tuning")
    pairs = paired(prompts, tuned, SAME_TARGET)
    if pairs.empty:
        return Missing("no run yet")
    share = 200 * (pairs["trainable_parameters"] / pairs["trainable_parameters_2"])
    left = FEW_PARAMETERS - share
    words = "1 % less the share of model-tuning's parameters in source and target prompt (least and most over the PLMs)"
    scope = f"a count: {', '.join(sorted(pairs['plm'].unique()))}"
    ends = float(left.min()), float(left.max())
    return Measured(float(left.mean()), *ends, words, scope, run_ids(pairs), "%", chance=False)
