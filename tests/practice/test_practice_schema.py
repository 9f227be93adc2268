"""Practice tasks have the columns, types and label values of their hub data sets."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from panda_core.errors import UsageError
from panda_core.practice import CLUSTERS, SIZES, expected_transfer, generate
from panda_core.practice.base import PracticeTask, fill, in_validation

GLUE = {"label": "int64", "idx": "int32"}
SUPER = {"idx": "int32", "label": "int64"}
TAGGED = {"id": "str", "tokens": "object", "ner_tags": "object"}
ROLES = {"id": "str", "index": "str", "tokens": "object", "tags": "object", "predicate_lemma": "str", "frame": "str",
         "sent_id": "str"}
HUB = {  # written down from the hub's dataset cards and the files of the mirror
    "boolq": {"question": "str", "passage": "str", **SUPER},
    "cb": {"premise": "str", "hypothesis": "str", **SUPER},
    "rte": {"premise": "str", "hypothesis": "str", **SUPER},
    "wic": {"word": "str", "sentence1": "str", "sentence2": "str", "start1": "int32", "start2": "int32", "end1": "int32",
            "end2": "int32", **SUPER},
    "wsc": {"text": "str", "span1_index": "int32", "span2_index": "int32", "span1_text": "str", "span2_text": "str", **SUPER},
    "copa": {"premise": "str", "choice1": "str", "choice2": "str", "question": "str", **SUPER},
    "multirc": {"paragraph": "str", "question": "str", "answer": "str", "idx": "object", "label": "int64"},
    "record": {"passage": "str", "query": "str", "entities": "object", "entity_spans": "object", "answers": "object",
               "idx": "object"},
    "mnli": {"premise": "str", "hypothesis": "str", **GLUE},
    "cola": {"sentence": "str", **GLUE},
    "sst2": {"sentence": "str", **GLUE},
    "qnli": {"question": "str", "sentence": "str", **GLUE},
    "mrpc": {"sentence1": "str", "sentence2": "str", **GLUE},
    "stsb": {"sentence1": "str", "sentence2": "str", "label": "float32", "idx": "int32"},
    "qqp": {"question1": "str", "question2": "str", **GLUE},
    "squad": {"id": "str", "title": "str", "context": "str", "question": "str", "answers": "object"},
    "conll03": TAGGED,
    "conll04": {**TAGGED, "orig_id": "int64"},
    "conll05": ROLES,
    "conll12": ROLES,
    "ontonotes": TAGGED,
}
MIRRORED = sorted({*HUB} - {"record", "conll05", "conll12", "ontonotes"})
LABELS = {"boolq": 2, "cb": 3, "rte": 2, "wic": 2, "wsc": 2, "copa": 2, "multirc": 2, "mnli": 3, "cola": 2, "sst2": 2, "qnli": 2,
          "mrpc": 2, "qqp": 2}
TARGETS = ("cb", "rte", "wic", "wsc", "copa", "cola", "mrpc", "stsb", "conll04")


def columns(frame):
    return {name: str(kind) for name, kind in frame.dtypes.items()}


def test_one_practice_task_per_task_of_table_1():
    assert set(SIZES) == set(CLUSTERS) == set(HUB)


@pytest.mark.parametrize("task", HUB)
def test_columns_and_types_are_those_of_the_hub(task):
    frame = generate(task, "train", size=20)
    assert columns(frame) == HUB[task]
    assert list(frame.columns) == list(HUB[task])


@pytest.mark.parametrize("task", MIRRORED)
def test_columns_agree_with_the_mirror(task):
    folder = Path(os.environ.get("PANDA_DATA", "")) / task
    if not folder.is_dir() or not os.environ.get("PANDA_DATA"):
        pytest.skip("PANDA_DATA is not set to a local mirror")
    real = pd.read_parquet(folder / "train.parquet")
    ours = generate(task, "validation", size=20)
    optional = {"pos_tags", "chunk_tags"}
    assert columns(ours) == {name: kind for name, kind in columns(real).items() if name not in optional}


@pytest.mark.parametrize("task", HUB)
def test_survives_parquet(task, tmp_path):
    frame = generate(task, "validation", size=12)
    frame.to_parquet(tmp_path / "x.parquet")
    again = pd.read_parquet(tmp_path / "x.parquet")
    assert list(again.columns) == list(frame.columns)
    for column in frame:
        for ours, read in zip(frame[column], again[column]):
            assert np.array_equal(ours, read) if isinstance(ours, np.ndarray) else str(ours) == str(read)


@pytest.mark.parametrize("task", LABELS)
def test_labels_are_in_range_and_every_class_occurs(task):
    for split in ("train", "validation"):
        assert set(generate(task, split).label) == set(range(LABELS[task]))


@pytest.mark.parametrize("task", sorted(set(LABELS) - {"cb", "mnli", "multirc"}))
def test_two_classes_are_equally_frequent(task):
    counts = generate(task, "validation").label.value_counts()
    assert abs(counts[0] - counts[1]) <= 1


def test_three_classes():
    assert generate("mnli", "train", size=300).label.value_counts().to_dict() == {0: 100, 1: 100, 2: 100}
    assert generate("cb", "train", size=200).label.value_counts().to_dict() == {0: 90, 1: 90, 2: 20}


def test_similarity_is_between_0_and_5_and_uses_the_whole_range():
    scores = generate("stsb", "train").label
    assert scores.min() == 0 and scores.max() == 5 and scores.nunique() > 10


def test_sizes():
    for task, (train, validation) in SIZES.items():
        assert validation >= 120
        assert 200 <= train <= 500 if task in TARGETS else 1500 <= train <= 3000
        assert len(generate(task, "validation")) == validation
    assert len(generate("cola", "train", size=7)) == 7


def test_expected_transfer_is_one_with_itself_and_highest_inside_the_cluster():
    for target in TARGETS:
        assert expected_transfer(target, target) == pytest.approx(1.0)
        own = [expected_transfer(s, target) for s in SIZES if CLUSTERS[s] == CLUSTERS[target] and s != target]
        foreign = [expected_transfer(s, target) for s in SIZES if CLUSTERS[s] != CLUSTERS[target]]
        assert all(0 <= value <= 1 for value in own + foreign)
        if CLUSTERS[target] != "others":
            assert max(own) > max(foreign)


def test_a_task_that_runs_out_of_sentences_says_so():
    tiny = PracticeTask("tiny", "others", (4, 4), {"sentence": "str"}, ("sentence",),
                        lambda draw: [{"sentence": draw.pick("abcdefgh")}], {})
    made = [sum(in_validation(letter) == held for letter in "abcdefgh") for held in (False, True)]
    assert sum(made) == 8
    for split, count in zip(("train", "validation"), made):
        assert len(fill(tiny, split, seed=0, difficulty=0.5, size=count)) == count
        with pytest.raises(UsageError, match=f"only {count} different {split} examples .* smaller size"):
            fill(tiny, split, seed=0, difficulty=0.5, size=count + 1)


@pytest.mark.parametrize("call, words", [
    (lambda: generate("mlni", "train"), "mnli"),
    (lambda: generate("mnli", "test"), "validation"),
    (lambda: generate("mnli", "train", difficulty=1.5), "0 (plain) to 1"),
    (lambda: generate("mnli", "train", difficulty=float("nan")), "difficulty"),
    (lambda: generate("mnli", "train", size=0), "positive"),
    (lambda: expected_transfer("mnli", "cbb"), "cb"),
])
def test_a_wrong_word_is_answered_in_one_line(call, words):
    with pytest.raises(UsageError, match=words.replace("(", r"\(").replace(")", r"\)")) as caught:
        call()
    assert "\n" not in str(caught.value)
