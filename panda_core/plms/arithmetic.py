"""What a PLM costs, worked out from its configuration alone: parameters, and the memory and operations of one step.

Models are built on torch's meta device, where tensors have shapes and no numbers, so that even LLaMA2-7b is counted
in a second on a laptop.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from math import prod

import torch
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModel, BertConfig, DebertaV2Config, LlamaConfig, OPTConfig, PreTrainedConfig

from panda_core.errors import unknown
from panda_core.injection.inputs import model_inputs
from panda_core.injection.shape import prefix_shape
from panda_core.plms.architectures import declared


def _bert(layers: int, hidden: int, vocabulary: int) -> Callable[[], PreTrainedConfig]:
    """BERT's sizes: heads of 64, a feed-forward layer four times as wide."""
    return lambda: BertConfig(
        vocab_size=vocabulary,
        num_hidden_layers=layers,
        hidden_size=hidden,
        num_attention_heads=hidden // 64,
        intermediate_size=4 * hidden,
    )


_CASED, _UNCASED = 28996, 30522

# The published configurations of the paper's PLMs.
_CONFIGS: dict[str, Callable[[], PreTrainedConfig]] = {
    "bert-large": _bert(24, 1024, _CASED),
    "bert-base": _bert(12, 768, _CASED),
    "bert-medium": _bert(8, 512, _UNCASED),
    "bert-small": _bert(4, 512, _UNCASED),
    "bert-tiny": _bert(2, 128, _UNCASED),
    "deberta-v2-xlarge": lambda: DebertaV2Config(
        vocab_size=128100,
        num_hidden_layers=24,
        hidden_size=1536,
        num_attention_heads=24,
        attention_head_size=64,
        intermediate_size=6144,
        type_vocab_size=0,
        relative_attention=True,
        position_buckets=256,
        pos_att_type=["p2c", "c2p"],
        share_att_key=True,
        norm_rel_ebd="layer_norm",
        position_biased_input=False,
        conv_kernel_size=3,
        conv_act="gelu",
    ),
    "opt-350m": lambda: OPTConfig(
        vocab_size=50272,
        num_hidden_layers=24,
        hidden_size=1024,
        num_attention_heads=16,
        ffn_dim=4096,
        word_embed_proj_dim=512,
        do_layer_norm_before=False,
    ),
    "llama2-7b": lambda: LlamaConfig(
        vocab_size=32000,
        num_hidden_layers=32,
        hidden_size=4096,
        num_attention_heads=32,
        intermediate_size=11008,
        max_position_embeddings=4096,
    ),
}


def paper_config(name: str) -> PreTrainedConfig:
    """The configuration of one of the paper's PLMs; a `UsageError` for another name."""
    if name not in _CONFIGS:
        raise unknown("PLM of the paper", name, _CONFIGS)
    return _CONFIGS[name]()


def prefix_parameters(config: PreTrainedConfig, length: int) -> int:
    """Trained parameters of a prefix of P positions: P * 2 * L * D (Table XII: 0.98M), without the head."""
    return length * prod(prefix_shape(config))


def plm_parameters(config: PreTrainedConfig) -> int:
    """Parameters of the transformer, which is what model-tuning trains (Table XII: 333.6M), without the head.

    Embeddings are counted, and a pooler where the architecture has one; a language-modelling head is not.
    """
    return sum(parameter.numel() for parameter in _on_meta(config, torch.float32).parameters())


@dataclass(frozen=True)
class TrainingMemory:
    """Bytes that one step of prefix training holds at its peak, at the end of the forward pass."""

    weights: int
    activations: int
    trained: int

    @property
    def total(self) -> int:
        """Their sum."""
        return self.weights + self.activations + self.trained


def training_memory(
    config: PreTrainedConfig,
    prefix_length: int,
    batch_size: int,
    tokens: int,
    dtype: torch.dtype = torch.bfloat16,
    plm_dropout: bool = True,
) -> TrainingMemory:
    """The memory of one step of prefix training on B sequences of T tokens, PLM and products in `dtype`.

    That is `load_plm(name, dtype=dtype)`. Float32 weights under bfloat16 autocast take more: 4 bytes each, and 2 for
    the copy of every matrix that is kept for the backward pass.

    - weights: the PLM's parameters and buffers;
    - activations: every tensor that autograd keeps for the backward pass, each storage once, counted during a real
      forward of the model's own code with attention as plain matrix products. That keeps the attention weights,
      which fused attention does not: an upper bound;
    - trained: the prefix in float32, its gradient and the two moments of AdamW.
    Not counted: buffers that live for one operation, the allocator's slack, the head, the CUDA context; leave a few
    gigabytes for them.
    """
    model = _on_meta(config, dtype).requires_grad_(False).train(plm_dropout)
    own = [tensor.untyped_storage() for tensor in (*model.parameters(), *model.buffers())]
    known = {storage._cdata for storage in own}
    kept = {}  # holding the storages keeps their addresses from being used again

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in known:
            kept[storage._cdata] = storage
        return tensor

    ids = torch.zeros(batch_size, tokens, dtype=torch.long, device="meta")
    inputs = model_inputs(config, ids, torch.ones_like(ids), None, prefix_length)
    flat = torch.zeros(prefix_length, prod(prefix_shape(config)), device="meta", requires_grad=True)
    with _WithPadding(), torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        declared(config).encode(model, inputs, flat.expand(batch_size, -1, -1))
    return TrainingMemory(
        weights=sum(storage.nbytes() for storage in own),
        activations=sum(storage.nbytes() for storage in kept.values()),
        trained=4 * 4 * flat.numel(),
    )


def training_operations(config: PreTrainedConfig, prefix_length: int, batch_size: int, tokens: int) -> int:
    """Floating point operations of one step of prefix training on B sequences of T tokens, forward and backward.

    Counted in every matrix product of the model's own code, attention included, two for each multiplication and
    addition; the rest (normalisation, softmax, activation) is left out, as is usual.
    """
    model = _on_meta(config, torch.float32).requires_grad_(False)
    ids = torch.zeros(batch_size, tokens, dtype=torch.long, device="meta")
    inputs = model_inputs(config, ids, torch.ones_like(ids), None, prefix_length)
    flat = torch.zeros(prefix_length, prod(prefix_shape(config)), device="meta", requires_grad=True)
    with FlopCounterMode(display=False) as counter, _WithPadding():
        declared(config).encode(model, inputs, flat.expand(batch_size, -1, -1)).sum().backward()
    return counter.get_total_flops()


class _WithPadding(TorchFunctionMode):
    """Answers a model that asks whether a mask without numbers is all ones: it is not."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is torch.Tensor.__bool__:
            return False
        return func(*args, **(kwargs or {}))


def _on_meta(config: PreTrainedConfig, dtype: torch.dtype) -> torch.nn.Module:
    with torch.device("meta"):
        return AutoModel.from_config(deepcopy(config), dtype=dtype, attn_implementation="eager")
