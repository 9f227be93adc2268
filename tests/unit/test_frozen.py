"""The written-out encoder against transformers' own modules, and the dropout that it draws."""

import copy

import numpy as np
import pytest
import torch
from torch.testing import assert_close
from transformers import BertConfig, BertModel

from panda_core.data.encoded import encoded_split
from panda_core.dropout import dropout, keep_mask
from panda_core.heads import Head
from panda_core.injection import frozen
from panda_core.injection.frozen import suits
from panda_core.model import PromptedModel
from panda_core.plms import plm as plm_module
from panda_core.plms.loading import load_plm
from panda_core.prompts import PrefixPrompt
from panda_core.protocol import OptimiserProtocol
from panda_core.tasks import get_task
from panda_core.tiers import Training
from panda_core.training import fit, precision_on


@pytest.fixture
def general(monkeypatch):
    """Call it to make `PLM` use transformers' modules from then on."""
    return lambda: monkeypatch.setattr(plm_module, "suits", lambda model: False)


@pytest.mark.parametrize("changed", [{"hidden_act": "relu"}, {"is_decoder": True}])
def test_it_stands_in_for_nothing_else(changed):
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    usual, other = (BertModel(BertConfig(**size, **more)).requires_grad_(False) for more in ({}, changed))
    assert suits(usual) and not suits(other)


def test_it_draws_the_dropout_of_the_plm(monkeypatch):
    """Once on the embeddings, and in each of six layers on attention, its output and the feed-forward block."""
    plm, drawn = load_plm("minilm-l6", device="cpu"), []
    monkeypatch.setattr(plm.model.config, "attention_probs_dropout_prob", 0.2)
    monkeypatch.setattr(plm.model.config, "hidden_dropout_prob", 0.3)
    real = frozen.dropout
    monkeypatch.setattr(frozen, "dropout", lambda x, p, training: drawn.append((p, training)) or real(x, p, training))
    ids, mask = some_batch(plm)
    plm.train().encode(ids, mask)
    assert drawn == [(0.1, True), *6 * [(0.2, True), (0.3, True), (0.3, True)]]
    plm.eval()


def some_batch(plm, lengths=(9, 5, 12)):
    rng = np.random.default_rng(0)
    ids = torch.from_numpy(rng.integers(5, plm.model.config.vocab_size - 5, (len(lengths), max(lengths))))
    mask = torch.tensor([[1] * n + [0] * (max(lengths) - n) for n in lengths])
    return ids * mask, mask


@pytest.mark.parametrize("representation", ["pooler", "cls", "mean"])
@pytest.mark.parametrize("length", [0, 4])
def test_it_reads_what_the_general_encoder_gives(representation, length, general):
    plm = load_plm("minilm-l6", representation=representation, device="cpu")
    torch.manual_seed(0)
    prompt = PrefixPrompt.normal(length, plm.prefix_width, 0.5)
    ids, mask = some_batch(plm)
    real = mask.bool()
    written = plm.read(ids, mask, prompt=prompt), plm.encode(ids, mask, prompt=prompt)[real]
    grad = torch.autograd.grad(written[0].square().sum(), prompt.flat, allow_unused=True)[0] if length else None
    general()
    hidden = plm.encode(ids, mask, prompt=prompt)
    expected = plm.represent(hidden, mask)
    assert_close(written, (expected, hidden[real]), atol=1e-4, rtol=0)
    if length:
        assert_close(grad, torch.autograd.grad(expected.square().sum(), prompt.flat)[0], atol=1e-4, rtol=1e-3)


def curve(plm, steps=12, precision="float32"):
    """Mean losses of a few steps on practice CoLA, without dropout, evaluated after each pair of steps."""
    task = get_task("cola")
    train, validation = (encoded_split(plm, task, "practice", split, 64) for split in ("train", "validation"))
    torch.manual_seed(0)
    model = PromptedModel(
        plm, PrefixPrompt.normal(5, plm.prefix_width, 0.02), Head(plm.hidden_size, 2, "sequence", 0.0), False
    )
    training = Training(lr=0.03, batch_size=8, steps=steps, evaluations=steps, eval_examples=8)
    optimiser = OptimiserProtocol(plm_dropout=False, head_dropout=0.0, precision=precision)
    found = fit(model, train, validation.head(8), training, optimiser, seed=0)
    return torch.tensor([point.train_loss for point in found.curve])


def test_in_float32_the_loss_curve_is_that_of_the_general_encoder(general):
    plm = load_plm("minilm-l6", device="cpu")
    fast = curve(plm)
    general()
    assert_close(fast, curve(plm), atol=2e-5, rtol=0)


