"""Reading a PEFT adapter folder: the soft prompt of prefix-tuning or prompt-tuning."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch

from panda_core.errors import UsageError, WorkError
from panda_core.files import read_safetensors

CONFIG, WEIGHTS, PICKLED = "adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"

# PEFT's name of a method -> what it trains, in the words of `prompt.kind`.
KINDS = {"PREFIX_TUNING": "prefix", "PROMPT_TUNING": "tokens"}


@dataclass(frozen=True)
class PeftPrompt:
    """The prompt of an adapter, a "prefix" [P, 2*L*D] or "tokens" [P, E], and the base model that PEFT wrote down,
    with its revision where that is pinned."""

    kind: str
    prompt: torch.Tensor
    base: str
    revision: str | None = None


def read_adapter(folder: Path | str) -> PeftPrompt:
    """The prompt of the adapter in `folder`.

    A prefix that PEFT made with `prefix_projection` is there as the prefix itself, without the network. Heads are
    left alone: their labels are the source task's. Raises a `UsageError` where there is no such folder, and a
    `WorkError` for another kind of adapter, pickled weights, or a file that is damaged or not as its config says.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder")
    config = _config(folder / CONFIG)
    if config["peft_type"] not in KINDS:
        raise WorkError(
            f"{folder}: this is a {config['peft_type']} adapter; only those of prefix-tuning and prompt-tuning are "
            "prompts"
        )
    if not (folder / WEIGHTS).exists() and (folder / PICKLED).exists():
        raise WorkError(
            f"{folder / PICKLED}: a pickle can run code when it is read, so it is not; "
            "save the adapter with safe_serialization=True"
        )
    tensors = read_safetensors(folder / WEIGHTS)
    prompt = tensors.get("prompt_embeddings")
    if prompt is None:
        raise WorkError(f"{folder / WEIGHTS}: there is no tensor 'prompt_embeddings' (it holds {', '.join(tensors)})")
    length = config["num_virtual_tokens"]
    if prompt.ndim != 2 or len(prompt) != length:
        raise WorkError(
            f"{folder / WEIGHTS}: the prompt has shape {list(prompt.shape)}, {CONFIG} says {length} virtual tokens"
        )
    if not prompt.float().isfinite().all():
        raise WorkError(f"{folder / WEIGHTS}: the prompt holds numbers that are not finite")
    base, revision = config.get("base_model_name_or_path") or "", config.get("revision") or None
    return PeftPrompt(KINDS[config["peft_type"]], prompt.float(), base, revision)


def _config(path: Path) -> dict:
    """The adapter's configuration, with the fields that are read."""
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WorkError(f"{path.parent}: there is no {CONFIG} in this folder, so it is no PEFT adapter") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError):
        raise WorkError(f"{path}: cut off or not JSON") from None
    kinds = {"peft_type": str, "num_virtual_tokens": int, "base_model_name_or_path": str | None, "revision": str | None}
    for field, kind in kinds.items():
        if not isinstance(config, dict) or (field in config and not isinstance(config[field], kind)):
            raise WorkError(f"{path}: field '{field}' is not as PEFT writes it")
    return {"peft_type": "unnamed", "num_virtual_tokens": 0, **config}
