"""A prefix in every layer, against PEFT and against attention written out by hand."""

import copy

import pytest
import torch
from peft import PrefixTuningConfig, get_peft_model

from panda_core.errors import WorkError
from panda_core.injection.cache import encode_with_cache
from panda_core.prompts import PrefixPrompt, load_prompt, save_prompt


def reference_encode(model, input_ids, attention_mask, token_type_ids, flat):
    """BERT with prepended keys and values, from its weights alone; `flat` [P, 2*L*D]."""
    config = model.config
    heads, size = config.num_attention_heads, config.hidden_size // config.num_attention_heads
    batch, length = input_ids.shape
    count = flat.shape[0]
    weights = model.state_dict()

    def linear(x, name):
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(x, name):
        mean, variance = x.mean(-1, keepdim=True), x.var(-1, keepdim=True, unbiased=False)
        normed = (x - mean) / (variance + config.layer_norm_eps).sqrt()
        return normed * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def split(x):
        return x.view(batch, -1, heads, size).transpose(1, 2)

    positions = torch.arange(count, count + length)
    hidden = (
        weights["embeddings.word_embeddings.weight"][input_ids]
        + weights["embeddings.token_type_embeddings.weight"][token_type_ids]
        + weights["embeddings.position_embeddings.weight"][positions]
    )
    hidden = norm(hidden, "embeddings.LayerNorm")
    allowed = torch.cat([torch.ones(batch, count), attention_mask.float()], dim=1)
    barrier = (1 - allowed)[:, None, None, :] * -1e9
    past = flat.view(count, 2 * config.num_hidden_layers, heads, size)
    for i in range(config.num_hidden_layers):
        layer = f"encoder.layer.{i}"
        query = split(linear(hidden, f"{layer}.attention.self.query"))
        key = split(linear(hidden, f"{layer}.attention.self.key"))
        value = split(linear(hidden, f"{layer}.attention.self.value"))
        prefix_key = past[:, 2 * i].transpose(0, 1).expand(batch, -1, -1, -1)
        prefix_value = past[:, 2 * i + 1].transpose(0, 1).expand(batch, -1, -1, -1)
        key, value = torch.cat([prefix_key, key], dim=2), torch.cat([prefix_value, value], dim=2)
        scores = query @ key.transpose(-1, -2) / size**0.5 + barrier
        mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(batch, length, -1)
        hidden = norm(hidden + linear(mixed, f"{layer}.attention.output.dense"), f"{layer}.attention.output.LayerNorm")
        inner = torch.nn.functional.gelu(linear(hidden, f"{layer}.intermediate.dense"))
        hidden = norm(hidden + linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    return hidden


def real_positions(hidden, attention_mask):
    return hidden[attention_mask.bool()]


def test_equals_attention_written_by_hand(minilm, batch, prefix):
    ours = minilm.encode(**batch, prompt=PrefixPrompt.from_flat(prefix))
    by_hand = reference_encode(minilm.model, **batch, flat=prefix)
    mask = batch["attention_mask"]
    torch.testing.assert_close(real_positions(ours, mask), real_positions(by_hand, mask), atol=1e-4, rtol=0)


def test_states_and_gradient_equal_peft(minilm, batch, prefix):
    peft_model = get_peft_model(
        copy.deepcopy(minilm.model), PrefixTuningConfig(task_type="FEATURE_EXTRACTION", num_virtual_tokens=20)
    ).eval()
    weight = peft_model.prompt_encoder["default"].embedding.weight
    with torch.no_grad():
        weight.copy_(prefix)
    prompt = PrefixPrompt.from_flat(prefix)
    mask = batch["attention_mask"]
    ours = real_positions(minilm.encode(**batch, prompt=prompt), mask)
    theirs = real_positions(peft_model(**batch).last_hidden_state, mask)
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)

    direction = torch.randn(ours.shape, generator=torch.Generator().manual_seed(1))
    (ours * direction).sum().backward()
    (theirs * direction).sum().backward()
    assert prompt.flat.grad.abs().max() > 0.1
    torch.testing.assert_close(prompt.flat.grad, weight.grad, atol=1e-4, rtol=1e-4)


