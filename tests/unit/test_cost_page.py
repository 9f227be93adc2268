"""The page on cost reads measurements and never invents any."""

import json

import pytest
from bs4 import BeautifulSoup
from paper_store import add

from panda_core.report import cost_page, efficiency, exhibit_page
from panda_core.store import Store

LINE = {"task": "rte", "teacher": False, "steps": 4, "tokens_per_second": 1000.4, "memory": 3 * 2**20, "teacher_seconds": None}
TIMES = {"peft-128": 0.8, "peft-batch": 0.4, "panda-float32": 0.2, "panda": 0.1}
ABOUT = {
    "plm": "minilm-l6", "representation": "pooler", "data": "real", "batch_size": 32, "steps": 4, "rounds": 1,
    "environment": {"device": "a processor", "threads": 2, "precision": "bfloat16", "commit": "abc" * 13, "dirty": False,
                    "versions": {"torch": "2.13.0+cpu", "transformers": "5.23.0"}},
}  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """One measurement of each kind."""
    lines = [
        LINE | {"engine": engine, "seconds": s, "mean_seconds": s, "faster": 0.8 / s, "beside_plain": 1.0}
        for engine, s in TIMES.items()
    ]
    taught = [line | {"teacher": True, "beside_plain": 1.03} for line in lines]
    taught[-1]["teacher_seconds"] = 0.001
    speed = ABOUT | {"speed": lines + taught}
    profile = ABOUT | {"profile": [{"task": "rte", "shares": {"softmax": 0.25, "GELU": 0.75}}]}
    sizes = [{"batch_size": n, "tokens": 50 * n, "memory": 50 * n * 2**15} for n in (8, 16)]
    memory = ABOUT | {"memory": [{"task": "rte", "by_batch": sizes, "by_runs": [0, 2**20, -(2**19)]}]}
    for name, values in (("speed", speed), ("memory", memory), ("profile", profile)):
        (tmp_path / f"{name}.json").write_text(json.dumps(values))
    monkeypatch.setattr(cost_page, "FOLDER", tmp_path)


@pytest.fixture
def bench():
    (found,) = cost_page.benches("speed")
    return found


def test_an_engine_is_compared_by_its_whole_time_and_its_median_step(bench):
    """cola takes 0.8, 0.4, 0.2 and 0.3 s on average, in the median as long as rte; together 1.6 against 0.4 s."""
    assert "together" not in cost_page.ratios(bench)
    other = [
        line | {"task": "cola", "mean_seconds": {"panda": 0.3}.get(line["engine"], line["mean_seconds"])}
        for line in bench["speed"]
    ]
    shown = BeautifulSoup(cost_page.ratios(bench | {"speed": bench["speed"] + other}), "html.parser")
    rows = [[cell.text for cell in row.find_all("td")] for row in shown.tbody.find_all("tr")]
    assert rows[:3] == [
        ["cola", "no", "2.7", "8.0", "1.3", "4.0", "4.0"],
        ["rte", "no", "8.0", "8.0", "4.0", "4.0", "4.0"],
        ["together", "no", "4.0", "8.0", "2.0", "4.0", "4.0"],
    ]
    assert [row[1] for row in rows[3:]] == ["yes"] * 3


def test_the_table_names_its_machine_and_every_engine(bench):
    table = cost_page.speed(bench)
    assert "a processor, 2 threads, bfloat16" in table and "real data" in table
    assert all(name in table for name in cost_page._TITLES.values())
    assert table.count("<tr>") == 1 + 8


def test_a_measurement_names_its_command_and_its_code(bench):
    (held,) = cost_page.benches("memory")
    words = "--plm minilm-l6 --representation pooler --task rte --data real --batch-size 32 --steps 4 --rounds 1"
    said = cost_page.provenance(bench, "speed")
    assert f"<code>panda bench --measure speed {words}</code>, code of commit <code>abcabcabcabc</code>, torch" in said
    assert f"<code>panda bench --measure memory {words}</code>" in cost_page.provenance(held, "memory")


def test_the_teacher_is_shared_by_all_passes_over_the_data(bench):
    """A step of 103 ms beside one of 100 ms, and 32 predictions of 1 ms for it: made once in 60 epochs of tier full;
    in 350 steps of 16 over 2490 examples, 2.2 times."""
    table = cost_page.teachers(bench)
    assert ">+3.0<" in table
    assert f">+{3 + 32 / 60:.1f}<" in table
    assert f">+{3 + 32 / (350 * 16 / 2490):.1f}<" in table


def test_the_methods_of_table_12_are_shown_as_they_were_timed(folder, tmp_path):
    """Ten epochs of 180 steps of 0.1 s, and 5749 predictions of 1 ms; a step of PANDA is 3 % longer."""
    assert efficiency.timed() == ""
    line = LINE | {"task": "stsb", "engine": "panda", "teacher": True, "seconds": 0.1, "mean_seconds": 0.1,
                   "beside_plain": 1.03, "teacher_seconds": 0.001}  # fmt: skip
    (tmp_path / "methods.json").write_text(json.dumps(ABOUT | {"methods": [line, line | {"task": "rte"}]}))
    shown = efficiency.timed()
    assert ">186<" in shown and ">+3.0<" in shown and ">100.0<" in shown and shown.count("<tbody>") == 1
    assert "panda bench --measure methods" in shown


def test_profiles_are_in_percent():
    table = cost_page.profiles(cost_page.benches("profile")[0])
    assert table.index(">75.0<") < table.index(">25.0<")


def test_memory_is_shown_by_token_and_by_run():
    (held,) = cost_page.benches("memory")
    table = cost_page.memory(held)
    assert table.count(">32.0<") == 2  # KB a token for both sizes
    assert ">+1.0<" in table and ">−0.5<" in table


def test_float32_is_compared_with_the_same_run_in_bfloat16(tmp_path, monkeypatch):
    store = Store(tmp_path / "store")
    words = {"method": "p-tuning-v2", "target": "cb"}
    exact = {"settings": {"optimiser.precision": "float32"}}
    add(store, 0.5, **words, **exact)
    assert cost_page.precision(store).empty and "No run" in cost_page.tolerance(store)
    monkeypatch.setitem(__import__("paper_store").ENVIRONMENT, "precision", "bfloat16")
    add(store, 0.6, **words)
    add(store, 0.9, **words, seed=1)  # without a partner
    (line,) = cost_page.precision(store).to_dict("records")
    assert (line["Score, float32"], line["Score, bfloat16"]) == (50, 60)
    assert line["Float32 less bfloat16"].html == "−10.00" and line["Largest distance of the losses"].key == 0
    assert "scores 10.0 points on average" in cost_page.tolerance(store)
    shown = cost_page.twins(store)
    assert sorted(zip(shown["variant"], shown["score"], strict=True)) == [("", 60), ("float32", 50)]
    before = exhibit_page.stamp_of("costs", store)
    add(store, 0.9, **words, seed=1, **exact)  # now seed 1 has its partner, too
    assert exhibit_page.stamp_of("costs", store) != before


def test_estimates_follow_the_step_of_table_12():
    """480.2 s for ten epochs of 5749 examples in batches of 32."""
    table = cost_page.estimates()
    assert ">267.3<" in table and "LLaMA2-7b" in table and "Estimates, not measurements" in table
