"""Task embeddings in the store: written whole, read back to the bit, checked, and used instead of being made again."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from panda_core.errors import UsageError, WorkError
from panda_core.files import write_safetensors
from panda_core.store import Store
from panda_core.transferability import matrix
from panda_core.transferability.stored import (
    Embedding,
    EmbeddingKey,
    embedding_path,
    embedding_problems,
    find_embedding,
    read_embedding,
    save_embedding,
)
from panda_core.verification import verify

KEY = EmbeddingKey("1234", "ours", "cb", "practice", 128, 100, 0)
ABOUT = {"prompt_sha256": "ab", "examples": 100}
SHORT = {"training.steps": "2", "training.evaluations": "1", "training.eval_examples": "20", "training.batch_size": "4"}


@pytest.fixture
def saved(tmp_path):
    save_embedding(tmp_path, "smoke", Embedding(KEY, torch.tensor([0.1, -2.0]), ABOUT))
    return embedding_path(tmp_path, "smoke", KEY)


def test_an_embedding_comes_back_to_the_bit(tmp_path, saved):
    found = find_embedding(tmp_path, "smoke", KEY, "ab")
    assert torch.equal(found.values, torch.tensor([0.1, -2.0]))
    assert found.key == KEY and found.about == ABOUT
    assert find_embedding(tmp_path, "smoke", KEY, None).about == ABOUT
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_booleans_stay_booleans(tmp_path):
    key = EmbeddingKey("1234", "on")
    save_embedding(tmp_path, "smoke", Embedding(key, torch.tensor([[True, False]]), ABOUT))
    assert find_embedding(tmp_path, "smoke", key, None).values.tolist() == [[True, False]]


def test_an_embedding_of_another_training_of_the_prompt_is_not_used(tmp_path, saved):
    assert find_embedding(tmp_path, "smoke", KEY, "cd") is None
    assert list(embedding_problems(tmp_path, {"1234": "ab"})) == []
    (problem,) = embedding_problems(tmp_path, {"1234": "cd"})
    assert str(saved) in problem and "another training of its prompt 1234" in problem
    (problem,) = embedding_problems(tmp_path, {})
    assert "its prompt 1234 is not in the store" in problem
    saved.rename(saved.with_name(".part-x.safetensors"))
    assert list(embedding_problems(tmp_path, {})) == []


@pytest.mark.parametrize("field", ["prompt", "metric", "task", "data", "max_length", "samples", "sample_seed"])
def test_every_field_of_the_key_decides_the_file(field):
    other = replace(KEY, **{field: 7 if isinstance(getattr(KEY, field), int) else "e-avg"})
    assert other.id != KEY.id and replace(KEY).id == KEY.id


def test_a_changed_a_renamed_and_a_cut_off_file_are_found(tmp_path, saved):
    content = bytearray(saved.read_bytes())
    content[-1] ^= 1
    saved.write_bytes(content)
    with pytest.raises(WorkError, match="changed after it was written"):
        read_embedding(saved)
    assert "changed after it was written" in next(embedding_problems(tmp_path, {"1234": "ab"}))
    content[-1] ^= 1
    saved.write_bytes(content)
    renamed = saved.rename(saved.with_name("0000.safetensors"))
    with pytest.raises(WorkError, match="the name is not the one of its key"):
        read_embedding(renamed)
    renamed.write_bytes(content[:50])
    with pytest.raises(WorkError, match="not a readable safetensors file"):
        read_embedding(renamed)
    write_safetensors(renamed, {"other": torch.zeros(1)}, {})
    with pytest.raises(WorkError, match="not a task embedding"):
        read_embedding(renamed)


@pytest.mark.parametrize(("metric", "shape"), [("ours", (32,)), ("e-avg", (128,)), ("on", (2, 64))])
def test_a_new_task_costs_one_embedding(tiny_plm, store_folder, monkeypatch, metric, shape):
    made = []
    make = matrix.Job.embedding
    monkeypatch.setattr(matrix.Job, "embedding", lambda job, m, task, *rest: made.append(task) or make(job, m, task, *rest))
    words = {"plm": tiny_plm, "metric": metric, "samples": (10,), "settings": SHORT}
    two = matrix.similarities(tasks=("cb", "rte"), **words)
    assert made == ["cb", "rte"]
    three = matrix.similarities(tasks=("rte", "copa", "cb"), **words)
    assert made == ["cb", "rte", "copa"]
    assert three.values[0, 0, 2] == two.values[0, 0, 1] == two.values[0, 1, 0]
    assert {read_embedding(path).values.shape for path in store_folder.glob("embeddings/smoke/*")} == {shape}
    assert verify(Store()).problems == []


@pytest.mark.parametrize("metric", ["ours", "e-avg", "on"])
def test_the_similarity_is_the_one_inside_panda(tiny_plm, store_folder, metric):
    from panda_core.execution import complete
    from panda_core.runs import make_spec

    settings = {**SHORT, **{path.replace("training", "source"): value for path, value in SHORT.items()}}
    found = matrix.similarities(plm=tiny_plm, tasks=("mnli", "cb"), metric=metric, settings=SHORT)
    settings["kd.similarity"] = metric
    record = complete(make_spec(plm=tiny_plm, method="panda", sources=("mnli",), target="cb", settings=settings))
    assert found.values[0, 0, 1] == pytest.approx(record.similarity, abs=1e-12)


@pytest.mark.parametrize("method", ["prompt-tuning", "prefix-tuning"])
@pytest.mark.parametrize(("metric", "width"), [("ours", 32), ("e-avg", None), ("on", 128)])
def test_the_prompts_of_other_methods_have_embeddings_too(tiny_plm, store_folder, method, metric, width):
    found = matrix.similarities(
        plm=tiny_plm, tasks=("mnli", "cb"), metric=metric, method=method, samples=(8,), settings=SHORT
    )
    assert {spec.method for spec in found.prompts.values()} == {method}
    assert found.mean[0, 0] == pytest.approx(1) and found.mean[0, 1] == found.mean[1, 0]
    width = width or {"prompt-tuning": 32, "prefix-tuning": 128}[method]
    assert {read_embedding(path).values.numel() for path in store_folder.glob("embeddings/smoke/*")} == {width}


@pytest.mark.parametrize("method", ["p-tuning-v2", "prompt-tuning"])
def test_transfer_starts_from_the_prompts_of_the_matrix(tiny_plm, store_folder, method):
    found = matrix.similarities(plm=tiny_plm, tasks=("mnli", "cb"), metric="e-avg", method=method, settings=SHORT)
    scores = matrix.first_epoch_transfer(found, SHORT)
    assert {target: set(by_source) for target, by_source in scores.items()} == {"cb": {"mnli", "cb"}}
    assert len(list(store_folder.glob("records/smoke/*.json"))) == 2 + 2
    assert matrix.correlations(found, scores) == {"cb": None}


def test_what_eq_2_reads_is_what_the_head_reads(tiny_plm, store_folder):
    own, mean = (
        matrix.similarities(plm=tiny_plm, tasks=("mnli", "cb"), samples=(8,), settings={**SHORT, "head.reads": reads})
        for reads in ("own", "mean")
    )
    assert own.prompts["cb"] != mean.prompts["cb"] and own.mean[0, 1] != mean.mean[0, 1]


def test_samplings_and_their_spread(tiny_plm, store_folder):
    found = matrix.similarities(
        plm=tiny_plm, tasks=("mnli", "cb"), samples=(5, 20), sample_seeds=(0, 1, 2), settings=SHORT
    )
    assert [(s.samples, s.seed) for s in found.samplings] == [(n, s) for n in (5, 20) for s in (0, 1, 2)]
    off_diagonal = found.values[:, 0, 1]
    assert len(set(off_diagonal)) == 6
    assert found.mean[0, 1] == pytest.approx(off_diagonal.mean())
    assert found.deviation[0, 1] == pytest.approx(np.sqrt(((off_diagonal - off_diagonal.mean()) ** 2).mean()))
    assert found.examples["cb"] == [5, 5, 5, 20, 20, 20]
    assert list(found.by_samples()) == [5, 20]
    mean, deviation = found.by_samples()[20]
    assert mean[0, 1] == pytest.approx(off_diagonal[3:].mean()) and deviation[0, 1] == pytest.approx(off_diagonal[3:].std())
    # Two numbers: the deviation from their mean is half their distance, and so is that of either to the mean.
    half = abs(off_diagonal[:3].mean() - off_diagonal[3:].mean()) / 2
    assert found.spread(used=5) == {task: pytest.approx((half, half)) for task in ("mnli", "cb")}
    assert found.spread() == {}


def test_on_keeps_the_overlap_of_each_layer(tiny_plm, store_folder):
    found = matrix.similarities(plm=tiny_plm, tasks=("mnli", "cb", "copa"), metric="on", settings=SHORT)
    assert found.layers.shape == (2, 3, 3)
    assert np.array_equal(found.layers, found.layers.transpose(0, 2, 1))
    assert found.layers.min() >= 0 and found.values.min() >= 0
    assert found.values[0, 0, 1] <= found.layers[:, 0, 1].max() + 1e-9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "model-tuning"}, "ours needs prompts, which model-tuning does not train"),
        ({"metric": "e-avg", "settings": {"prompt.length": "0"}}, "a prompt of length 0 has no tokens"),
        ({"method": "adapter", "metric": "e-avg"}, "e-avg needs prompts, which adapter does not train"),
        ({"metric": "cosine"}, "unknown metric 'cosine': .*known: e-avg, on, ours"),
        ({"tasks": ("cb",)}, "two tasks or more, each once; given: cb"),
        ({"tasks": ("cb", "rte", "cb")}, "two tasks or more, each once; given: cb, rte, cb"),
        ({"tasks": ("cb", "rtee")}, "unknown task 'rtee': did you mean rte"),
        ({"samples": (0,)}, "a sampling number is 1 or more"),
        ({"samples": (50, 50)}, "each sampling number and each of its seeds once"),
        ({"sample_seeds": (1, 2, 1)}, "each sampling number and each of its seeds once"),
        ({"sample_seeds": (-1,)}, "its seed 0 or more"),
    ],
)
def test_impossible_calls_are_refused_before_anything_is_made(tiny_plm, store_folder, change, message):
    with pytest.raises(UsageError, match=message):
        matrix.similarities(**{"plm": tiny_plm, "tasks": ("cb", "rte"), **change})
    assert not store_folder.exists()
