"""What teaches a student, from one source or from several, on a small random PLM and practice data."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from panda_core import distillation
from panda_core.distillation import fused, source_weights, used_similarity
from panda_core.execution import complete
from panda_core.formats import get_format
from panda_core.job import Job
from panda_core.plms.loading import load_plm
from panda_core.protocol import PAPER, FusionProtocol, KDProtocol
from panda_core.runs import inputs, make_spec, run_id
from panda_core.store import Store
from panda_core.tasks import get_task

SHORT = {
    f"{group}.{name}": value
    for group in ("training", "source")
    for name, value in {"steps": "4", "evaluations": "2", "batch_size": "8", "eval_examples": "20"}.items()
}
CONSTANT = {"kd.similarity": "constant"}


def spec(tiny_plm, method="panda", sources=("mnli",), **settings):
    return make_spec(
        plm=tiny_plm, method=method, sources=sources, target="cb", settings=SHORT | {"kd.weight": "2"} | settings
    )


def curve(wanted, folder):
    return complete(wanted, Store(folder)).curve


def test_the_distillation_term_is_divided_by_the_examples_of_the_batch(tiny_plm, monkeypatch):
    """Six rows of two examples; every row is (2, 0) away from its teacher, in the mean over the classes 2."""
    settings = {"kd.match": "logits", "kd.over_classes": "mean", "kd.divide_by_batch": "true"}
    made = make_spec(plm=tiny_plm, method="panda", sources=("mnli",), target="rte", settings=settings)
    fmt = get_format(get_task("rte"))
    monkeypatch.setattr(Job, "train", property(lambda self: SimpleNamespace(format=fmt)))
    monkeypatch.setattr(Job, "new_model", lambda self: "student")
    monkeypatch.setattr(Job, "fit", lambda self, model, loss: loss)
    monkeypatch.setattr(distillation, "_teacher", lambda job, _: lambda rows, batch: torch.tensor([[2.0, 0.0]] * 6))
    loss = distillation.taught(Job(made, None, {}), [(1.0, "teacher")], 1.0)
    batch = SimpleNamespace(labels=torch.zeros(6, dtype=torch.long), index=torch.tensor([0, 1]))
    torch.testing.assert_close(loss(torch.zeros(6, 2), batch), torch.tensor(2.0).log() + 0.05 * 2 / 2)


def test_the_sample_of_a_similarity_follows_from_the_seed_of_the_run(tiny_plm, monkeypatch):
    seen, wanted = [], replace(spec(tiny_plm, **{"embedding.samples": "10"}), seed=3)

    def embedding(self, metric, task, state, samples, seed):
        seen.append((metric, task, state, samples, seed))
        return torch.ones(2), None

    monkeypatch.setattr(Job, "embedding", embedding)
    assert Job(wanted, None, {"target": "own"}).similarity("mnli", "trained") == pytest.approx(1)
    assert seen == [("ours", "mnli", "trained", 10, 3), ("ours", "cb", "own", 10, 3)]


def test_weights_as_printed_are_similarities_over_n_and_sum_to_their_mean():
    # three sources of 0.6, 0.3 and -0.2: printed 0.2, 0.1, 0; normalised 2/3, 1/3, 0
    kd, printed, normalised = KDProtocol(), FusionProtocol(), FusionProtocol(weights="normalised")
    used = [used_similarity(value, kd) for value in (0.6, 0.3, -0.2)]
    assert source_weights(used, printed) == pytest.approx([0.2, 0.1, 0])
    assert source_weights(used, normalised) == pytest.approx([2 / 3, 1 / 3, 0])
    assert source_weights([0.0, 0.0], normalised) == source_weights([0.0, 0.0], printed) == [0, 0]
    assert used_similarity(-0.2, KDProtocol(clamp_negative=False)) == -0.2


def test_equation_5_by_hand():
    states = [
        {"prompt": torch.tensor([[1.0, 2.0]]), "head.linear.bias": torch.tensor([10.0])},
        {"prompt": torch.tensor([[3.0, -2.0]]), "head.linear.bias": torch.tensor([20.0])},
    ]
    # sim 0.8 and 0.4 over n = 2: 0.4 (1, 2) + 0.2 (3, -2) = (1, 0.4), and 0.4 * 10 + 0.2 * 20 = 8
    found = fused(states, source_weights([0.8, 0.4], FusionProtocol()))
    torch.testing.assert_close(found["prompt"], torch.tensor([[1.0, 0.4]]))
    torch.testing.assert_close(found["head.linear.bias"], torch.tensor([8.0]))


def test_equation_6_by_hand(tiny_plm, monkeypatch):
    """Two teachers that predict (4/5, 1/5) and (1/4, 3/4) with weights 0.4 and 0.2; the student is undecided."""
    job = Job(make_spec(plm=tiny_plm, method="panda-late", sources=("mnli", "qnli"), target="rte"), None, {})
    rows = torch.zeros(1, 2)
    answers = {"a": torch.tensor([[4.0, 1.0]]).log(), "b": torch.tensor([[1.0, 3.0]]).log()}
    fmt = get_format(get_task("rte"))
    monkeypatch.setattr(Job, "train", property(lambda self: type("Data", (), {"format": fmt})()))
    monkeypatch.setattr(Job, "new_model", lambda self: "student")
    monkeypatch.setattr(Job, "fit", lambda self, model, loss: loss)
    monkeypatch.setattr(distillation, "_teacher", lambda job, name: lambda rows, batch: answers[name])
    loss = distillation.taught(job, [(0.4, "a"), (0.2, "b")], 1.0)
    batch = type("Batch", (), {"labels": torch.tensor([0]), "index": torch.tensor([0])})()
    # P_te = 0.4 (0.8, 0.2) + 0.2 (0.25, 0.75) = (0.37, 0.23)
    expected = torch.log(torch.tensor(2.0)) + 0.05 * ((0.37 - 0.5) ** 2 + (0.23 - 0.5) ** 2)
    torch.testing.assert_close(loss(rows, batch), expected)


@pytest.mark.parametrize("method", ["panda-early", "panda-late"])
def test_one_source_with_similarity_1_is_panda_without_the_metric(tiny_plm, tmp_path, method):
    plain, several = spec(tiny_plm, **CONSTANT), spec(tiny_plm, method, **CONSTANT)
    assert curve(plain, tmp_path) == curve(several, tmp_path)
    assert complete(several, Store(tmp_path)).similarities == {"mnli": 1.0}


@pytest.mark.parametrize("method", ["panda-early", "panda-late"])
def test_the_order_of_sources_does_not_matter(tiny_plm, tmp_path, method):
    one, other = (spec(tiny_plm, method, sources) for sources in (("qnli", "cola"), ("cola", "qnli")))
    assert one == other and run_id(one) == run_id(other)
    assert curve(one, tmp_path / "a") == curve(other, tmp_path / "b")
    assert run_id(spec(tiny_plm, method, ("qnli", "mnli"))) != run_id(one)


def test_several_sources_are_fused_as_said(tiny_plm, tmp_path):
    store, wanted = Store(tmp_path), spec(tiny_plm, "panda-early", ("mnli", "qnli"))
    record = complete(wanted, store)
    assert set(record.similarities) == {"mnli", "qnli"} and record.similarity is None
    alone = complete(spec(tiny_plm, "panda", ("qnli",)), store)
    assert record.similarities["qnli"] == pytest.approx(alone.similarity)
    assert record.inputs["teacher qnli"] == alone.inputs["teacher"]
    late = complete(spec(tiny_plm, "panda-late", ("mnli", "qnli")), store)
    assert late.similarities == record.similarities and late.curve != record.curve


def test_every_source_keeps_the_budget_of_its_own(tiny_plm):
    wanted = make_spec(plm=tiny_plm, method="panda-late", sources=("qnli", "cola"), target="cb", tier="full")
    needed = inputs(wanted)
    for source in ("qnli", "cola"):
        alone = make_spec(plm=tiny_plm, method="p-tuning-v2", sources=(source,), tier="full")
        assert needed[f"source {source}"] == alone
        single = make_spec(plm=tiny_plm, method="panda", sources=(source,), target="cb", tier="full")
        assert needed[f"teacher {source}"] == inputs(single)["teacher"]


def test_teachers_of_table_v(tiny_plm, tmp_path):
    store = Store(tmp_path)
    made = {
        name: spec(tiny_plm, **CONSTANT, **{"teacher.prompt": name})
        for name in ("target-like", "source", "random", "vanilla-pot")
    }
    curves = {name: complete(wanted, store).curve for name, wanted in made.items()}
    teachers = {name: inputs(wanted)["teacher"] for name, wanted in made.items()}
    source = store.state(inputs(made["source"])["source"])
    assert torch.equal(store.state(teachers["source"])["prompt"], source["prompt"])
    assert not torch.equal(store.state(teachers["target-like"])["prompt"], source["prompt"])
    probed = store.find(teachers["source"])
    head = 32 * 3 + 3
    assert probed.trainable_parameters == head and store.find(teachers["random"]).trainable_parameters == head
    start = Job(made["random"], load_plm(tiny_plm, device="cpu"), {}).new_model().state()["prompt"]
    random = store.state(teachers["random"])["prompt"]
    assert random.std().item() == pytest.approx(0.02, rel=0.1) and not torch.equal(random, start)
    assert teachers["random"].sources == ()
    assert teachers["vanilla-pot"] == spec(tiny_plm, "vanilla-pot")
    # four steps teach the target-like teacher as much as the finished transfer
    assert curves["target-like"] == curves["vanilla-pot"]
    assert len({str(found) for found in curves.values()}) == 3


def test_a_teacher_with_dropout_predicts_anew(tiny_plm, tmp_path):
    wanted = spec(tiny_plm, **CONSTANT, **{"teacher.dropout": "true"})
    assert inputs(wanted) == inputs(spec(tiny_plm, **CONSTANT))
    assert curve(wanted, tmp_path) != curve(spec(tiny_plm, **CONSTANT), tmp_path)


@pytest.mark.parametrize(
    "settings",
    [
        {"kd.loss": "kl", "kd.temperature": "2"},
        {"kd.loss": "ce"},
        {"kd.match": "logits", "kd.over_classes": "mean", "kd.divide_by_batch": "true"},
    ],
)
def test_choices_of_the_distillation_change_the_student_and_nothing_before(tiny_plm, tmp_path, settings):
    changed, plain = spec(tiny_plm, **CONSTANT, **settings), spec(tiny_plm, **CONSTANT)
    assert inputs(changed) == inputs(plain)
    assert curve(changed, tmp_path) != curve(plain, tmp_path)


def test_the_source_is_embedded_at_its_own_length(tiny_plm, tmp_path):
    """As its prompt was trained, and as `panda similarity` does, where source and target are cut differently."""
    store, wanted = Store(tmp_path), spec(tiny_plm, **{"source.max_length": "64", "training.max_length": "16"})
    record = complete(wanted, store)
    samples, metric = wanted.protocol.embedding.samples, wanted.protocol.kd.similarity
    plm, vectors = load_plm(tiny_plm, device="cpu"), []
    for role, task in (("source", "mnli"), ("target", "cb")):
        run = inputs(wanted)[role]
        vectors.append(Job(run, plm, {}).embedding(metric, task, store.state(run), samples, 0)[0])
    assert record.similarity == pytest.approx(torch.cosine_similarity(*vectors, dim=0).item(), abs=1e-6)


def test_the_similarity_weighs_the_teacher(tiny_plm, tmp_path):
    store, wanted = Store(tmp_path), spec(tiny_plm)
    record = complete(wanted, store)
    factor = used_similarity(record.similarity, PAPER.kd)
    same = spec(tiny_plm, **CONSTANT, **{"kd.weight": repr(2 * factor)})
    assert [point.score for point in complete(same, store).curve] == [point.score for point in record.curve]
    losses = [[point.train_loss for point in made.curve] for made in (complete(same, store), record)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
