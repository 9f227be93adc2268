"""A prefix in disentangled attention (DeBERTa), which takes no key-value cache.

The keys and values of a layer are lengthened where its projections hand them over. The prefix has no position, so
the content-to-position and position-to-content terms are computed for the tokens alone and are 0 for the prefix.
Hooks do this for the duration of one forward; the model's own code runs unchanged.
"""

from collections.abc import Callable
from contextlib import ExitStack

import torch
from torch import nn
from torch.nn.functional import pad
from transformers import PreTrainedModel

from panda_core.injection.shape import prefix_shape

# Puts the keys and values [B, P, H, d] of a prefix into one attention module, until the stack closes.
Attach = Callable[[ExitStack, nn.Module, torch.Tensor, torch.Tensor], None]


def encode_disentangled(
    model: PreTrainedModel, inputs: dict[str, torch.Tensor], prefix: torch.Tensor, attach: Attach
) -> torch.Tensor:
    """Hidden states [B, T, D] of the last layer, every layer attending to its part of `prefix` [B, P, 2*L*D].

    Afterwards, whatever happened, the model is as it was.
    """
    layered = prefix.view(*prefix.shape[:2], *prefix_shape(model.config))  # [B, P, 2L, H, d]
    with ExitStack() as stack:
        for i, layer in enumerate(model.encoder.layer):
            attach(stack, layer.attention.self, layered[:, :, 2 * i], layered[:, :, 2 * i + 1])
        return model(**inputs).last_hidden_state


def separate_projections(stack: ExitStack, attention: nn.Module, keys: torch.Tensor, values: torch.Tensor) -> None:
    """DeBERTa v2 and v3: keys and values are projected separately."""
    length = keys.shape[1]
    bias = attention.disentangled_attention_bias

    def tokens_alone(query, key, relative_pos, rel_embeddings, scale_factor):
        return pad(bias(query, key[:, length:], relative_pos, rel_embeddings, scale_factor), (length, 0))

    def visible(module, args):
        hidden_states, mask, *rest = args
        return hidden_states, pad(mask, (length, 0), value=1), *rest

    _replace(stack, attention, "disentangled_attention_bias", tokens_alone)
    stack.callback(attention.register_forward_pre_hook(visible).remove)
    _prepend_once(stack, attention.key_proj, lambda: keys.flatten(2))
    _prepend_once(stack, attention.value_proj, lambda: values.flatten(2))


def fused_projection(stack: ExitStack, attention: nn.Module, keys: torch.Tensor, values: torch.Tensor) -> None:
    """DeBERTa v1: one projection, in which each head's query, key and value lie together.

    So the prefix gets queries as well; what they read is cut off. The layer adds its value bias to all positions,
    which is taken off the prefix beforehand.
    """
    length = keys.shape[1]
    bias = attention.disentangled_att_bias

    def fused():
        k, v = keys.to(attention.v_bias.device), values.to(attention.v_bias.device)
        v = v - attention.v_bias.view(v.shape[2:])
        return torch.stack([torch.zeros_like(k), k, v], dim=3).flatten(2)  # [B, P, H * 3 * d]

    def tokens_alone(query, key, relative_pos, rel_embeddings, scale_factor):
        scores = bias(query[:, :, length:], key[:, :, length:], relative_pos, rel_embeddings, scale_factor)
        return pad(scores, (length, 0, length, 0))

    def visible(module, args):
        hidden_states, mask, *rest = args
        return hidden_states, pad(mask, (length, 0, length, 0), value=1), *rest

    _replace(stack, attention, "disentangled_att_bias", tokens_alone)
    stack.callback(attention.register_forward_pre_hook(visible).remove)
    stack.callback(attention.register_forward_hook(lambda module, args, out: (out[0][:, length:], *out[1:])).remove)
    _prepend_once(stack, attention.in_proj, fused)


def _prepend_once(stack: ExitStack, projection: nn.Module, prefix: Callable[[], torch.Tensor]) -> None:
    """Put `prefix()` [B, P, width] before what `projection` returns the next time, and only then.

    Only when it is called are the layer's weights sure to be in place. Once, because a layer that shares its
    projections with the relative positions calls them a second time.
    """

    def prepend(module, args, output):
        handle.remove()
        return torch.cat([prefix().to(output), output], dim=1)

    handle = projection.register_forward_hook(prepend)
    stack.callback(handle.remove)


def _replace(stack: ExitStack, module: nn.Module, method: str, replacement) -> None:
    """Shadow a method of one module until the stack closes."""
    setattr(module, method, replacement)
    stack.callback(delattr, module, method)
