"""The network that every method trains or distils from: frozen PLM, soft prompt, head."""

import torch
from torch import nn

from panda_core.data.batches import Batch
from panda_core.errors import WorkError
from panda_core.heads import Head
from panda_core.plms.plm import PLM
from panda_core.prompts import PrefixPrompt


class PromptedModel(nn.Module):
    """[M; u] with a head f. Only the prompt and the head are trained (Eq. 1)."""

    def __init__(self, plm: PLM, prompt: PrefixPrompt, head: Head, plm_dropout: bool):
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
        """The trained parameters by name: `prompt` and those of the head."""
        return {"prompt": self.prompt.flat, **{f"head.{k}": v for k, v in self.head.named_parameters()}}

    def state(self) -> dict[str, torch.Tensor]:
        """A copy of the trained parameters, on the CPU."""
        return {name: value.detach().cpu().clone() for name, value in self.trained().items()}

    @torch.no_grad()
    def load(self, state: dict[str, torch.Tensor]) -> None:
        """Put back a copy made by `state`."""
        for name, value in self.trained().items():
            value.copy_(self._fitting(name, state))

    @torch.no_grad()
    def load_prompt(self, state: dict[str, torch.Tensor]) -> None:
        """Take over the prompt of another network, not its head: what prompt transfer does."""
        self.prompt.flat.copy_(self._fitting("prompt", state))

    def _fitting(self, name: str, state: dict[str, torch.Tensor]) -> torch.Tensor:
        """The tensor called `name`; a `WorkError` where it is missing or of another shape."""
        wanted, found = list(self.trained()[name].shape), list(state[name].shape) if name in state else "none"
        if found != wanted:
            raise WorkError(
                f"the stored tensor '{name}' has shape {found}, {self.plm.name} needs {wanted}; "
                "use one that was trained with this PLM, this prompt length and this task"
            )
        return state[name]
