"""The prompt library: source prompts of finished runs, copied to where they can be committed."""

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from panda_core.files import write_atomically
from panda_core.grid.dag import dag
from panda_core.methods.method import IMPORTED
from panda_core.runs import RunSpec, inputs, run_id
from panda_core.store import Store, writing


def source_prompts(blocks: Sequence[Sequence[RunSpec]]) -> list[RunSpec]:
    """The runs that train a source prompt from which a run of the blocks transfers, each once.

    Imported prompts are in the library already, and no run trains them.
    """
    found = {}
    for node in dag(blocks).values():
        for role, needed in inputs(node.spec).items():
            if role.startswith("source") and needed.method != IMPORTED:
                found[run_id(needed)] = needed
    return list(found.values())


def keep_prompts(specs: Sequence[RunSpec], store: Store) -> tuple[list[Path], list[RunSpec]]:
    """Copy the prompts of finished runs from the cache into the library below <root>/prompts.

    Gives the files of all that are in the library now, and the runs whose prompts the store does not hold. A prompt
    that is not the one its record names is a `WorkError`; a store that cannot be written a `StoreError`.
    """
    kept, missing = [], []
    for spec in specs:
        found = store.prompt_path(spec) if store.find(spec) else None
        if found is None:
            missing.append(spec)
            continue
        store.state(spec)  # checks the bytes against the record
        path = store.library_path(spec)
        if found != path:
            with writing(store.root):
                write_atomically(path, partial(shutil.copyfile, found))
        kept.append(path)
    return kept, missing
