"""A run that is cut off and goes on gives what an uninterrupted one gives, to the bit."""

import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from panda_core import training
from panda_core.checkpoint import Checkpoint
from panda_core.execution import complete
from panda_core.runs import make_spec
from panda_core.stopping import StopRequest
from panda_core.store import Store

BUDGET = {"steps": "12", "evaluations": "4", "batch_size": "8", "eval_examples": "20"}


class CutOff(Exception):
    pass


def spec(plm, method):
    sources = ("mnli",) if method != "p-tuning-v2" else ()
    groups = ("training", "source") if sources else ("training",)
    settings = {f"{group}.{key}": value for group in groups for key, value in BUDGET.items()}
    return make_spec(plm=plm, method=method, sources=sources, target="cb", settings=settings)


@pytest.fixture
def always(monkeypatch):
    """Every step is saved."""
    monkeypatch.setattr(Checkpoint, "due", lambda self: True)


def cut_after(monkeypatch, steps):
    """The run dies at the beginning of step `steps` + 1; gives a function that lets runs live again."""
    real, made = training.optimise, []

    def dying(*args):
        if len(made) == steps:
            raise CutOff
        made.append(1)
        return real(*args)

    monkeypatch.setattr(training, "optimise", dying)
    return lambda: monkeypatch.setattr(training, "optimise", real)


@pytest.mark.parametrize("method", ["p-tuning-v2", "panda"])
@pytest.mark.parametrize("steps", [1, 3, 7, 11])
def test_a_run_that_goes_on_equals_an_uninterrupted_one(tiny_plm, tmp_path, monkeypatch, always, method, steps):
    wanted = spec(tiny_plm, method)
    whole, cut = Store(tmp_path / "whole"), Store(tmp_path / "cut")
    expected = complete(wanted, whole)
    for folder in ("records", "predictions", "cache"):  # what the run depends on is there
        if method == "panda":
            _copy_inputs(whole.root / folder, cut.root / folder, expected.id)
    revive = cut_after(monkeypatch, steps)
    with pytest.raises(CutOff):
        complete(wanted, cut)
    assert not cut.record_path(wanted).exists() and cut.checkpoint_path(wanted).exists()
    revive()
    found = complete(wanted, cut)
    assert found.curve == expected.curve and found.score == expected.score
    pd.testing.assert_frame_equal(cut.predictions(wanted), whole.predictions(wanted))
    assert found.files == expected.files  # SHA-256 of predictions and prompt
    assert not cut.checkpoint_path(wanted).exists()


def _copy_inputs(source, target, but):
    for path in source.rglob("*"):
        if path.is_file() and path.stem != but:
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())


def test_going_on_really_skips_what_was_done(tiny_plm, tmp_path, monkeypatch, always):
    store, wanted = Store(tmp_path), spec(tiny_plm, "p-tuning-v2")
    revive = cut_after(monkeypatch, 7)
    with pytest.raises(CutOff):
        complete(wanted, store)
    revive()
    real, made = training.optimise, []
    monkeypatch.setattr(training, "optimise", lambda *args: made.append(1) or real(*args))
    complete(wanted, store)
    assert len(made) == 12 - 7


@pytest.mark.parametrize("steps", [5, 12])
def test_a_run_that_is_asked_to_stop_saves_first(tiny_plm, tmp_path, monkeypatch, steps):
    """Within a step nothing is cut short; after it the run is saved and stops. No minute has to pass before that."""
    wanted, stop = spec(tiny_plm, "p-tuning-v2"), StopRequest()
    expected = complete(wanted, Store(tmp_path / "whole"))
    monkeypatch.setattr(training, "STOP", stop)
    real, made, store = training.optimise, [], Store(tmp_path / "cut")

    def asked(*args):
        made.append(1)
        if len(made) == steps:
            stop()
        return real(*args)

    monkeypatch.setattr(training, "optimise", asked)
    with pytest.raises(KeyboardInterrupt), stop.allowed():
        complete(wanted, store)
    assert len(made) == steps and store.checkpoint_path(wanted).exists() and not store.record_path(wanted).exists()
    monkeypatch.setattr(training, "STOP", StopRequest())
    found = complete(wanted, store)
    assert len(made) == 12 and found.curve == expected.curve and found.files == expected.files


def test_a_request_to_stop_waits_for_the_end_of_what_may_not_be_cut_short():
    stop, done = StopRequest(), []
    with pytest.raises(KeyboardInterrupt), stop.allowed():
        with stop.allowed(False):
            stop()
            done.append("whole")
        done.append("never")
    assert done == ["whole"]
    with pytest.raises(KeyboardInterrupt), stop.allowed():  # it still holds
        done.append("never")
    assert done == ["whole"]


