"""E_avg, the metric of SPoT: the cosine of two prompts, each averaged over its tokens."""

import torch


def mean_token(prompt: torch.Tensor) -> torch.Tensor:
    """The mean over the P positions of a prompt [P, width].

    SPoT has one vector per token. For a prefix, a token is its keys and values of every layer side by side, the row
    [2*L*D] of the flat tensor: our reading, the paper does not say. SPoT's other variant, the mean cosine of all pairs
    of tokens, is left out, as in the paper.
    """
    return prompt.float().mean(dim=0)
