"""Soft tokens at the input: their vectors stand before the word embeddings."""

import torch
from transformers import PreTrainedModel

from panda_core.errors import WorkError
from panda_core.injection.inputs import model_inputs
from panda_core.plms.architectures import architecture_of


def encode_behind_tokens(
    model: PreTrainedModel,
    input_ids: torch.Tensor,
    attention_mask: torch.Tensor,
    token_type_ids: torch.Tensor | None,
    tokens: torch.Tensor,
    embedded_twice: bool = False,
) -> torch.Tensor:
    """Hidden states [B, T, D] of the last layer for ids [B, T] behind soft tokens [P, E], which every layer reads.

    Soft tokens are in segment 0 and take the first P positions. With `embedded_twice` the text has been through the
    whole embedding layer (positions, segments, normalisation) before the soft tokens are put in front, and goes
    through it again with them; so does the released code. Raises a `WorkError` where P + T is more than the PLM has
    positions, or where its embedding layer cannot be called alone.
    """
    batch, length = len(input_ids), len(tokens)
    inputs = model_inputs(model.config, input_ids, attention_mask, token_type_ids, length)
    if embedded_twice:
        embedded = _embedded(model, model_inputs(model.config, input_ids, attention_mask, token_type_ids, 0))
    else:
        embedded = model.get_input_embeddings()(input_ids)
    front = tokens.to(embedded).expand(batch, -1, -1)
    behind = {"attention_mask": torch.cat([attention_mask.new_ones(batch, length), attention_mask], dim=1)}
    if "token_type_ids" in inputs:
        types = inputs["token_type_ids"]
        behind["token_type_ids"] = torch.cat([types.new_zeros(batch, length), types], dim=1)
    if "position_ids" in inputs:
        positions = inputs["position_ids"]
        front_mask = attention_mask.new_ones(len(positions), length)
        first, _ = architecture_of(model.config).positions(model.config, front_mask, 0)
        behind["position_ids"] = torch.cat([first.expand(len(positions), -1), positions], dim=1)
    whole = torch.cat([front, embedded], dim=1)
    return model(inputs_embeds=whole, **behind, use_cache=False).last_hidden_state[:, length:]


def _embedded(model: PreTrainedModel, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    """The output [B, T, D] of the whole embedding layer."""
    layer = getattr(model, "embeddings", None)
    if layer is None:
        raise WorkError(
            f"the architecture '{model.config.model_type}' has no embedding layer to apply twice; "
            "set prompt.embedded_twice=false"
        )
    mask = inputs.pop("attention_mask")
    return layer(**inputs, mask=mask) if architecture_of(model.config).masked_embeddings else layer(**inputs)
