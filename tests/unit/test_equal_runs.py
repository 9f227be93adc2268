"""A run that equals another one to the bit takes its result, and the record says so.

PANDA whose teacher weighs 0 is the target's own run; a target-like teacher that is not cut short is vanilla transfer.
"""

import json
from dataclasses import replace

import pytest
import torch
from click.testing import CliRunner

from panda_core import execution
from panda_core.cli import main
from panda_core.execution import complete
from panda_core.job import Job
from panda_core.record import digest_of
from panda_core.report import efficiency, exhibit_page, measured
from panda_core.runs import inputs, make_spec, run_id
from panda_core.store import Store
from panda_core.verification import verify

SHORT = {
    f"{group}.{name}": value
    for group in ("training", "source")
    for name, value in {"steps": "6", "evaluations": "3", "batch_size": "8", "eval_examples": "20"}.items()
}
TIMES = ("seconds", "seconds_per_step", "cpu_seconds", "peak_memory", "created", "environment", "equal_to", "files")


def spec(tiny_plm, target="cb", method="panda", sources=("mnli",), **settings):
    return make_spec(plm=tiny_plm, method=method, sources=sources, target=target, settings=SHORT | settings)


@pytest.fixture
def unlike(monkeypatch):
    """Source and target are unlike: their similarity is negative."""
    monkeypatch.setattr(Job, "similarity", lambda self, source, prompt: -0.25)


def trained(wanted, folder, monkeypatch):
    """The run really trained, although its result was to be had."""
    with monkeypatch.context() as patch:
        patch.setattr(execution, "finished", lambda run, store: None)
        return complete(wanted, Store(folder))


@pytest.mark.parametrize(
    ("target", "settings"),
    [
        ("cb", {}),
        ("copa", {}),
        ("stsb", {}),
        ("conll04", {}),
        ("cb", {"prompt.kind": "mlp-prefix"}),
        ("cb", {"prompt.kind": "tokens"}),
        ("cb", {"prompt.kind": "adapter"}),
        ("cb", {"kd.loss": "kl", "kd.match": "logits"}),
        ("cb", {"teacher.prompt": "source"}),
        ("cb", {"kd.clamp_negative": "false", "kd.weight": "0"}),
    ],
)
def test_what_is_taken_equals_what_training_gives_to_the_bit(
    tiny_plm, tmp_path, monkeypatch, unlike, target, settings
):
    wanted, taken, made = spec(tiny_plm, target, **settings), Store(tmp_path / "taken"), Store(tmp_path / "made")
    first, second = complete(wanted, taken), trained(wanted, made.root, monkeypatch)
    assert first.equal_to == first.inputs["target"] and second.equal_to == "" and second.seconds > 0
    kept = [{name: value for name, value in vars(record).items() if name not in (*TIMES, "digest")} for record in (first, second)]
    assert kept[0] == kept[1] and first.similarity == -0.25
    assert first.files["predictions"] == second.files["predictions"]  # SHA-256 of the bytes
    states = taken.state(wanted), made.state(wanted)
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())
    assert verify(taken).problems == verify(made).problems == []


def test_nothing_is_trained_and_the_record_says_so(tiny_plm, tmp_path, monkeypatch, unlike):
    store, wanted = Store(tmp_path), spec(tiny_plm)
    for run in inputs(wanted).values():
        complete(run, store)
    monkeypatch.setattr("panda_core.training.optimise", lambda *args: pytest.fail("a step was made"))
    record, target = complete(wanted, store), store.find(inputs(wanted)["target"])
    assert record.equal_to == target.id
    assert record.seconds == record.seconds_per_step == record.cpu_seconds == record.peak_memory == 0
    for name in ("curve", "score", "score_last", "steps", "trainable_parameters", "environment", "data", "weights"):
        assert getattr(record, name) == getattr(target, name)
    assert record.id == run_id(wanted) != target.id


@pytest.mark.parametrize(
    "settings",
    [
        {"teacher.dropout": "true"},  # its random numbers would stand between those of the student
        {"kd.clamp_negative": "false"},
        {"kd.similarity": "constant", "kd.weight": "0"},  # the target's own run is no input
    ],
)
def test_all_other_runs_are_trained(tiny_plm, tmp_path, unlike, settings):
    record = complete(spec(tiny_plm, **settings), Store(tmp_path))
    assert record.equal_to == "" and record.seconds > 0


def test_a_positive_similarity_is_trained(tiny_plm, tmp_path, monkeypatch):
    monkeypatch.setattr(Job, "similarity", lambda self, source, prompt: 1e-6)
    assert complete(spec(tiny_plm), Store(tmp_path)).equal_to == ""


@pytest.mark.parametrize("method", ["panda-early", "panda-late"])
def test_fused_teachers_that_weigh_0_still_teach(tiny_plm, tmp_path, unlike, method):
    """As Eq. 5 and 6 are printed, similarities weigh the teachers and not the distillation, which keeps lambda."""
    store = Store(tmp_path)
    record = complete(spec(tiny_plm, method=method, sources=("mnli", "qnli"), **{"kd.weight": "5"}), store)
    alone = store.find(inputs(spec(tiny_plm))["target"])
    assert record.equal_to == "" and record.curve != alone.curve


