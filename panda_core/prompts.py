"""Soft prompts: trainable parameters that stand before the input of a frozen PLM (Section III-A)."""

from pathlib import Path

import torch
from torch import nn

from panda_core.dropout import dropout
from panda_core.errors import WorkError
from panda_core.files import read_safetensors, write_safetensors
from panda_core.tuning.part import Part


class PrefixPrompt(Part):
    """A prefix of P trained keys and values in every layer (P-Tuning v2).

    `flat` [P, 2*L*D] is the only parameter, in the layout of P-Tuning v2 and PEFT checkpoints:
    `flat.view(P, 2L, H, d)` holds the keys of layer l at 2l and its values at 2l + 1.
    """

    def __init__(self, flat: torch.Tensor, dropout: float = 0.0):
        super().__init__()
        if flat.ndim != 2:
            raise WorkError(f"a prefix has two dimensions [P, 2*L*D], this one has shape {list(flat.shape)}")
        self.flat = nn.Parameter(flat.detach().clone().float())
        self.dropout = dropout

    @classmethod
    def from_flat(cls, flat: torch.Tensor, dropout: float = 0.0) -> "PrefixPrompt":
        """The prompt with the given weights [P, 2*L*D]; they are copied."""
        return cls(flat, dropout)

    @classmethod
    def normal(cls, length: int, width: int, std: float, dropout: float = 0.0) -> "PrefixPrompt":
        """A prompt drawn from N(0, std^2) with torch's global generator; `width` is 2*L*D."""
        return cls(torch.randn(length, width) * std, dropout)

    @property
    def length(self) -> int:
        """P, the number of prefix positions."""
        return self.flat.shape[0]

    def forward(self, batch_size: int) -> torch.Tensor:
        """The prefix of each sequence, [B, P, 2*L*D]; in training with a dropout mask of its own.

        In the precision of the surrounding autocast: the copies and their masks are most of what a short batch moves.
        """
        flat, device = self.flat, self.flat.device.type
        if torch.is_autocast_enabled(device):
            flat = flat.to(torch.get_autocast_dtype(device))
        return dropout(flat.expand(batch_size, -1, -1), self.dropout, self.training)

    def check_width(self, width: int, plm_name: str) -> None:
        """Raise a `WorkError` unless the prompt fits a PLM whose 2*L*D is `width`."""
        if self.flat.shape[1] != width:
            raise WorkError(
                f"this prompt does not fit {plm_name}: its shape is {list(self.flat.shape)}, "
                f"[P, {width}] is needed (2 * layers * hidden size); use a prompt trained on {plm_name}"
            )


def save_prompt(path: Path, prompt: PrefixPrompt, metadata: dict[str, str] | None = None) -> None:
    """Write the prompt alone to a safetensors file, atomically."""
    write_safetensors(path, {"prompt": prompt.flat.detach()}, metadata or {})


def load_prompt(path: Path, dropout: float = 0.0) -> PrefixPrompt:
    """Read the prompt of a safetensors file; pickled files are refused, whatever their name."""
    tensors = read_safetensors(path)
    if "prompt" not in tensors:
        raise WorkError(f"{path}: there is no tensor named 'prompt' in this file (it holds {', '.join(tensors)})")
    return PrefixPrompt(tensors["prompt"], dropout)
