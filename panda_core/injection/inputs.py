"""What a PLM is given beside the token ids, and in which precision."""

from contextlib import AbstractContextManager, nullcontext

import torch
from transformers import PreTrainedConfig

from panda_core.errors import WorkError
from panda_core.plms.architectures import architecture_of


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
    positions, limit = architecture_of(config).positions(config, attention_mask, prefix_length)
    if positions is not None:
        inputs["position_ids"] = positions
    if limit is not None and prefix_length + length > limit:
        room = limit - prefix_length
        remedy = f"cut the input at {room} tokens" if room > 0 else "take a shorter prompt (prompt.length)"
        raise WorkError(
            f"{length} tokens behind a prefix of {prefix_length} are more than this PLM's {limit} positions; {remedy}"
        )
    return inputs


def precision(config: PreTrainedConfig, device: torch.device) -> AbstractContextManager:
    """The precision of a forward: whatever surrounds it, but no autocast where the model's code cannot do with it."""
    return nullcontext() if architecture_of(config).autocast else torch.autocast(device.type, enabled=False)
