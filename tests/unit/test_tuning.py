"""Soft tokens, prefixes made by a network, adapters and whole models: against independent references, in every
architecture."""

import copy
import subprocess
import sys
from functools import cache

import pytest
import torch
from family_models import CONFIGS, tiny_model
from peft import PrefixTuningConfig, PromptTuningConfig, get_peft_model
from peft.tuners.prefix_tuning import PrefixEncoder
from torch import nn
from torch.testing import assert_close

from panda_core.errors import UsageError, WorkError
from panda_core.execution import complete
from panda_core.injection.tokens import encode_behind_tokens
from panda_core.job import Job
from panda_core.plms.loading import load_plm
from panda_core.plms.plm import PLM
from panda_core.protocol import PromptProtocol
from panda_core.runs import make_spec
from panda_core.store import Store
from panda_core.tuning.adapter import Adapter
from panda_core.tuning.kinds import new_part
from panda_core.tuning.mlp_prefix import MLPPrefix
from panda_core.tuning.tokens import TokenPrompt
from panda_core.tuning.whole import WholeModel

P = 5
SEQUENCES = [torch.randint(3, 60, (n,), generator=torch.Generator().manual_seed(n)) for n in (11, 1, 6)]
KINDS = ("mlp-prefix", "tokens", "adapter")
every_family = pytest.mark.parametrize("name", CONFIGS)


@cache
def plm(name, representation="cls"):
    return PLM(name, tiny_model(name), lambda: None, representation, {})


def part_of(name, kind, **more):
    torch.manual_seed(1)
    return new_part(plm(name), PromptProtocol(kind=kind, length=P, init_std=0.5, dropout=0.0, **more))


def padded(sequences, length=None):
    length = length or max(map(len, sequences))
    ids, mask = torch.full((len(sequences), length), 1), torch.zeros(len(sequences), length, dtype=torch.long)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)], mask[row, : len(sequence)] = sequence, 1
    return ids, mask


def rows(hidden, mask):
    return [states[real.bool()] for states, real in zip(hidden, mask, strict=True)]


@every_family
def test_soft_tokens_that_are_words_are_these_words(name):
    model, words = plm(name), torch.tensor([7, 12, 30])
    prompt = TokenPrompt(model.model.get_input_embeddings()(words))
    ids, mask = padded(SEQUENCES)
    longer = padded([torch.cat([words, sequence]) for sequence in SEQUENCES])
    with torch.no_grad():
        found, expected = rows(model.encode(ids, mask, prompt=prompt), mask), rows(model.encode(*longer), longer[1])
    for states, whole in zip(found, expected, strict=True):
        assert_close(states, whole[3:], atol=2e-5, rtol=0)


@pytest.mark.parametrize("name", ["bert", "roberta", "opt", "llama", "llama-grouped"])
def test_soft_tokens_against_peft(name):
    model, prompt = plm(name), part_of(name, "tokens")
    config = PromptTuningConfig(task_type="FEATURE_EXTRACTION", num_virtual_tokens=P, num_transformer_submodules=1)
    peft = get_peft_model(copy.deepcopy(model.model), config).eval()
    ids, mask = padded(SEQUENCES)
    with torch.no_grad():
        peft.prompt_encoder["default"].embedding.weight.copy_(prompt.flat)
        expected = peft(input_ids=ids, attention_mask=mask).last_hidden_state[:, P:]
        found = model.encode(ids, mask, prompt=prompt)
    for states, theirs in zip(rows(found, mask), rows(expected, mask), strict=True):
        assert_close(states, theirs, atol=1e-5, rtol=0)


def test_soft_tokens_are_in_segment_0():
    model, prompt = plm("bert"), part_of("bert", "tokens")
    ids, mask = padded(SEQUENCES[:1])
    types = torch.ones_like(ids)
    whole = model.model.embeddings.word_embeddings(ids)
    whole = torch.cat([prompt.flat[None], whole], dim=1)
    segments = torch.cat([torch.zeros(1, P, dtype=torch.long), types], dim=1)
    with torch.no_grad():
        expected = model.model(inputs_embeds=whole, token_type_ids=segments).last_hidden_state[:, P:]
        assert_close(model.encode(ids, mask, types, prompt=prompt), expected, atol=1e-5, rtol=0)
        assert not torch.allclose(model.encode(ids, mask, prompt=prompt), expected, atol=1e-2)


