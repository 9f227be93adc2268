"""The page on cost reads measurements and never invents any."""

import json

import pytest

from panda_core.report import costs

LINE = {"task": "rte", "teacher": False, "steps": 4, "tokens_per_second": 1000.4, "memory": 3 * 2**20, "teacher_seconds": None}
TIMES = {"peft-128": 0.8, "peft-batch": 0.4, "panda-float32": 0.2, "panda": 0.1}


@pytest.fixture
def bench(tmp_path, monkeypatch):
    lines = [
        LINE | {"engine": engine, "seconds": s, "mean_seconds": s, "faster": 0.8 / s} for engine, s in TIMES.items()
    ]
    taught = [line | {"teacher": True, "mean_seconds": 1.03 * line["mean_seconds"]} for line in lines]
    taught[-1]["teacher_seconds"] = 0.001
    values = {
        "plm": "minilm-l6", "representation": "pooler", "data": "real", "batch_size": 32, "rounds": 1,
        "measured": lines + taught, "profile": {"rte": {"softmax": 0.25, "GELU": 0.75}},
        "environment": {"device": "a processor", "threads": 2, "precision": "bfloat16"},
    }  # fmt: skip
    (tmp_path / "one.json").write_text(json.dumps(values))
    monkeypatch.setattr(costs, "FOLDER", tmp_path)
    return costs.benches()[0]


def test_the_words_say_what_the_numbers_say(bench):
    words = costs.ratios(bench)
    assert "8.0 times as fast as PEFT and Trainer padded to 128" in words
    assert "4.0 times as fast as with padding per batch; in float32 4.0 times" in words
    assert "takes +3 %" in words


def test_the_table_names_its_machine_and_every_engine(bench):
    table = costs.measured(bench)
    assert "a processor, 2 threads, bfloat16" in table and "real data" in table
    assert all(name in table for name in costs._TITLES.values())
    assert table.count("<tr>") == 1 + 8


def test_the_teacher_is_shared_by_all_epochs(bench):
    """32 predictions of 1 ms beside a step of 103 ms: 31.1 % in one epoch, 0.3 % in a hundred."""
    table = costs.teachers(bench)
    assert ">31.1<" in table and ">3.1<" in table and ">0.3<" in table


def test_profiles_are_in_percent(bench):
    table = costs.profiles(bench)
    assert table.index(">75.0<") < table.index(">25.0<")