def teacher(tiny_plm, target="cb", **settings):
    return inputs(spec(tiny_plm, target, **settings))["teacher"]


@pytest.mark.parametrize(
    ("target", "settings"), [("cb", {}), ("stsb", {"prompt.kind": "tokens"}), ("conll04", {"prompt.kind": "adapter"})]
)
def test_a_teacher_that_is_not_cut_short_takes_vanilla_transfer(tiny_plm, tmp_path, monkeypatch, target, settings):
    vanilla, wanted = spec(tiny_plm, target, "vanilla-pot", **settings), teacher(tiny_plm, target, **settings)
    taken, made = Store(tmp_path / "taken"), Store(tmp_path / "made")
    complete(vanilla, taken)
    first, second = complete(wanted, taken), trained(wanted, made.root, monkeypatch)
    assert first.equal_to == run_id(vanilla) and second.equal_to == ""
    assert first.seconds == first.cpu_seconds == 0 < second.seconds
    assert (first.curve, first.started_from) == (second.curve, second.started_from)
    assert first.files["predictions"] == second.files["predictions"]
    states = taken.state(wanted), made.state(wanted)
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())
    assert verify(taken).problems == verify(made).problems == []


def test_a_teacher_that_is_cut_short_is_trained(tiny_plm, tmp_path):
    store, longer = Store(tmp_path), {"training.steps": "60"}  # 400 examples in batches of 8: 50 steps are an epoch
    complete(spec(tiny_plm, method="vanilla-pot", **longer), store)
    record = complete(teacher(tiny_plm, **longer), store)
    assert record.equal_to == "" and record.steps == 50


def test_a_teacher_from_another_source_prompt_than_vanilla_transfer_had_is_trained(tiny_plm, tmp_path):
    store, vanilla, wanted = Store(tmp_path), spec(tiny_plm, method="vanilla-pot"), teacher(tiny_plm)
    before, source = complete(vanilla, store), inputs(vanilla)["source"]
    again = {**store.state(source), "prompt": store.state(source)["prompt"] + 0.5}
    store.save(store.find(source), store.predictions(source), again)
    record = complete(wanted, store)
    assert record.equal_to == "" and record.curve != before.curve


def test_a_run_made_again_with_another_result_is_noticed(tiny_plm, tmp_path, unlike):
    store, wanted = Store(tmp_path), spec(tiny_plm)
    complete(wanted, store)
    target = store.find(inputs(wanted)["target"])
    store.save(replace(target, curve=target.curve[::-1]), store.predictions(target.spec), store.state(target.spec))
    (problem,) = [line for line in verify(store).problems if "made again" in line]
    assert f"its result is that of run {target.id}" in problem and "panda run" in problem


def test_records_from_before_are_read(tiny_plm, tmp_path):
    store, wanted = Store(tmp_path), make_spec(plm=tiny_plm, method="p-tuning-v2", target="cb", settings={
        path: value for path, value in SHORT.items() if path.startswith("training")
    })
    path = store.record_path(complete(wanted, store).spec)
    values = json.loads(path.read_text())
    del values["equal_to"]
    path.write_text(json.dumps(values | {"digest": digest_of(values)}))
    assert store.find(wanted).equal_to == "" and verify(store).problems == []


def test_the_command_line_says_that_nothing_was_trained(tiny_plm, store_folder, unlike):
    words = ["run", "--plm", tiny_plm, "--method", "panda", "--source", "mnli", "--target", "cb"]
    words += [word for path, value in SHORT.items() for word in ("--set", f"{path}={value}")]
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    target = inputs(spec(tiny_plm))["target"]
    assert f"no training: the teacher weighs 0, which makes this run {run_id(target)} once more" in done.output


def test_pages_take_no_time_from_a_run_that_was_not_trained(tmp_path, monkeypatch):
    from paper_store import add

    monkeypatch.setattr(exhibit_page, "DOWNLOADS", tmp_path / "downloads")
    store = Store(tmp_path)
    add(store, 0.6, method="p-tuning-v2", target="stsb")
    add(store, 0.6, method="vanilla-pot", sources=("mnli",), target="stsb")
    made = add(store, 0.6, -0.2, method="panda", sources=("mnli",), target="stsb")
    predictions, state = store.predictions(made.spec), store.state(made.spec)
    store.save(replace(made, equal_to="0" * 16, seconds=0.0, seconds_per_step=0.0, peak_memory=0), predictions, state)
    runs = measured.of("table-12", store).set_index("method")
    assert runs[["seconds", "seconds_per_step", "peak_memory"]].isna().all(axis=1).to_dict() == {
        "p-tuning-v2": False, "vanilla-pot": False, "panda": True,
    }
    rows = efficiency.rows(runs.reset_index()).set_index("Method")
    assert "not trained again" in rows.filter(like="seconds on the target").loc["PANDA"].iloc[0].html
    assert rows.filter(like="seconds on the target").loc["vanilla PoT"].iloc[0] == 10
    assert "a step of PANDA" not in efficiency.reading(runs.reset_index())
    assert "PANDA where its teacher weighs 0, 1 of 3 runs" in exhibit_page.provenance("table-12", runs.reset_index(), store)