@pytest.mark.parametrize("name", ["bert", "deberta-absolute", "deberta-v2"])
def test_text_embedded_twice_is_what_is_embedded_once_given_as_words(name):
    model = plm(name)
    ids, mask = padded(SEQUENCES[:1])
    empty = TokenPrompt(torch.zeros(0, 32), embedded_twice=True)
    with torch.no_grad():
        once = model.model.embeddings(input_ids=ids)
        expected = model.model(inputs_embeds=once).last_hidden_state
        assert_close(model.encode(ids, mask, prompt=empty), expected, atol=1e-5, rtol=0)
        assert not torch.allclose(model.encode(ids, mask), expected, atol=1e-2)


def test_an_architecture_without_an_embedding_layer_cannot_embed_twice():
    with pytest.raises(WorkError, match=r"'llama' has no embedding layer .* set prompt.embedded_twice=false"):
        plm("llama").encode(*padded(SEQUENCES), prompt=part_of("llama", "tokens", embedded_twice=True))


def test_soft_tokens_and_text_beyond_the_positions_are_refused():
    with pytest.raises(WorkError, match=r"36 tokens behind a prefix of 5 .* 40 positions; cut the input at 35 tokens"):
        ids = torch.full((1, 36), 5)
        encode_behind_tokens(plm("bert").model, ids, torch.ones_like(ids), None, torch.zeros(P, 32))


def test_a_prefix_made_by_a_network_against_peft():
    config = PrefixTuningConfig(
        num_virtual_tokens=P, token_dim=32, num_layers=3, encoder_hidden_size=24, prefix_projection=True,
        num_attention_heads=4, num_transformer_submodules=1,
    )
    theirs, ours = PrefixEncoder(config), MLPPrefix(P, 32, 24, 2 * 3 * 32, dropout=0.0)
    with torch.no_grad():
        ours.embedding.weight.copy_(theirs.embedding.weight)
        ours.mlp.load_state_dict(theirs.transform.state_dict())
        assert_close(ours(2), theirs(torch.arange(P).expand(2, -1)))
    assert ours.stored().keys() == {"prompt"} and ours.stored()["prompt"].shape == (P, 192)


@every_family
def test_the_stored_prefix_does_what_its_network_did(name):
    model, made = plm(name), part_of(name, "mlp-prefix")
    kept = made.loaded({"prompt": made.stored()["prompt"].detach()})
    assert not isinstance(kept, MLPPrefix) and sum(p.numel() for p in kept.parameters()) == P * model.prefix_width
    with torch.no_grad():
        expected, found = (model.encode(*padded(SEQUENCES), prompt=prompt) for prompt in (made, kept))
    assert_close(found, expected)


@every_family
def test_an_adapter_that_starts_at_zero_is_the_bare_plm(name):
    model = plm(name)
    nothing = Adapter.for_plm(model, size=4, std=0.0)
    ids, mask = padded(SEQUENCES)
    for states, bare in zip(rows(model.encode(ids, mask, prompt=nothing), mask), rows(model.encode(ids, mask), mask)):
        assert_close(states, bare, atol=2e-5, rtol=0)


@every_family
def test_adapters_stand_before_the_residual_of_attention_and_feed_forward(name):
    """An adapter that adds a constant is a PLM whose last biases are larger by it."""
    model = plm(name)
    adapter = Adapter.for_plm(model, size=4, std=0.0)
    torch.manual_seed(2)
    nn.init.normal_(adapter.up_bias)
    shifted = copy.deepcopy(model.model)
    layers = getattr(getattr(shifted, "encoder", None), "layer", None)
    layers = layers or getattr(getattr(shifted, "decoder", shifted), "layers", None)
    for i, layer in enumerate(layers):
        if name.startswith("opt"):
            last = (layer.self_attn.out_proj, layer.fc2)
        elif name.startswith("llama"):
            last = (layer.self_attn.o_proj, layer.mlp.down_proj)
        else:
            last = (layer.attention.output.dense, layer.output.dense)
        for linear, added in zip(last, adapter.up_bias[2 * i : 2 * i + 2].detach(), strict=True):
            linear.bias = nn.Parameter(added + (0 if linear.bias is None else linear.bias), requires_grad=False)
    ids, mask = padded(SEQUENCES)
    expected = PLM(name, shifted, lambda: None, "cls", {}).encode(ids, mask)
    for states, theirs in zip(rows(model.encode(ids, mask, prompt=adapter), mask), rows(expected, mask)):
        assert_close(states, theirs, atol=5e-5, rtol=0)


