"""The network that every method trains or distils from: frozen PLM, soft prompt, head."""

import torch
from torch import nn

from panda_core.data.batches import Batch
from panda_core.heads import Head
from panda_core.plms.plm import PLM
from panda_core.tuning.part import Part, fitting


class PromptedModel(nn.Module):
    """[M; u] with a head f. Only the prompt (or what is tuned in its place) and the head are trained (Eq. 1)."""

    def __init__(self, plm: PLM, prompt: Part, head: Head, plm_dropout: bool):
        super().__init__()
        self.plm = plm
        self.prompt = prompt
        self.head = head
        self.plm_dropout = plm_dropout
        self.to(plm.device)

    def train(self, mode: bool = True) -> "PromptedModel":
        """Training mode for prompt and head; the PLM follows only where its own dropout is wanted."""
        super().train(mode)
        self.plm.train(mode and self.plm_dropout)
        return self

    def forward(self, batch: Batch) -> torch.Tensor:
        """The head's output for the S sequences of a batch: [S, outputs] or [S, T, outputs]."""
        encode = self.plm.encode if self.head.reads == "tokens" else self.plm.read
        return self.head(encode(batch.input_ids, batch.attention_mask, batch.token_type_ids, prompt=self.prompt))

    def trained(self) -> dict[str, nn.Parameter]:
        """The trained parameters by name: those of the tuned part, for a prefix `prompt` alone, and of the head."""
        return {**self.prompt.trained(), **{f"head.{k}": v for k, v in self.head.named_parameters()}}

    def groups(self, lr: float) -> list[dict]:
        """The trained parameters for an optimiser, in groups of one learning rate; `lr` is that of the head."""
        rated: dict[float, list[nn.Parameter]] = {}
        for name, parameter in self.trained().items():
            rated.setdefault(lr * self.prompt.rate(name), []).append(parameter)
        return [{"params": parameters, "lr": rate} for rate, parameters in rated.items()]

    def state(self) -> dict[str, torch.Tensor]:
        """A copy of what is kept of the tuned part, and of the head, on the CPU."""
        kept = {**self.prompt.stored(), **{f"head.{k}": v for k, v in self.head.named_parameters()}}
        return {name: value.detach().cpu().clone() for name, value in kept.items()}

    @torch.no_grad()
    def load(self, state: dict[str, torch.Tensor]) -> None:
        """Put back a copy made by `state`; a `WorkError` where it does not fit."""
        self.load_prompt(state)
        for name, value in self.head.named_parameters():
            value.copy_(fitting(f"head.{name}", value, state))

    def load_prompt(self, state: dict[str, torch.Tensor]) -> None:
        """Take over the prompt of another network, not its head: what prompt transfer does."""
        self.prompt = self.prompt.loaded(state).to(self.plm.device)
