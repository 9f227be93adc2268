"""What ATTEMPT and SESoM share: a query made from the words of an example by a small network."""

import math

import torch
from torch import nn

from panda_core.plms.plm import PLM


class Projection(nn.Module):
    """A bottleneck [.., inputs] -> [.., outputs]: down to `size`, SiLU, up, and normalised."""

    def __init__(self, inputs: int, size: int, outputs: int):
        super().__init__()
        self.down, self.up = nn.Linear(inputs, size), nn.Linear(size, outputs)
        self.norm = nn.LayerNorm(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Computed in float32 on every device."""
        with torch.autocast(x.device.type, enabled=False):
            return self.norm(self.up(nn.functional.silu(self.down(x.float()))))


@torch.no_grad()
def pooled_words(plm: PLM, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """The maximum over the tokens of their word embeddings, [S, E] for ids [S, T]."""
    words = plm.model.get_input_embeddings()(input_ids).float()
    return words.masked_fill(attention_mask.unsqueeze(-1) == 0, -math.inf).amax(dim=1)


def shares(queries: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
    """Weights [B, n] that sum to one: the softmax of q . k / (e * D) for queries [B, D], keys [n, D] or [B, n, D]."""
    scores = (queries.unsqueeze(1) * keys).sum(dim=-1) / (math.e * queries.shape[-1])
    return scores.softmax(dim=-1)
