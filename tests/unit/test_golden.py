"""Golden examples: what the PLM is given, in short quotations."""

import pandas as pd
import pytest

from panda_core.data.golden import golden_example
from panda_core.tasks import TABLE_1, get_task


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    monkeypatch.setenv("PANDA_DATA", str(tmp_path))

    def add(name, **columns):
        task = get_task(name)
        (tmp_path / name).mkdir()
        pd.DataFrame(columns).to_parquet(tmp_path / name / f"{task.validation}.parquet")
        return task

    return add


def test_two_texts_and_the_label_in_words(minilm, mirror):
    task = mirror("cb", premise=["It rained.", "Ann slept."], hypothesis=["It was wet.", "She woke."], label=[0, 1])
    golden = golden_example(minilm, task, "real", row=1)
    assert golden.sequences == (("ann slept.", "she woke."),)
    assert (golden.task, golden.label) == ("cb", "contradiction")


def test_a_sequence_per_choice(minilm, mirror):
    task = mirror("copa", premise=["It fell."], choice1=["It broke."], choice2=["It sang."], question=["effect"], label=[0])
    golden = golden_example(minilm, task, "real")
    assert golden.sequences == (("it fell. so", "it broke."), ("it fell. so", "it sang."))
    assert golden.label == "choice1"


def test_tags_and_predicate(minilm, mirror):
    task = mirror("conll05", tokens=[["He", "ran"]], index=[1], tags=[["B-A0", "B-V"]])
    golden = golden_example(minilm, task, "real")
    assert golden.sequences == (("he ran", "ran"),)
    assert golden.label == "He B-A0, ran B-V"


def test_long_texts_keep_their_start_and_their_end(minilm, mirror):
    task = mirror("wic", word=["set"], sentence1=["one two three " * 9], sentence2=["Another sentence."], label=[1])
    golden = golden_example(minilm, task, "real", most=60)
    ((text,),) = golden.sequences
    assert text.startswith("one two three one two three")
    assert text.endswith("in both sentences?")
    assert " … " in text
    assert len(text) <= 63
    assert golden.label == "True"


def test_unknown_characters_are_shown_and_not_taken_for_a_border(minilm, mirror):
    task = mirror("sst2", sentence=["good \u0f3a film"], label=[1])
    assert golden_example(minilm, task, "real").sequences == (("good [UNK] film",),)


@pytest.mark.parametrize("name", TABLE_1)
def test_every_practice_task_has_a_golden_example(minilm, name):
    golden = golden_example(minilm, get_task(name), "practice")
    assert all(text for sequence in golden.sequences for text in sequence)
    assert len(golden.sequences) == (2 if name == "copa" else 1)
    assert golden.label or get_task(name).format == "tagging"
