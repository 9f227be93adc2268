"""The training loop and the methods on a small random PLM and practice data."""

import hashlib
import shutil
from types import SimpleNamespace

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file, save_file

from panda_core import distillation, training
from panda_core.data.batches import collate
from panda_core.errors import WorkError
from panda_core.execution import complete, trained_state
from panda_core.job import Job
from panda_core.methods import METHODS
from panda_core.plms.loading import load_plm
from panda_core.runs import inputs, make_spec
from panda_core.store import Store
from panda_core.tasks import get_task
from panda_core.tiers import Training
from panda_core.training import evaluate, evaluation_steps, predict_rows, rate_factor, training_batches

SHORT = {"training.steps": "6", "training.evaluations": "2", "training.batch_size": "8", "training.eval_examples": "20"}
SHORT_SOURCE = {key.replace("training", "source"): value for key, value in SHORT.items()}


def spec(tiny_plm, method="p-tuning-v2", target="cb", seed=0, **more):
    sources = () if method == "p-tuning-v2" else ("mnli",)
    settings = SHORT | (SHORT_SOURCE if sources else {}) | more.pop("settings", {})
    return make_spec(plm=tiny_plm, method=method, sources=sources, target=target, seed=seed, settings=settings)


def weights_hash(model):
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode() + value.numpy().tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize("target", ["cb", "copa", "stsb", "cola", "conll04"])
@pytest.mark.parametrize("method", ["p-tuning-v2", "vanilla-pot", "panda"])
def test_every_method_trains_every_format(tiny_plm, tmp_path, method, target):
    record = complete(spec(tiny_plm, method, target), Store(tmp_path))
    assert record.steps == 6
    assert [point.step for point in record.curve][-1] == 6
    assert record.score == max(point.score for point in record.curve)
    assert record.validation_size == 20
    assert (record.similarity is not None) == (method == "panda")


def test_the_frozen_plm_keeps_its_weights_and_the_prompt_does_not(tiny_plm):
    plm = load_plm(tiny_plm, device="cpu")
    job = Job(spec(tiny_plm), plm, {})
    before, start = weights_hash(plm.model), job.new_model().state()
    after = job.fit(job.new_model()).fit.best
    assert weights_hash(plm.model) == before
    assert all((after[name] != start[name]).any() for name in start)
    assert all(p.grad is None for p in plm.parameters())


def test_a_record_is_not_taken_for_other_weights_under_the_same_name(tiny_plm, tmp_path):
    folder = shutil.copytree(tiny_plm, tmp_path / "plm")
    store, asked = Store(tmp_path / "store"), spec(str(folder))
    assert complete(asked, store) == complete(asked, store)
    weights = folder / "model.safetensors"
    state = load_file(weights)
    save_file({name: tensor + 1e-3 for name, tensor in state.items()}, weights, metadata={"format": "pt"})
    with pytest.raises(WorkError, match=r"made with other weights than .*plm holds now; give these a folder of another"):
        complete(asked, store)


def test_the_same_seed_gives_the_same_result_twice_and_another_seed_does_not(tiny_plm, tmp_path):
    first = complete(spec(tiny_plm, "panda"), Store(tmp_path / "a"))
    second = complete(spec(tiny_plm, "panda"), Store(tmp_path / "b"))
    other = complete(spec(tiny_plm, "panda", seed=1), Store(tmp_path / "c"))
    assert first.curve == second.curve and first.similarity == second.similarity
    assert first.curve != other.curve


def test_with_lambda_0_panda_is_p_tuning_v2_to_the_bit(tiny_plm, tmp_path):
    store, settings = Store(tmp_path), {"kd.weight": "0"}
    without, panda = spec(tiny_plm), spec(tiny_plm, "panda", settings=settings)
    record = complete(without, store)
    states = {role: trained_state(run, store) for role, run in inputs(panda).items()}
    fit = METHODS["panda"].train(Job(panda, load_plm(tiny_plm, device="cpu"), states)).fit  # really trained
    assert fit.train_seconds > 0 and fit.curve == record.curve
    assert all(torch.equal(value, fit.best[name]) for name, value in store.state(without).items())


def test_panda_with_a_weight_differs_from_p_tuning_v2(tiny_plm, tmp_path):
    store = Store(tmp_path)
    settings = {"kd.weight": "5", "kd.similarity": "constant"}
    assert complete(spec(tiny_plm), store).curve != complete(spec(tiny_plm, "panda", settings=settings), store).curve


