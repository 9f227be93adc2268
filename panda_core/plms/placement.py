"""A PLM that is too large for one GPU, spread over several by `accelerate`."""

import torch
from torch import nn
from transformers import PreTrainedModel

from panda_core.errors import WorkError


def spread(model: PreTrainedModel) -> PreTrainedModel:
    """`model`, its layers shared out evenly over all GPUs; on a single GPU, or without one, simply moved there.

    Raises a `WorkError` where `accelerate` is missing or the GPUs together are too small.
    """
    count = torch.cuda.device_count()
    if count < 2:
        return model.to("cuda" if count else "cpu")
    accelerate = _accelerate()
    memory = {i: torch.cuda.mem_get_info(i)[0] for i in range(count)}
    return accelerate.dispatch_model(model, device_map(model, memory))


def device_map(model: PreTrainedModel, memory: dict[int, int]) -> dict[str, int]:
    """Module name -> number of its GPU, for GPUs with `memory` free bytes; no layer is cut in two."""
    accelerate = _accelerate()
    whole = sorted(_layer_classes(model))
    balanced = accelerate.utils.get_balanced_memory(model, {**memory, "cpu": 0}, no_split_module_classes=whole)
    found = accelerate.infer_auto_device_map(model, balanced, no_split_module_classes=whole)
    if not set(found.values()) <= set(memory):
        size = sum(tensor.numel() * tensor.element_size() for tensor in model.parameters())
        raise WorkError(
            f"the PLM's weights ({size / 1e9:.1f} GB) do not fit the free memory of {len(memory)} GPUs "
            f"({sum(memory.values()) / 1e9:.1f} GB); load it with dtype=torch.bfloat16, or use more GPUs"
        )
    return found


def is_spread(model: nn.Module) -> bool:
    """Whether `spread` put the model on several devices, from which it must not be moved."""
    return hasattr(model, "hf_device_map")


def _layer_classes(model: nn.Module) -> set[str]:
    """The classes of the transformer's layers, which are the members of its module lists."""
    return {type(layer).__name__ for found in model.modules() if isinstance(found, nn.ModuleList) for layer in found}


def _accelerate():
    try:
        import accelerate
    except ImportError:
        raise WorkError("spreading a PLM over GPUs needs the package accelerate; pip install accelerate") from None
    return accelerate
