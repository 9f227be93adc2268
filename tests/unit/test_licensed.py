"""Files that a licensee has, in the official formats; the ones here were written for these tests."""

import gzip
import shutil
from pathlib import Path

import pytest

from panda_core.data.availability import availability, other_rows
from panda_core.data.origin import load_split
from panda_core.errors import WorkError
from panda_core.tasks import TASKS, get_task

DATA = Path(__file__).parents[1] / "data"
WORDS, PROPS = "conll05/train/words/train.02.words", "conll05/train/props/train.02.props"
GOLD = "conll12/train/nw/note_0001.v4_gold_conll"


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A copy of the small files; OntoNotes has the same ones as CoNLL-2012."""
    monkeypatch.setenv("PANDA_DATA", str(tmp_path))
    shutil.copytree(DATA / "conll05", tmp_path / "conll05")
    shutil.copytree(DATA / "conll12", tmp_path / "conll12")
    shutil.copytree(DATA / "conll12", tmp_path / "ontonotes")
    return tmp_path


def load(task, split="train"):
    return load_split(get_task(task), "real", split)


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_conll05_has_a_row_per_predicate(mirror):
    frame = load("conll05").frame
    assert frame["tokens"].map(" ".join).tolist() == [
        "The robot left to explore Mars .", "The robot left to explore Mars .", "It did n't wait up .",
    ]
    assert frame["index"].tolist() == [2, 4, 3]
    assert frame["tags"].map(" ".join).tolist() == [
        "B-A0 I-A0 B-V O O O O", "B-A0 I-A0 O O B-V B-A1 O", "B-A0 O B-AM-NEG B-V I-V O",
    ]
    assert frame["id"].tolist() == ["0", "1", "2"]


def test_compressed_files_are_the_same_rows(mirror):
    plain = load("conll05").frame
    for name in (WORDS, PROPS):
        path = mirror / name
        with gzip.open(f"{path}.gz", "wb") as stream:
            stream.write(path.read_bytes())
        path.unlink()
    assert load("conll05").frame.to_dict() == plain.to_dict()


@pytest.mark.parametrize("task", ["conll05", "conll12", "ontonotes"])
def test_packed_copies_beside_the_files_change_nothing(mirror, task):
    before = len(load_split(get_task(task), "real", "train").frame)
    for path in [path for path in mirror.rglob("*") if path.is_file()]:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert len(load_split(get_task(task), "real", "train").frame) == before


def test_conll12_has_a_row_per_predicate(mirror):
    frame = load("conll12").frame
    assert frame["tokens"].map(" ".join).tolist() == ["Ms. Lind said Paris helped her ."] * 2
    assert frame["index"].tolist() == [2, 4]
    assert frame["tags"].map(" ".join).tolist() == [
        "B-ARG0 I-ARG0 B-V B-ARG1 I-ARG1 I-ARG1 O", "B-ARG0 I-ARG0 O O B-V B-ARG1 O",
    ]


def test_ontonotes_has_a_row_per_sentence(mirror):
    frame = load("ontonotes").frame
    assert frame["ner_tags"].map(" ".join).tolist() == ["B-PERSON I-PERSON O B-GPE O O O", "O O"]


def test_ontonotes_leaves_out_the_genre_without_names(mirror):
    path = mirror / "ontonotes" / "train" / "pt" / "psalm.v4_gold_conll"
    path.parent.mkdir()
    path.write_text((DATA / GOLD).read_text().replace("nw/note", "pt/psalm"))
    assert len(load("ontonotes").frame) == 2


def test_only_english_is_read_where_there_are_languages(mirror):
    folder = mirror / "conll12" / "train" / "data"
    for language in ("english", "chinese"):
        shutil.copytree(DATA / "conll12" / "train" / "nw", folder / language / "annotations" / "nw")
    shutil.rmtree(mirror / "conll12" / "train" / "nw")
    assert len(load("conll12").frame) == 2


def test_provenance_covers_every_file(mirror):
    first = load("conll05").provenance
    assert (first["where"], first["rows"], first["official_rows"], first["subset"]) == ("conll05/train", 3, 90750, True)
    change(mirror / WORDS, "Mars", "Venus")
    assert load("conll05").provenance["sha256"] != first["sha256"]


BAD = [
    ("conll05", PROPS, "*)          *)", "*)", r"train\.02\.props, line 1: lines of 2, 3 columns in one sentence"),
    ("conll05", PROPS, "explore          *", "-          *", r"line 1: 2 columns of arguments for 1 predicates"),
    ("conll05", PROPS, "(V*)          *", "(V(A1*)         *", r"line 1, word 3: '\(V\(A1\*\)' is not a bracket of one"),
    ("conll05", PROPS, "(AM-NEG*)", "*)", r"line 9, word 3: '\*\)' closes a bracket that is not open"),
    ("conll05", PROPS, "-                *)\n-  ", "-                *\n-  ", r"line 9: the bracket \(V is never closed"),
    ("conll05", PROPS, "\n-\n-\n", "\n", r"words/train\.02\.words, line 16: this sentence has no arguments"),
    ("conll05", WORDS, "\nRain\n.\n", "\n", r"props/train\.02\.props, line 16: these arguments have no sentence"),
    ("conll05", WORDS, "Mars\n", "", r"props, line 1: 7 lines of arguments for the 6 words at .*words, line 1"),
    ("conll05", PROPS, "(A1*)", "(A9*)", r"conll05/train: row 1, column tags: 'B-A9' is not a tag of conll05"),
    ("conll12", GOLD, "(V*)", "*", r"_gold_conll, line 2: a column of arguments marks no predicate"),
    ("ontonotes", GOLD, "(GPE)", "(CITY)", r"ontonotes/train: row 0, column ner_tags: 'B-CITY' is not a tag"),
    ("ontonotes", GOLD, "No    UH   (TOP(INTJ*       -    -   -   -          *     -", "No",
     r"line 10: a line of 4 columns; column 11 is needed"),
]


@pytest.mark.parametrize(("task", "name", "old", "new", "message"), BAD)
def test_what_is_not_in_the_format_is_named(mirror, task, name, old, new, message):
    change(mirror / name.replace("conll12/", f"{task}/"), old, new)
    with pytest.raises(WorkError, match=message):
        load(task)


def test_words_without_props_are_named(mirror):
    (mirror / PROPS).unlink()
    with pytest.raises(WorkError, match=r"words/train\.02\.words: there is no train\.02\.props"):
        load("conll05")


@pytest.mark.parametrize("name", [f"{WORDS}.gz", WORDS])
def test_files_that_cannot_be_read_are_named(mirror, name):
    (mirror / WORDS).unlink()
    (mirror / name).write_bytes(b"caf\xe9\n")
    with pytest.raises(WorkError, match=r"train\.02\.words(\.gz)?: not a readable UTF-8 text file"):
        load("conll05")


def test_a_damaged_archive_is_named(mirror):
    (mirror / WORDS).unlink()
    whole = gzip.compress(bytes(range(256)) * 8)
    (mirror / f"{WORDS}.gz").write_bytes(whole[:20] + b"\xff" * 20 + whole[40:])
    with pytest.raises(WorkError, match=r"train\.02\.words\.gz: not a readable UTF-8 text file"):
        load("conll05")


@pytest.mark.parametrize(
    ("task", "number", "stand_in"),
    [("conll05", "LDC99T42", "propbank_ewt_srl"), ("conll12", "LDC2013T19", "propbank_ewt_srl"),
     ("ontonotes", "LDC2013T19", "wnut17")],
)
@pytest.mark.parametrize("with_mirror", [True, False])
def test_without_files_the_error_says_where_a_licence_is_had(tmp_path, monkeypatch, task, number, stand_in, with_mirror):
    if with_mirror:
        monkeypatch.setenv("PANDA_DATA", str(tmp_path))
    else:
        monkeypatch.delenv("PANDA_DATA", raising=False)
    with pytest.raises(WorkError, match=rf"{task}: there are no files of train .*{number}.*{stand_in}$") as caught:
        load(task)
    assert stand_in in TASKS
    assert "\n" not in str(caught.value)


def test_availability_sees_the_files(mirror):
    assert not availability(get_task("conll05"))["local"]  # no development set yet
    shutil.copytree(mirror / "conll05" / "train", mirror / "conll05" / "devel")
    assert availability(get_task("conll05")) == {"practice": True, "local": True, "hub": False}


def test_other_files_are_told_from_those_of_a_record(mirror):
    held = {"train": load("conll05").provenance}
    assert not other_rows(get_task("conll05"), held)
    assert other_rows(get_task("conll05"), {"train": held["train"] | {"sha256": "another"}})