def test_vanilla_pot_starts_from_the_source_prompt_and_a_new_head(tiny_plm, tmp_path):
    store, wanted, started = Store(tmp_path), spec(tiny_plm, "vanilla-pot"), []
    source = trained_state(inputs(wanted)["source"], store)
    job = Job(wanted, load_plm(tiny_plm, device="cpu"), {"source": source})
    object.__setattr__(job, "fit", started.append)
    METHODS["vanilla-pot"].train(job)
    (model,), new = started, job.new_model().state()
    assert torch.equal(model.prompt.flat.detach(), source["prompt"]) and not torch.equal(new["prompt"], source["prompt"])
    assert all(torch.equal(value, new[name]) for name, value in model.state().items() if name != "prompt")


def test_the_first_best_evaluation_is_kept(tiny_plm, monkeypatch):
    """Its state and predictions; the loss of each point is the mean since the one before."""
    settings = {"training.steps": "8", "training.evaluations": "4"}
    job = Job(spec(tiny_plm, settings=settings), load_plm(tiny_plm, device="cpu"), {})
    scores, states, losses, optimise = [50.0, 80.0, 80.0, 60.0], [], [], training.optimise

    def scripted(model, data, precision):
        states.append(model.state())
        return scores[len(states) - 1], pd.DataFrame({"evaluation": [len(states)]})

    monkeypatch.setattr(training, "evaluate", scripted)
    monkeypatch.setattr(training, "optimise", lambda *given: losses.append(optimise(*given)) or losses[-1])
    fit = job.fit(job.new_model()).fit
    # 400 examples in batches of 8: 50 steps an epoch
    assert [point.epoch for point in fit.curve] == pytest.approx([0.04, 0.08, 0.12, 0.16])
    assert [point.score for point in fit.curve] == scores and fit.predictions["evaluation"].tolist() == [2]
    assert all(torch.equal(value, states[1][name]) for name, value in fit.best.items())
    assert not torch.equal(states[1]["prompt"], states[2]["prompt"])
    means = [sum(losses[first : first + 2]) / 2 for first in (0, 2, 4, 6)]
    assert [point.train_loss for point in fit.curve] == pytest.approx(means)


