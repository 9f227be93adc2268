"""Rows from a local mirror: good files load, and what is wrong with a bad one is said by file, row and column."""

import hashlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from panda_core.data.availability import availability, other_rows
from panda_core.data.origin import load_split
from panda_core.errors import UsageError, WorkError
from panda_core.tasks import get_task

GOOD = {
    "cb": {"premise": ["It rained.", "He slept."], "hypothesis": ["Wet.", "He ran."], "label": [0, 1], "idx": [0, 1]},
    "copa": {"premise": ["p"], "choice1": ["a"], "choice2": ["b"], "question": ["cause"], "label": [0]},
    "stsb": {"sentence1": ["a", "b"], "sentence2": ["c", "d"], "label": [1.0, 5.0]},
    "multirc": {
        "paragraph": ["p", "p"], "question": ["q", "q"], "answer": ["x", ""], "label": [0, 1],
        "idx": [{"paragraph": 0, "question": 0, "answer": 0}, {"paragraph": 0, "question": 0, "answer": 1}],
    },
    "conll04": {"tokens": [["A"], ["B", "C"]], "ner_tags": [["O"], ["B-Loc", "I-Loc"]], "id": ["0", "1"]},
    "conll03": {"tokens": [["A"], ["B", "C"]], "ner_tags": [[0], [5, 6]], "id": ["0", "1"]},
    "propbank_ewt_srl": {"tokens": [["He", "ran"]], "tags": [["B-ARG0", "B-V"]], "index": ["1"]},
    "squad": {
        "question": ["Who?", "What?"], "context": ["Ann ran.", "It was a cat."],
        "answers": [{"text": ["Ann"], "answer_start": [0]}, {"text": ["cat", "a cat"], "answer_start": [9, 7]}],
    },
    "record": {
        "passage": ["Ann met Bob."], "query": ["@placeholder met Bob."], "entities": [["Ann", "Bob"]],
        "answers": [["Ann"]],
    },
}


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """An empty mirror; `mirror(task, **changes)` adds the good training file of a task with changed columns."""
    monkeypatch.setenv("PANDA_DATA", str(tmp_path))

    def add(task, **changes):
        columns = {**GOOD[task], **changes}
        return write(task, pd.DataFrame({name: values for name, values in columns.items() if values is not None}))

    def write(task, frame):
        path = tmp_path / task / f"{get_task(task).train}.parquet"
        path.parent.mkdir(exist_ok=True)
        frame.to_parquet(path, compression="zstd", index=False)
        return path

    add.write = write
    return add


def load(task):
    return load_split(get_task(task), "real", "train")


@pytest.mark.parametrize("task", GOOD)
def test_a_good_file_loads(mirror, task):
    mirror(task)
    assert len(load(task).frame) == len(next(iter(GOOD[task].values())))


def test_provenance_names_file_digest_and_size(mirror):
    path = mirror("cb")
    assert load("cb").provenance == {
        "origin": "local",
        "where": "cb/train.parquet",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "rows": 2,
        "official_rows": 250,
        "subset": True,
    }


