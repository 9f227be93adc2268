"""A frozen PLM: encode token ids, with or without a prompt, and read one representation per sequence."""

from collections.abc import Callable
from functools import cached_property
from math import prod

import torch
from torch import nn

from panda_core.errors import UsageError, WorkError
from panda_core.injection.frozen import encode_frozen, suits
from panda_core.injection.inputs import model_inputs, precision
from panda_core.injection.shape import prefix_shape
from panda_core.plms.architectures import declared
from panda_core.plms.placement import is_spread
from panda_core.plms.registry import Representation


class PLM(nn.Module):
    """A pretrained transformer whose parameters never change. Shapes: B batch, T tokens, D hidden size.

    `provenance` says where the weights came from (origin, package or hub id, revision, SHA-256).
    """

    def __init__(
        self,
        name: str,
        model: nn.Module,
        load_tokenizer: Callable[[], object],
        representation: Representation,
        provenance: dict[str, str],
    ):
        super().__init__()
        if representation == "pooler" and getattr(model, "pooler", None) is None:
            other = "choose another representation (head.reads, or bench --representation): cls, mean or last"
            raise UsageError(f"{name} has no pooler; {other}")
        self.name = name
        self.model = model.requires_grad_(False).eval()
        self.representation = representation
        self.provenance = provenance
        self._load_tokenizer = load_tokenizer

    def _apply(self, fn, recurse=True):
        """Move or convert the weights, except where they are spread over several devices."""
        return self if is_spread(self.model) else super()._apply(fn, recurse)

    @cached_property
    def tokenizer(self):
        """The PLM's tokenizer, loaded when first used."""
        return self._load_tokenizer()

    @property
    def hidden_size(self) -> int:
        """D, the size of a hidden state of the last layer."""
        config = self.model.config
        return getattr(config, "word_embed_proj_dim", config.hidden_size)  # OPT-350m ends with a projection to 512

    @property
    def prefix_width(self) -> int:
        """Numbers in one prefix position: 2 * L * (key-value heads) * d, which is 2*L*D without grouped queries."""
        return prod(prefix_shape(self.model.config))

    @property
    def device(self) -> torch.device:
        """Where the weights are; where they are spread, the device of the first layer, which takes the input."""
        return next(self.model.parameters()).device

    def encode(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
        prompt: nn.Module | None = None,
    ) -> torch.Tensor:
        """Hidden states [B, T, D] of the last layer for ids [B, T]; `prompt=None` is the bare PLM.

        T counts the tokens alone, not the prefix. Hidden states are float32, whatever the weights are. Raises a
        `WorkError` where the prompt does not fit this PLM, or prompt and tokens are more than it has positions.
        """
        return self._encode(input_ids, attention_mask, token_type_ids, prompt, first_only=False)

    def read(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
        prompt: nn.Module | None = None,
    ) -> torch.Tensor:
        """`represent(encode(...))` [B, D], without computing what the representation does not read."""
        first_only = self.representation in ("cls", "pooler")
        hidden = self._encode(input_ids, attention_mask, token_type_ids, prompt, first_only)
        return self.represent(hidden, attention_mask)

    def _encode(self, input_ids, attention_mask, token_type_ids, prompt, first_only: bool) -> torch.Tensor:
        config = self.model.config
        if hasattr(prompt, "encode"):  # soft tokens, adapters: what is no prefix brings its own way in
            with precision(config, input_ids.device):
                return prompt.encode(self, input_ids, attention_mask, token_type_ids).float()
        length = 0 if prompt is None else prompt.length
        inputs = model_inputs(config, input_ids, attention_mask, token_type_ids, length)
        if length:
            prompt.check_width(self.prefix_width, self.name)
        with precision(config, input_ids.device):
            prefix = prompt(input_ids.shape[0]) if length else None
            if suits(self.model):
                return encode_frozen(self.model, inputs, prefix, first_only).float()
            if prefix is None:
                return self.model(**inputs, use_cache=False).last_hidden_state.float()
            return declared(config).encode(self.model, inputs, prefix).float()

    def represent(self, hidden: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """One vector per sequence [B, D] from hidden states [B, T, D]: what the head and Eq. 2 read."""
        match self.representation:
            case "pooler":
                return self.model.pooler(hidden.to(self.model.dtype)).float().to(hidden.device)
            case "cls":
                return hidden[:, 0]
            case "mean":
                weights = attention_mask.unsqueeze(-1).to(hidden.dtype)
                return (hidden * weights).sum(dim=1) / weights.sum(dim=1)
            case "last":
                last = attention_mask.shape[1] - 1 - attention_mask.flip(1).argmax(dim=1)
                return hidden[torch.arange(hidden.shape[0], device=hidden.device), last]
            case other:
                raise UsageError(f"unknown representation '{other}': known: pooler, cls, mean, last")

    def tokenizer_or_error(self):
        """The tokenizer; a `WorkError` where the folder of weights has none."""
        try:
            return self.tokenizer
        except (OSError, ValueError) as error:
            raise WorkError(f"{self.name}: no tokenizer could be loaded ({error}); text cannot be encoded") from None
