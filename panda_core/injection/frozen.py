"""BERT and RoBERTa written out for frozen weights: the same function as transformers' modules, several times as fast.

What a general implementation cannot assume: weights never change, so they are packed once (queries, keys and values
as one product, in the precision of the products); dropout draws cheap random numbers; the last layer is computed only
where it is read. Residuals and normalisation stay in float32, as under autocast. Attention weights are in the precision
of the products, as in fused attention: softmax sums in float32 and rounds once.
"""

import math
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as F
from torch import nn
from transformers import PreTrainedModel

from panda_core.dropout import dropout
from panda_core.injection.shape import prefix_shape
from panda_core.plms.architectures import architecture_of


@dataclass(frozen=True)
class _Linear:
    """y = x W^T + b with `weight` [out, in] in the precision of the products."""

    weight: torch.Tensor
    bias: torch.Tensor

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, self.weight, self.bias)


@dataclass(frozen=True)
class _Norm:
    """Layer normalisation in float32."""

    weight: torch.Tensor
    bias: torch.Tensor
    eps: float

    @classmethod
    def of(cls, norm: nn.LayerNorm) -> "_Norm":
        return cls(norm.weight.detach().float(), norm.bias.detach().float(), norm.eps)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, self.eps)


@dataclass(frozen=True)
class _Layer:
    """One layer's packed weights; `queries` are scaled by 1 / sqrt(d) already."""

    queries: _Linear
    keys_values: _Linear
    output: _Linear
    attention_norm: _Norm
    up: _Linear
    down: _Linear
    norm: _Norm


_packed: WeakKeyDictionary[nn.Module, tuple[tuple, list[_Layer]]] = WeakKeyDictionary()


def suits(model: nn.Module) -> bool:
    """Whether this file can stand in for `model`: its architecture, frozen, and with no hooks on its modules,
    neither torch's nor accelerate's."""
    config = model.config
    return (
        architecture_of(config).written_out
        and config.hidden_act == "gelu"
        and not getattr(config, "is_decoder", False)
        and not any(p.requires_grad for p in model.parameters())
        and not any(m._forward_hooks or m._forward_pre_hooks or hasattr(m, "_hf_hook") for m in model.modules())
    )


def encode_frozen(
    model: PreTrainedModel, inputs: dict[str, torch.Tensor], prefix: torch.Tensor | None, first_only: bool = False
) -> torch.Tensor:
    """Hidden states [B, T, D] of the last layer behind `prefix` [B, P, 2*L*D] or none.

    With `first_only` the last layer is computed for the first token alone: [B, 1, D]. The products are in the precision
    of the surrounding autocast, else in that of the weights.
    """
    device = inputs["input_ids"].device
    cast = torch.is_autocast_enabled(device.type)
    dtype = torch.get_autocast_dtype(device.type) if cast else model.dtype
    with torch.autocast(device.type, enabled=False):
        length = 0 if prefix is None else prefix.shape[1]
        x = _embed(model, inputs, length)
        layers = _layers(model, dtype)
        pairs = [None] * len(layers)
        if length:
            pairs = prefix.to(dtype).view(*prefix.shape[:2], *prefix_shape(model.config)).permute(2, 0, 3, 1, 4)
            pairs = pairs.split(2)
        bias = _bias(inputs["attention_mask"], length, dtype)
        for i, layer in enumerate(layers):
            x = _apply(model, layer, x, pairs[i], bias, first_only and i == len(layers) - 1)
        return x


def _embed(model: PreTrainedModel, inputs: dict[str, torch.Tensor], prefix_length: int) -> torch.Tensor:
    """Input embeddings [B, T, D]: words, positions that start behind the prefix, segments."""
    table, ids = model.embeddings, inputs["input_ids"]
    positions = inputs.get("position_ids")
    if positions is None:
        positions = torch.arange(prefix_length, prefix_length + ids.shape[1], device=ids.device)
    types = inputs.get("token_type_ids")
    segments = table.token_type_embeddings.weight[0] if types is None else table.token_type_embeddings(types)
    x = table.word_embeddings(ids) + segments + table.position_embeddings(positions)
    return dropout(_Norm.of(table.LayerNorm)(x.float()), table.dropout.p, table.training)


