"""Adapters: bottlenecks behind the attention and the feed-forward block of every layer (Houlsby et al. 2019)."""

from contextlib import ExitStack

import torch
import torch.nn.functional as F
from torch import nn

from panda_core.injection.inputs import model_inputs
from panda_core.plms.architectures import declared
from panda_core.plms.plm import PLM
from panda_core.tuning.part import Part


class Adapter(Part):
    """h + W_up gelu(W_down h + b) + b, twice in each of L layers, before the residual is added.

    `down` [2L, m, D], `down_bias` [2L, m], `up` [2L, D, m], `up_bias` [2L, D]; row 2l stands behind the attention of
    layer l, row 2l + 1 behind its feed-forward block. Weights start at N(0, std^2), biases at 0, so that an adapter
    starts close to nothing. Simplified: Houlsby et al. also train the layer normalisations, which stay frozen here.
    """

    def __init__(self, layers: int, hidden: int, size: int, std: float):
        super().__init__()
        self.down = nn.Parameter(torch.randn(2 * layers, size, hidden) * std)
        self.down_bias = nn.Parameter(torch.zeros(2 * layers, size))
        self.up = nn.Parameter(torch.randn(2 * layers, hidden, size) * std)
        self.up_bias = nn.Parameter(torch.zeros(2 * layers, hidden))

    @classmethod
    def for_plm(cls, plm: PLM, size: int, std: float) -> "Adapter":
        """A random adapter for `plm`; a `WorkError` for an architecture whose blocks are not known."""
        config = plm.model.config
        declared(config)
        return cls(config.num_hidden_layers, config.hidden_size, size, std)

    def encode(
        self,
        plm: PLM,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None,
    ) -> torch.Tensor:
        """Hidden states [B, T, D] of the last layer; hooks put the adapters in place for this one forward."""
        inputs = model_inputs(plm.model.config, input_ids, attention_mask, token_type_ids, 0)
        architecture = declared(plm.model.config)
        with ExitStack() as stack:
            for i, layer in enumerate(plm.model.get_submodule(architecture.layers)):
                for j, block in enumerate(architecture.blocks):
                    handle = layer.get_submodule(block).register_forward_hook(self._behind(2 * i + j))
                    stack.callback(handle.remove)
            return plm.model(**inputs, use_cache=False).last_hidden_state

    def _behind(self, row: int):
        def adapted(module, args, output: torch.Tensor) -> torch.Tensor:
            weights = (self.down, self.down_bias, self.up, self.up_bias)
            down, down_bias, up, up_bias = (weight[row].to(output.device) for weight in weights)
            inner = F.gelu(F.linear(output.to(down.dtype), down, down_bias))
            return output + F.linear(inner, up, up_bias).to(output.dtype)

        return adapted