def test_an_error_that_a_library_makes_of_an_interrupt_is_the_interrupt():
    stop = StopRequest()
    with pytest.raises(KeyboardInterrupt), stop.allowed():
        try:
            stop()
        except KeyboardInterrupt:
            raise ValueError("could not determine the shape") from None
    with pytest.raises(ValueError, match="nobody asked"), StopRequest().allowed():
        raise ValueError("nobody asked")


def test_a_damaged_file_means_a_new_start(tiny_plm, tmp_path, caplog):
    store, wanted = Store(tmp_path / "damaged"), spec(tiny_plm, "p-tuning-v2")
    path = store.checkpoint_path(wanted)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a checkpoint")
    found = complete(wanted, store)
    assert "is damaged" in caplog.text
    assert found.curve == complete(wanted, Store(tmp_path / "sound")).curve


@given(data=st.data())
def test_whatever_is_damaged_in_a_file_is_noticed(tmp_path_factory, data):
    """Cut off at any place, or any byte of it another."""
    path = tmp_path_factory.getbasetemp() / "damaged.pt"
    Checkpoint(path).save({"progress": {"step": 7}, "trained": torch.arange(9.0)})
    assert Checkpoint(path).load()
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[place:]
    else:
        content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    assert Checkpoint(path).load() is None


def test_saving_takes_a_small_part_of_the_time(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("panda_core.checkpoint.time.monotonic", lambda: now[0])
    checkpoint = Checkpoint(tmp_path / "a.pt", interval=60.0)
    monkeypatch.setattr("panda_core.checkpoint._write", lambda state, path: now.__setitem__(0, now[0] + 10.0))
    due = []
    for now[0] in (59.0, 60.0):
        due.append(checkpoint.due())
    checkpoint.save({})  # in ten seconds
    for now[0] in (130.0, 269.0, 270.0):
        due.append(checkpoint.due())
    assert due == [False, True, False, False, True]


def test_no_code_is_read_from_a_file(tmp_path, caplog):
    path = tmp_path / "evil.pt"
    Checkpoint(path).save({"progress": eval})
    assert Checkpoint(path).load() is None and "Weights only load failed" in caplog.text


def test_a_state_reached_from_another_prompt_is_not_used(tmp_path, caplog):
    path = tmp_path / "a.pt"
    Checkpoint(path, {"source": "0123"}).save({"progress": {}})
    assert Checkpoint(path, {"source": "4567"}).load() is None and "starts from its beginning" in caplog.text
    assert Checkpoint(path, {"source": "0123"}).load() == {"progress": {}}


def test_the_random_state_is_that_of_the_device_of_the_run_wherever_it_goes_on(tmp_path, monkeypatch):
    states = {torch.device("cuda", i): torch.tensor([i], dtype=torch.uint8) for i in range(3)}
    monkeypatch.setattr(torch.cuda, "get_rng_state", states.__getitem__)
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda state, device: states.update({device: state}))
    saved = torch.get_rng_state()
    Checkpoint(tmp_path / "a.pt", device=torch.device("cuda:2")).save({})
    torch.rand(1)
    assert Checkpoint(tmp_path / "a.pt", device=torch.device("cuda:1")).load() == {}
    assert [state.item() for state in states.values()] == [0, 2, 2]
    assert torch.equal(torch.get_rng_state(), saved)


def test_a_run_is_not_taken_over_by_a_device_of_another_type(tiny_plm, tmp_path, monkeypatch, always):
    store, wanted = Store(tmp_path), spec(tiny_plm, "p-tuning-v2")
    cut_after(monkeypatch, 3)
    with pytest.raises(CutOff):
        complete(wanted, store)
    under = torch.load(store.checkpoint_path(wanted), weights_only=True)["under"]
    assert under["device"] == "cpu"
    assert Checkpoint(store.checkpoint_path(wanted), under).load() is not None
    assert Checkpoint(store.checkpoint_path(wanted), under | {"device": "cuda"}).load() is None


def test_on_a_device_of_another_precision_a_run_starts_anew(tiny_plm, tmp_path, monkeypatch, always):
    store, wanted = Store(tmp_path), spec(tiny_plm, "p-tuning-v2")
    own = torch.cpu.get_capabilities().get("avx512_bf16", False)
    revive = cut_after(monkeypatch, 7)
    with pytest.raises(CutOff):
        complete(wanted, store)
    revive()
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": not own})
    real, made = training.optimise, []
    monkeypatch.setattr(training, "optimise", lambda *args: made.append(1) or real(*args))
    assert complete(wanted, store).environment["precision"] == ("float32" if own else "bfloat16")
    assert len(made) == 12


def test_a_file_is_due_after_the_interval(tmp_path):
    assert Checkpoint(tmp_path / "a.pt", interval=0.0).due()
    assert not Checkpoint(tmp_path / "a.pt", interval=3600.0).due()
