"""Parameters and memory from configurations, against published counts, counting by hand and a real forward."""

from pathlib import Path

import pandas as pd
import pytest
import torch
from family_models import CONFIGS, tiny_model

from panda_core.errors import UsageError
from panda_core.injection.inputs import model_inputs
from panda_core.injection.shape import prefix_shape
from panda_core.plms.architectures import declared
from panda_core.plms.arithmetic import (
    paper_config,
    plm_parameters,
    prefix_parameters,
    training_memory,
    training_operations,
)
from panda_core.plms.registry import PLMS

GPU = 80e9


def test_a_prefix_of_bert_large_has_the_parameters_of_table_xii():
    assert prefix_parameters(paper_config("bert-large"), 20) == 20 * 2 * 24 * 1024 == 983_040


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("bert-large", 333_579_264),  # Table XII: 333.6M
        ("bert-base", 108_310_272),
        ("bert-medium", 41_373_184),
        ("bert-small", 28_763_648),
        ("bert-tiny", 4_385_920),
        ("opt-350m", 331_196_416),
        ("llama2-7b", 6_738_415_616 - 32_000 * 4096),  # the published count holds the language-modelling head
    ],
)
def test_parameters_are_the_published_ones(name, parameters):
    assert plm_parameters(paper_config(name)) == parameters


def test_deberta_v2_xlarge_counted_by_hand():
    d, inner = 1536, 6144
    linear = lambda a, b: a * b + b
    layer = 4 * linear(d, d) + linear(d, inner) + linear(inner, d) + 2 * 2 * d
    embeddings, relative, convolution = 128_100 * d + 2 * d, 512 * d + 2 * d, 3 * d * d + d + 2 * d
    assert plm_parameters(paper_config("deberta-v2-xlarge")) == embeddings + relative + convolution + 24 * layer


def test_every_plm_of_the_paper_has_a_configuration_and_others_none():
    for name in (name for name, entry in PLMS.items() if entry.in_paper):
        assert prefix_shape(paper_config(name))[0] == 2 * paper_config(name).num_hidden_layers
    with pytest.raises(UsageError, match=r"unknown PLM of the paper 'bert-larg': did you mean bert-large"):
        paper_config("bert-larg")


@pytest.mark.parametrize("name", CONFIGS)
def test_activations_are_those_of_a_forward_with_numbers(name):
    """The same count over a model with real weights on the CPU, whose batch has padding."""
    model = tiny_model(name, "eager")
    batch, tokens, length = 3, 9, 4
    ids = torch.full((batch, tokens), 5)
    mask = torch.ones_like(ids)
    mask[0, 7:] = 0
    flat = torch.randn(length, prefix_parameters(model.config, 1), requires_grad=True)
    own = {tensor.data_ptr() for tensor in (*model.parameters(), *model.buffers())}
    kept = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        inputs = model_inputs(model.config, ids, mask, None, length)
        hidden = declared(model.config).encode(model, inputs, flat.expand(batch, -1, -1))
    assert hidden.requires_grad
    memory = training_memory(CONFIGS[name], length, batch, tokens, torch.float32, plm_dropout=False)
    assert memory.activations == sum(storage.nbytes() for storage in kept.values())
    assert memory.weights >= 4 * plm_parameters(CONFIGS[name])
    assert memory.trained == 16 * flat.numel()
    assert memory.total == memory.weights + memory.activations + memory.trained


def test_dropout_and_batch_size_cost_memory():
    small, large = (training_memory(CONFIGS["bert"], 4, b, 9, plm_dropout=False).activations for b in (4, 8))
    dropped = training_memory(CONFIGS["bert"], 4, 4, 9, plm_dropout=True).activations
    assert 1.9 * small < large < 2.1 * small
    assert dropped > small


def test_operations_of_a_step_are_those_counted_by_hand():
    """BERT-tiny, two layers. Backward, the first layer needs no gradient of its input: that is a frozen embedding."""
    batch, tokens, prefix, d = 4, 9, 3, 128
    dense, attention = 2 * batch * tokens * d * d, 2 * batch * tokens * (prefix + tokens) * d
    forward = 2 * (12 * dense + 2 * attention)
    backward = (12 * dense + 4 * attention) + (9 * dense + 3 * attention)
    pooler = 2 * batch * d * d  # computed, and not read
    counted = training_operations(paper_config("bert-tiny"), prefix, batch, tokens)
    assert counted in (forward + backward, forward + backward + pooler)


def test_operations_grow_with_the_plm():
    names = ("bert-tiny", "bert-small", "bert-medium", "bert-base", "bert-large", "deberta-v2-xlarge", "llama2-7b")
    counted = [training_operations(paper_config(name), 20, 2, 16) for name in names]
    assert counted == sorted(counted) and counted[-1] > 1000 * counted[0]


@pytest.mark.parametrize(("name", "gigabytes"), [("llama2-7b", 13.2), ("deberta-v2-xlarge", 1.8)])
def test_the_largest_plms_fit_a_gpu_of_80_gb_in_bfloat16(name, gigabytes):
    """At the paper's prefix of 20 and length of 128, batches of 32; 8 GB are left for what is not counted."""
    memory = training_memory(paper_config(name), 20, 32, 128)
    assert memory.weights / 1e9 == pytest.approx(gigabytes, abs=0.05)
    assert memory.activations > 5e9
    assert memory.total + 8e9 < GPU


def test_what_the_book_says_of_float32_weights_beside_bfloat16_copies():
    largest = {name: 6 * plm_parameters(paper_config(name)) for name in ("llama2-7b", "deberta-v2-xlarge")}
    assert round(largest["llama2-7b"] / 1e9) == 40
    # 6 bytes where a tensor is kept in float32 and rounded, too
    activations = training_memory(paper_config("deberta-v2-xlarge"), 20, 32, 128, torch.float32).activations
    assert largest["deberta-v2-xlarge"] + 1.5 * activations + 8e9 < GPU


def sizes():
    """The rows of the book's table: millions of parameters, and gigabytes."""
    rows = {}
    for name in (name for name, entry in PLMS.items() if entry.in_paper):
        config = paper_config(name)
        parameters, memory = plm_parameters(config), training_memory(config, 20, 32, 128)
        rows[PLMS[name].title] = {
            "Parameters (millions)": f"{parameters / 1e6:.1f}",
            "Prefix (millions)": f"{prefix_parameters(config, 20) / 1e6:.2f}",
            "Weights": f"{memory.weights / 1e9:.1f}",
            "Kept for the backward pass": f"{memory.activations / 1e9:.1f}",
            "Together": f"{memory.total / 1e9:.1f}",
            "Model-tuning, without text": f"{16 * parameters / 1e9:.1f}",
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def test_the_books_table_of_sizes(request):
    table = Path(__file__).parents[2] / "book" / "sizes.csv"
    found = sizes()
    if request.config.getoption("--write-support"):
        found.to_csv(table, index_label="Model")
    pd.testing.assert_frame_equal(pd.read_csv(table, index_col="Model", dtype=str), found, check_names=False)


def test_llama2_does_not_fit_with_model_tuning():
    """Weights, gradients and two moments in float32: what keeps the authors from tuning it all."""
    assert 16 * plm_parameters(paper_config("llama2-7b")) > GPU
