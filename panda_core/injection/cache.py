"""A prefix as a key-value cache: the PLM believes that it has already read P tokens."""

import torch
from transformers import DynamicCache, PreTrainedModel

from panda_core.injection.shape import prefix_shape


class _PrefixCache(DynamicCache):
    """A cache whose content takes the type and the device of the layer that reads it."""

    def update(self, key_states, value_states, layer_idx, *args, **kwargs):
        layer = self.layers[layer_idx]
        layer.keys, layer.values = layer.keys.to(key_states), layer.values.to(value_states)
        return super().update(key_states, value_states, layer_idx, *args, **kwargs)


def encode_with_cache(model: PreTrainedModel, inputs: dict[str, torch.Tensor], prefix: torch.Tensor) -> torch.Tensor:
    """Hidden states [B, T, D] of the last layer, every layer attending to its part of `prefix` [B, P, 2*L*D].

    The cache is made anew each time: attention appends to it, and a second forward over the same cache would see the
    first one's tokens.
    """
    batch, length, _ = prefix.shape
    layered = prefix.view(batch, length, *prefix_shape(model.config)).permute(2, 0, 3, 1, 4)
    cache = _PrefixCache([(layered[i], layered[i + 1]) for i in range(0, len(layered), 2)])
    mask = torch.cat([inputs["attention_mask"].new_ones(batch, length), inputs["attention_mask"]], dim=1)
    return model(**{**inputs, "attention_mask": mask}, past_key_values=cache, use_cache=True).last_hidden_state
