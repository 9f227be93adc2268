"""ON: activated neurons against hooks set by hand, their overlap against values worked out by hand."""

import math

import pytest
import torch
from family_models import CONFIGS, tiny_model

from panda_core.errors import WorkError
from panda_core.plms.plm import PLM
from panda_core.prompts import PrefixPrompt
from panda_core.transferability import activated_neurons, layer_overlap, similarity
from panda_core.tuning.tokens import TokenPrompt

EMPTY = [5, 9]  # what the stand-in tokenizer makes of an empty text


class SpecialTokens:
    """A tokenizer that puts its special tokens around a text, and is only ever given an empty one."""

    def __init__(self, ids):
        self.ids = ids

    def __call__(self, text, return_tensors):
        from transformers import BatchEncoding

        assert text == "" and return_tensors == "pt"
        return BatchEncoding({"input_ids": torch.tensor([self.ids])})


def tiny_plm(name, ids=EMPTY):
    return PLM(name, tiny_model(name), lambda: SpecialTokens(ids), "cls", {})


def activations_by_hand(plm, prompt):
    """Values behind the activation function of every layer at the first token, [L, F], read where the architecture
    has them: they go into the second linear layer, in LLaMA out of the gate's activation."""
    seen, hooks = [], []
    for name, module in plm.model.named_modules():
        if name.endswith("mlp.act_fn"):
            hooks.append(module.register_forward_hook(lambda m, args, out: seen.append(out.reshape(len(EMPTY), -1)[0])))
        elif name.endswith(".fc2") or (name.endswith("output.dense") and "attention" not in name):
            hooks.append(module.register_forward_pre_hook(lambda m, args: seen.append(args[0].reshape(len(EMPTY), -1)[0])))
    ids = torch.tensor([EMPTY])
    plm.encode(ids, torch.ones_like(ids), prompt=prompt)
    for hook in hooks:
        hook.remove()
    return torch.stack(seen)


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("length", [0, 3])
def test_active_neurons_are_those_with_a_positive_activation(name, length):
    plm = tiny_plm(name)
    prompt = PrefixPrompt.from_flat(torch.randn(length, plm.prefix_width, generator=torch.Generator().manual_seed(1)))
    by_hand = activations_by_hand(plm, prompt)
    assert by_hand.shape == (3, 48)
    found = activated_neurons(plm, prompt)
    assert torch.equal(found, by_hand > 0)
    assert 0 < found.float().mean() < 1


def test_soft_tokens_are_passed_over():
    plm = tiny_plm("bert")
    prompt = TokenPrompt(torch.randn(4, 32, generator=torch.Generator().manual_seed(1)))
    seen = []
    hooks = [
        layer.intermediate.register_forward_hook(lambda m, args, out: seen.append(out[0, 4]))
        for layer in plm.model.encoder.layer
    ]
    ids = torch.tensor([EMPTY])
    plm.encode(ids, torch.ones_like(ids), prompt=prompt)
    for hook in hooks:
        hook.remove()
    assert torch.equal(activated_neurons(plm, prompt), torch.stack(seen) > 0)
    assert not torch.equal(activated_neurons(plm, prompt), activated_neurons(plm, None))


def test_a_prompt_changes_which_neurons_are_active_and_dropout_does_not():
    plm = tiny_plm("bert")
    flat = torch.randn(3, plm.prefix_width, generator=torch.Generator().manual_seed(1))
    bare, prompted = activated_neurons(plm, None), activated_neurons(plm, PrefixPrompt.from_flat(flat))
    assert not torch.equal(bare, prompted)
    plm.train()
    assert torch.equal(activated_neurons(plm, PrefixPrompt(flat, dropout=0.5).train()), prompted)
    assert plm.training
    assert not any(module._forward_hooks for module in plm.model.modules())


def test_minilm_reads_its_first_special_token(minilm, prefix):
    found = activated_neurons(minilm, PrefixPrompt.from_flat(prefix))
    assert found.shape == (6, 1536) and found.dtype == torch.bool
    assert minilm.tokenizer("")["input_ids"] == [101, 102]


def test_the_overlap_of_each_layer_and_of_all():
    # Layer 0: {0, 1} and {1, 2, 3}, one in common: 1 / sqrt(2 * 3). Layer 1: {0} and {0}: 1. Layer 2: none and one: 0.
    # All: 2 in common of 3 and 5.
    first = torch.tensor([[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]).bool()
    second = torch.tensor([[0, 1, 1, 1], [1, 0, 0, 0], [0, 0, 1, 0]]).bool()
    assert layer_overlap(first, second).tolist() == pytest.approx([1 / math.sqrt(6), 1, 0])
    assert similarity(first.flatten(), second.flatten()) == pytest.approx(2 / math.sqrt(15))


def test_an_unknown_architecture_is_an_error(monkeypatch):
    plm = tiny_plm("bert")
    monkeypatch.setattr(plm.model.config, "model_type", "mamba")
    with pytest.raises(WorkError, match="'mamba' is not declared here"):
        activated_neurons(plm, None)


def test_a_tokenizer_without_special_tokens_is_an_error():
    with pytest.raises(WorkError, match="no special token around an empty text"):
        activated_neurons(tiny_plm("bert", []), None)
