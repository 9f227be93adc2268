"""Tokenised data: kept on disk by content, the same after a round trip, and cut to whole groups."""

import copy
import gc
import logging
import weakref
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panda_core.data import cache
from panda_core.data.encoded import Encoded, encode_in_chunks, encoded_split
from panda_core.formats import Example, get_format
from panda_core.formats.classification import Classification
from panda_core.job import Job
from panda_core.plms.loading import load_plm
from panda_core.runs import make_spec
from panda_core.tasks import get_task


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A cache of its own for every test."""
    monkeypatch.setenv("PANDA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def plain(example):
    """An example in lists, to compare."""
    types = example.token_type_ids
    return (
        [list(map(int, ids)) for ids in example.input_ids],
        None if types is None else [list(map(int, ids)) for ids in types],
        example.label,
        tuple(map(int, example.words)),
        [part.tolist() for part in example.offsets],
    )


@st.composite
def example_lists(draw):
    """Examples of one format: the same number of sequences is not needed, the same kinds of fields are."""
    typed, spanned, labelled = draw(st.booleans()), draw(st.booleans()), draw(st.sampled_from(["int", "float", "list"]))
    made = []
    for _ in range(draw(st.integers(1, 6))):
        lengths = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
        ids = tuple(draw(st.lists(st.integers(0, 50_000), min_size=n, max_size=n)) for n in lengths)
        label = {
            "int": draw(st.integers(0, 9)),
            "float": draw(st.floats(0, 5, width=32)),
            "list": draw(st.lists(st.integers(-100, 50), max_size=4)),
        }[labelled]
        words = tuple(draw(st.lists(st.integers(0, 99), max_size=3)))
        offsets = tuple(np.full((n, 2), -1, np.int32) for n in lengths) if spanned else ()
        made.append(Example(ids, tuple([0] * n for n in lengths) if typed else None, label, words, offsets))
    return made


@given(example_lists())
@settings(max_examples=50)
def test_packing_loses_nothing(examples):
    again = cache.unpack(cache.pack(examples))
    assert [plain(example) for example in again] == [plain(example) for example in examples]
    assert all(type(a.label) is type(b.label) for a, b in zip(again, examples, strict=True))


def test_a_second_call_reads_the_file(folder):
    made = [Example(([1, 2],), None, 0)]
    first = cache.cached_examples({"rows": "a"}, lambda: made)
    second = cache.cached_examples({"rows": "a"}, lambda: pytest.fail("tokenised twice"))
    assert [plain(e) for e in first] == [plain(e) for e in second] == [plain(e) for e in made]
    assert len(list(folder.rglob("*.npz"))) == 1


def test_another_key_is_another_file():
    cache.cached_examples({"rows": "a"}, lambda: [Example(([1],), None, 0)])
    (other,) = cache.cached_examples({"rows": "b"}, lambda: [Example(([2],), None, 0)])
    assert list(other.input_ids[0]) == [2]


@pytest.mark.parametrize("damage", [lambda data: data[:50], lambda data: b"", lambda data: b"x" * len(data)])
def test_a_damaged_file_is_made_again_and_said(folder, damage, caplog):
    make = lambda: [Example(([1, 2],), None, 0)]
    cache.cached_examples({"rows": "a"}, make)
    (path,) = folder.rglob("*.npz")
    path.write_bytes(damage(path.read_bytes()))
    with caplog.at_level(logging.WARNING):
        (again,) = cache.cached_examples({"rows": "a"}, make)
    assert list(again.input_ids[0]) == [1, 2]
    assert "is damaged" in caplog.text
    cache.cached_examples({"rows": "a"}, lambda: pytest.fail("not repaired"))


def test_a_folder_that_cannot_be_written_to_stops_nothing(monkeypatch, tmp_path, caplog):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PANDA_CACHE", str(tmp_path / "file"))
    (made,) = cache.cached_examples({"rows": "a"}, lambda: [Example(([1],), None, 0)])
    assert list(made.input_ids[0]) == [1]
    assert "PANDA_CACHE" in caplog.text


def test_the_default_folder_is_the_users(monkeypatch):
    monkeypatch.delenv("PANDA_CACHE")
    assert cache.cache_folder().name == "panda"


def test_the_digest_of_a_tokenizer_ignores_its_last_call_but_not_its_vocabulary(minilm):
    used, other = copy.deepcopy(minilm.tokenizer), copy.deepcopy(minilm.tokenizer)
    used(["a b c"], truncation=True, max_length=4, padding="max_length")
    other.add_tokens(["panda-panda"])
    assert cache.tokenizer_digest(used) == cache.tokenizer_digest(minilm.tokenizer)
    assert cache.tokenizer_digest(other) != cache.tokenizer_digest(minilm.tokenizer)


@pytest.fixture
def mirror_of_one_row(tmp_path, monkeypatch):
    """One row of CB as real data."""
    monkeypatch.setenv("PANDA_DATA", str(tmp_path / "data"))
    (tmp_path / "data" / "cb").mkdir(parents=True)
    frame = pd.DataFrame({"premise": ["It rained all day."], "hypothesis": ["It was wet."], "label": [0]})
    frame.to_parquet(tmp_path / "data" / "cb" / "train.parquet")


def test_rows_length_and_template_decide_what_is_reused(minilm, folder, mirror_of_one_row):
    def tokens(max_length, **changes):
        encoded = encoded_split(minilm, replace(get_task("cb"), **changes), "real", "train", max_length)
        return minilm.tokenizer.decode(encoded.examples[0].input_ids[0]), len(list(folder.rglob("*.npz")))

    assert tokens(32) == ("[CLS] it rained all day. [SEP] it was wet. [SEP]", 1)
    assert tokens(32, note="another declaration, the same tokens")[1] == 1
    assert tokens(8)[1] == 2
    assert tokens(32, template=("{hypothesis}",)) == ("[CLS] it was wet. [SEP]", 3)
    assert tokens(32, inputs=("hypothesis", "premise")) == ("[CLS] it was wet. [SEP] it rained all day. [SEP]", 4)
    assert tokens(32, labels=("a", "b", "c"))[1] == 5
    assert tokens(32, stride=2)[1] == 6


def test_another_tokenizer_is_another_file(minilm, mirror_of_one_row):
    (plain_example,) = encoded_split(minilm, get_task("cb"), "real", "train", 32).examples
    other, tokenizer = copy.copy(minilm), copy.deepcopy(minilm.tokenizer)
    tokenizer.add_tokens(["wet."])
    other.__dict__["tokenizer"] = tokenizer
    (example,) = encoded_split(other, get_task("cb"), "real", "train", 32).examples
    assert len(minilm.tokenizer) in list(example.input_ids[0])  # the number of the new token
    assert len(minilm.tokenizer) not in list(plain_example.input_ids[0])


def test_training_never_waits_for_the_tokenizer(tiny_plm, monkeypatch):
    """Both splits are tokenised before the first step, once, and by no other process that finds them in the cache."""
    calls = []
    encode = Classification.encode
    monkeypatch.setattr(Classification, "encode", lambda *given: calls.append(len(given[1])) or encode(*given))
    budget = {"epochs": "3", "batch_size": "64", "eval_examples": "20", "max_length": "16"}
    settings = {f"training.{name}": value for name, value in budget.items()}
    spec = make_spec(plm=tiny_plm, method="p-tuning-v2", target="cb", settings=settings)
    job = Job(spec, load_plm(tiny_plm, device="cpu"), {})
    assert (len(job.train.examples), len(job.validation.examples)) == (400, 20)
    assert calls == [400, 200]
    assert job.fit(job.new_model()).fit.steps == 3 * 7
    assert job.fit(job.new_model()).fit.steps == 3 * 7
    assert calls == [400, 200]
    other = Job(spec, load_plm(tiny_plm, device="cpu"), {})
    assert other.fit(other.new_model()).fit.steps == 3 * 7
    assert calls == [400, 200]


def test_a_tokenised_split_keeps_no_plm_alive(tiny_plm):
    plm = load_plm(tiny_plm, device="cpu")
    assert encoded_split(plm, get_task("cb"), "practice", "validation", 16).examples
    kept = weakref.ref(plm)
    del plm
    gc.collect()
    assert kept() is None


def test_chunks_give_what_the_whole_gives(minilm, monkeypatch):
    monkeypatch.setattr("panda_core.data.encoded._CHUNK", 2)
    task = get_task("cola")
    frame = pd.DataFrame({"sentence": [f"Sentence {i}." for i in range(5)], "label": [0, 1, 0, 1, 1]})
    whole = get_format(task).encode(frame, task, minilm.tokenizer, 16)
    assert encode_in_chunks(get_format(task), frame, task, minilm.tokenizer, 16) == whole


def encoded(task, frame):
    examples = [Example(([1],), None, 0)] * len(frame)
    return Encoded(get_task(task), get_format(get_task(task)), examples, frame, {"rows": len(frame)}, 0)


def test_head_draws_evenly_and_says_so():
    cut = encoded("cola", pd.DataFrame({"sentence": list("abcdefghij")})).head(4)
    assert cut.frame["sentence"].tolist() == ["a", "d", "g", "j"]
    assert (len(cut.examples), cut.provenance) == (4, {"rows": 10, "used_rows": 4})


def test_head_of_none_or_of_more_is_everything():
    whole = encoded("cola", pd.DataFrame({"sentence": list("abc")}))
    assert whole.head(None) is whole
    assert whole.head(3) is whole


@pytest.mark.parametrize(("size", "kept"), [(7, [0, 0, 0, 3, 3, 3]), (5, [0, 0, 0]), (1, [0, 0, 0])])
def test_head_keeps_the_candidates_of_a_query_together(size, kept):
    whole = encoded("record", pd.DataFrame({"number": np.repeat([0, 1, 2, 3], 3)}))
    assert whole.head(size).frame["number"].tolist() == kept
