"""The run store: what is written is what is read, and what was changed is noticed."""

import json
import shutil
from dataclasses import replace

import pytest
import torch

from panda_core.errors import StoreError, WorkError
from panda_core.execution import complete
from panda_core.files import TEMPORARY, write_atomically
from panda_core.grid.failures import Failures
from panda_core.grid.keeping import keep_prompts, source_prompts
from panda_core.grid.run import _todo
from panda_core.record import Record, digest_of
from panda_core.runs import command, inputs, make_spec, run_id
from panda_core.store import Store
from panda_core.verification import verify

SHORT = {"steps": "2", "evaluations": "1", "batch_size": "8", "eval_examples": "10"}
SETTINGS = {f"{group}.{key}": value for group in ("training", "source") for key, value in SHORT.items()}


@pytest.fixture
def spec(tiny_plm):
    return make_spec(plm=tiny_plm, method="vanilla-pot", sources=("mnli",), target="cb", settings=SETTINGS)


@pytest.fixture
def made(spec, tmp_path):
    store = Store(tmp_path)
    return store, complete(spec, store)


def test_a_record_reads_back_as_it_was_written(spec, made):
    store, record = made
    assert store.find(spec) == record
    assert record.spec == spec and record.id == run_id(spec)
    assert record.inputs == {"source": run_id(inputs(spec)["source"])}
    assert record.data["train"]["origin"] == "practice"
    assert verify(store).problems == []


def test_predictions_give_the_score_of_the_record(spec, made):
    from panda_core.formats import get_format
    from panda_core.tasks import get_task

    store, record = made
    task = get_task("cb")
    assert get_format(task).score(store.predictions(spec), task) == pytest.approx(record.score)


def test_a_finished_run_is_not_made_again(spec, made, caplog):
    store, record = made
    with caplog.at_level("INFO"):
        assert complete(spec, store).created == record.created
    assert "done before" in caplog.text and "subset" not in caplog.text
    part = {"train": {**record.data["train"], "subset": True}, "validation": record.data["validation"]}
    store.save(replace(record, data=part), store.predictions(spec), store.state(spec))
    with caplog.at_level("INFO"):
        complete(spec, store)
    assert f"[{record.id}], on a subset of the official rows" in caplog.text
    cut = {"train": {"official_rows": 250}, "validation": {"official_rows": 56, "used_rows": 20}}
    assert replace(record, data=cut).subset and not record.subset


def test_a_lost_prompt_is_trained_again_for_a_run_that_needs_it(spec, made, tiny_plm):
    store, _ = made
    for path in (store.root / "cache" / "prompts").iterdir():
        path.unlink()
    panda = make_spec(plm=tiny_plm, method="panda", sources=("mnli",), target="cb", settings=SETTINGS)
    assert complete(panda, store).similarity is not None
    assert verify(store).problems == []


def test_a_kept_source_prompt_outlives_the_cache(spec, made):
    store, _ = made
    sources = source_prompts([[spec]])
    assert [s.target for s in sources] == ["mnli"]
    kept, missing = keep_prompts(sources, store)
    assert kept == [store.root / "prompts" / f"{run_id(sources[0])}.safetensors"] and missing == []
    before = store.state(sources[0])
    shutil.rmtree(store.root / "cache")
    after = store.state(sources[0])
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert verify(store).problems == []
    assert keep_prompts(sources, store)[0] == kept


def test_a_lost_source_prompt_cannot_be_kept(spec, made):
    store, _ = made
    shutil.rmtree(store.root / "cache")
    assert keep_prompts(source_prompts([[spec]]), store) == ([], [inputs(spec)["source"]])
    assert not (store.root / "prompts").exists()


def folder(path):
    path.mkdir()
    return path


def edit(path, change):
    values = json.loads(path.read_text())
    change(values)
    path.write_text(json.dumps(values))