def test_in_bfloat16_the_loss_curve_stays_close():
    plm = load_plm("minilm-l6", device="cpu")
    exact, rounded = curve(plm, 6), curve(plm, 6, "bfloat16")
    assert not torch.equal(exact, rounded)
    assert_close(rounded, exact, atol=0.03, rtol=0)


@pytest.mark.parametrize(("dtype", "error"), [(torch.float32, 1e-5), (torch.bfloat16, 0.1)])
@pytest.mark.parametrize("padded", [False, True])
def test_fused_attention_of_a_gpu_is_the_plain_one_of_a_cpu(dtype, error, padded):
    """torch's fused function on a CPU stands for the one on a GPU; values and gradients."""
    torch.manual_seed(0)
    start = [torch.randn(2, 3, length, 8) for length in (5, 9, 9)]
    bias = torch.zeros(2, 1, 1, 9, dtype=dtype)
    bias[0, ..., 7:] = torch.finfo(dtype).min
    found = []
    for attend in (frozen._fused, frozen._plain):
        tensors = [tensor.to(dtype).requires_grad_() for tensor in start]
        read = attend(*tensors, bias if padded else None, 0.0)
        assert read.dtype == dtype
        found.append([read, *torch.autograd.grad(read.float().square().sum(), tensors)])
    assert_close(*found, atol=error, rtol=error)


def test_the_device_decides_between_fused_and_plain_attention(monkeypatch):
    chosen = []
    for name in ("_fused", "_plain"):
        monkeypatch.setattr(frozen, name, lambda *_, name=name: chosen.append(name))
    for device in ("cpu", "meta"):
        frozen._attend(torch.empty(1, 1, 1, 1, device=device), None, None, None, 0.0)
    assert chosen == ["_plain", "_fused"]


def test_a_gpu_draws_its_own_dropout_and_multiplies_in_bfloat16_where_it_can(monkeypatch):
    monkeypatch.setattr("panda_core.dropout.keep_mask", None)
    assert dropout(torch.ones(3, 4, device="meta"), 0.1, True).shape == (3, 4)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    assert precision_on(torch.device("cuda")) == "bfloat16"
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: including_emulation)  # slowly
    assert precision_on(torch.device("cuda")) == "float32"
    assert precision_on(torch.device("cuda"), "float32") == "float32"
    assert precision_on(torch.device("cuda"), "bfloat16") == "bfloat16"


def test_it_steps_aside_for_trained_weights_and_for_hooks():
    model = load_plm("minilm-l6", device="cpu").model
    assert suits(model)
    hooked, trained = copy.deepcopy(model), copy.deepcopy(model)
    hooked.encoder.layer[2].register_forward_hook(lambda *_: None)
    trained.encoder.layer[0].output.dense.bias.requires_grad_(True)
    assert not suits(hooked) and not suits(trained)


def test_changed_weights_are_packed_again(general):
    plm = load_plm("minilm-l6", device="cpu")
    ids, mask = some_batch(plm)
    before = plm.encode(ids, mask)
    with torch.no_grad():
        plm.model.encoder.layer[3].attention.self.value.weight.mul_(1.5)
    after = plm.encode(ids, mask)
    general()
    assert (before - after).abs().max() > 0.01
    assert_close(after[mask.bool()], plm.encode(ids, mask)[mask.bool()], atol=1e-4, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("p", [0.1, 0.5])
def test_a_mask_keeps_each_element_with_the_right_chance(p, dtype):
    torch.manual_seed(0)
    mask = keep_mask(torch.Size((500, 801)), p, dtype)
    assert mask.shape == (500, 801) and mask.dtype == dtype
    values = sorted(mask.unique().tolist())
    assert values == [0.0, pytest.approx(1 / (1 - p), rel=5e-3)]
    error = 4 * (p * (1 - p) / mask.numel()) ** 0.5
    assert abs((mask == 0).float().mean().item() - p) < error
    rows = (mask == 0).float()
    assert abs(torch.corrcoef(torch.stack([rows[:-1].flatten(), rows[1:].flatten()]))[0, 1]) < 0.01


def test_the_global_seed_decides_the_mask():
    x = torch.ones(64, 65)
    torch.manual_seed(3)
    first, second = dropout(x, 0.2, True), dropout(x, 0.2, True)
    torch.manual_seed(3)
    assert torch.equal(dropout(x, 0.2, True), first) and not torch.equal(first, second)
    assert dropout(x, 0.2, False) is x and dropout(x, 0.0, True) is x
