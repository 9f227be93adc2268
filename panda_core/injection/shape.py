"""The shape of a prefix."""

from transformers import PreTrainedConfig


def prefix_shape(config: PreTrainedConfig) -> tuple[int, int, int]:
    """One prefix position as (2L, key-value heads, head size): keys and values of each layer.

    With grouped-query attention the key-value heads are fewer than the heads.
    """
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = (
        getattr(config, "head_dim", None)
        or getattr(config, "attention_head_size", None)
        or config.hidden_size // config.num_attention_heads
    )
    return 2 * config.num_hidden_layers, heads, size