def test_the_bottleneck_by_hand():
    adapter = Adapter(layers=1, hidden=2, size=1, std=0.0)
    with torch.no_grad():
        adapter.down[1] = torch.tensor([[1.0, -1.0]])
        adapter.down_bias[1] = 0.5
        adapter.up[1] = torch.tensor([[2.0], [0.0]])
        adapter.up_bias[1] = torch.tensor([0.0, 3.0])
    # inner: gelu(4 - 1 + 0.5) = gelu(3.5) = 3.49919; added: (2 * 3.49919, 3)
    found = adapter._behind(1)(None, None, torch.tensor([[4.0, 1.0]]))
    assert_close(found, torch.tensor([[4 + 2 * 3.499186, 4.0]]))


@every_family
@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing_and_every_parameter_learns(name, kind):
    model, part = plm(name), part_of(name, kind)
    ids, mask = padded(SEQUENCES)
    hidden = model.encode(ids, mask, prompt=part)
    assert hidden.shape == (3, 11, model.hidden_size)
    for sequence, states in zip(SEQUENCES, rows(hidden, mask), strict=True):
        alone = model.encode(sequence[None], torch.ones(1, len(sequence), dtype=torch.long), prompt=part)
        assert_close(alone[0], states, atol=2e-5, rtol=0)
    hidden[mask.bool()].square().sum().backward()
    assert all((parameter.grad != 0).any() for parameter in part.parameters())
    assert all(parameter.grad is None for parameter in model.parameters())


@every_family
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_in_the_plm(name, kind):
    model, part = plm(name), part_of(name, kind)
    ids, mask = padded(SEQUENCES)
    with torch.no_grad():
        bare, first, second, after = (model.encode(ids, mask, prompt=u) for u in (None, part, part, None))
    assert torch.equal(first, second) and torch.equal(bare, after)
    assert not torch.allclose(first, bare, atol=1e-2)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


def test_hooks_of_an_adapter_are_gone_after_a_forward_that_failed():
    model, ids = plm("opt"), torch.full((1, 60), 5)
    with pytest.raises(WorkError, match="positions"):
        model.encode(ids, torch.ones_like(ids), prompt=part_of("opt", "adapter"))
    with pytest.raises(IndexError):
        model.encode(torch.full((1, 3), 10**6), torch.ones(1, 3), prompt=part_of("opt", "adapter"))
    assert not any(m._forward_hooks for m in model.modules())


@pytest.mark.parametrize("kind", ["prefix", *KINDS])
def test_what_is_stored_is_what_is_loaded(kind):
    first, second = part_of("bert", kind), new_part(plm("bert"), PromptProtocol(kind=kind, length=P))
    state = {name: value.detach().clone() for name, value in first.stored().items()}
    second = second.loaded(state)
    assert all(torch.equal(value, second.stored()[name]) for name, value in state.items())
    name = next(iter(state))
    with pytest.raises(WorkError, match=f"the stored tensor '{name}' has shape .* needs"):
        part_of("bert", kind).loaded(state | {name: torch.zeros(3, 3)})
    with pytest.raises(WorkError, match=f"the stored tensor '{name}' has shape none"):
        part_of("bert", kind).loaded({})


def test_starts_of_figure_2():
    made = {init: part_of("bert", "prefix", init=init).flat for init in ("normal", "sparse", "constant")}
    assert made["normal"].std().item() == pytest.approx(0.5, rel=0.1)
    assert ((made["sparse"] == 0).sum(dim=0) == round(P / 2 + 0.1)).all()  # half of each column, rounded up
    assert made["sparse"][made["sparse"] != 0].std().item() == pytest.approx(0.5, rel=0.1)
    assert (made["constant"] == 0).all()


SHORT = {"training.steps": "4", "training.evaluations": "1", "training.batch_size": "8", "training.eval_examples": "20"}


