"""The bench: the engines do the same work, and what is read off their step times."""

import gc
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from panda_core.bench import engines, measure, memory
from panda_core.bench.engines import ENGINES, Round, Work, new_model, panda_engine, trainer_engine
from panda_core.cli import main
from panda_core.data.encoded import encoded_split
from panda_core.execution import complete
from panda_core.plms.loading import load_plm
from panda_core.runs import make_spec
from panda_core.store import Store
from panda_core.tasks import get_task


def work(plm_name, task="cola", teacher=False, size=20):
    plm = load_plm(plm_name, device="cpu")
    return Work(plm, encoded_split(plm, get_task(task), "practice", "train", 64), range(size), 8, 0, teacher)


@pytest.mark.parametrize("task", ["cola", "conll04", "copa"])
@pytest.mark.parametrize("teacher", [False, True])
def test_every_engine_takes_the_same_steps(tiny_plm, task, teacher):
    for name, engine in ENGINES.items():
        done = engine(work(tiny_plm, task, teacher))
        assert len(done.steps) == 3 and min(done.steps) > 0, name
        assert (done.teacher > 0) == (teacher and name.startswith("panda"))


def test_both_engines_see_the_examples_of_the_round_once(tiny_plm, monkeypatch):
    real, seen = engines.collate, []
    monkeypatch.setattr(engines, "collate", lambda examples, index, *rest: seen.append(list(index)) or real(examples, index, *rest))
    for engine, length in ((panda_engine("float32"), None), (trainer_engine(None), None), (trainer_engine(128), 128)):
        seen.clear()
        engine(work(tiny_plm))
        assert sorted(i for index in seen for i in index) == list(range(20)), length
        assert sorted(map(len, seen)) == [4, 8, 8]


def test_peft_computes_what_the_engine_computes(tiny_plm):
    """With the same prompt and head and no dropout, the losses of the two are equal."""
    from panda_core.bench.engines import _loss, _WithPEFT
    from panda_core.data.batches import collate

    job = work(tiny_plm)
    model, peft = new_model(job).eval(), _WithPEFT(job).eval()
    with torch.no_grad():
        peft.body.prompt_encoder["default"].embedding.weight.copy_(model.prompt.flat)
    batch = collate(job.data.examples, range(8), job.data.format, job.data.pad_id)
    with torch.no_grad():
        ours = _loss(job, None)(job.data.format.rows(model(batch), batch), batch)
    torch.testing.assert_close(peft(batch)["loss"], ours, atol=1e-5, rtol=0)


def test_what_is_read_off(monkeypatch, tiny_plm):
    """Step times of 9 (dropped, as the two after it), 1 and 3 s against 9, 4 and 4 s: medians 2 and 4, twice as fast.

    With a teacher, the first of the two steps takes twice as long and the second as long as before.
    """
    steps = lambda work: [9.0] * 3 + ([2.0, 3.0] if work.teacher else [1.0, 3.0])
    engines = {
        "peft-128": lambda work: Round([9.0] * 3 + [4.0, 4.0]),
        "panda": lambda work: Round(steps(work), 0.9 if work.teacher else 0.0),
    }
    entries = {(teacher, name): engine for teacher in (False, True) for name, engine in engines.items()}
    monkeypatch.setitem(measure.CONTESTS, "speed", replace(measure.CONTESTS["speed"], entries=entries))
    found = measure.bench(
        "speed", tiny_plm, ("cola",), representation=None, data="practice", batch_size=4, steps=2, rounds=2
    )
    plain, taught = ({line["engine"]: line for line in found["speed"] if line["teacher"] == t} for t in (False, True))
    assert plain["panda"]["seconds"] == 2 and plain["peft-128"]["seconds"] == 4
    assert plain["panda"]["faster"] == 2 and plain["peft-128"]["faster"] == 1
    assert plain["panda"]["steps"] == 4 and plain["panda"]["teacher_seconds"] is None
    assert taught["panda"]["teacher_seconds"] == pytest.approx(1.8 / 40)
    assert (plain["panda"]["beside_plain"], taught["panda"]["beside_plain"]) == (1, 1.5)
    assert plain["panda"]["tokens_per_second"] == pytest.approx(2 * plain["peft-128"]["tokens_per_second"])


def test_the_methods_of_table_12_are_timed_side_by_side(tiny_plm):
    choices = {"representation": None, "data": "practice", "batch_size": 4, "steps": 2, "rounds": 2}
    found = measure.bench("methods", tiny_plm, ("cola",), **choices)["methods"]
    assert [(line["engine"], line["teacher"]) for line in found] == [
        ("model-tuning", False), ("p-tuning-v2", False), ("vanilla-pot", False), ("panda", True)
    ]  # fmt: skip
    assert all(line["steps"] == 4 and line["seconds"] > 0 for line in found)
    assert found[0]["faster"] == 1 and found[2]["beside_plain"] == 1 and found[3]["teacher_seconds"] > 0