def _bias(mask: torch.Tensor, prefix_length: int, dtype: torch.dtype) -> torch.Tensor | None:
    """What is added to the scores [B, H, T, P + T]: the smallest number on padding; None where there is none."""
    if mask.device.type == "cpu" and bool(mask.all()):
        return None
    mask = F.pad(mask, (prefix_length, 0), value=1)
    return (1 - mask)[:, None, None].to(dtype) * torch.finfo(dtype).min


def _apply(
    model: PreTrainedModel,
    layer: _Layer,
    x: torch.Tensor,
    pair: torch.Tensor | None,
    bias: torch.Tensor | None,
    first_only: bool,
) -> torch.Tensor:
    """One layer on x [B, T, D]; `pair` [2, B, H, P, d] are the keys and values of the prefix."""
    config, training, dtype = model.config, model.training, layer.output.weight.dtype
    batch, length, _ = x.shape
    low = x.to(dtype)
    if first_only:
        x = x[:, :1]
    queries = layer.queries(low[:, :1] if first_only else low)
    queries = queries.view(batch, x.shape[1], config.num_attention_heads, -1).transpose(1, 2)
    keys, values = (
        layer.keys_values(low).view(batch, length, 2, config.num_attention_heads, -1).permute(2, 0, 3, 1, 4).unbind()
    )
    if pair is not None:
        keys, values = torch.cat([pair[0], keys], dim=2), torch.cat([pair[1], values], dim=2)
    read = _attend(queries, keys, values, bias, config.attention_probs_dropout_prob if training else 0.0)
    read = layer.output(read.transpose(1, 2).reshape(batch, x.shape[1], -1))
    p = config.hidden_dropout_prob
    x = layer.attention_norm(x + dropout(read, p, training))
    wide = layer.down(F.gelu(layer.up(x.to(dtype))))
    return layer.norm(x + dropout(wide, p, training))


def _attend(
    queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, bias: torch.Tensor | None, p: float
) -> torch.Tensor:
    """Attention [B, H, T, d] of scaled queries; fused on a GPU, as plain products on a CPU, where that is faster."""
    return (_plain if queries.device.type == "cpu" else _fused)(queries, keys, values, bias, p)


def _fused(
    queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, bias: torch.Tensor | None, p: float
) -> torch.Tensor:
    return F.scaled_dot_product_attention(queries, keys, values, bias, dropout_p=p, scale=1.0)


def _plain(
    queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, bias: torch.Tensor | None, p: float
) -> torch.Tensor:
    scores = queries @ keys.transpose(-1, -2)
    if bias is not None:
        scores = scores + bias
    return dropout(scores.softmax(dim=-1), p, True) @ values


def _layers(model: PreTrainedModel, dtype: torch.dtype) -> list[_Layer]:
    """The packed layers; packed again where the weights were moved, converted or changed since."""
    weights = list(model.encoder.parameters())
    key = (dtype, weights[0].device, weights[0].data_ptr(), sum(w._version for w in weights))
    found = _packed.get(model)
    if found is None or found[0] != key:
        found = (key, [_pack(layer, dtype) for layer in model.encoder.layer])
        _packed[model] = found
    return found[1]


@torch.no_grad()
def _pack(layer: nn.Module, dtype: torch.dtype) -> _Layer:
    attention, scale = layer.attention.self, 1 / math.sqrt(layer.attention.self.attention_head_size)

    def linear(weight: torch.Tensor, bias: torch.Tensor) -> _Linear:
        return _Linear(weight.to(dtype), bias.to(dtype))

    return _Layer(
        queries=linear(attention.query.weight * scale, attention.query.bias * scale),
        keys_values=linear(
            torch.cat([attention.key.weight, attention.value.weight]),
            torch.cat([attention.key.bias, attention.value.bias]),
        ),
        output=linear(layer.attention.output.dense.weight, layer.attention.output.dense.bias),
        attention_norm=_Norm.of(layer.attention.output.LayerNorm),
        up=linear(layer.intermediate.dense.weight, layer.intermediate.dense.bias),
        down=linear(layer.output.dense.weight, layer.output.dense.bias),
        norm=_Norm.of(layer.output.LayerNorm),
    )
