"""The prompt of ATTEMPT: a target prompt, to which each example adds its own mixture of source prompts."""

import torch
from torch import nn

from panda_core.dropout import dropout
from panda_core.plms.plm import PLM
from panda_core.tuning.attention import Projection, pooled_words, shares
from panda_core.tuning.part import Part


class AttentivePrefix(Part):
    """P_t + sum_j a_j P_j over the n source prompts P_j and P_t itself, with weights a_j of each sequence's own.

    `flat` [P, W] is P_t; `attention` makes the query. A key is the maximum over a prompt's positions and over the
    keys and values of all its layers, [W / 2L]. `sources` [n, P, W] are frozen.
    """

    def __init__(
        self, target: torch.Tensor, sources: torch.Tensor, layers: int, words: int, size: int, lr_ratio: float, p: float
    ):
        super().__init__()
        self.flat = nn.Parameter(target.detach().clone().float())
        self.register_buffer("sources", sources.detach().clone().float())
        self.blocks, self.lr_ratio, self.dropout = 2 * layers, lr_ratio, p
        self.attention = Projection(words, size, target.shape[1] // self.blocks)

    @property
    def length(self) -> int:
        """P, the number of prefix positions."""
        return self.flat.shape[0]

    def rate(self, name: str) -> float:
        """The sub-network may learn at a rate of its own."""
        return self.lr_ratio if name.startswith("prompt.attention") else 1.0

    def prompts(self) -> torch.Tensor:
        """The source prompts and, last, the target prompt: [n + 1, P, W]."""
        return torch.cat([self.sources, self.flat[None]])

    def mixture(self, plm: PLM, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """The weights of source prompts and target prompt for each sequence, [S, n + 1]."""
        keys = self.prompts().reshape(len(self.sources) + 1, self.length * self.blocks, -1).amax(dim=1)
        return shares(self.attention(pooled_words(plm, input_ids, attention_mask)), keys)

    def encode(
        self,
        plm: PLM,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None,
    ) -> torch.Tensor:
        """Hidden states [S, T, D] of the last layer, each sequence behind a prefix of its own."""
        weights = self.mixture(plm, input_ids, attention_mask)
        prefix = self.flat + torch.einsum("sn,npw->spw", weights, self.prompts())
        given = _GivenPrefix(dropout(prefix, self.dropout, self.training))
        return plm.encode(input_ids, attention_mask, token_type_ids, prompt=given)


class _GivenPrefix:
    """A prefix [S, P, W] that is made already."""

    def __init__(self, prefix: torch.Tensor):
        self.prefix, self.length = prefix, prefix.shape[1]

    def __call__(self, batch_size: int) -> torch.Tensor:
        return self.prefix

    def check_width(self, width: int, plm_name: str) -> None:
        """Its parts were trained with this PLM."""
