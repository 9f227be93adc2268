"""The similarity exhibits, from made-up task embeddings whose cosines are known."""

import shutil

import numpy as np
import pandas as pd
import pytest
import torch
from paper_store import add

from panda_core.paper.claims import Missing, measured_metrics
from panda_core.report import choice, exhibit_page, measured, sampling, similarity_page
from panda_core.report.similarity import (
    by_samples,
    embedded,
    embeddings_of,
    matrices,
    matrix,
    of_common_tasks,
    sources_of_targets,
)
from panda_core.store import Store
from panda_core.transferability.stored import Embedding, EmbeddingKey, save_embedding

# Directions in a plane, in degrees: MNLI and QNLI are close to CB and RTE (NLI), SST-2 is far from all.
DEGREES = {"mnli": 0, "qnli": 10, "cb": 20, "rte": 30, "sst2": 90}


def embed(store: Store, record, degrees: float, samples: int = 100, sample_seed: int = 0) -> None:
    angle = np.deg2rad(degrees)
    key = EmbeddingKey(record.id, "ours", record.spec.target, "real", 128, samples, sample_seed)
    values = torch.tensor([np.cos(angle), np.sin(angle)], dtype=torch.float32)
    save_embedding(store.root, "reduced", Embedding(key, values, {"prompt_sha256": record.files["prompt"], "examples": samples}))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("store"))
    for task, degrees in DEGREES.items():
        words = {"target": task} if task in ("cb", "rte") else {"sources": (task,)}
        record = add(store, 0.6, method="p-tuning-v2", **words)
        embed(store, record, degrees)
        if task in ("qnli", "cb"):
            embed(store, record, degrees + (5 if task == "cb" else 0), samples=50)
    for source, accuracy in (("mnli", 0.7), ("qnli", 0.8), ("sst2", 0.6)):
        add(store, accuracy, method="vanilla-pot", sources=(source,), target="cb")
    return store


def test_cosines_of_the_stored_embeddings(store):
    frame = embeddings_of(store)
    assert len(frame) == 7 and set(frame["plm"]) == {"minilm-l3"}
    values = matrix(frame[frame["samples"] == 100], ["mnli", "cb", "sst2", "wic"])
    assert values.loc["mnli", "cb"] == pytest.approx(np.cos(np.deg2rad(20)))
    assert values.loc["mnli", "sst2"] == pytest.approx(0, abs=1e-6)
    assert values.loc["wic"].isna().all()


def test_a_similarity_is_of_prompts_read_from_the_same_samples(tmp_path):
    store = Store(tmp_path)
    for task, angles in (("mnli", (0, 60)), ("cb", (20, 90))):
        record = add(store, 0.6, method="p-tuning-v2", **({"target": task} if task == "cb" else {"sources": (task,)}))
        for sample_seed, degrees in enumerate(angles):
            embed(store, record, degrees, sample_seed=sample_seed)
    values = matrix(embeddings_of(store), ["mnli", "cb"])
    assert values.loc["mnli", "cb"] == pytest.approx(np.cos(np.deg2rad([20, 30])).mean())


@pytest.mark.parametrize(
    ("method", "settings"),
    [("prompt-tuning", {}), ("prefix-tuning", {}), ("p-tuning-v2", {"prompt.init": "constant"})],
)
def test_prompts_of_another_kind_or_start_have_no_part_in_it(store, tmp_path, method, settings):
    own = Store(shutil.copytree(store.root, tmp_path / "own"))
    for source in ("mnli", "qnli", "sst2"):
        embed(own, add(own, 0.6, method=method, sources=(source,), settings=settings), 45)
    assert len(list(own.root.glob("embeddings/*/*"))) == len(embeddings_of(own)) + 3 == 10
    assert set(embedded(own)["id"]) == set(embedded(store)["id"])
    tasks = list(DEGREES)
    pd.testing.assert_frame_equal(matrix(embeddings_of(own), tasks), matrix(embeddings_of(store), tasks))