BAD = [
    ("cb", {"label": [0, 3]}, r"row 1, column label: 3 is not a label from 0 to 2 \(entailment"),
    ("cb", {"label": [-1, 1]}, r"row 0, column label: -1 .*hidden test label"),
    ("cb", {"label": [0.0, 1.5]}, r"row 0, column label: 0\.0"),
    ("cb", {"label": [0, None]}, r"row 1, column label: the label is missing"),
    ("cb", {"label": [True, False]}, r"row 0, column label: True"),
    ("cb", {"label": ["0", "1"]}, r"row 0, column label: '0'"),
    ("cb", {"premise": ["It rained.", None]}, r"row 1, column premise: .* is not text"),
    ("cb", {"hypothesis": [3, 4]}, r"row 0, column hypothesis: 3 is not text"),
    ("cb", {"hypothesis": ["x", " \n"]}, r"row 1, column hypothesis: the text is empty"),
    ("cb", {"hypothesis": None}, r"column hypothesis is missing; cb needs premise, hypothesis, label, the file has"),
    ("cb", {"idx": [7, 7]}, r"row 1, column idx: the id 7 is that of row 0 already"),
    ("cb", {"idx": [None, None]}, r"row 0, column idx: the id is missing"),
    ("cb", {"label": [[0], [1]]}, r"row 0, column label: array\(\[0\]\) is not a label from 0 to 2"),
    ("multirc", {"idx": [GOOD["multirc"]["idx"][0]] * 2}, r"row 1, column idx: .* is that of row 0 already"),
    ("multirc", {"question": ["q", ""]}, r"row 1, column question: the text is empty"),
    ("copa", {"question": ["reason"]}, r"row 0, column question: 'reason' is neither cause nor effect"),
    ("stsb", {"label": [1.0, np.inf]}, r"row 1, column label: inf is not a finite number"),
    ("stsb", {"label": [5.0, 5.1]}, r"row 1, column label: 5\.1 is not a score from 0 to 5$"),
    ("stsb", {"label": [0.0, -1.0]}, r"row 1, .* -1\.0 is not a score from 0 to 5; -1 marks a hidden test label"),
    ("stsb", {"label": ["1.0", "much"]}, r"row 1, column label: 'much' is not a finite number"),
    ("conll04", {"ner_tags": [["O"], ["O"]]}, r"row 1, column ner_tags: 1 tags for the 2 words in tokens"),
    ("conll04", {"ner_tags": [["O"], ["O", "B-Dog"]]}, r"row 1, column ner_tags: 'B-Dog' is not a tag of conll04"),
    ("conll03", {"ner_tags": [[0], [0, 9]]}, r"row 1, column ner_tags: 9 is not a tag of conll03"),
    ("conll03", {"ner_tags": [[-1], [0, 0]]}, r"row 0, column ner_tags: -1 is not a tag"),
    ("conll03", {"ner_tags": [[0.0], [0.0, 1.0]]}, r"row 0, column ner_tags: 0\.0 is not a tag"),
    ("conll04", {"ner_tags": ["O", "OO"]}, r"row 0, column ner_tags: 'O' is not a list"),
    ("conll04", {"tokens": [[], ["B", "C"]], "ner_tags": [[], ["O", "O"]]}, r"row 0, column tokens: there are no words"),
    ("conll04", {"tokens": [["A"], ["B", ""]]}, r"row 1, column tokens: the word '' is empty"),
    ("conll04", {"tokens": [["A"], ["B", None]]}, r"row 1, column tokens: the word None is not text"),
    ("conll04", {"id": ["x", "x"]}, r"row 1, column id: the id 'x' is that of row 0 already"),
    ("propbank_ewt_srl", {"index": ["2"]}, r"row 0, column index: '2' is not the position of one of the 2 words"),
    ("propbank_ewt_srl", {"index": ["-1"]}, r"row 0, column index: '-1'"),
    ("propbank_ewt_srl", {"index": ["run"]}, r"row 0, column index: 'run'"),
    ("squad", {"answers": [{"text": ["Ann"], "answer_start": [1]}] * 2}, r"row 0, column answers: the answer 'Ann'"),
    ("squad", {"answers": [{"text": ["Ann"], "answer_start": [-8]}] * 2}, r"row 0, .* character -8 of the passage"),
    ("squad", {"answers": [{"text": ["Ann"], "answer_start": []}] * 2}, r"row 0, column answers: 1 texts but 0 starts"),
    ("squad", {"answers": [{"text": None, "answer_start": None}] * 2}, r"row 0, column answers: .* hold two lists"),
    ("squad", {"answers": [{"text": ["Ann"], "answer_start": [None]}] * 2}, r"row 0, .*: 'Ann' at None is no answer"),
    ("squad", {"answers": ["Ann", "cat"]}, r"row 0, column answers: 'Ann' is not a text and answer_start"),
    ("record", {"query": ["Who met Bob?"]}, r"row 0, column query: there is no @placeholder in the query"),
    ("record", {"entities": [[""]]}, r"row 0, column entities: the word '' is empty"),
]


@pytest.mark.parametrize(("task", "changes", "message"), BAD)
def test_a_bad_value_is_named_by_file_row_and_column(mirror, task, changes, message):
    mirror(task, **changes)
    with pytest.raises(WorkError, match=rf"^{task}/train\.parquet: {message}"):
        load(task)


