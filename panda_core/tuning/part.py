"""What is trained beside the head, as every method sees it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from panda_core.errors import WorkError


def fitting(name: str, wanted: torch.Tensor, state: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """The tensor called `name` of a stored state; a `WorkError` where it is missing or not in the shape of `wanted`."""
    shape, found = list(wanted.shape), list(state[name].shape) if name in state else "none"
    if found != shape:
        raise WorkError(
            f"the stored tensor '{name}' has shape {found}, this PLM needs {shape}; "
            "use one that was trained with this PLM, this prompt length and this task"
        )
    return state[name]


class Part(nn.Module):
    """The tuned part: a prefix, tokens before the input, adapters, or the PLM itself.

    `length` is the number of positions that stand before the tokens. A part that is no prefix says with
    `encode(plm, input_ids, attention_mask, token_type_ids)` how the PLM encodes with it.
    """

    length = 0

    def trained(self) -> dict[str, nn.Parameter]:
        """The trained parameters by name: `prompt`, or `prompt.NAME` where there are several."""
        return {"prompt" if name == "flat" else f"prompt.{name}": p for name, p in self.named_parameters()}

    def rate(self, name: str) -> float:
        """The learning rate of a trained parameter, as a multiple of the run's."""
        return 1.0

    def stored(self) -> dict[str, torch.Tensor]:
        """What is kept of it after training."""
        return dict(self.trained())

    @torch.no_grad()
    def loaded(self, state: Mapping[str, torch.Tensor]) -> Part:
        """The part with the weights that `stored` gave; a `WorkError` where they do not fit."""
        for name, value in self.trained().items():
            value.copy_(fitting(name, value, state))
        return self
