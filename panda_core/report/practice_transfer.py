"""Transfers between practice tasks as measured: do sources of the target's own cluster help more than others?

A gain is the score of vanilla transfer less that of P-Tuning v2 on the same target, seed by seed and, for intervals,
resample by resample: a paired bootstrap.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from panda_core.experiments.practice import SHORT_TARGETS, SOURCES
from panda_core.practice import CLUSTERS, expected_transfer
from panda_core.report.html import Layer, Markup, cell, with_interval
from panda_core.report.practice import Runs, beyond_majority, majority, title_with_cluster, titled
from panda_core.resampling import interval
from panda_core.tasks import get_task

GAINS = (
    "Target", "Source", "Same cluster", "Shared skill", "P-Tuning v2", "From the source", "Gain", "Gain of each seed",
)  # fmt: skip
KIN = (
    "Target", "From its own cluster", "From the others", "Difference", "Difference of each seed", "Own cluster helps",
)  # fmt: skip


class Gain(NamedTuple):
    """Points gained: the mean over the seeds, its replicates [RESAMPLES], and each seed's."""

    mean: float
    replicates: np.ndarray
    seeds: np.ndarray

    def less(self, other: "Gain") -> "Gain":
        """The difference of two gains, seed by seed and resample by resample."""
        return Gain(*(mine - its for mine, its in zip(self, other, strict=True)))

    def shown(self) -> str:
        """The mean with its interval."""
        return with_interval(self.mean, *interval(self.replicates))

    def by_seed(self) -> str:
        """The value of each seed."""
        return ", ".join(cell(seed, 1, True) for seed in self.seeds)


def average(gains: Sequence[Gain]) -> Gain:
    """The mean of several gains, each of which counts once."""
    return Gain(*(np.mean(part, axis=0) for part in zip(*gains, strict=True)))


def gains(measured: Runs) -> dict[tuple[str, str], Gain]:
    """Gain of each (source, target) whose runs were all made."""
    found = {}
    for (source, target), run in measured.items():
        alone = measured.get(("", target))
        if source and alone:
            seeds = np.subtract(run.seeds, alone.seeds)
            found[source, target] = Gain(run.mean - alone.mean, run.replicates - alone.replicates, seeds)
    return found


def kin(measured: Runs) -> dict[str, tuple[Gain, Gain]]:
    """By target: the mean gain from sources of its own cluster, and from others; for targets with all their runs."""
    found, sides = gains(measured), {}
    for target in SHORT_TARGETS:
        if all((source, target) in found for source in SOURCES):
            groups = {True: [], False: []}
            for source in SOURCES:
                groups[CLUSTERS[source] == CLUSTERS[target]].append(found[source, target])
            sides[target] = average(groups[True]), average(groups[False])
    return sides


def overall(measured: Runs) -> tuple[Gain, Gain] | None:
    """`kin` averaged over the targets, each of which counts once; None while runs of a target are missing."""
    sides = kin(measured)
    if len(sides) < len(SHORT_TARGETS):
        return None
    own, other = zip(*sides.values(), strict=True)
    return average(own), average(other)


def layers(measured: Runs) -> list[Layer]:
    """The measured gain and the shared skill of the pairs that were tried, one view each."""
    found = gains(measured)
    gain = {s: {t: found[s, t].mean if (s, t) in found else np.nan for t in SHORT_TARGETS} for s in SOURCES}
    shared = {s: {t: expected_transfer(s, t) for t in SHORT_TARGETS} for s in SOURCES}
    return [
        Layer(("measured gain",), titled(gain), True, 1, "Points gained by the start from the source's prompt."),
        Layer(("shared skill",), titled(shared), False, 1, "What source and target share, from 0 to 1."),
    ]


def gains_table(measured: Runs) -> pd.DataFrame:
    """One line per pair: whether it shares a cluster and how much skill, the gain with its interval, and each seed."""
    lines = []
    for (source, target), gain in gains(measured).items():
        skill = expected_transfer(source, target)
        lines.append(
            (
                get_task(target).title, get_task(source).title,
                "yes" if CLUSTERS[source] == CLUSTERS[target] else "no", Markup(f"{skill:.1f}", skill),
                measured["", target].mean, measured[source, target].mean, Markup(gain.shown(), gain.mean),
                gain.by_seed(),
            )
        )  # fmt: skip
    return pd.DataFrame(lines, columns=GAINS)