def test_similarities_are_offered_with_the_runs_behind_them(store, tmp_path, monkeypatch):
    monkeypatch.setattr(exhibit_page, "DOWNLOADS", tmp_path)
    shown = exhibit_page.runs_of("figure-05", store)
    assert set(shown["source"]) == {"", "mnli", "qnli", "sst2"} and shown["id"].is_unique
    prompts = exhibit_page.runs_of("table-08", store)
    assert set(prompts["target"]) == {"qnli", "cb", "rte"} and len(prompts) == 3  # no other task is in Table VIII
    assert set(prompts["id"]) < set(embeddings_of(store)["prompt"]) <= set(shown["id"])
    text = exhibit_page.provenance("figure-05", shown, store)
    assert "figure-05-similarities.csv" in text and "figure-05-embeddings.csv" in text
    lines = pd.read_csv(tmp_path / "figure-05-similarities.csv").set_index(["samples", "task", "other"])["similarity"]
    assert len(lines) == 5 * 5 + 2 * 2
    assert lines[100, "mnli", "cb"] == pytest.approx(np.cos(np.deg2rad(20)))
    assert lines[50, "qnli", "cb"] == pytest.approx(np.cos(np.deg2rad(15)))
    runs = pd.read_csv(tmp_path / "figure-05-embeddings.csv")["prompt"]
    assert set(runs) <= set(measured.runs(store)["id"]) and len(runs) == 7


def test_heatmaps_are_sorted_by_group(store):
    found = matrices(store)
    assert list(found["minilm-l3", "ours"].index) == ["cb", "rte", "mnli", "qnli", "sst2"]
    layer = similarity_page.layers(found)[0]
    assert layer.choice == ("MiniLM-L3", "ours (Eq. 2)")
    assert layer.values.loc["RTE", "MNLI"] == pytest.approx(np.cos(np.deg2rad(30)))


def test_same_and_different_types_beside_the_printed_ones(store):
    frame = similarity_page.type_means(matrices(store))
    assert len(frame) == 6 + 1
    own = frame.iloc[-1]
    same = [10, 20, 30, 10, 20, 10]  # degrees between the four NLI tasks
    other = [90, 80, 70, 60]
    assert own["Tasks"] == 5
    assert own["Same type"] == pytest.approx(100 * np.cos(np.deg2rad(same)).mean())
    assert own["Different types"] == pytest.approx(100 * np.cos(np.deg2rad(other)).mean(), abs=1e-4)


def test_the_reading_of_the_types_says_where_no_metric_separates_them():
    names = ["cb", "rte", "sst2"]
    values = pd.DataFrame([[1, 0.1, 0.4], [0.1, 1, 0.6], [0.4, 0.6, 1]], names, names)  # 10 within, 50 between
    said = similarity_page.reading_types({("minilm-l3", "ours"): values})
    assert "MiniLM-L3, measured here: tasks of the same type less others, by metric: ours (Eq. 2) −40.0 (" in said
    assert said.endswith("; by no metric are tasks of the same type the more similar ones.")
    printed = "ours (Eq. 2) +62.2, ON +47.2, E_avg +21.8; the largest ratio is that of ours (Eq. 2), 5.6."
    assert f"BERT-base, as printed: tasks of the same type less others, by metric: {printed}" in said


def test_correlation_and_choice(store):
    found, runs = matrices(store), measured.of("figure-07", store)
    # similarity to CB: QNLI, MNLI, SST-2; scores: QNLI, MNLI, SST-2, so the ranks are the same
    line = similarity_page.correlations(found, runs).iloc[0]
    assert line["Mean correlation"].key == pytest.approx(1.0) and line["Targets"] == 1
    assert line["Sources of each"] == "3" and "over 3 sources of each target" in similarity_page.reading_correlations(found, runs)
    chosen = similarity_page.chosen_sources(found, runs).iloc[0]
    assert chosen["Chosen source"] == "QNLI"
    assert (chosen["Vanilla PoT from it"], chosen["Best source"]) == (pytest.approx(80), pytest.approx(80))
    assert line["Ours less this one"].html == "–"