def test_a_question_without_answer_is_for_squad_v2_only(mirror):
    nothing = pa.array([{"text": [], "answer_start": []}] * 2, pa.struct(
        {"text": pa.list_(pa.string()), "answer_start": pa.list_(pa.int32())}
    ))
    for name in ("squad", "squad_v2"):
        table = pa.table({"question": ["a", "b"], "context": ["c", "d"], "answers": nothing})
        pq.write_table(table, mirror.write(name, pd.DataFrame()))
    with pytest.raises(WorkError, match=r"squad/train\.parquet: row 0, column answers: there is no answer"):
        load("squad")
    assert len(load("squad_v2").frame) == 2


def test_text_that_is_not_utf_8_is_named(mirror):
    path = mirror("cb")
    latin = pa.array([b"It rained.", "Il était là.".encode("latin-1")]).view(pa.string())
    pq.write_table(pa.table({"premise": latin, "hypothesis": ["a", "b"], "label": [0, 1]}), path)
    with pytest.raises(WorkError, match=r"^cb/train\.parquet: row 1, column premise: the text is not UTF-8"):
        load("cb")


def test_words_that_are_not_utf_8_are_named(mirror):
    path = mirror("conll04")
    words = pa.ListArray.from_arrays([0, 1, 2], pa.array([b"A", b"\xff"]).view(pa.string()))
    pq.write_table(pa.table({"tokens": words, "ner_tags": [["O"], ["O"]]}), path)
    with pytest.raises(WorkError, match=r"row 1, column tokens: the text is not UTF-8"):
        load("conll04")


def test_replacement_characters_and_repeated_sentences_are_data(mirror):
    mirror("cb", premise=["caf\ufffd", "caf\ufffd"], hypothesis=["same", "same"])
    assert load("cb").frame["premise"].tolist() == ["caf\ufffd"] * 2


@pytest.mark.parametrize("content", [b"", b"PAR1", b"premise,hypothesis,label\n"])
def test_a_malformed_file_is_named(mirror, content):
    mirror("cb").write_bytes(content)
    with pytest.raises(WorkError, match=r"^cb/train\.parquet: not a readable parquet file"):
        load("cb")


def test_a_file_that_was_cut_off_is_named(mirror):
    path = mirror("cb")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(WorkError, match=r"^cb/train\.parquet: not a readable parquet file"):
        load("cb")


def test_a_file_without_rows_is_refused(mirror):
    mirror.write("cb", pd.DataFrame(GOOD["cb"]).head(0))
    with pytest.raises(WorkError, match=r"^cb/train\.parquet: the file has no rows"):
        load("cb")


def test_a_missing_file_says_where_it_was_looked_for(mirror):
    mirror("cb")
    with pytest.raises(WorkError, match=r"cb/validation\.parquet is not there \(PANDA_DATA .*--data practice"):
        load_split(get_task("cb"), "real", "validation")


def test_a_missing_folder_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PANDA_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(WorkError, match="nowhere: there is no such folder"):
        load("cb")


def test_an_unknown_origin_is_a_usage_error():
    with pytest.raises(UsageError, match="unknown data origin 'reel'"):
        load_split(get_task("cb"), "reel", "train")


def test_availability_asks_for_both_splits(mirror):
    mirror("cb")
    assert availability(get_task("cb")) == {"practice": True, "local": False, "hub": True}
    mirror("cb").rename(mirror("cb").with_name("validation.parquet"))
    mirror("cb")
    assert availability(get_task("cb"))["local"]


def test_other_rows_are_told_from_those_of_a_record(mirror, monkeypatch):
    cb, stsb = get_task("cb"), get_task("stsb")
    mirror("cb")
    held = {"train": load("cb").provenance}
    assert not other_rows(cb, held)
    mirror("cb", label=[0, 2])
    assert other_rows(cb, held)
    assert not other_rows(cb, {"train": load("cb").provenance})
    assert not other_rows(stsb, held)  # the folder does not have its file
    monkeypatch.delenv("PANDA_DATA")
    assert other_rows(cb, held)  # 2 of 250 rows: the hub has more
    assert not other_rows(cb, {"train": held["train"] | {"subset": False}})
    assert not other_rows(cb, {"train": held["train"] | {"origin": "hub"}})
