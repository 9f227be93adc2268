"""Dropout whose random numbers cost little on a CPU, where torch's own cost a quarter of a training step."""

import numpy as np
import torch
import torch.nn.functional as F
from torch.profiler import record_function

_LEVELS = 1 << 16


def dropout(x: torch.Tensor, p: float, training: bool) -> torch.Tensor:
    """`x` of any shape with each element set to 0 with probability `p`, the others divided by 1 - p.

    On a CPU the decision takes 16 random bits an element, so `p` is rounded to a multiple of 2^-16; the scale uses the
    rounded value, so that the expectation is exact. The bits come from a generator that is seeded by one draw of
    torch's global generator: `torch.manual_seed` decides them, and torch's generator state resumes them.
    """
    if not training or p == 0.0:
        return x
    if x.device.type != "cpu":
        return F.dropout(x, p, training)
    return x * keep_mask(x.shape, p, x.dtype)


def keep_mask(shape: torch.Size, p: float, dtype: torch.dtype) -> torch.Tensor:
    """A mask of `shape`: 0 with probability `p` (a multiple of 2^-16), else 1 / (1 - p)."""
    size = shape.numel()
    threshold = round(p * _LEVELS)
    with record_function("random numbers"):  # numpy's work, which torch's profiler does not see by itself
        seed = int(torch.randint(2**63 - 1, ()))
        words = np.random.Generator(np.random.SFC64(seed)).integers(0, 2**64, -(-size // 4), dtype=np.uint64)
        kept = torch.from_numpy((words.view(np.uint16)[:size] >= threshold).view(np.uint8))
    return kept.to(dtype).mul_(_LEVELS / (_LEVELS - threshold)).view(shape)