def sealed(values, **change):
    """A spec of another version, with a digest that fits."""
    values["spec"].update(change)
    values["digest"] = digest_of(values)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda p: p.write_text(p.read_text()[:200]), "cut off or not JSON"),
        (lambda p: p.write_bytes(b"\xff\xfe"), "cut off or not JSON"),
        (lambda p: edit(p, lambda v: v.update(score=99.0)), "changed after it was written"),
        (lambda p: edit(p, lambda v: v["spec"].update(seed=7)), "changed after it was written"),
        (lambda p: edit(p, lambda v: v["spec"].update(method="pand")), "changed after it was written"),
        (lambda p: edit(p, lambda v: v["spec"].update(target="cbb")), "changed after it was written"),
        (lambda p: edit(p, lambda v: v.update(score_last=float("nan"))), "cut off or not JSON"),
        (lambda p: edit(p, lambda v: sealed(v, method="pand")), "its method or tasks are not known to this version"),
        (lambda p: edit(p, lambda v: sealed(v, target="cbb")), "its method or tasks are not known to this version"),
        (lambda p: edit(p, lambda v: v.pop("curve")), "field 'curve': field required"),
        (lambda p: edit(p, lambda v: v.update(steps="many")), "field 'steps'"),
        (lambda p: edit(p, lambda v: v.update(schema=99)), "written in format 99"),
        (lambda p: p.rename(p.with_name("0123456789abcdef.json")), "the id or the folder is not the one of its spec"),
        (lambda p: p.rename(folder(p.parent.with_name("full")) / p.name), "the id or the folder is not the one"),
    ],
)
def test_a_damaged_record_is_found(made, spec, damage, message):
    store, _ = made
    damage(store.record_path(spec))
    problems = verify(store).problems
    assert len(problems) == 1 and message in problems[0]
    assert "make the run again" in problems[0] or "panda run" in problems[0]
    if store.record_path(spec).exists():
        with pytest.raises(WorkError, match=message):
            complete(spec, store)


