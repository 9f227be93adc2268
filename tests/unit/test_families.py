"""A prefix in every architecture, on small random models: against a hand-written reference, and its invariances."""

from math import prod

import pytest
import torch
from family_models import CONFIGS, tiny_model
from family_reference import hidden_states
from torch.testing import assert_close
from transformers import GPT2Config

from panda_core.errors import UsageError, WorkError
from panda_core.injection.inputs import model_inputs
from panda_core.injection.shape import prefix_shape
from panda_core.plms.architectures import declared
from panda_core.plms.plm import PLM
from panda_core.prompts import PrefixPrompt

P = 5
SEQUENCES = [torch.randint(3, 60, (n,), generator=torch.Generator().manual_seed(n)) for n in (11, 1, 6)]
# Learned absolute positions count padding on the left; everything else must not see it.
LEFT = [n for n in CONFIGS if n != "bert" and not n.endswith("absolute")]
SIDES = [*((name, "right") for name in CONFIGS), *((name, "left") for name in LEFT)]
every_family = pytest.mark.parametrize("name", CONFIGS)


def attentions(name):
    """Disentangled attention has no SDPA."""
    return ["eager"] if name.startswith("deberta") else ["sdpa", "eager"]


def plm(name, attention=None, representation="cls"):
    return PLM(name, tiny_model(name, attention), lambda: None, representation, {})


def new_prompt(model_plm, length=P):
    shape = prefix_shape(model_plm.model.config)
    return PrefixPrompt(torch.randn(length, prod(shape), generator=torch.Generator().manual_seed(7)) * 0.7)


def layered(prompt, model_plm):
    return prompt.flat.detach().view(prompt.length, *prefix_shape(model_plm.model.config))


def padded(sequences, side="right", pad_id=1, length=None):
    """Ids and mask [B, T] of sequences of different lengths."""
    length = length or max(map(len, sequences))
    ids = torch.full((len(sequences), length), pad_id)
    mask = torch.zeros(len(sequences), length, dtype=torch.long)
    for row, sequence in enumerate(sequences):
        place = slice(0, len(sequence)) if side == "right" else slice(length - len(sequence), length)
        ids[row, place], mask[row, place] = sequence, 1
    return ids, mask


def rows(hidden, mask):
    """The hidden states of the real tokens, one tensor a sequence."""
    return [states[real.bool()] for states, real in zip(hidden, mask, strict=True)]


@pytest.mark.parametrize(("name", "side", "attention"), [(n, s, a) for n, s in SIDES for a in attentions(n)])
def test_hidden_states_are_those_of_attention_with_prepended_keys_and_values(name, side, attention):
    model = plm(name, attention)
    assert model.model.config._attn_implementation == attention
    prompt = new_prompt(model)
    ids, mask = padded(SEQUENCES, side)
    with torch.no_grad():
        found = rows(model.encode(ids, mask, prompt=prompt), mask)
    for sequence, states in zip(SEQUENCES, found, strict=True):
        expected = hidden_states(model.model, sequence, layered(prompt, model))
        assert_close(states.double(), expected, atol=2e-5, rtol=0)


@every_family
@pytest.mark.parametrize("length", [1, 6])
def test_without_padding_too(name, length):
    model = plm(name)
    prompt = new_prompt(model)
    ids = torch.stack([SEQUENCES[0][:length], SEQUENCES[0][-length:]])
    with torch.no_grad():
        found = model.encode(ids, torch.ones_like(ids), prompt=prompt)
    for sequence, states in zip(ids, found, strict=True):
        assert_close(states.double(), hidden_states(model.model, sequence, layered(prompt, model)), atol=2e-5, rtol=0)


@every_family
def test_an_empty_prefix_is_the_bare_model(name):
    model = plm(name)
    ids, mask = padded(SEQUENCES)
    with torch.no_grad():
        bare = model.encode(ids, mask)
        library = model.model(input_ids=ids, attention_mask=mask).last_hidden_state
        empty = model.encode(ids, mask, prompt=new_prompt(model, 0))
        injected = declared(model.model.config).encode(
            model.model, model_inputs(model.model.config, ids, mask, None, 0), torch.zeros(3, 0, model.prefix_width)
        )
    for other in (library, empty, injected):
        for expected, states in zip(rows(bare, mask), rows(other, mask), strict=True):
            assert_close(states, expected, atol=1e-5, rtol=0)
    expected = hidden_states(model.model, SEQUENCES[2], layered(new_prompt(model, 0), model))
    assert_close(rows(bare, mask)[2].double(), expected, atol=2e-5, rtol=0)


