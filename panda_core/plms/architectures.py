"""What prompts, adapters and heads must know of an architecture: one declaration each, and no other place that does.

An architecture is what transformers calls `config.model_type`. One that is not declared here can be trained whole, or
with soft tokens; a prefix, an adapter and the metric ON need the declaration.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from transformers import PreTrainedConfig

from panda_core.errors import WorkError
from panda_core.injection.cache import encode_with_cache
from panda_core.injection.disentangled import encode_disentangled, fused_projection, separate_projections

# From the configuration, the attention mask [B, T] and P, the length of a prefix: position ids [B, T] or [1, T], None
# where the model finds them itself, and the number of positions that there are, None where any number can be had.
Positions = Callable[[PreTrainedConfig, torch.Tensor, int], tuple[torch.Tensor | None, int | None]]


def _absolute(config: PreTrainedConfig, mask: torch.Tensor, prefix_length: int) -> tuple[None, int | None]:
    """The model counts positions itself, from the length of what it has read."""
    return None, getattr(config, "max_position_embeddings", None)


def _behind_padding(config: PreTrainedConfig, mask: torch.Tensor, prefix_length: int) -> tuple[torch.Tensor, int]:
    """RoBERTa: the first position stands behind that of padding."""
    padding = config.pad_token_id
    return padding + _counted(mask) + prefix_length * mask.long(), config.max_position_embeddings - padding - 1


def _rotary(config: PreTrainedConfig, mask: torch.Tensor, prefix_length: int) -> tuple[torch.Tensor, None]:
    """LLaMA: prefix keys are not rotated, so that the absolute position of a query matters to them."""
    return (_counted(mask) - 1).clamp(min=0) + prefix_length, None


def _relative(
    config: PreTrainedConfig, mask: torch.Tensor, prefix_length: int
) -> tuple[torch.Tensor | None, int | None]:
    """DeBERTa: relative, unless the checkpoint adds absolute ones at the input."""
    if not config.position_biased_input:
        return None, None
    ids = torch.arange(mask.shape[1], device=mask.device)[None] + prefix_length
    return ids, config.max_position_embeddings


def _counted(mask: torch.Tensor) -> torch.Tensor:
    """1, 2, ... on tokens and 0 on padding, on whichever side that is."""
    return mask.long().cumsum(dim=1) * mask.long()


@dataclass(frozen=True)
class Architecture:
    """Where the models of an architecture take in what is trained. The defaults hold for one that is not declared.

    - `encode`: a forward behind a prefix, from the model, what `model_inputs` made, and the prefix [B, P, 2*L*D], to
      the hidden states [B, T, D] of the last layer;
    - `layers`: its layers; `blocks`: in a layer, the modules whose output attention and feed-forward block add to the
      residual, where adapters stand; `activated`: the one whose output the activation function takes, which ON reads;
    - `positions`: what `model_inputs` is to know of positions;
    - `causal`: only the last token has read the whole sequence;
    - `written_out`: `panda_core.injection.frozen` can stand in for the model's own code;
    - `autocast`: its code can compute under autocast;
    - `masked_embeddings`: its embedding layer takes the attention mask;
    - `pooled_classifier`: transformers' sequence classifier is a linear layer on the pooler; `token_head`: the name of
      the linear layer in its token classifier.
    """

    encode: Callable[..., torch.Tensor] | None = None
    layers: str = ""
    blocks: tuple[str, ...] = ()
    activated: str = ""
    positions: Positions = _absolute
    causal: bool = False
    written_out: bool = False
    autocast: bool = True
    masked_embeddings: bool = False
    pooled_classifier: bool = False
    token_head: str = "classifier"


_encoder = partial(
    Architecture,
    layers="encoder.layer",
    blocks=("attention.output.dropout", "output.dropout"),
    activated="intermediate.dense",
)

ARCHITECTURES = {
    "bert": _encoder(encode_with_cache, written_out=True, pooled_classifier=True),
    "roberta": _encoder(encode_with_cache, positions=_behind_padding, written_out=True),
    # Its attention masks with the smallest float32, which the bfloat16 scores of autocast cannot hold.
    "deberta": _encoder(
        partial(encode_disentangled, attach=fused_projection), positions=_relative, autocast=False,
        masked_embeddings=True,
    ),
    # DeBERTa v3 too
    "deberta-v2": _encoder(
        partial(encode_disentangled, attach=separate_projections), positions=_relative, masked_embeddings=True
    ),
    "opt": Architecture(
        encode_with_cache, layers="decoder.layers", blocks=("self_attn.out_proj", "fc2"), activated="fc1", causal=True
    ),
    "llama": Architecture(
        encode_with_cache, layers="layers", blocks=("self_attn.o_proj", "mlp.down_proj"), activated="mlp.gate_proj",
        positions=_rotary, causal=True, token_head="score",
    ),
}  # fmt: skip


def architecture_of(config: PreTrainedConfig) -> Architecture:
    """What is known of a model's architecture, declared or not."""
    return ARCHITECTURES.get(config.model_type, Architecture())


def declared(config: PreTrainedConfig) -> Architecture:
    """The declaration of a model's architecture; a `WorkError` where there is none."""
    if config.model_type not in ARCHITECTURES:
        raise WorkError(
            f"the architecture '{config.model_type}' is not declared here, so that prefixes, adapters and ON have no "
            f"place in it; declared are {', '.join(sorted(ARCHITECTURES))}"
        )
    return ARCHITECTURES[config.model_type]
