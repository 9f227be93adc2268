"""Prefix-tuning: a prefix that a small network makes while it is trained (Li and Liang 2021)."""

from collections.abc import Mapping

import torch
from torch import nn

from panda_core.dropout import dropout
from panda_core.tuning.part import Part, fitting


class MLPPrefix(Part):
    """The prefix [P, 2*L*D] is an embedding [P, D] sent through a network with one hidden layer of `size`.

    The network makes training steadier; after it, it is dropped and the prefix alone is stored. Whoever goes on from
    a stored prefix, as prompt transfer does, therefore trains the prefix itself. Weights start as PyTorch's layers do,
    as in the authors' code, which has a tanh as well.
    """

    def __init__(self, length: int, hidden: int, size: int, width: int, dropout: float):
        super().__init__()
        self.embedding = nn.Embedding(length, hidden)
        self.mlp = nn.Sequential(nn.Linear(hidden, size), nn.Tanh(), nn.Linear(size, width))
        self.dropout = dropout

    @property
    def length(self) -> int:
        """P, the number of prefix positions."""
        return self.embedding.num_embeddings

    def flat(self) -> torch.Tensor:
        """The prefix [P, 2*L*D] that the network makes now."""
        return self.mlp(self.embedding.weight)

    def forward(self, batch_size: int) -> torch.Tensor:
        """The prefix of each sequence, [B, P, 2*L*D]; in training with a dropout mask of its own."""
        return dropout(self.flat().expand(batch_size, -1, -1), self.dropout, self.training)

    def check_width(self, width: int, plm_name: str) -> None:
        """It was made for the PLM, so it fits."""

    def stored(self) -> dict[str, torch.Tensor]:
        """The prefix, without the network."""
        return {"prompt": self.flat()}

    def loaded(self, state: Mapping[str, torch.Tensor]) -> Part:
        """The stored prefix."""
        from panda_core.prompts import PrefixPrompt

        return PrefixPrompt(fitting("prompt", self.flat(), state), self.dropout)
