"""The statistics behind the verdicts, on numbers whose right answer is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from panda_core.intervals import t_interval
from panda_core.paper import printed
from panda_core.paper.audit.best_of import expected_best
from panda_core.paper.claims import Measured, Missing, measured_analyses, measured_metrics, measured_side
from panda_core.paper.claims.effects import CELL, contrast, least_of, of_pairs, over_targets, share_not_lower
from panda_core.paper.claims.outcome import Without
from panda_core.paper.claims.printed_grid import PRINTED
from panda_core.tasks import targets

TARGETS = targets()


def pairs_of(gains, seeds: int = 1) -> pd.DataFrame:
    """Pairs of runs on minilm-l3 from {(source, target): gain}."""
    lines = [
        ("minilm-l3", source, target, seed, 50.0 + gain, 50.0, f"a-{source}-{target}-{seed}", f"b-{target}-{seed}")
        for (source, target), gain in gains.items()
        for seed in range(seeds)
    ]
    return pd.DataFrame(lines, columns=[*CELL, "seed", "score", "score_2", "id", "id_2"])


def every(value) -> dict:
    """`value(source, target)` for six sources and all targets."""
    return {(s, t): value(s, t) for s in ("mnli", "qnli", "sst2", "qqp", "boolq", "squad") for t in TARGETS}


def test_the_interval_is_students():
    runs = pairs_of({("mnli", t): 0.0 for t in TARGETS})
    found = over_targets(pd.Series(range(1, 10), TARGETS), "w", runs)
    # standard deviation 2.739, divided by 3; t with 8 degrees of freedom 2.306
    assert (found.value, found.low, found.high) == pytest.approx((5, 5 - 2.105, 5 + 2.105), abs=0.001)


def test_each_target_is_left_out_once():
    runs = pairs_of({("mnli", t): 0.0 for t in TARGETS})
    found = over_targets(pd.Series([*range(1, 6), 21.0], TARGETS[:6]), "w", runs)
    assert found.value == 6 and [rest.target for rest in found.without] == list(TARGETS[:6])
    last = found.without[-1]
    # 1 to 5: mean 3, standard deviation 1.581, divided by the root of 5; t with 4 degrees of freedom 2.776
    assert (last.value, last.low, last.high) == pytest.approx((3, 3 - 1.963, 3 + 1.963), abs=0.001)
    assert over_targets(pd.Series(range(5), TARGETS[:5]), "w", runs).without == ()


def test_the_interval_covers_the_truth_as_often_as_it_says():
    draws = np.random.default_rng(1).normal(0.3, [1, 2, 3, 1, 2, 3, 1, 2, 3], size=(2000, 9))
    found = [t_interval(line) for line in draws]
    assert 0.93 < np.mean([low <= 0.3 <= high for low, high in found]) < 0.97


def test_four_targets_are_too_few():
    pairs = pairs_of({("mnli", t): 1.0 for t in TARGETS[:4]})
    assert of_pairs(pairs, "w") == Missing("4 of the 5 targets that an interval takes were run")


def test_every_target_has_one_vote_and_every_source_in_it():
    gains = {("mnli", t): 1.0 for t in TARGETS} | {("qnli", "cb"): 10.0}
    assert of_pairs(pairs_of(gains), "w").value == pytest.approx((8 * 1 + 5.5) / 9)
    # three seeds of one cell weigh as one
    more = pd.concat([pairs_of(gains), pairs_of({("qnli", "cb"): 10.0}, seeds=3)])
    assert of_pairs(more, "w").value == pytest.approx((8 * 1 + 5.5) / 9)


def test_the_scope_says_how_many_seeds():
    one, three = pairs_of({("mnli", t): 1.0 for t in TARGETS}), pairs_of({("mnli", t): 1.0 for t in TARGETS[:4]}, 3)
    assert of_pairs(one, "w").scope == "9 targets, 9 cells; minilm-l3 1 seed"
    both = pd.concat([one, three]).drop_duplicates("id").assign(plm="minilm-l6")
    assert of_pairs(pd.concat([one, both]), "w").scope == "9 targets, 18 cells; minilm-l3 1 seed, minilm-l6 1 to 3 seeds"


def test_a_contrast_is_taken_within_targets():
    effect = dict(zip(TARGETS, range(0, 90, 10), strict=True))  # targets differ much, sources by 2
    inside = pairs_of({("mnli", t): effect[t] + 2.0 for t in TARGETS})
    outside = pairs_of({("sst2", t): float(effect[t]) for t in TARGETS[:6]})
    found = contrast(inside, outside, "w")
    assert (found.value, found.low, found.high) == pytest.approx((2, 2, 2))
    assert found.scope.startswith("6 targets, 12 cells")


def test_a_contrast_is_taken_within_plms():
    """One PLM gains 10 more than the other, and has sources of one kind only on four targets."""
    small = pairs_of({(s, t): 1.0 + 2.0 * (s == "mnli") for s in ("mnli", "sst2") for t in TARGETS})
    large = pairs_of({("sst2", t): 11.0 for t in TARGETS[:4]}).assign(plm="minilm-l6")
    both = pd.concat([small, large])
    found = contrast(both[both["source"] == "mnli"], both[both["source"] == "sst2"], "w")
    assert (found.value, found.low, found.high) == pytest.approx((2, 2, 2))
    assert found.scope == "9 targets, 18 cells; minilm-l3 1 seed"


def test_a_plm_with_few_sources_does_not_narrow_the_others():
    gains = every(lambda source, target: -1.0 if target == "cb" else 1.0)
    few = pairs_of({(s, t): -1.0 for s in ("mnli", "qnli") for t in TARGETS}).assign(plm="minilm-l6")
    found = share_not_lower(pd.concat([pairs_of(gains), few]), "target", "source", "w")
    assert found.value == pytest.approx(100 * 8 / 9)
    assert found.scope == (
        "9 rows (PLM and target), 54 cells; minilm-l3 1 seed; sources resampled; by PLM: minilm-l3 89 %"
    )
    assert share_not_lower(few, "target", "source", "w").reason.endswith("9 rows (PLM and target) with 2 sources in common")


def test_a_share_of_sources():
    gains = every(lambda source, target: -1.0 if source == "squad" else 1.0)
    found = share_not_lower(pairs_of(gains), "source", "target", "w")
    assert (found.value, found.low, found.high) == pytest.approx((100 * 5 / 6,) * 3)
    assert found.scope.startswith("6 rows (PLM and source), 54 cells; minilm-l3 1 seed; targets resampled; by PLM")
    assert not found.two_sided
    by_target = share_not_lower(pairs_of(gains), "target", "source", "w")
    # a target's mean is 4/6; it falls below 0 where SQuAD is drawn four times of six or more
    assert by_target.value == 100 and by_target.low == 100


def test_a_share_near_the_edge_has_a_wide_interval():
    gains = every(lambda source, target: 0.1 if target != "cb" else -0.7)
    found = share_not_lower(pairs_of(gains), "source", "target", "w")
    assert found.value == 100 and found.low == 0 and found.high == 100


def test_the_interval_of_a_share_holds_the_share():
    gains = every(lambda source, target: -50.0 if target == "cb" and source == "mnli" else 5.0)
    found = share_not_lower(pairs_of(gains), "source", "target", "w")
    # MNLI falls below 0 where CB is drawn once or more, in 65 % of the resamples
    assert found.value == pytest.approx(100 * 5 / 6) and found.low == pytest.approx(100 * 5 / 6) and found.high == 100
    certain = every(lambda source, target: 9.0 if target == "cb" else -1.0)
    assert share_not_lower(pairs_of(certain), "source", "target", "w").high == 100


def test_the_least_of_several():
    """A comparison of 9 targets has t = 2.306 with 8 degrees of freedom; at the level of two, 2.752."""
    wide, narrow = (Measured(v, v - half, v + half, w, "s", (w,), units=9) for v, half, w in ((1.2, 3, "w"), (1, 0.5, "n")))
    found = least_of([wide, narrow])
    assert (found.value, found.words, found.runs) == (1, "n", ("n", "w")) and found.two_sided
    assert (found.low, found.high) == pytest.approx((1.2 - 3, 1 + 0.5 * 2.752 / 2.306), abs=1e-3)
    assert least_of([wide]) == wide
    assert least_of([narrow, Missing("no run yet")]) == Missing("no run yet")


def test_the_interval_of_the_least_covers_it_as_often_as_it_says():
    """Whether the truths of four comparisons are equal or far apart, on either side."""
    draws = np.random.default_rng(3)
    for truths in ((0, 0, 0, 0), (0, 0.5, 1, 3)):
        above = below = 0
        for _ in range(1000):
            found = []
            for truth in truths:
                values = draws.normal(truth, 1, 9)
                found.append(Measured(float(values.mean()), *t_interval(values), "w", "s", (), units=9))
            least = least_of(found)
            above, below = above + (least.low > min(truths)), below + (least.high < min(truths))
        assert above < 40 and below < 40


def test_the_least_of_several_without_a_target():
    wide = Measured(1.0, -0.5, 2.0, "w", "s", ("a",), without=(Without("cb", 3, 2, 4), Without("rte", 1, -1, 3)), units=9)
    narrow = Measured(1.0, 0.5, 2.0, "w", "s", ("b",), without=(Without("cb", 1, 0, 2),), units=9)
    (without,) = least_of([narrow, wide]).without
    # 8 targets are left: t is 2.365 with 7 degrees of freedom, 2.841 at the level of two
    assert (without.target, without.value, without.low) == ("cb", 1, 0)
    assert without.high == pytest.approx(1 + 2.841 / 2.365, abs=1e-3)


def test_the_best_source_is_not_chosen_by_the_score_it_is_judged_by(monkeypatch):
    draws = np.random.default_rng(2)
    sources = [f"s{i}" for i in range(20)]
    none = pd.DataFrame([("minilm-l3", "", t, 0, 0.0, t) for t in TARGETS], columns=[*CELL, "seed", "score", "id"])
    values, naive = [], []
    for _ in range(100):
        scores = draws.normal(size=(20, 9))
        panda = pd.DataFrame(
            [("minilm-l3", s, t, 0, scores[i, j], f"{s}-{t}") for i, s in enumerate(sources) for j, t in enumerate(TARGETS)],
            columns=[*CELL, "seed", "score", "id"],
        )
        frames = {"panda": panda, "model-tuning": none}
        monkeypatch.setattr(measured_side, "runs_of", lambda _s, _e, method, frames=frames: frames[method])
        values.append(measured_side.best_against_model_tuning(None).value)
        naive.append(scores.mean(axis=1).max())
    assert np.mean(naive) > 0.5
    assert abs(np.mean(values)) < 4 * np.std(values) / 10


def test_alike_is_a_distance_to_one_point(monkeypatch):
    gap = Measured(-0.2, -0.5, 0.1, "w", "s", ("a",), without=(Without("cb", 0.4, 0.3, 0.5),), units=9)
    equal = replace(gap, value=0.0, low=0.0, high=0.0, without=(Without("cb", 0.0, 0.0, 0.0),))
    between = {frozenset(("kl", "ce")): equal}
    monkeypatch.setattr(measured_analyses, "_variants", lambda _s, _e, *two: between.get(frozenset(two[:2]), gap))
    found = measured_analyses.losses_alike(None)
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.5, 1.0))
    (without,) = found.without
    # the upper end of the least of three: t with 7 degrees of freedom is 3.128 instead of 2.365
    assert (without.value, without.low, without.high) == pytest.approx((0.6, 0.5, 0.6 + 0.1 * 3.128 / 2.365), abs=1e-3)


STARTS = {"": 0.0, "sparse": 5.0, "constant": -5.0}


@pytest.mark.parametrize(
    ("noise", "expected"),
    [
        ((0, 0, 0), 25.0),  # the variance of 0, 5 and -5
        # by hand: starts' means 0, 6, -6 (variance 36); residuals ±1 in four of nine cells, 4 / 4 degrees = 1; 36 - 1 / 3
        ((0, 1, 2), 36 - 1 / 3),
    ],
)
def test_initialisations_are_compared_within_seeds(monkeypatch, noise, expected):
    """Whatever a seed does to all starts alike does not count."""
    lines = []
    for target in TARGETS:
        for seed, (shift, more) in enumerate(zip((-3.0, 0.0, 3.0), noise, strict=True)):
            lines += [("minilm-l3", "", target, seed, start, 50 + shift + move * (1 + more / 5), f"{target}{seed}{start}")
                      for start, move in STARTS.items()]  # fmt: skip
    frame = pd.DataFrame(lines, columns=[*CELL, "seed", "variant", "score", "id"]).assign(method="p-tuning-v2")
    monkeypatch.setattr(measured_analyses.measured, "of", lambda *_: frame)
    found = measured_analyses.initialisation(None)
    assert (found.value, found.low) == pytest.approx((expected, expected))
    assert found.scope.endswith("minilm-l3 3 seeds") and found.unit == "square points"


def test_starts_that_do_nothing_have_no_variance_on_average(monkeypatch):
    generator = np.random.default_rng(0)
    lines = [("minilm-l3", "", f"target {n}", seed, start, generator.normal(50, 2), f"{n}{seed}{start}")
             for n in range(2000) for seed in range(3) for start in STARTS]  # fmt: skip
    frame = pd.DataFrame(lines, columns=[*CELL, "seed", "variant", "score", "id"]).assign(method="p-tuning-v2")
    monkeypatch.setattr(measured_analyses.measured, "of", lambda *_: frame)
    found = measured_analyses.initialisation(None)
    assert found.low < 0 < found.high and abs(found.value) < 0.2


def test_the_printed_grid_takes_the_place_of_a_store():
    found = measured_side.gain_over_vanilla(PRINTED)
    cells = printed.pairs()
    gain = (cells["panda"] - cells["vanilla"]).groupby([cells["target"]]).mean()
    by_scipy = stats.t.interval(0.95, 8, gain.mean(), stats.sem(gain))
    assert (found.value, found.low, found.high) == pytest.approx((gain.mean(), *by_scipy))
    assert found.value == pytest.approx(2.28, abs=0.01) and len(found.runs) == 2 * 945
    assert isinstance(measured_side.predicts_transfer(PRINTED), Missing)  # no similarities are printed
    assert measured_side.consistency(PRINTED).value == 100


def test_a_random_teacher_is_held_against_no_transfer(monkeypatch):
    def runs(source, gain):
        lines = [("minilm-l3", source, t, 0, 50.0 + gain, f"{source}{t}") for t in TARGETS]
        return pd.DataFrame(lines, columns=[*CELL, "seed", "score", "id"])

    frames = {"p-tuning-v2": runs("", 0.0), "panda": runs("mnli", -2.0)}
    monkeypatch.setattr(measured_analyses, "runs_of", lambda _s, _e, method, variant="": frames[method])
    found = measured_analyses.random_teacher_hinders(None)
    assert found.value == pytest.approx(2) and found.scope.startswith("9 targets, 9 cells")


def test_ranks_by_type():
    tasks = ["cb", "rte", "mnli", "mrpc", "sst2"]  # three of NLI, two of others
    values = pd.DataFrame(np.eye(5), tasks, tasks)
    values["cb"] = [1.0, 0.5, 0.2, 0.3, 0.1]
    # of the pairs (RTE, MNLI) x (MRPC, SST-2) only MNLI under MRPC is the wrong way round
    assert measured_metrics.ranked_by_type("minilm-l3", "cb", values) == pytest.approx(3 / 4)
    assert measured_metrics.ranked_by_type("minilm-l3", "mrpc", values) is None


def test_a_metric_is_held_against_its_strongest_rival():
    values = {"ours": 3.0, "on": 1.0, "e-avg": 2.5}
    matrices = {("minilm-l3", m): pd.DataFrame(v, list(TARGETS), list(TARGETS)) for m, v in values.items()}
    runs = pairs_of({("mnli", t): 0.0 for t in TARGETS})
    worth = measured_metrics._worth(matrices, lambda _p, t, v: v.loc[t, t], ("on", "e-avg"))
    found = measured_metrics._against(worth, runs, "less {}", "points")
    assert found.value == pytest.approx(0.5) and found.words == "less E_avg"


def test_the_expected_best_of_three():
    scores = [1.0, 2.0, 3.0, 4.0]
    assert expected_best(scores, 3) == pytest.approx((3 + 4 + 4 + 4) / 4)
    assert expected_best(scores, 1) == pytest.approx(2.5)
