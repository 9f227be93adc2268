"""What an architecture is given beside the token ids, and the shape of its prefix."""

from contextlib import AbstractContextManager, nullcontext

import torch
from transformers import PreTrainedConfig

from panda_core.errors import WorkError

DECODERS = {"llama", "opt"}  # causal: only the last token has read the whole sequence


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


def model_inputs(
    config: PreTrainedConfig,
    input_ids: torch.Tensor,
    attention_mask: torch.Tensor,
    token_type_ids: torch.Tensor | None,
    prefix_length: int,
) -> dict[str, torch.Tensor]:
    """The arguments of a forward over ids [B, T] behind a prefix of P positions, the attention mask [B, T] included.

    Positions start at P. Where padding may stand on the left, it is not counted. Segments are dropped for PLMs that
    have none. Raises a `WorkError` where P + T is more than the PLM has positions.
    """
    length = input_ids.shape[1]
    inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
    if token_type_ids is not None and getattr(config, "type_vocab_size", 0) > 1:
        inputs["token_type_ids"] = token_type_ids
    limit = getattr(config, "max_position_embeddings", None)
    real = attention_mask.long().cumsum(dim=1) * attention_mask.long()  # 1, 2, ... on tokens, 0 on padding
    match config.model_type:
        case "roberta":  # its first position stands behind that of padding
            limit -= config.pad_token_id + 1
            inputs["position_ids"] = config.pad_token_id + real + prefix_length * attention_mask.long()
        case "llama":  # prefix keys are not rotated, so that the absolute position of a query matters to them
            limit = None
            inputs["position_ids"] = (real - 1).clamp(min=0) + prefix_length
        case "deberta" | "deberta-v2":
            if config.position_biased_input:
                inputs["position_ids"] = torch.arange(length, device=input_ids.device)[None] + prefix_length
            else:
                limit = None
    if limit is not None and prefix_length + length > limit:
        room = limit - prefix_length
        remedy = f"cut the input at {room} tokens" if room > 0 else "take a shorter prompt (prompt.length)"
        raise WorkError(
            f"{length} tokens behind a prefix of {prefix_length} are more than this PLM's {limit} positions; {remedy}"
        )
    return inputs


def precision(config: PreTrainedConfig, device: torch.device) -> AbstractContextManager:
    """The precision of a forward: whatever surrounds it, but never autocast for DeBERTa v1.

    Its attention masks with the smallest float32, which the bfloat16 scores of autocast cannot hold.
    """
    return torch.autocast(device.type, enabled=False) if config.model_type == "deberta" else nullcontext()