def test_model_tuning_changes_a_copy_of_the_plm_and_keeps_the_head(tiny_plm, tmp_path):
    wanted = make_spec(plm=tiny_plm, method="model-tuning", target="cb", settings=SHORT)
    shared = load_plm(tiny_plm, device="cpu")
    before = {name: value.clone() for name, value in shared.model.state_dict().items()}
    job = Job(wanted, shared, {})
    model = job.new_model()
    assert isinstance(model.prompt, WholeModel) and model.plm is not shared
    outcome = job.fit(model)
    assert all(torch.equal(value, before[name]) for name, value in shared.model.state_dict().items())
    after = model.plm.model.state_dict()
    unread = ("embeddings.position_ids", "embeddings.token_type_ids")
    assert all(not torch.equal(value, before[name]) for name, value in after.items() if name not in unread)
    assert set(outcome.fit.best) == {"head.linear.weight", "head.linear.bias"}
    assert outcome.trainable_parameters == sum(p.numel() for p in shared.model.parameters()) + 32 * 3 + 3
    store = Store(tmp_path)
    complete(wanted, store)
    assert set(store.state(wanted)) == {"head.linear.weight", "head.linear.bias"}


def test_model_tuning_follows_the_gradient_of_the_whole_model(tiny_plm):
    wanted = make_spec(plm=tiny_plm, method="model-tuning", target="cb", settings=SHORT)
    model = Job(wanted, load_plm(tiny_plm, device="cpu"), {}).new_model().eval()
    ids, mask = padded(SEQUENCES)
    reference = copy.deepcopy(model.plm.model)
    read = reference(input_ids=ids, attention_mask=mask).pooler_output
    expected = torch.autograd.grad(read.square().sum(), reference.embeddings.word_embeddings.weight)[0]
    found = model.plm.read(ids, mask, prompt=model.prompt)
    found = torch.autograd.grad(found.square().sum(), model.plm.model.embeddings.word_embeddings.weight)[0]
    assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_each_baseline_tunes_its_own_kind(tiny_plm):
    for method, kind in (("adapter", "adapter"), ("prompt-tuning", "tokens"), ("prefix-tuning", "mlp-prefix")):
        assert make_spec(plm=tiny_plm, method=method, target="cb").protocol.prompt.kind == kind
        with pytest.raises(UsageError, match=f"{method} tunes {kind}, not prefix"):
            make_spec(plm=tiny_plm, method=method, target="cb", settings={"prompt.kind": "prefix"})
    with pytest.raises(UsageError, match="panda tunes prefix or mlp-prefix or tokens or adapter, not model"):
        make_spec(plm=tiny_plm, method="panda", sources=("mnli",), target="cb", settings={"prompt.kind": "model"})


@pytest.mark.parametrize("kind", KINDS)
def test_transfer_starts_from_the_source_of_the_same_kind(tiny_plm, tmp_path, kind):
    settings = SHORT | {k.replace("training", "source"): v for k, v in SHORT.items()} | {"prompt.kind": kind}
    store = Store(tmp_path)
    wanted = make_spec(plm=tiny_plm, method="vanilla-pot", sources=("rte",), target="cb", settings=settings)
    record = complete(wanted, store)
    from panda_core.runs import inputs

    source = inputs(wanted)["source"]
    alone = {"mlp-prefix": "prefix-tuning", "tokens": "prompt-tuning", "adapter": "adapter"}[kind]
    assert source.method == alone and store.state(source).keys() - {"head.linear.weight", "head.linear.bias"}
    job = Job(wanted, load_plm(tiny_plm, device="cpu"), {"source": store.state(source)})
    model = job.new_model()
    model.load_prompt(store.state(source))
    kept = {name: value for name, value in store.state(source).items() if name.startswith("prompt")}
    assert all(torch.equal(value, model.state()[name]) for name, value in kept.items())
    panda = make_spec(
        plm=tiny_plm, method="panda", sources=("rte",), target="cb",
        settings=settings | {"kd.weight": "0", "kd.similarity": "constant"},
    )
    plain = make_spec(plm=tiny_plm, method=alone, target="cb", settings=SHORT)
    assert complete(panda, store).curve == complete(plain, store).curve != record.curve


# What takes the time, the libraries, is loaded once; each file is then imported in a fork of its own.
EACH_FIRST = """
import importlib, os, sys
import panda_core.job
for name in [name for name in sys.modules if name.partition(".")[0] == "panda_core"]:
    del sys.modules[name]
for name in sys.argv[1:]:
    if os.fork() == 0:
        importlib.import_module(f"panda_core.{name}")
        sys.exit()
    if os.wait()[1]:
        sys.exit(f"{name} cannot be imported first")
"""


def test_every_file_can_be_imported_first():
    """Prompts are parts and parts know prompts: neither may need the other to be there before."""
    names = ("prompts", "tuning.kinds", "tuning.mlp_prefix", "tuning.adapter", "model", "plms.plm", "job")
    done = subprocess.run([sys.executable, "-c", EACH_FIRST, *names], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