def test_what_a_metric_chooses_is_compared_target_by_target():
    """Ten points above the mean on one target, twenty on another: no interval of two, one of five."""
    words = {"PLM": "MiniLM-L3", "Metric": "ours (Eq. 2)", "Target": "", "Chosen source": ""}
    gaps = (10, 20, 0, 5, 15)
    frame = pd.DataFrame([words | dict(zip(similarity_page.CHOICE, (50 + gap, 50, 80), strict=True)) for gap in gaps])
    frame["Sources"], frame["Seeds"] = range(4, 9), 1
    (few,), (all_five,) = (similarity_page.choices(part).to_dict("records") for part in (frame[:2], frame))
    assert few["Chosen less mean over all"].html == "+15.0" and few["Targets"] == 2
    assert all_five["Chosen less mean over all"].html == "+10.0 (+0.2 to +19.8)"  # 10 ± 2.776 * 7.906 / sqrt(5)
    assert similarity_page.reading_chosen(frame).endswith(
        "60.0 against 50.0 for a source at random (difference +10.0 (+0.2 to +19.8)), 80.0 at best, of 4 to 8 sources."
    )


def test_the_source_is_chosen_for_each_target(store):
    """On CB: best of all QNLI, 80 %; to choose by a metric takes three sources, here all that there are."""
    frame = choice.rows("bert-large", measured.of("table-02", store), store)
    own = frame[frame["PLM"] == "MiniLM-L3, measured here"].set_index(["Method", "Best of"])["CB"]
    assert own["vanilla PoT", "all (ORACLE)"] == pytest.approx(80)
    assert ("vanilla PoT", "first 3 by E_avg") not in own.index  # no such embedding
    printed = frame[frame["PLM"] == "BERT-large, as printed"].set_index(["Method", "Best of"])["Average"]
    assert len(printed) == 4 and printed["PANDA", "all (ORACLE)"] == 80.6
    assert printed["PANDA", "first 3 by ours (Eq. 2)"] == 80.1
    assert "as printed" not in " ".join(choice.rows("bert-base", measured.of("table-13", store), store)["PLM"])


def test_only_the_sources_that_a_metric_ranks_first_are_chosen_from(store, tmp_path):
    """The farthest of four sources scores best under PANDA, and is not among the first three."""
    own = Store(shutil.copytree(store.root, tmp_path / "own"))
    embed(own, add(own, 0.6, method="p-tuning-v2", target="rte"), 30)
    for source, accuracy in (("mnli", 0.7), ("qnli", 0.8), ("rte", 0.5), ("sst2", 0.9)):
        add(own, accuracy, 0.5, method="panda", sources=(source,), target="cb")
    frame = choice.rows("bert-large", measured.of("table-02", own), own)
    found = frame[frame["PLM"] == "MiniLM-L3, measured here"].set_index(["Method", "Best of"])["CB"]
    assert found["PANDA", "all (ORACLE)"] == pytest.approx(90)
    assert found["PANDA", "first 3 by ours (Eq. 2)"] == pytest.approx(80)


def test_similarity_by_sample_size(store):
    frame = by_samples(store, "qnli").set_index("samples")
    assert frame.loc[100, "cb"] == pytest.approx(np.cos(np.deg2rad(10)))
    assert frame.loc[50, "cb"] == pytest.approx(np.cos(np.deg2rad(15)))
    shown = sampling.rows("table-08", store)
    assert len(shown) == 4 + 2 and shown.iloc[0]["CB"].html == "0.819"
    spread = sampling.rows("table-09", store)
    said = sampling.reading("table-09", store)
    assert said.startswith("BERT-base, as printed: over the sample sizes the standard deviation of a similarity is 0.00770 from MNLI")
    assert "MiniLM-L3, measured here" in said and "QNLI moves" in sampling.reading("table-08", store)
    own = spread[spread["PLM"].str.contains("measured")].iloc[0]
    half = (np.cos(np.deg2rad(10)) - np.cos(np.deg2rad(15))) / 2
    assert own["Standard deviation"].key == pytest.approx(half)
    assert own["Distance of 100 examples from the mean"].key == pytest.approx(half)


