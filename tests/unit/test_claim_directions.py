"""Every statistic of ours is counted so that a positive value speaks for its claim: scores by method are invented, the
right answer is worked out by hand."""

import pandas as pd
import pytest
from paper_store import add
from test_paper_effects import pairs_of

from panda_core.paper.audit.composition import SAME, relation
from panda_core.paper.claims import measured_analyses, measured_metrics, measured_side
from panda_core.paper.claims.effects import CELL
from panda_core.report import measured
from panda_core.store import Store
from panda_core.tasks import targets

TARGETS = targets()
ALONE = {"p-tuning-v2", "model-tuning", "adapter", "prefix-tuning"}
LEVELS = {
    ("p-tuning-v2", ""): 50.0, ("vanilla-pot", ""): 53.0, ("panda", ""): 57.0, ("panda-early", ""): 60.0,
    ("panda-late", ""): 62.0, ("attempt", ""): 58.0, ("sesom", ""): 59.0, ("panda", "random"): 49.0,
    ("panda", "source"): 56.0, ("panda", "target-like"): 57.5, ("panda", "constant"): 54.0, ("panda", "e-avg"): 54.5,
    ("panda", "on"): 55.5, ("panda", "ours"): 55.0, ("panda", "mse"): 61.0, ("panda", "ce"): 60.7,
    ("panda", "kl"): 60.2, ("panda", "0.01"): 62.5, ("panda", "0.05"): 63.0, ("panda", "0.1"): 62.9,
    ("panda", "0.5"): 62.2, ("panda", "1"): 61.9, ("panda", "5"): 40.0, ("adapter", ""): 66.0, ("panda", "adapter"): 70.0,
    ("prefix-tuning", ""): 69.5, ("panda", "mlp-prefix"): 72.0,
}  # fmt: skip


@pytest.mark.parametrize(("claim", "expected"), [
    ("several_sources", 60 - 57), ("fusion_against_rivals", 60 - 59), ("random_teacher", 56 - 49),
    ("random_teacher_hinders", 50 - 49), ("target_like_teacher", 57.5 - 56), ("source_teacher", 56 - 57.5),
    ("metric_as_weight", 55 - 54), ("every_weight_helps", 54 - 53), ("mse_loss", 61 - 60.7), ("losses_alike", 1 - 0.8),
    ("best_weight", 63 - 62.9), ("large_weight_harms", 62.5 - 40), ("small_weight_harms", 63 - 62.5),
    ("other_methods", 72 - 69.5),
])  # fmt: skip
def test_claims_on_the_ablations(monkeypatch, claim, expected):
    def runs(_store, _exhibit, method, variant=""):
        source = "" if method in ALONE else "mnli"
        lines = [("minilm-l3", source, t, 0, LEVELS[method, variant], f"{method}{variant}{t}") for t in TARGETS]
        return pd.DataFrame(lines, columns=[*CELL, "seed", "score", "id"])

    monkeypatch.setattr(measured_analyses, "runs_of", runs)
    assert getattr(measured_analyses, claim)(None).value == pytest.approx(expected)


@pytest.mark.parametrize(("claim", "expected"), [
    # PANDA over vanilla PoT on minilm-l3, mean of six sources: -1 within a type, 4 between. The three NLI targets have
    # two sources of their type (14 / 6), COPA, MRPC and STS-B one (19 / 6), the other three none
    ("every_scale", 28.5 / 9), ("gain_over_vanilla", 28.5 / 9 + 0.25), ("prompt_tuning_gap", 7), ("scale_helps", 6),
    ("sensitivity_to_similarity", 2 + 3), ("gain_from_dissimilar", 4 + 1), ("loss_from_similar", 100),
    ("similar_source_helps", (3 * 2 - 6 * 3) / 9), ("dissimilar_source_harms", 3), ("same_against_different", 0.5),
    ("consistency", 100), ("consistency_by_target", 100), ("gain_over_none", 100), ("against_model_tuning", 0),
    ("best_against_model_tuning", -(9 + 2.5) / 2), ("vanilla_from_best_source", -3 + 5 * 3 / 9),
])  # fmt: skip
def test_claims_on_the_grid(monkeypatch, claim, expected):
    """No transfer 50; model-tuning 60 on L3, 54 on L6. Vanilla PoT +2 within a type, -3 between; PANDA -1 and +4 more."""

    def score(plm, method, source, target):
        if method == "model-tuning":
            return 60.0 if plm == "minilm-l3" else 54.0
        if method == "p-tuning-v2":
            return 50.0
        same = relation(source, target) == SAME
        vanilla = 52.0 if same else 47.0
        return vanilla if method == "vanilla-pot" else vanilla + (-1 if same else 4) + 0.5 * (plm == "minilm-l6")

    def runs(_store, _exhibit, method, variant=""):
        sources = ("",) if method in ALONE else ("mnli", "qnli", "qqp", "boolq", "sst2", "conll05")
        lines = [
            (plm, s, t, 0, score(plm, method, s, t), f"{method}{plm}{s}{t}", 0.6 if s and relation(s, t) == SAME else 0.1)
            for plm in ("minilm-l3", "minilm-l6") for s in sources for t in TARGETS
        ]  # fmt: skip
        return pd.DataFrame(lines, columns=[*CELL, "seed", "score", "id", "similarity"])

    monkeypatch.setattr(measured_side, "runs_of", runs)
    assert getattr(measured_side, claim)(None).value == pytest.approx(expected)