@pytest.mark.parametrize("target", ["cb", "copa", "stsb", "conll04"])
def test_predictions_computed_once_equal_those_computed_on_the_fly(tiny_plm, target):
    job = Job(spec(tiny_plm, target=target), load_plm(tiny_plm, device="cpu"), {})
    model, data = job.new_model(), job.validation
    index = [5, 0, 11, 3]
    stored = predict_rows(model, data, "float32", index)
    assert sorted(stored) == sorted(index)
    batch = collate(data.examples, index, data.format, data.pad_id)
    with torch.no_grad():
        now = data.format.rows(model.eval()(batch), batch)
    torch.testing.assert_close(data.format.stack([stored[i] for i in index], now), now, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("target", ["cb", "copa", "stsb", "conll04"])
def test_a_teacher_whose_predictions_are_kept_says_what_it_says_batch_by_batch(tiny_plm, target):
    """On the very batches that the student sees, every one of which was shown to the teacher beforehand."""
    job = Job(spec(tiny_plm, target=target), load_plm(tiny_plm, device="cpu"), {})
    teacher, data = job.new_model(seed=5), job.train
    kept, batches = distillation._teacher(job, teacher), list(training_batches(data, job.spec.training, job.spec.seed))
    assert len(batches) == 6
    for index in batches:
        batch = collate(data.examples, index, data.format, data.pad_id)
        with torch.no_grad():
            now = data.format.rows(teacher.eval()(batch), batch).float()
        torch.testing.assert_close(kept(now, batch), now, atol=2e-2, rtol=2e-2)  # bfloat16 where there is such


def test_training_leaves_the_plm_in_evaluation_mode(tiny_plm):
    plm = load_plm(tiny_plm, device="cpu")
    job = Job(spec(tiny_plm), plm, {})
    job.fit(job.new_model())
    assert not any(module.training for module in plm.modules())


def test_a_loss_that_is_not_finite_stops_the_run(tiny_plm):
    job = Job(spec(tiny_plm), load_plm(tiny_plm, device="cpu"), {})
    with pytest.raises(WorkError, match="the loss is nan at step 1"):
        job.fit(job.new_model(), loss=lambda rows, batch: rows.sum() * float("nan"))


def test_outputs_that_are_not_finite_are_no_score(tiny_plm):
    job = Job(make_spec(plm=tiny_plm, method="p-tuning-v2", target="stsb", data="practice"), load_plm(tiny_plm), {})
    model = job.new_model()
    with torch.no_grad():
        model.prompt.flat.fill_(float("nan"))
    with pytest.raises(WorkError, match=r"outputs are not finite; lower training\.lr"):
        evaluate(model, job.validation.head(4), "float32")


def test_rates_fall_linearly_or_by_epoch_where_the_format_says_so():
    linear = rate_factor("linear", get_task("conll04"), steps=10, epoch_steps=4)
    assert [linear(step) for step in (0, 5, 10)] == [1, 0.5, 0]
    for name in ("conll04", "conll05", "squad"):
        by_epoch = rate_factor("by-format", get_task(name), steps=10, epoch_steps=4)
        assert [by_epoch(step) for step in (0, 3, 4, 8)] == pytest.approx([1, 1, 0.95, 0.95**2])
    assert rate_factor("by-format", get_task("cb"), steps=10, epoch_steps=4)(5) == 0.5


def test_the_schedule_matters_for_tagging_alone(tiny_plm, tmp_path):
    for target, same in (("cb", True), ("conll04", False)):
        wanted = (spec(tiny_plm, target=target, settings=s) for s in ({}, {"optimiser.schedule": "by-format"}))
        first, second = (complete(each, Store(tmp_path)).curve for each in wanted)
        assert (first == second) == same


def test_the_head_reads_what_it_is_told(tiny_plm, tmp_path):
    usual, pooler, mean = (spec(tiny_plm, settings={"head.reads": reads}) for reads in ("own", "pooler", "mean"))
    curves = [complete(each, Store(tmp_path)).curve for each in (usual, pooler, mean)]
    assert curves[0] == curves[1] != curves[2]
    panda = spec(tiny_plm, "panda", settings={"head.reads": "mean"})
    assert complete(panda, Store(tmp_path)).similarity != complete(spec(tiny_plm, "panda"), Store(tmp_path)).similarity


def test_evaluation_steps():
    assert evaluation_steps(Training(lr=1, batch_size=1, epochs=3), epoch_steps=4) == {4, 8, 12}
    assert evaluation_steps(Training(lr=1, batch_size=1, steps=10, evaluations=2), epoch_steps=4) == {4, 5, 10}
    assert evaluation_steps(Training(lr=1, batch_size=1, steps=10, evaluations=2), epoch_steps=40) == {5, 10}
    assert evaluation_steps(Training(lr=1, batch_size=1, steps=1, evaluations=3), epoch_steps=4) == {1}


def test_every_epoch_is_shuffled_anew_and_follows_from_the_seed():
    data, budget = SimpleNamespace(lengths=[5] * 32, examples=range(32)), Training(lr=1, batch_size=8, steps=10)
    batches = list(training_batches(data, budget, 3))
    assert [len(batch) for batch in batches] == [8] * 10
    first, second = batches[:4], batches[4:8]
    assert first != second
    assert all(sorted(i for batch in epoch for i in batch) == list(range(32)) for epoch in (first, second))
    assert batches == list(training_batches(data, budget, 3)) != list(training_batches(data, budget, 4))


def test_a_teacher_with_dropout_draws_anew_and_leaves_the_student_in_training(tiny_plm):
    job = Job(spec(tiny_plm, "panda", settings={"teacher.dropout": "true"}), load_plm(tiny_plm, device="cpu"), {})
    data, anew = job.train, distillation._teacher(job, job.new_model(seed=5))
    job.new_model().train()
    batch = collate(data.examples, [0, 1, 2], data.format, data.pad_id)
    assert not torch.equal(anew(None, batch), anew(None, batch))
    assert job.plm.model.training


def test_a_record_has_the_best_and_the_last_score(tiny_plm, tmp_path, monkeypatch):
    scores = [80.0, 60.0]
    found = pd.DataFrame({"reference": [0], "prediction": [0]})
    monkeypatch.setattr(training, "evaluate", lambda *_: (scores.pop(0), found))
    record = complete(spec(tiny_plm), Store(tmp_path))
    assert (record.score, record.score_last) == (80.0, 60.0)
