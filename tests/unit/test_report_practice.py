"""The page on the practice suite: what its numbers and sentences are made of."""

import ast

import jupytext
import numpy as np
import pandas as pd
import pytest

from panda_core.experiments import Parameters, runs_of
from panda_core.experiments.practice import SHORT_TARGETS, SOURCES
from panda_core.practice import CLUSTERS
from panda_core.report import practice, practice_transfer
from panda_core.report.practice import Measured
from panda_core.store import Store
from panda_core.tasks import targets


def run(*seeds, spread=1.0):
    """Scores of the seeds, with replicates of their mean at even steps over `spread` points on both sides."""
    return Measured(seeds, np.mean(seeds) + np.linspace(-spread, spread, 1000), tuple(s - spread for s in seeds))


@pytest.fixture
def brief():
    """Every pair gains 10 points within its cluster and 2 outside; without a source the score is 50."""
    alone = {("", target): run(49.0, 50.0, 51.0, spread=0.0) for target in SHORT_TARGETS}
    pairs = {
        (s, t): run(*(50 + (10 if CLUSTERS[s] == CLUSTERS[t] else 2) + d for d in (-2.0, 0.0, 2.0)), spread=0.5)
        for s in SOURCES
        for t in SHORT_TARGETS
    }
    return alone | pairs


def test_the_experiment_has_every_target_alone_and_every_pair_in_three_seeds():
    blocks = runs_of(["practice"], Parameters())
    specs = [spec for block in blocks for spec in block]
    assert {spec.seed for spec in specs} == {0, 1, 2} and {spec.data for spec in specs} == {"practice"}
    alone = [spec for spec in specs if not spec.sources]
    assert {spec.target for spec in alone if spec.training.steps == 250} == set(targets())
    pairs = {(spec.sources[0], spec.target) for spec in specs if spec.sources}
    assert pairs == {(s, t) for s in SOURCES for t in SHORT_TARGETS}
    brief = {(spec.training.lr, spec.training.steps) for spec in specs if spec.sources or spec.training.steps != 250}
    assert len(brief) == 1, "transfer and no transfer need the same budget"


def test_every_target_of_the_comparison_has_a_source_of_its_cluster_and_one_of_another():
    for target in SHORT_TARGETS:
        same = {CLUSTERS[source] == CLUSTERS[target] for source in SOURCES}
        assert same == {True, False}


def test_the_majority_is_the_most_frequent_answer():
    assert practice.majority("rte") == 50.0
    assert practice.majority("cb") == 45.0
    assert practice.majority("cola") == practice.majority("stsb") == practice.majority("conll04") == 0.0


def test_gains_are_paired_by_seed(brief):
    gain = practice_transfer.gains(brief)["qqp", "mrpc"]
    assert gain.mean == pytest.approx(10.0)
    assert gain.seeds == pytest.approx((9.0, 10.0, 11.0))
    assert (gain.replicates.min(), gain.replicates.max()) == pytest.approx((9.5, 10.5))


def test_each_target_counts_once_on_each_side(brief):
    own, other = practice_transfer.overall(brief)
    assert (own.mean, other.mean) == pytest.approx((10.0, 2.0))
    assert own.seeds == pytest.approx((9.0, 10.0, 11.0))
    brief["boolq", "rte"] = run(80.0, 80.0, 80.0)  # 30 points, one of the four foreign sources of one target of four
    assert practice_transfer.kin(brief)["rte"][1].mean == pytest.approx((30 + 2 + 2 + 2) / 4)
    assert practice_transfer.overall(brief)[1].mean == pytest.approx((2.0 * 3 + (30 + 2 + 2 + 2) / 4) / 4)


def test_the_sentences_follow_the_numbers(brief):
    text = practice_transfer.describe(brief)
    assert "The difference is +8.0" in text and "related sources help more." in text
    assert "Taken alone, more with every seed: RTE, COPA, MRPC, CoNLL04." in text
    swapped = {
        (s, t): run(*(110.0 - score for score in found.seeds), spread=0.5) if s else found
        for (s, t), found in brief.items()
    }
    assert "related sources help less." in practice_transfer.describe(swapped)
    del brief["qqp", "mrpc"]
    assert "cannot be compared" in practice_transfer.describe(brief)


def test_the_table_of_kinship_has_the_difference_of_each_target_and_of_their_mean(brief):
    frame = practice_transfer.kin_table(brief).set_index("Target")
    assert list(frame.index)[-1] == "Mean of the targets" and len(frame) == len(SHORT_TARGETS) + 1
    assert frame.loc["RTE (inference)", "Difference of each seed"] == "+8.0, +8.0, +8.0"
    assert frame.loc["RTE (inference)", "Difference"].key == pytest.approx(8.0)
    assert set(frame["Own cluster helps"]) == {"more"}
    del brief["qqp", "mrpc"]
    frame = practice_transfer.kin_table(brief)
    assert len(frame) == len(SHORT_TARGETS) - 1 and "Mean of the targets" not in set(frame["Target"])


