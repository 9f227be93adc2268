"""`panda similarity` in a process of its own, on practice data."""

import json
import re

import pytest
from forked import panda

SHORT = [
    word
    for setting in ("steps=3", "evaluations=1", "batch_size=8", "eval_examples=20")
    for word in ("--set", f"training.{setting}")
]
TASKS = [word for task in ("cb", "rte", "copa", "mnli") for word in ("--task", task)]


def test_the_matrix_as_json_and_the_second_time_from_the_store(tiny_plm, store_folder):
    words = ["similarity", "--plm", tiny_plm, *TASKS, "--samples", "10", "--samples", "20", *SHORT, "--json"]
    done = panda(*words)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["tasks"] == ["cb", "rte", "copa", "mnli"] and found["groups"]["copa"] == "QA"
    assert [(m["samples"], m["sample_seed"]) for m in found["matrices"]] == [(10, 0), (20, 0)]
    assert [row[i] for i, row in enumerate(found["mean"])] == pytest.approx([1] * 4)
    assert [by["samples"] for by in found["by_samples"]] == [10, 20] and found["spread"] == {}
    assert found["mean"][0][1] == pytest.approx(sum(m["values"][0][1] for m in found["matrices"]) / 2)
    inside = (found["mean"][0][1] + found["mean"][0][3] + found["mean"][1][3]) / 3  # CB, RTE and MNLI are inference
    assert found["same_type"] == pytest.approx(inside)
    assert found["different_type"] == pytest.approx(sum(found["mean"][i][2] for i in (0, 1, 3)) / 3)
    assert len(list(store_folder.glob("embeddings/smoke/*.safetensors"))) == 8
    for path in store_folder.glob("cache/prompts/*"):
        path.unlink()
    again = panda(*words)
    assert json.loads(again.stdout) == found
    assert "running" not in again.stderr and "embedding:" not in again.stderr
    assert panda("verify").stdout.startswith("4 records")


def test_the_correlation_with_first_epoch_transfer(tiny_plm, store_folder):
    words = ["similarity", "--plm", tiny_plm, *TASKS[2:], "--metric", "on", "--transfer", *SHORT]
    done = panda(*words, "--json")
    assert done.returncode == 0, done.stderr
    transfer = json.loads(done.stdout)["transfer"]
    assert set(transfer["scores"]) == set(transfer["correlations"]) == {"rte", "copa"}
    assert set(transfer["scores"]["rte"]) == {"rte", "copa", "mnli"}
    assert all(value is None or -1 <= value <= 1 for value in transfer["correlations"].values())
    # 3 prompts, 6 transfers: the transfers start from the prompts that the matrix is made of.
    assert len(list(store_folder.glob("records/smoke/*.json"))) == 9
    text = panda(*words).stdout
    assert re.search(r"of the same type [01]\.\d{3}", text) and "Spearman's correlation" in text


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--task", "cb"], 2, "two tasks or more"),
        (["--task", "cb", "--task", "cbb"], 2, "unknown task 'cbb': did you mean cb"),
        (["--task", "cb", "--task", "rte", "--metric", "cosine"], 2, "unknown metric 'cosine'"),
        (["--task", "cb", "--task", "rte", "--set", "training"], 2, "write it as PATH=VALUE"),
        (["--task", "cb", "--task", "rte", "--samples", "many"], 2, "'many' is not a valid integer"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(tiny_plm, store_folder, words, status, message):
    done = panda("similarity", "--plm", tiny_plm, *words)
    assert done.returncode == status
    assert message in done.stderr and "Traceback" not in done.stderr and done.stdout == ""
    assert not store_folder.exists()


def test_verify_finds_an_edited_embedding(tiny_plm, store_folder):
    panda("similarity", "--plm", tiny_plm, "--task", "cb", "--task", "rte", "--metric", "e-avg", *SHORT)
    path = next(store_folder.glob("embeddings/smoke/*.safetensors"))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    done = panda("verify")
    assert done.returncode == 1 and path.name in done.stdout and "changed after it was written" in done.stdout
