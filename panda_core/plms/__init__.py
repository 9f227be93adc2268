"""Pretrained language models: the registry, and `load_plm` in `panda_core.plms.loading`."""

from panda_core.plms.registry import PLMS, PLMEntry

__all__ = ["PLMS", "PLMEntry"]
