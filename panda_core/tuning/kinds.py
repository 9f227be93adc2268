"""A part of each kind that `prompt.kind` names."""

import torch
from torch import nn

from panda_core.plms.plm import PLM
from panda_core.prompts import PrefixPrompt
from panda_core.protocol import PromptProtocol
from panda_core.tuning.adapter import Adapter
from panda_core.tuning.mlp_prefix import MLPPrefix
from panda_core.tuning.part import Part
from panda_core.tuning.tokens import TokenPrompt
from panda_core.tuning.whole import WholeModel


def new_part(plm: PLM, choices: PromptProtocol) -> Part:
    """A random part of the kind that `choices` name, drawn with torch's global generator."""
    match choices.kind:
        case "prefix":
            return PrefixPrompt(_random(choices.length, plm.prefix_width, choices), choices.dropout)
        case "mlp-prefix":
            return MLPPrefix(choices.length, plm.hidden_size, choices.mlp_size, plm.prefix_width, choices.dropout)
        case "tokens":
            width = plm.model.get_input_embeddings().embedding_dim
            return TokenPrompt(_random(choices.length, width, choices), choices.embedded_twice)
        case "adapter":
            return Adapter.for_plm(plm, choices.adapter_size, choices.init_std)
        case "model":
            return WholeModel(plm)


def _random(length: int, width: int, choices: PromptProtocol) -> torch.Tensor:
    """A start [P, width]: N(0, std^2), the same with half of each column zero, or zero (Figure 2, right)."""
    match choices.init:
        case "normal":
            return torch.randn(length, width) * choices.init_std
        case "sparse":
            return nn.init.sparse_(torch.empty(length, width), sparsity=0.5, std=choices.init_std)
        case "constant":
            return torch.zeros(length, width)