@pytest.mark.parametrize(("name", "side"), SIDES)
@pytest.mark.parametrize("prompted", [True, False])
def test_padding_changes_nothing(name, side, prompted):
    model = plm(name)
    prompt = new_prompt(model) if prompted else None
    tight, wide = padded(SEQUENCES[:1]), padded(SEQUENCES[:1], side, length=19)
    with torch.no_grad():
        expected = model.encode(*tight, prompt=prompt)[0]
        assert_close(rows(model.encode(*wide, prompt=prompt), wide[1])[0], expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", LEFT)
def test_the_identity_of_padding_tokens_changes_nothing(name):
    model = plm(name)
    (ids, mask), (others, _) = padded(SEQUENCES, "left", pad_id=1), padded(SEQUENCES, "left", pad_id=9)
    with torch.no_grad():
        found = [rows(model.encode(tokens, mask, prompt=new_prompt(model)), mask) for tokens in (ids, others)]
    for expected, states in zip(*found, strict=True):
        assert_close(states, expected, atol=1e-6, rtol=0)


@every_family
def test_gradients_reach_every_prefix_entry_and_no_weight_of_the_plm(name):
    model = plm(name)
    prompt = new_prompt(model)
    ids, mask = padded(SEQUENCES)
    weigh = torch.linspace(-1, 1, model.hidden_size)
    loss = sum((states * weigh).sum() for states in rows(model.encode(ids, mask, prompt=prompt), mask))
    loss.backward()
    assert (prompt.flat.grad != 0).all()
    assert all(p.grad is None for p in model.parameters())
    # The slope along a random direction, by central differences on the reference.
    direction = torch.randn(prompt.flat.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    step, values = 1e-7, []  # small, so that no ReLU changes sides
    for sign in (1, -1):
        moved = (prompt.flat.detach().double() + sign * step * direction).view(P, *prefix_shape(model.model.config))
        values.append(sum((hidden_states(model.model, s, moved) * weigh).sum() for s in SEQUENCES))
    slope = (values[0] - values[1]) / (2 * step)
    assert_close((prompt.flat.grad.double() * direction).sum(), slope, rtol=1e-3, atol=1e-3)


@every_family
def test_two_forwards_agree_and_leave_nothing_behind(name):
    model = plm(name)
    prompt = new_prompt(model)
    ids, mask = padded(SEQUENCES)
    with torch.no_grad():
        bare = model.encode(ids, mask)
        first, second = (model.encode(ids, mask, prompt=prompt) for _ in range(2))
        assert torch.equal(first, second)
        assert torch.equal(model.encode(ids, mask), bare)
        assert not torch.allclose(first, bare, atol=1e-2)


@pytest.mark.parametrize("name", [n for n in CONFIGS if n.startswith("deberta")])
def test_hooks_are_gone_after_a_forward_that_failed(name):
    model = plm(name)
    ids, mask = padded(SEQUENCES)
    before = model.encode(ids, mask)
    names = {module: set(vars(module)) for module in model.modules()}
    last = model.model.encoder.layer[-1].output

    def fail(module, args):
        raise KeyError("stopped on the way")

    with last.register_forward_pre_hook(fail), pytest.raises(KeyError, match="stopped on the way"):
        model.encode(ids, mask, prompt=new_prompt(model))
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    assert all(set(vars(module)) == names[module] for module in model.modules())
    assert torch.equal(model.encode(ids, mask), before)


@every_family
def test_the_order_of_prefix_positions_does_not_matter(name):
    model = plm(name)
    prompt = new_prompt(model)
    turned = PrefixPrompt(prompt.flat.detach()[torch.tensor([3, 0, 4, 1, 2])])
    ids, mask = padded(SEQUENCES)
    with torch.no_grad():
        expected, found = (model.encode(ids, mask, prompt=p) for p in (prompt, turned))
    for a, b in zip(rows(expected, mask), rows(found, mask), strict=True):
        assert_close(a, b, atol=1e-5, rtol=0)


def test_widths_count_key_value_heads():
    assert plm("bert").prefix_width == 2 * 3 * 32
    assert plm("llama").prefix_width == 2 * 3 * 4 * 8
    assert plm("llama-grouped").prefix_width == 2 * 3 * 2 * 12
    ids, mask = padded(SEQUENCES)
    with pytest.raises(WorkError, match=r"\[P, 144\] is needed"):
        plm("llama-grouped").encode(ids, mask, prompt=PrefixPrompt(torch.zeros(P, 192)))


def test_hidden_size_is_that_of_the_output():
    model = plm("opt-350m")
    assert model.hidden_size == 16 and model.encode(*padded(SEQUENCES)).shape == (3, 11, 16)


@every_family
def test_bfloat16_weights_take_a_float32_prefix(name):
    exact, coarse = plm(name), plm(name)
    coarse.model.to(torch.bfloat16)
    ids, mask = padded(SEQUENCES)
    prompt = new_prompt(exact)
    expected = exact.encode(ids, mask, prompt=prompt)
    hidden = coarse.encode(ids, mask, prompt=prompt)
    assert hidden.dtype == torch.float32
    hidden[mask.bool()].square().sum().backward()
    assert prompt.flat.dtype == prompt.flat.grad.dtype == torch.float32 and prompt.flat.grad.isfinite().all()
    spread = expected[mask.bool()].std()
    assert (hidden - expected)[mask.bool()].square().mean().sqrt() < 0.1 * spread


@pytest.mark.parametrize(("name", "attention"), [(n, a) for n in CONFIGS for a in attentions(n)])
def test_autocast(name, attention):
    model = plm(name, attention)
    ids, mask = padded(SEQUENCES)
    prompt = new_prompt(model)
    expected = model.encode(ids, mask, prompt=prompt)
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.encode(ids, mask, prompt=prompt)
    hidden[mask.bool()].square().sum().backward()
    assert prompt.flat.grad.isfinite().all()
    assert torch.equal(hidden, expected) == (model.model.config.model_type == "deberta")  # see `precision`
    assert (hidden - expected)[mask.bool()].square().mean().sqrt() < 0.1 * expected[mask.bool()].std()


@pytest.mark.parametrize(("name", "limit"), [("bert", 40), ("roberta", 38), ("deberta-absolute", 40), ("opt", 40)])
def test_prefix_and_tokens_beyond_the_positions_are_refused(name, limit):
    model = plm(name)
    ids = torch.full((1, limit - P), 5)
    assert model.encode(ids, torch.ones_like(ids), prompt=new_prompt(model)).isfinite().all()
    ids = torch.full((1, limit - P + 1), 5)
    with pytest.raises(WorkError, match=f"behind a prefix of 5 .* {limit} positions; cut .* {limit - P} tokens"):
        model.encode(ids, torch.ones_like(ids), prompt=new_prompt(model))


@every_family
def test_segments_are_used_where_there_are_some(name):
    model = plm(name)
    ids, mask = padded(SEQUENCES)
    with torch.no_grad():
        without, segmented = (model.encode(ids, mask, types, prompt=new_prompt(model)) for types in (None, mask))
    assert torch.equal(without, segmented) == (name not in ("bert", "deberta-absolute", "deberta-v2-absolute"))


@pytest.mark.parametrize("name", ["opt", "llama-grouped"])
def test_last_is_the_last_real_token_on_either_side(name):
    model = plm(name, representation="last")
    found = []
    for side in ("right", "left"):
        ids, mask = padded(SEQUENCES, side)
        with torch.no_grad():
            found.append(model.represent(model.encode(ids, mask, prompt=new_prompt(model)), mask))
    assert_close(*found, atol=1e-5, rtol=0)
    expected = hidden_states(model.model, SEQUENCES[2], layered(new_prompt(model), model))[-1]
    assert_close(found[0][2].double(), expected, atol=2e-5, rtol=0)


def test_an_architecture_that_is_not_declared_is_refused():
    with pytest.raises(WorkError, match=r"'gpt2' is not declared .* bert, deberta, deberta-v2, llama, opt, roberta"):
        declared(GPT2Config())


def test_a_plm_without_a_pooler_cannot_be_read_through_one():
    with pytest.raises(UsageError, match="has no pooler"):
        plm("llama", representation="pooler")