def test_mean_similarities_are_over_the_tasks_that_all_plms_have(store):
    found = matrices(store)
    values = found["minilm-l3", "ours"]
    small = pd.DataFrame([[1.0, 0.5], [0.5, 1.0]], ["cb", "rte"], ["cb", "rte"])
    frame = similarity_page.scale_means(found | {("minilm-l6", "ours"): small}).set_index("PLM")
    assert frame["Tasks"].tolist() == [2, 2] and frame.loc["MiniLM-L6", "Mean similarity"].key == 0.5
    assert frame.loc["MiniLM-L3", "Mean similarity"].key == pytest.approx(values.loc["cb", "rte"])
    assert "That takes a second PLM" in similarity_page.reading_scales(found)
    assert "0.50 on MiniLM-L6 (mean over 2 tasks)" in similarity_page.reading_scales(
        found | {("minilm-l6", "ours"): small}
    )


def test_a_metric_that_knows_no_two_tasks_on_all_plms_has_no_mean(store):
    found = matrices(store)
    other = pd.DataFrame([[1.0, 0.5], [0.5, 1.0]], ["stsb", "copa"], ["stsb", "copa"])
    apart = found | {("minilm-l6", "ours"): other}
    assert similarity_page.scale_means(apart).empty
    assert similarity_page.reading_scales(apart) == "No metric knows two tasks on all of the PLMs."


def test_metrics_are_compared_over_the_tasks_that_all_have():
    names = ["cb", "rte", "mnli"]
    full = pd.DataFrame(np.eye(3), names, names)
    found = of_common_tasks({("a", "ours"): full, ("a", "on"): full.loc[names[1:], names[1:]], ("b", "on"): full})
    assert [list(values.index) for values in found.values()] == [names[1:], names[1:], names]


def test_a_task_is_no_source_of_itself(store):
    vanilla = pd.DataFrame({"plm": "minilm-l3", "source": ["cb", "mnli", "mnli", "qnli"], "target": "cb", "seed": [0, 0, 1, 0]})
    ((plm, target, part),) = sources_of_targets(vanilla)
    assert (plm, target) == ("minilm-l3", "cb")
    assert list(zip(part["source"], part["seed"], strict=True)) == [("mnli", 0), ("qnli", 0)]


def test_the_stamp_follows_the_embeddings(store, tmp_path):
    store = Store(shutil.copytree(store.root, tmp_path / "own"))
    before = exhibit_page.stamp_of("table-08", store), exhibit_page.stamp_of("table-05", store)
    record = next(r for r in store.records() if r.spec.target == "rte" and r.spec.method == "p-tuning-v2")
    embed(store, record, 40, samples=300)
    after = exhibit_page.stamp_of("table-08", store), exhibit_page.stamp_of("table-05", store)
    assert before[0] != after[0] and before[1] == after[1]


def test_without_embeddings_it_says_so(tmp_path):
    empty = Store(tmp_path)
    assert matrices(empty) == {}
    assert similarity_page.reading_types({}).endswith(similarity_page.NOTHING)
    assert len(sampling.rows("table-08", empty)) == 4


def test_the_claims_on_metrics(tmp_path):
    own = Store(tmp_path)
    for task, degrees in (DEGREES | {"wsc": 40, "copa": 50, "mrpc": 60}).items():
        words = {"target": task} if task not in ("mnli", "qnli", "sst2") else {"sources": (task,)}
        record = add(own, 0.6, method="p-tuning-v2", **words)
        for samples in (100, 200):
            embed(own, record, degrees + (10 if task == "cb" and samples == 200 else 0), samples)
    # QNLI to CB moves from cos 10 to cos 20 degrees, to the other four targets not at all
    moved = np.cos(np.deg2rad(10)) - np.cos(np.deg2rad(20))
    found = measured_metrics.insensitive_to_samples(own)
    assert found.value == pytest.approx(0.05 - moved / 5) and found.scope == "5 similarities: minilm-l3"
    assert (found.low, found.high) == pytest.approx((0.05 - moved, 0.05))
    assert isinstance(measured_metrics.better_than_prior_metrics(own), Missing)
