"""`panda export` and `panda import` in processes of their own, with PEFT between them."""

import json
from pathlib import Path

import pytest
from forked import panda
from transformers import BertForSequenceClassification

SHORT = [
    word
    for group in ("training", "source")
    for setting in ("steps=3", "evaluations=1", "batch_size=8", "eval_examples=20")
    for word in ("--set", f"{group}.{setting}")
]


def test_out_to_peft_and_back_in_as_a_source(tiny_plm, store_folder, tmp_path):
    from peft import PeftModel

    made = panda("run", "--plm", tiny_plm, "--method", "p-tuning-v2", "--source", "mnli", *SHORT[:8], "--json")
    record = json.loads(made.stdout)
    done = panda("export", record["id"], "--format", "peft", str(tmp_path / "out" / "adapter"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "out" / "adapter")
    base = BertForSequenceClassification.from_pretrained(tiny_plm, num_labels=3)
    loaded = PeftModel.from_pretrained(base, done.stdout.strip())
    loaded.save_pretrained(tmp_path / "again")
    done = panda("import", str(tmp_path / "again"), "--json")  # the adapter names its PLM
    assert done.returncode == 0, done.stderr
    imported = json.loads(done.stdout)
    assert imported["plm"] == tiny_plm and imported["kind"] == "prefix" and imported["length"] == 20
    source = f"mnli@{imported['id']}"
    words = ["run", "--plm", tiny_plm, "--method", "vanilla-pot", "--target", "cb", *SHORT, "--json"]
    from_import = json.loads(panda(*words, "--source", source).stdout)
    from_run = json.loads(panda(*words, "--source", "mnli").stdout)
    assert from_import["curve"] == from_run["curve"]
    assert from_import["id"] != from_run["id"] and from_import["inputs"] == {"source": imported["id"]}
    assert panda("verify").stdout.startswith("3 records")


def test_import_for_people_says_how_to_use_the_prompt(tiny_plm, store_folder, tmp_path):
    from peft import PromptTuningConfig, get_peft_model

    model = get_peft_model(
        BertForSequenceClassification.from_pretrained(tiny_plm),
        PromptTuningConfig(task_type="SEQ_CLS", num_virtual_tokens=5),
    )
    model.save_pretrained(tmp_path / "adapter")
    lines = panda("import", str(tmp_path / "adapter"), "--plm", tiny_plm).stdout.splitlines()
    assert len(lines[0]) == 16
    hint = lines[1].partition("source: ")[2].split()
    plm, kind = ["--plm", tiny_plm], ["--set", "prompt.kind=tokens", "--set", "prompt.length=5"]
    assert hint == [*plm, "--source", f"TASK@{lines[0]}", *kind]
    done = panda(
        "run", "--method", "vanilla-pot", "--target", "cb", *SHORT, "--json",
        *(word.replace("TASK", "mnli") for word in hint),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["inputs"] == {"source": lines[0]}


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["export", "0123456789abcdef", "OUT"], 2, "no run with this id"),
        (["export", "0123456789abcdef", "OUT", "--format", "onnx"], 2, "'onnx' is not 'peft'"),
        (["import", "nowhere", "--plm", "PLM"], 2, "there is no such folder"),
        (["import", "EMPTY", "--plm", "PLM"], 1, "so it is no PEFT adapter"),
        (["import", "EMPTY"], 1, "so it is no PEFT adapter"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(tiny_plm, store_folder, tmp_path, words, status, message):
    (tmp_path / "empty").mkdir()
    places = {"OUT": tmp_path / "out", "EMPTY": tmp_path / "empty", "PLM": tiny_plm}
    done = panda(*(str(places.get(word, word)) for word in words))
    assert done.returncode == status
    assert message in done.stderr and "Traceback" not in done.stderr and done.stdout == ""
    assert not store_folder.exists() and not Path(places["OUT"]).exists()
