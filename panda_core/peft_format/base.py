"""Which PLM a PEFT adapter belongs to: PEFT writes down a name or a folder, here it is told by its weights."""

from pathlib import Path

from panda_core.errors import UsageError, WorkError
from panda_core.plms import PLMS
from panda_core.plms.loading import weights_digest
from panda_core.plms.plm import PLM


def base_name(plm: str) -> str:
    """The name of a PLM for others: its hub id, or the folder that it is in.

    The weights of a package are those of sentence-transformers on the hub under their title.
    """
    entry = PLMS.get(plm)
    if entry is None:
        return plm
    return entry.hub or f"sentence-transformers/{entry.title}"


def plm_of(base: str) -> str:
    """The PLM that an adapter names: from the registry where it is known there, else the hub id or folder as it is.

    Raises a `UsageError` where it names none, or one without its owner that is neither known nor a folder.
    """
    if not base:
        raise UsageError("the adapter does not name its base model; name it with --plm")
    for name in PLMS:
        known = base_name(name)
        if base in (name, known, known.split("/")[-1]):
            return name
    if "/" not in base and not Path(base).is_dir():
        raise UsageError(f"the adapter names its base model {base!r} without an owner; give --plm OWNER/{base}")
    return base


def check_base(base: str, plm: PLM, adapter: Path) -> None:
    """Raise a `WorkError` unless `base`, from the adapter's configuration, is `plm`.

    A folder is compared by the SHA-256 of its weights, a hub id with the PLM's. A name without an owner, as older
    adapters have it, is compared with the last part of the hub id.
    """
    known = base_name(plm.name)
    if Path(base).is_dir() and base:
        same = weights_digest(Path(base)) == plm.provenance["sha256"]
    else:
        same = base in (known, plm.name) if "/" in base else base in (known.split("/")[-1], plm.name)
    if not same:
        raise WorkError(
            f"{adapter}: trained on {base or 'a base model that it does not name'}, and {plm.name} is {known}; give "
            "the PLM that it was trained on, or, if that is this one under another name, correct "
            "base_model_name_or_path in adapter_config.json"
        )
