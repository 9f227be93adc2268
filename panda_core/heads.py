"""Task heads: dropout and one linear layer, on the sequence's representation or on every token."""

import torch
from torch import nn


class Head(nn.Module):
    """`reads` "sequence": [B, D] -> [B, outputs] on the PLM's representation; "tokens": [B, T, D] -> [B, T, outputs].

    Weights start at N(0, 0.02^2), the bias at 0, as the PLM's own layers did.
    """

    def __init__(self, hidden_size: int, outputs: int, reads: str, dropout: float):
        super().__init__()
        self.reads = reads
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(hidden_size, outputs)
        nn.init.normal_(self.linear.weight, std=0.02)
        nn.init.zeros_(self.linear.bias)

    def forward(self, read: torch.Tensor) -> torch.Tensor:
        """Outputs for what it reads, in float32 on every device."""
        with torch.autocast(read.device.type, enabled=False):
            return self.linear(self.dropout(read))
