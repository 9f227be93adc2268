"""How a prefix reaches the attention of a PLM: one file per mechanism, chosen by the PLM's architecture."""

from collections.abc import Callable

import torch

from panda_core.errors import WorkError
from panda_core.injection.cache import encode_with_cache
from panda_core.injection.disentangled import encode_disentangled

Encoder = Callable[..., torch.Tensor]

_MECHANISMS: dict[str, Encoder] = {
    "bert": encode_with_cache,
    "roberta": encode_with_cache,
    "opt": encode_with_cache,
    "llama": encode_with_cache,
    "deberta": encode_disentangled,
    "deberta-v2": encode_disentangled,  # DeBERTa v3 too
}


def encoder_for(model_type: str) -> Encoder:
    """The function that encodes with a prefix for an architecture (transformers' `config.model_type`).

    It takes the model, what `model_inputs` made, and the prefix [B, P, 2*L*D], and returns the hidden states
    [B, T, D] of the last layer. Raises a `WorkError` for an architecture that is not supported.
    """
    if model_type not in _MECHANISMS:
        raise WorkError(
            f"no way to place a prefix in the architecture '{model_type}'; supported: {', '.join(sorted(_MECHANISMS))}"
        )
    return _MECHANISMS[model_type]