def test_model_tuning_trains_the_whole_model(tiny_plm, monkeypatch):
    job = work(tiny_plm)
    counts = [sum(p.numel() for p in new_model(job, kind).trained().values()) for kind in ("prefix", "model")]
    head = sum(p.numel() for p in new_model(job).head.parameters())
    before, made = {name: p.clone() for name, p in job.plm.named_parameters()}, []
    monkeypatch.setattr(engines, "new_model", lambda *words: made.append(new_model(*words)) or made[-1])
    engines.METHODS["model-tuning"](job)
    changed = [name for name, p in made[0].prompt.plm.named_parameters() if not torch.equal(p, before[name])]
    assert "model.encoder.layer.0.output.dense.weight" in changed
    assert all(torch.equal(p, before[name]) for name, p in job.plm.named_parameters())
    assert counts == [20 * job.plm.prefix_width + head, sum(p.numel() for p in job.plm.parameters()) + head]


def test_memory_is_seen():
    with memory.Memory(torch.device("cpu")) as held:
        block = np.ones(32 * 2**20, dtype=np.uint8)
        memory.time.sleep(0.05)
    assert block.sum() and 24 * 2**20 < held.added < 64 * 2**20


def test_memory_is_measured_by_tokens_and_by_runs(tiny_plm, monkeypatch):
    """An engine that takes a megabyte for each sequence of a batch, and keeps as much of every run."""
    kept = []

    def engine(job):
        block = np.ones((job.batch_size, 2**20), dtype=np.uint8)
        memory.time.sleep(0.05)
        kept.append(block[:1].repeat(8, axis=0))

    monkeypatch.setitem(memory.ENGINES, "panda", engine)
    job = work(tiny_plm, size=64)
    sizes = memory.by_batch(replace(job, batch_size=32))
    assert [size["batch_size"] for size in sizes] == [8, 16, 32, 64]
    longest = max(job.data.examples[i].length for i in range(64))
    assert sizes[-1]["tokens"] == 64 * longest and sizes[0]["tokens"] <= 8 * longest
    added = [size["memory"] / 2**20 for size in sizes]
    assert all(n <= mb < n + 24 for n, mb in zip((8, 16, 32, 64), added))
    held = [each / 2**20 for each in memory.by_runs(job, 3)]
    assert held[0] == 0 and 6 < held[1] < 12 and 14 < held[2] < 20


def test_a_run_leaves_nothing_in_memory(tiny_plm, tmp_path):
    """All tensors that Python knows take as many bytes after three runs as after two."""

    def living():
        gc.collect()
        storages = {}
        for each in gc.get_objects():
            if type(each) in (torch.Tensor, torch.nn.Parameter):
                storage = each.untyped_storage()
                storages[storage._cdata] = storage.nbytes()
        return sum(storages.values())

    held = []
    for seed in range(3):
        settings = {"training.steps": "3", "training.batch_size": "8", "training.eval_examples": "8"}
        complete(make_spec(plm=tiny_plm, method="p-tuning-v2", target="cb", seed=seed, settings=settings), Store(tmp_path))
        held.append(living())
    assert held[0] > 0 and held[1] == held[2]


def test_the_command_prints_a_table_and_json(tiny_plm, tmp_path):
    words = ["bench", "--plm", tiny_plm, "--task", "cola", "--batch-size", "4", "--steps", "1", "--rounds", "1"]
    table = CliRunner().invoke(main, words)
    assert table.exit_code == 0, table.output
    assert "peft-128" in table.stdout and "practice data" in table.stdout
    out = tmp_path / "bench.json"
    found = CliRunner().invoke(main, [*words, "--json", "--out", str(out)])
    assert json.loads(found.stdout) == json.loads(out.read_text())
    assert {line["engine"] for line in json.loads(found.stdout)["speed"]} == set(ENGINES)


def test_a_task_with_too_few_batches_to_time_is_refused(tiny_plm):
    words = ["bench", "--plm", tiny_plm, "--task", "cb", "--batch-size", "400", "--steps", "1"]
    refused = CliRunner().invoke(main, words)
    assert refused.exit_code == 2 and "choose a smaller --batch-size" in refused.output


@pytest.mark.parametrize(("kind", "words"), [("memory", "held after each run"), ("profile", "softmax")])
def test_the_command_measures_memory_and_where_time_goes(tiny_plm, kind, words):
    command = ["bench", "--measure", kind, "--plm", tiny_plm, "--task", "cola", "--batch-size", "4", "--steps", "1"]
    table = CliRunner().invoke(main, command)
    assert table.exit_code == 0 and words in table.stdout
    (line,) = json.loads(CliRunner().invoke(main, [*command, "--json"]).stdout)[kind]
    if kind == "memory":
        assert len(line["by_batch"]) == 4 and len(line["by_runs"]) == 3
    else:
        assert sum(line["shares"].values()) == pytest.approx(1)


def test_a_profile_adds_up_and_most_of_it_is_named(tiny_plm):
    from panda_core.bench.profile import shares

    found = shares(work(tiny_plm))
    assert sum(found.values()) == pytest.approx(1) and min(found.values()) >= 0
    assert found["products with the PLM's weights"] > 0 and found["softmax"] > 0