def test_sources_that_did_not_learn_their_own_task_are_named():
    own = {("", source): run(80.0, 81.0, 82.0) for source in SOURCES}
    assert practice_transfer.describe_sources(own).startswith("Every source is above the majority")
    own["", "boolq"] = run(50.3, 52.0, 51.3, spread=4.0)
    text = practice_transfer.describe_sources(own)
    assert "of its own task: BoolQ (51.2 against 50.0)." in text and "for the own cluster of COPA, the comparison is" in text
    del own["", "qqp"]
    assert "cannot be said" in practice_transfer.describe_sources(own)
    assert practice.majority("boolq") == 50.0 and practice.majority("ontonotes") == 0.0


def test_gains_that_the_declared_skills_do_not_announce_are_named(brief):
    brief["boolq", "copa"] = run(40.0, 41.0, 42.0)
    text = practice_transfer.describe_declared(brief)
    assert "MNLI to COPA (+2.0)" in text.partition("Declared to share half")[0]
    assert text.endswith("and no such gain: BoolQ to COPA (−9.0).")
    del brief["boolq", "copa"]
    assert practice_transfer.describe_declared(brief) == ""


def test_the_sources_table_and_the_targets_table_are_alike():
    frame = practice.learned_table({("", "boolq"): run(60.0, 70.0, 80.0)}, SOURCES, "Source")
    assert frame.loc[frame["Source"] == "BoolQ", "Seeds"].item() == "60.0, 70.0, 80.0"


@pytest.mark.parametrize(
    ("middle", "seeds", "said"),
    [
        (2.0, (1.0, 2.0, 3.0), "more"),
        (2.0, (-0.5, 2.0, 4.5), "more on average, but not with every seed"),
        (0.5, (0.1, 0.5, 0.9), "cannot be told"),
        (-2.0, (-1.0, -2.0, -3.0), "less"),
        (-2.0, (0.5, -2.0, -4.5), "less on average, but not with every seed"),
    ],
)
def test_a_verdict_needs_the_whole_interval_and_every_seed(middle, seeds, said):
    difference = practice_transfer.Gain(middle, middle + np.linspace(-1, 1, 1000), np.array(seeds))
    assert practice_transfer.verdict(difference) == said


def test_what_is_not_learned_is_said():
    measured = {("", target): run(99.0, 98.0, 97.5, spread=0.2) for target in targets()}
    measured["", "rte"] = run(49.0, 60.0, 61.0)
    text = practice.describe_learned(measured)
    assert "on 8 of 9 targets" in text
    assert "not beyond doubt, on RTE (56.7 against 50.0)" in text
    assert "with little room left: CB" in text


def test_tables_have_a_line_for_every_target_even_without_runs():
    assert len(practice.learned_table({})) == len(targets())
    assert set(practice.learned_table({("", "rte"): run(60.0, 70.0, 80.0)})["Seeds"].dropna()) == {"60.0, 70.0, 80.0"}


def test_an_empty_store_names_what_is_missing(tmp_path):
    measured, records, missing = practice.learned(Store(tmp_path))
    assert measured == {} and records == [] and len(missing) == 27
    assert "27 runs of this page were not made" in practice.head(records, missing)
    assert "not made" not in practice.head(records, [])
    for frame in (practice_transfer.gains_table({}), practice_transfer.kin_table({})):
        assert len(frame) == 0 and "Target" in frame


def test_the_map_shows_the_declared_structure(brief):
    shared = practice.shared_skill().values
    assert shared.shape == (21, 9)
    assert shared.loc["QQP (semantic matching)", "MRPC (semantic matching)"] == pytest.approx(1.0)
    assert shared.loc["QQP (semantic matching)", "RTE (inference)"] == pytest.approx(0.3)
    assert shared.loc["SST-2 (others)", "MRPC (semantic matching)"] == 0.0
    gain, skill = practice_transfer.layers(brief)
    assert gain.values.loc["MNLI (inference)", "RTE (inference)"] == pytest.approx(10.0)
    pd.testing.assert_index_equal(gain.values.index, skill.values.index)


def test_samples_are_training_examples_with_labels_in_words():
    frame = practice.samples(2)
    assert len(frame) == 2 * len(targets())
    assert set(frame.loc[frame["Target"] == "RTE", "Label"]) <= {"entailment", "not_entailment"}
    assert frame.loc[frame["Target"] == "CoNLL04", "Label"].str.contains("B-").all()


def test_the_page_can_be_made_before_any_run_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PANDA_STORE", str(tmp_path))
    cells = jupytext.read("notebooks/experiments/practice-suite.py").cells
    shown = {}
    for cell in cells:
        if cell.cell_type == "code":
            *before, last = ast.parse(cell.source).body
            exec(compile(ast.Module(before, []), "cell", "exec"), shown)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), "cell", "eval"), shown)
                shown.setdefault("pages", []).append(value.data)
            else:
                exec(compile(ast.Module([last], []), "cell", "exec"), shown)
    text = " ".join(shown["pages"])
    assert "<code>panda grid practice</code> makes them" in text
    assert "Not all of these runs were made" in text
