"""Model-tuning: every parameter of the PLM is trained (Section III-A)."""

from copy import deepcopy

import torch
from torch import nn

from panda_core.plms.plm import PLM
from panda_core.tuning.part import Part


class WholeModel(Part):
    """A copy of the PLM that may change; the one it was copied from is shared by other runs and does not.

    The trained PLM is as large as the PLM and nothing starts from it, so it is not stored: of a run that tuned a
    model, head and predictions are kept.
    """

    def __init__(self, plm: PLM):
        super().__init__()
        self.plm = PLM(plm.name, deepcopy(plm.model), plm._load_tokenizer, plm.representation, plm.provenance)
        self.plm.model.requires_grad_(True)

    def trained(self) -> dict[str, nn.Parameter]:
        """Every parameter of the copy, by its name there."""
        return {f"plm.{name}": p for name, p in self.plm.model.named_parameters()}

    def stored(self) -> dict[str, torch.Tensor]:
        """Nothing."""
        return {}