def kin_table(measured: Runs) -> pd.DataFrame:
    """One line per target, and one for their mean: gain from its own cluster, from others, and the difference."""
    lines = {title_with_cluster(target): sides for target, sides in kin(measured).items()}
    if mean := overall(measured):
        lines["Mean of the targets"] = mean
    rows = []
    for title, (own, other) in lines.items():
        difference = own.less(other)
        sides = (Markup(gain.shown(), gain.mean) for gain in (own, other, difference))
        rows.append((title, *sides, difference.by_seed(), verdict(difference)))
    return pd.DataFrame(rows, columns=KIN)


def verdict(difference: Gain) -> str:
    """"more" or "less" where the whole interval and every seed say so; else that it cannot be told."""
    low, high = interval(difference.replicates)
    if low > 0:
        return "more" if min(difference.seeds) > 0 else "more on average, but not with every seed"
    if high < 0:
        return "less" if max(difference.seeds) < 0 else "less on average, but not with every seed"
    return "cannot be told"


def describe(measured: Runs) -> str:
    """Whether sources of the same cluster help more than others, on average and target by target."""
    mean, sides, found = overall(measured), kin(measured), gains(measured)
    if not mean:
        return "Not all of these runs were made, so that the two kinds of sources cannot be compared."
    own, other = mean
    difference = own.less(other)
    said = verdict(difference)
    sentences = [
        f"A source of the target's own cluster changes the score by {own.shown()} points on average, one of another "
        f"cluster by {other.shown()}.",
        f"The difference is {difference.shown()} points ({difference.by_seed()} with each seed): "
        + ("the two kinds of sources cannot be told apart." if said == "cannot be told"
           else f"on average over these {len(sides)} targets, related sources help {said}."),
    ]  # fmt: skip
    kinds = {target: verdict(a.less(b)) for target, (a, b) in sides.items()}
    for kind in ("more", "less"):
        titles = [get_task(target).title for target, said in kinds.items() if said == kind]
        if titles:
            sentences.append(f"Taken alone, {kind} with every seed: {', '.join(titles)}.")
    rest = [get_task(target).title for target, said in kinds.items() if said not in ("more", "less")]
    if rest:
        sentences.append(f"Taken alone, it is not beyond doubt on {', '.join(rest)}.")
    for target in SHORT_TARGETS:
        source = max(SOURCES, key=lambda name: found[name, target].mean)
        where = "of its own cluster" if CLUSTERS[source] == CLUSTERS[target] else "of another cluster"
        sentences.append(
            f"{get_task(target).title}: best from {get_task(source).title}, {where}, {found[source, target].shown()}."
        )
    return " ".join(sentences)


def describe_sources(own: Runs) -> str:
    """Which sources learned their own task, so that their prompts have something to carry over."""
    runs = {source: own["", source] for source in SOURCES if ("", source) in own}
    if len(runs) < len(SOURCES):
        return "Not all sources were trained, so that it cannot be said what their prompts have to carry over."
    empty = [source for source, run in runs.items() if not beyond_majority(run, source)]
    if not empty:
        return "Every source is above the majority of its own task, with the whole interval of every seed."
    listed = [f"{get_task(name).title} ({runs[name].mean:.1f} against {majority(name):.1f})" for name in empty]
    related = [get_task(t).title for t in SHORT_TARGETS if CLUSTERS[t] in {CLUSTERS[name] for name in empty}]
    return (
        f"Not beyond doubt above the majority of its own task: {', '.join(listed)}. Such a prompt has learned little "
        f"that could be carried over; where it stands below for the own cluster of {', '.join(related)}, the "
        "comparison is not a fair one."
    )


def describe_declared(measured: Runs) -> str:
    """Where the measured gains are not what the declared skills say."""
    found = gains(measured)
    if len(found) < len(SOURCES) * len(SHORT_TARGETS):
        return ""
    shared = {pair: expected_transfer(*pair) for pair in found}
    agreement = spearmanr(list(shared.values()), [gain.mean for gain in found.values()]).statistic
    said = {pair: verdict(gain) for pair, gain in found.items()}
    groups = {
        "Declared to share nothing, and yet a gain with every seed": [
            pair for pair in found if shared[pair] == 0 and said[pair] == "more"
        ],
        "Declared to share half of the target's skills or more, and no such gain": [
            pair for pair in found if shared[pair] >= 0.5 and said[pair] != "more"
        ],
    }
    text = f"Over the {len(found)} pairs, shared skill and gain have a rank correlation of {cell(agreement, 2)}."
    for words, pairs in groups.items():
        listed = [
            f"{get_task(source).title} to {get_task(target).title} ({cell(found[source, target].mean, 1, True)})"
            for source, target in pairs
        ]
        if listed:
            text += f" {words}: {', '.join(listed)}."
    return text
