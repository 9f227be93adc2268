"""Prompt-tuning: soft tokens before the embedded text (Lester et al. 2021)."""

import torch
from torch import nn

from panda_core.injection.tokens import encode_behind_tokens
from panda_core.plms.plm import PLM
from panda_core.tuning.part import Part


class TokenPrompt(Part):
    """`flat` [P, E]: P vectors of the size of a word embedding, read before the input as if they were words.

    `embedded_twice`: the text goes through the embedding layer a second time (see `encode_behind_tokens`).
    """

    def __init__(self, flat: torch.Tensor, embedded_twice: bool = False):
        super().__init__()
        self.flat = nn.Parameter(flat.detach().clone().float())
        self.embedded_twice = embedded_twice

    @property
    def length(self) -> int:
        """P, the number of soft tokens."""
        return self.flat.shape[0]

    def encode(
        self,
        plm: PLM,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None,
    ) -> torch.Tensor:
        """Hidden states [B, T, D] of the tokens; those of the prompt are left out."""
        return encode_behind_tokens(
            plm.model, input_ids, attention_mask, token_type_ids, self.flat, self.embedded_twice
        )
