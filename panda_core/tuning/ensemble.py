"""The network of SESoM: several frozen networks, whose predictions are weighted anew for each example."""

from collections.abc import Sequence

import torch
from torch import nn

from panda_core.data.batches import Batch
from panda_core.model import PromptedModel
from panda_core.plms.plm import PLM
from panda_core.tuning.attention import Projection, pooled_words, shares


class Ensemble(nn.Module):
    """The weighted sum of the outputs of n networks; only the attention that weights them is trained.

    The query comes from the words of an example, the key of a network from its prediction. Where the prediction is a
    sequence (one distribution for each token), or an example has several sequences, the maximum is taken.
    """

    def __init__(self, members: Sequence[PromptedModel], outputs: int, size: int, lr_ratio: float):
        super().__init__()
        self.members = tuple(member.eval() for member in members)  # a tuple, so that they are never set to training
        words = self.plm.model.get_input_embeddings().embedding_dim
        self.query = Projection(words, size, self.plm.hidden_size)
        self.key = Projection(outputs, size, self.plm.hidden_size)
        self.lr_ratio = lr_ratio
        self.to(self.plm.device)

    @property
    def plm(self) -> PLM:
        """The PLM that all members share."""
        return self.members[0].plm

    def forward(self, batch: Batch) -> torch.Tensor:
        """The ensemble's output for the S sequences of a batch: [S, outputs] or [S, T, outputs]."""
        with torch.no_grad():
            outputs = torch.stack([member(batch) for member in self.members])
        weights = self.weights(batch, outputs).repeat_interleave(batch.sequences, dim=0).T  # [n, S]
        return (weights.view(*weights.shape, *(1,) * (outputs.ndim - 2)) * outputs).sum(dim=0)

    def weights(self, batch: Batch, outputs: torch.Tensor) -> torch.Tensor:
        """The weight of each member for each example, [B, n], from their outputs [n, S, ..]."""
        if outputs.ndim == 4:
            outputs = outputs.masked_fill((batch.attention_mask == 0)[:, :, None], -torch.inf).amax(dim=2)
        words = pooled_words(self.plm, batch.input_ids, batch.attention_mask)
        keys = torch.stack([self.key(_per_example(predicted, batch)) for predicted in outputs], dim=1)
        return shares(self.query(_per_example(words, batch)), keys)

    def trained(self) -> dict[str, nn.Parameter]:
        """The trained parameters by name."""
        return {f"attention.{name}": parameter for name, parameter in self.named_parameters()}

    def groups(self, lr: float) -> list[dict]:
        """The trained parameters for an optimiser."""
        return [{"params": list(self.parameters()), "lr": lr * self.lr_ratio}]

    def state(self) -> dict[str, torch.Tensor]:
        """A copy of the trained parameters, on the CPU."""
        return {name: value.detach().cpu().clone() for name, value in self.trained().items()}


def _per_example(values: torch.Tensor, batch: Batch) -> torch.Tensor:
    """The maximum [B, width] over the sequences of each example of values [S, width]."""
    owner = torch.arange(len(batch.index), device=values.device).repeat_interleave(batch.sequences)
    empty = values.new_full((len(batch.index), values.shape[1]), -torch.inf)
    return empty.scatter_reduce(0, owner[:, None].expand_as(values), values, "amax")