def test_the_parameters_of_two_prompts_are_counted(monkeypatch):
    def runs(_store, _exhibit, method, variant=""):
        count = {"panda": 30_000, "model-tuning": 10_000_000}[method]
        row = ("minilm-l3", "mnli" if method == "panda" else "", "stsb", 0, 50.0, method, count)
        return pd.DataFrame([row], columns=[*CELL, "seed", "score", "id", "trainable_parameters"])

    monkeypatch.setattr(measured_analyses, "runs_of", runs)
    assert measured_analyses.few_parameters(None).value == pytest.approx(1 - 2 * 0.3)


def test_what_a_metric_ranks_first_is_the_most_similar_source():
    names = ["mnli", "qnli", "qqp", "sst2", "squad", "boolq", "multirc", "record"]
    scores = {"score": range(50, 58), "first": range(37, 29, -1)}
    runs = pd.DataFrame({"plm": "minilm-l3", "source": names, "target": "cb", "seed": 0, **scores})
    values = pd.DataFrame({"cb": [0.1, 0.7, 0.2, 0.9, 0.3, 0.4, 0.8, 0.0]}, names)

    def best(count, frame=runs):
        return measured_metrics._best_of_first(frame, count)("minilm-l3", "cb", values)

    # SST-2 scores 53, MultiRC 56, QNLI 51
    assert best(1) == 53 and best(3) == 56 and best(1, runs.iloc[:7]) is None
    assert measured_metrics._ranked(runs, "first")("minilm-l3", "cb", values)["score"].iloc[0] == 34


def test_the_two_tendencies_of_the_scales(monkeypatch):
    def every(value):
        return pd.DataFrame(value, list(TARGETS), list(TARGETS))

    found = {
        ("minilm-l6", "ours"): every(0.6), ("minilm-l3", "ours"): every(0.4),
        ("minilm-l3", "e-avg"): every(0.7), ("minilm-l6", "e-avg"): every(0.6),
    }  # fmt: skip
    monkeypatch.setattr(measured_metrics.similarity, "matrices", lambda store: found)
    monkeypatch.setattr(measured_metrics, "embedded", lambda store: pairs_of({("mnli", t): 0.0 for t in TARGETS}))
    assert measured_metrics.similarity_by_scale(None).value == pytest.approx(0.1)


def test_transfer_is_predicted_after_the_first_epoch(tmp_path):
    """At their best the scores rise with the similarity, after the first epoch they fall."""
    own = Store(tmp_path)
    for i, source in enumerate(("mnli", "qnli", "qqp", "sst2", "squad", "boolq", "multirc", "conll03")):
        for target in ("cb", "copa", "wsc", "rte", "mrpc"):
            add(own, 0.6 + 0.05 * i, first=50.0 - i, method="vanilla-pot", sources=(source,), target=target)
            add(own, 0.6, i / 10, method="panda", sources=(source,), target=target)
    vanilla = measured.runs(own).query("method == 'vanilla-pot' and source == 'qnli'")
    assert set(vanilla["first"]) == {49.0}
    assert measured_side.predicts_transfer(own).value == pytest.approx(-1)