def test_an_empty_prefix_is_the_bare_plm(minilm, batch):
    empty = PrefixPrompt.from_flat(torch.empty(0, minilm.prefix_width))
    assert torch.equal(minilm.encode(**batch, prompt=empty), minilm.encode(**batch))
    through_the_cache = encode_with_cache(minilm.model, dict(batch), torch.empty(2, 0, minilm.prefix_width))
    torch.testing.assert_close(through_the_cache, minilm.encode(**batch), atol=1e-4, rtol=0)


def test_the_prefix_changes_the_states(minilm, batch, prefix):
    difference = minilm.encode(**batch, prompt=PrefixPrompt.from_flat(prefix)) - minilm.encode(**batch)
    assert difference.abs().max() > 0.1


def test_padding_changes_nothing(minilm, prefix):
    prompt, tokenizer = PrefixPrompt.from_flat(prefix), minilm.tokenizer
    alone = tokenizer(["It answers."], return_tensors="pt")
    padded = tokenizer(["It answers."], return_tensors="pt", padding="max_length", max_length=40)
    length = alone["input_ids"].shape[1]
    alone_states, padded_states = minilm.encode(**alone, prompt=prompt), minilm.encode(**padded, prompt=prompt)
    torch.testing.assert_close(padded_states[:, :length], alone_states, atol=1e-5, rtol=0)
    torch.testing.assert_close(
        minilm.represent(padded_states, padded["attention_mask"]),
        minilm.represent(alone_states, alone["attention_mask"]),
        atol=1e-5,
        rtol=0,
    )


def test_two_forwards_agree(minilm, batch, prefix):
    prompt = PrefixPrompt.from_flat(prefix)
    assert torch.equal(minilm.encode(**batch, prompt=prompt), minilm.encode(**batch, prompt=prompt))


def test_only_the_prefix_has_a_gradient(minilm, batch, prefix):
    prompt = PrefixPrompt.from_flat(prefix)
    minilm.encode(**batch, prompt=prompt).square().sum().backward()
    assert (prompt.flat.grad != 0).any(dim=1).all()
    assert all(p.grad is None and not p.requires_grad for p in minilm.parameters())


def test_dropout_only_in_training_and_per_sequence():
    prompt = PrefixPrompt(torch.ones(4, 6), dropout=0.5)
    torch.manual_seed(0)
    dropped = prompt.train()(2)
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert not torch.equal(dropped[0], dropped[1])
    assert torch.equal(prompt.eval()(2), torch.ones(2, 4, 6))


def test_save_and_load_are_bit_equal(tmp_path, prefix):
    save_prompt(tmp_path / "prompt.safetensors", PrefixPrompt.from_flat(prefix))
    assert torch.equal(load_prompt(tmp_path / "prompt.safetensors").flat, prefix)


def test_a_prompt_of_another_plm_is_refused(minilm, batch):
    with pytest.raises(WorkError, match=r"shape is \[20, 768\], \[P, 4608\] is needed"):
        minilm.encode(**batch, prompt=PrefixPrompt.from_flat(torch.zeros(20, 768)))


def test_a_pickled_prompt_is_refused(tmp_path, prefix):
    torch.save({"prompt": prefix}, tmp_path / "prompt.safetensors")
    with pytest.raises(WorkError, match="not a readable safetensors file"):
        load_prompt(tmp_path / "prompt.safetensors")


def test_a_prompt_file_that_is_cut_off_is_refused(tmp_path, prefix):
    path = tmp_path / "prompt.safetensors"
    save_prompt(path, PrefixPrompt.from_flat(prefix))
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(WorkError, match="not a readable safetensors file"):
        load_prompt(path)


@pytest.mark.parametrize(
    ("representation", "expected"),
    [("cls", [1.0, 2.0]), ("mean", [2.0, 3.0]), ("last", [3.0, 4.0])],
)
def test_representations(minilm, representation, expected):
    hidden = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [50.0, 60.0]]])
    reader = copy.copy(minilm)
    reader.representation = representation
    assert reader.represent(hidden, torch.tensor([[1, 1, 0]])).tolist() == [expected]


def test_the_last_token_is_found_with_padding_on_the_left(minilm):
    hidden = torch.tensor([[[50.0, 60.0], [1.0, 2.0], [3.0, 4.0]]])
    reader = copy.copy(minilm)
    reader.representation = "last"
    assert reader.represent(hidden, torch.tensor([[0, 1, 1]])).tolist() == [[3.0, 4.0]]
