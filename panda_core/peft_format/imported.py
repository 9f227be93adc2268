"""Imported prompts in the run store: `<root>/prompts/<id>.safetensors`, beside the committed library.

They cannot be trained again, so they are not in the cache. The id is a hash of the prompt, its kind and the weights
that it was trained on.
"""

import hashlib
from collections.abc import Container
from pathlib import Path

import torch

from panda_core.errors import WorkError
from panda_core.files import (
    canonical_json,
    read_safetensors,
    safetensors_below,
    safetensors_metadata,
    sha256_of,
    write_safetensors,
)
from panda_core.methods.imported import imported_id
from panda_core.peft_format.base import check_base
from panda_core.peft_format.reading import read_adapter
from panda_core.plms.plm import PLM
from panda_core.runs import RunSpec
from panda_core.store import Store, writing

_REMEDY = "delete the file and import the adapter again"


def import_adapter(folder: Path | str, plm: PLM, store: Store | None = None) -> str:
    """Keep the prompt of a PEFT adapter in the store and return its id, for sources written TASK@ID.

    Raises as `read_adapter` does, and a `WorkError` where the adapter was trained on another PLM or does not fit.
    """
    store, found = store or Store(), read_adapter(folder)
    check_base(found.base, plm, Path(folder))
    width = plm.prefix_width if found.kind == "prefix" else plm.model.get_input_embeddings().embedding_dim
    if found.prompt.shape[1] != width:
        raise WorkError(
            f"{folder}: the prompt has shape {list(found.prompt.shape)}, {plm.name} needs [P, {width}] for its "
            f"{found.kind}"
        )
    about = {"kind": found.kind, "plm": plm.name, "weights": plm.provenance["sha256"], "base": found.base}
    key = _id(found.prompt, about)
    with writing(store.root):
        write_safetensors(store.root / "prompts" / f"{key}.safetensors", {"prompt": found.prompt}, about)
    return key


def imported_state(spec: RunSpec, plm: PLM, store: Store) -> dict[str, torch.Tensor]:
    """The imported prompt that `spec` names, checked against the PLM, the kind and the length that the run asks for."""
    key, path = imported_id(spec), store.prompt_path(spec)
    if path is None:
        raise WorkError(f"{spec.sources[0]}: no imported prompt {key} in {store.root}; import its adapter again")
    state, about = read_imported(path)
    if about["weights"] != plm.provenance["sha256"]:
        raise WorkError(f"{spec.sources[0]}: imported for {about['plm']}, whose weights are not those of {plm.name}")
    wanted, (length, _) = spec.protocol.prompt, state["prompt"].shape
    if (wanted.kind.removeprefix("mlp-"), wanted.length) != (about["kind"], length):
        raise WorkError(
            f"{spec.sources[0]}: a prompt of kind {about['kind']} and length {length}, the run asks for "
            f"{wanted.kind} and {wanted.length}; add --set prompt.kind={about['kind']} --set prompt.length={length}"
        )
    return state


def read_imported(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """An imported prompt and what is known about it; a `WorkError` where the file is not what was imported."""
    state, about = read_safetensors(path), safetensors_metadata(path)
    if set(state) != {"prompt"} or not {"kind", "plm", "weights", "base"} <= about.keys():
        raise WorkError(f"{path}: not an imported prompt; {_REMEDY}")
    if path.stem != _id(state["prompt"], about):
        raise WorkError(f"{path}: changed after it was imported (its digest does not match); {_REMEDY}")
    return state, about


def imported_prompts(root: Path, runs: Container[str]) -> tuple[dict[str, str], list[str]]:
    """The imported prompts of a store, id -> SHA-256 of the file, and what is wrong with others, a line for each.

    Files that are named after one of the `runs` are prompts of these.
    """
    found, problems = {}, []
    for path in safetensors_below(root / "prompts", "*.safetensors"):
        if path.stem in runs:
            continue
        try:
            if "base" in safetensors_metadata(path):
                read_imported(path)
                found[path.stem] = sha256_of(path)
        except WorkError as error:
            problems.append(str(error))
    return found, problems


def _id(prompt: torch.Tensor, about: dict[str, str]) -> str:
    """A hash of the numbers, the shape, the kind and the PLM's weights."""
    head = canonical_json([about["kind"], about["weights"], list(prompt.shape)])
    return hashlib.sha256(head.encode() + prompt.contiguous().numpy().tobytes()).hexdigest()[:16]