def test_a_damaged_record_names_its_command_where_its_spec_is_whole(made, spec):
    store, _ = made
    path = store.record_path(spec)
    whole = path.read_text()
    for text in (whole[: 2 * len(whole) // 3], whole.replace('"score": ', '"score": 1', 1), whole[:-3] + "\0"):
        path.write_text(text)
        assert verify(store).problems == [verify(store).problems[0]] and f"; delete the file and run: {command(spec)}" in verify(store).problems[0]
    path.write_text(whole.replace('"seed": 0', '"seed": 5'))  # not the spec that was run
    assert verify(store).problems[0].endswith("delete the file and make the run again")


def test_a_damaged_file_of_the_prompt_library_is_found_beside_a_sound_one(made, spec):
    store, _ = made
    kept = store.prompt_path(spec)
    library = folder(store.root / "prompts") / kept.name
    library.write_bytes(kept.read_bytes())
    assert verify(store).problems == []
    library.write_bytes(kept.read_bytes()[:-1])
    assert verify(store).problems == [f"{library}: not the file that its record names; delete it, it is made again"]


def test_a_damaged_failure_record_is_found(made, spec):
    store, _ = made
    failures = Failures(store.root)
    failures.record(spec, "the loss is nan")
    assert verify(store).problems == []
    path = failures.path(spec)
    path.write_text(path.read_text()[:50])
    (problem,) = verify(store).problems
    assert problem.startswith(f"{path}: cut off") and "delete it" in problem
    assert "is damaged; delete it" in failures.cause(spec)


def test_a_failure_is_forgotten_when_the_run_is_made(spec, tmp_path):
    store = Store(tmp_path)
    Failures(store.root).record(spec, "the disk was full")
    complete(spec, store)
    assert list(Failures(store.root).all()) == []


def test_damaged_or_missing_predictions_are_found(made, spec):
    store, _ = made
    store.predictions_path(spec).write_bytes(b"")
    assert "not the file that the record names" in verify(store).problems[0]
    store.predictions_path(spec).unlink()
    (problem,) = verify(store).problems
    assert "missing" in problem and f"delete {store.record_path(spec)} and run: {command(spec)}" in problem


def test_a_damaged_prompt_is_found_and_refused(made, spec, tiny_plm):
    store, _ = made
    source = inputs(spec)["source"]
    (store.root / "cache" / "prompts" / f"{run_id(source)}.safetensors").write_bytes(b"not tensors")
    assert "not the file that its record names" in verify(store).problems[0]
    panda = make_spec(plm=tiny_plm, method="panda", sources=("mnli",), target="cb", settings=SETTINGS)
    with pytest.raises(WorkError, match="delete it, it is made again"):
        complete(panda, store)


def test_a_stored_tensor_of_another_shape_is_refused(tiny_plm, spec):
    from panda_core.job import Job
    from panda_core.plms.loading import load_plm

    model = Job(spec, load_plm(tiny_plm, device="cpu"), {}).new_model()
    state = model.state()
    with pytest.raises(WorkError, match=r"'prompt' has shape \[5, 128\], .* needs \[20, 128\]"):
        model.load_prompt(state | {"prompt": state["prompt"][:5]})
    with pytest.raises(WorkError, match=r"'head\.linear\.bias' has shape none"):
        model.load({name: value for name, value in state.items() if name != "head.linear.bias"})


def test_a_missing_input_is_found(made, spec):
    store, _ = made
    store.record_path(inputs(spec)["source"]).unlink()
    assert "its source run" in verify(store).problems[0]
    assert verify(store).problems[0].endswith(f"has no record; run: {command(inputs(spec)['source'])}")


def test_a_record_names_the_prompt_that_it_started_from_and_verify_one_that_was_made_again(spec, made):
    store, record = made
    source = inputs(spec)["source"]
    assert record.started_from == {"source": store.find(source).files["prompt"]}
    assert verify(store).superseded == []
    state, first = store.state(source), store.find(source)
    store.save(first, store.predictions(source), state)  # the same numbers once more
    assert verify(store).superseded == []
    store.save(first, store.predictions(source), {**state, "prompt": state["prompt"] + 1e-3})
    assert verify(store).problems == []
    assert verify(store).superseded == [f"{store.record_path(spec)}: its source run {run_id(source)} was made again since"]


def test_a_run_made_again_on_a_full_disk_leaves_the_first_making_whole(spec, made, monkeypatch):
    store, record = made
    before = {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()}

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Record, "sealed", full)  # prompt and predictions are written by then
    with pytest.raises(StoreError, match="No space left on device"):
        store.save(record, store.predictions(spec), {"prompt": store.state(spec)["prompt"] + 1})
    assert {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()} == before


def test_trying_again_deletes_damaged_records_and_none_of_another_version(made, spec):
    store, _ = made
    path = store.record_path(spec)
    edit(path, lambda v: v.update(schema=99))
    _, broken = _todo([[spec]], store, retry=True)
    assert path.exists() and "written in format 99" in broken[run_id(spec)]
    path.write_text(path.read_text()[:200])
    assert _todo([[spec]], store, retry=False)[1] and path.exists()
    assert _todo([[spec]], store, retry=True)[1] == {} and not path.exists()


def test_a_damaged_prompt_is_not_kept(spec, made):
    store, _ = made
    sources = source_prompts([[spec]])
    store.prompt_path(sources[0]).write_bytes(b"not tensors")
    with pytest.raises(WorkError, match="not the file that its record names"):
        keep_prompts(sources, store)
    assert not (store.root / "prompts").exists()


def test_an_imported_prompt_needs_no_keeping(tiny_plm):
    wanted = make_spec(plm=tiny_plm, method="vanilla-pot", sources=("mnli@0123456789abcdef",), target="cb")
    assert source_prompts([[wanted]]) == []


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "value.json"
    path.write_text("old")

    def fail(temporary):
        temporary.write_text("half of the n")
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        write_atomically(path, fail)
    assert path.read_text() == "old"
    assert not list(tmp_path.glob(f"{TEMPORARY}*"))
