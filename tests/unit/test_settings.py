"""Settings of the protocol change what is trained, each alone, and not the id of a run only."""

import pytest
import torch

from panda_core import distillation
from panda_core.execution import complete
from panda_core.job import Job, Outcome
from panda_core.methods import METHODS
from panda_core.plms.loading import load_plm
from panda_core.runs import inputs, make_spec
from panda_core.store import Store

SHORT = {
    f"{group}.{name}": value
    for group in ("training", "source")
    for name, value in {"steps": "3", "evaluations": "1", "batch_size": "8", "eval_examples": "10"}.items()
} | {"optimiser.precision": "float32"}
TAUGHT = {"kd.similarity": "constant", "kd.weight": "5"}  # a teacher that is heard in three steps


def trained(tiny_plm, store, method, settings):
    """The prompt that a few steps give."""
    sources = () if method == "p-tuning-v2" else ("mnli",)
    given = {**SHORT, **settings}
    if not sources:
        given = {path: value for path, value in given.items() if not path.startswith("source.")}
    wanted = make_spec(plm=tiny_plm, method=method, sources=sources, target="cb", settings=given)
    complete(wanted, store)
    return store.state(wanted)["prompt"]


@pytest.fixture(scope="module")
def plain(tiny_plm, tmp_path_factory):
    """A store, and the prompts that the usual settings give."""
    store = Store(tmp_path_factory.mktemp("store"))
    return store, {
        "p-tuning-v2": trained(tiny_plm, store, "p-tuning-v2", {}),
        "panda": trained(tiny_plm, store, "panda", TAUGHT),
    }


@pytest.mark.parametrize(
    ("method", "path", "value"),
    [
        ("p-tuning-v2", "training.lr", "0.001"),
        ("p-tuning-v2", "optimiser.max_grad_norm", "1e-9"),
        ("p-tuning-v2", "optimiser.weight_decay", "0.5"),
        ("p-tuning-v2", "optimiser.plm_dropout", "false"),
        ("p-tuning-v2", "optimiser.head_dropout", "0"),
        ("p-tuning-v2", "prompt.dropout", "0"),
        ("p-tuning-v2", "prompt.init", "sparse"),
        ("p-tuning-v2", "prompt.init_std", "0.5"),
        ("p-tuning-v2", "head.reads", "cls"),
        ("panda", "kd.weight", "0.5"),
        ("panda", "kd.match", "logits"),
        ("panda", "kd.over_classes", "mean"),
        ("panda", "kd.divide_by_batch", "true"),
        ("panda", "kd.loss", "ce"),
        ("panda", "teacher.dropout", "true"),
        ("panda", "teacher.prompt", "random"),
    ],
)
def test_a_setting_alone_changes_the_prompt(tiny_plm, plain, method, path, value):
    store, usual = plain
    changed = trained(tiny_plm, store, method, {**(TAUGHT if method == "panda" else {}), path: value})
    assert changed.shape == usual[method].shape and not torch.equal(changed, usual[method])


def test_a_temperature_changes_what_logits_give(tiny_plm, plain):
    store, _ = plain
    one, two = ({**TAUGHT, "kd.loss": "kl", "kd.temperature": value} for value in ("1", "2"))
    assert not torch.equal(trained(tiny_plm, store, "panda", one), trained(tiny_plm, store, "panda", two))


def test_the_released_code_trains_another_prompt(tiny_plm, tmp_path):
    store = Store(tmp_path)
    for protocol in ("paper", "released-code"):
        settings = {**SHORT, "head.reads": "cls"}  # the tiny PLM's pooler is random
        wanted = make_spec(
            plm=tiny_plm, method="panda", sources=("mnli",), target="cb", settings=settings, protocol=protocol
        )
        assert complete(wanted, store).steps == 3
    prompts = [store.state(record.spec)["prompt"] for record in store.records() if record.spec.method == "panda"]
    assert len(prompts) == 2 and not torch.equal(*prompts)


@pytest.mark.parametrize(
    ("settings", "weights"),
    [({}, [0.8 / 2, 0.4 / 2]), ({"fusion.weights": "normalised"}, [0.8 / 1.2, 0.4 / 1.2])],
)
def test_every_teacher_gets_the_weight_of_its_own_source(tiny_plm, tmp_path, monkeypatch, settings, weights):
    monkeypatch.setattr(Job, "similarity", lambda self, source, prompt: {"mnli": 0.8, "qnli": 0.4}[source])
    store, heard = Store(tmp_path), []
    wanted = make_spec(
        plm=tiny_plm, method="panda-late", sources=("mnli", "qnli"), target="cb", settings={**SHORT, **settings}
    )
    complete(wanted, store)
    states = {role: store.state(run) for role, run in inputs(wanted).items()}
    job = Job(wanted, load_plm(tiny_plm, device="cpu"), states)
    outcome = Outcome(None, 0)
    monkeypatch.setattr(distillation, "taught", lambda job, teachers, similarity: heard.extend(teachers) or outcome)
    METHODS["panda-late"].train(job)
    assert [weight for weight, _ in heard] == pytest.approx(weights)
    for (_, teacher), source in zip(heard, ("mnli", "qnli"), strict=True):
        assert torch.equal(teacher.prompt.flat.detach(), states[f"teacher {source}"]["prompt"])
