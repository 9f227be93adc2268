"""Tokenised examples on disk, found again by their content: nothing is tokenised twice on one machine.

The folder is $PANDA_CACHE, by default the user's cache folder. Deleting it is always safe.
"""

import hashlib
import logging
import os
import zipfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from panda_core.files import canonical_json, write_atomically
from panda_core.formats import Example

CACHE = "PANDA_CACHE"

log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Where tokenised data is kept: $PANDA_CACHE, else the user's cache folder of the system."""
    named = os.environ.get(CACHE)
    if named:
        return Path(named)
    try:
        from platformdirs import user_cache_path
    except ImportError:
        return Path.home() / ".cache" / "panda"
    return user_cache_path("panda", appauthor=False)


@lru_cache(maxsize=8)
def tokenizer_digest(tokenizer) -> str:
    """SHA-256 of what a tokenizer does: vocabulary, rules, special tokens and the inputs that it makes.

    The lengths and padding of the last call, which a fast tokenizer carries with it, are left out.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None:
        import json

        rules = {key: value for key, value in json.loads(backend.to_str()).items() if key not in _OF_THE_CALL}
    else:
        rules = {"vocabulary": tokenizer.get_vocab(), "settings": repr(tokenizer.init_kwargs)}
    text = canonical_json(
        {
            "class": type(tokenizer).__name__,
            "rules": rules,
            "special": {key: str(value) for key, value in tokenizer.special_tokens_map.items()},
            "inputs": tokenizer.model_input_names,
            "sides": [tokenizer.padding_side, tokenizer.truncation_side],
        }
    )
    return hashlib.sha256(text.encode()).hexdigest()


_OF_THE_CALL = ("truncation", "padding")


def cached_examples(key: dict, make: Callable[[], Sequence[Example]]) -> list[Example]:
    """The examples that `make` gives, read from the cache where `key` (JSON values) was met before.

    A file that is damaged is made again; a folder that cannot be written to only means that nothing is kept.
    """
    name = hashlib.sha256(canonical_json(key).encode()).hexdigest()
    path = cache_folder() / "tokenised" / name[:2] / f"{name}.npz"
    if path.exists():
        try:
            with np.load(path, allow_pickle=False) as stored:
                return unpack({field: stored[field] for field in stored.files})
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            log.warning("%s is damaged (%s) and is made again", path, error)
    arrays = pack(make())
    try:
        write_atomically(path, lambda temporary: np.savez(temporary, **arrays))
    except OSError as error:
        log.warning("tokenised data is not kept: %s; set %s to a folder that can be written to", error, CACHE)
    return unpack(arrays)


def pack(examples: Sequence[Example]) -> dict[str, np.ndarray]:
    """Examples as flat arrays with their lengths; numbers of any length, no pickle."""
    sequences = [ids for example in examples for ids in example.input_ids]
    arrays = {
        "sequences": np.array([len(example.input_ids) for example in examples]),
        "lengths": np.array([len(ids) for ids in sequences]),
        "ids": _flat(sequences, np.int32),
    }
    if examples[0].token_type_ids is not None:
        arrays["types"] = _flat([types for example in examples for types in example.token_type_ids], np.uint8)
    if isinstance(examples[0].label, list):
        arrays["label_lengths"] = np.array([len(example.label) for example in examples])
        arrays["labels"] = _flat([example.label for example in examples], np.int32)
    else:
        arrays["labels"] = np.array([example.label for example in examples])
    if any(example.words for example in examples):
        arrays["word_lengths"] = np.array([len(example.words) for example in examples])
        arrays["words"] = _flat([example.words for example in examples], np.int32)
    if examples[0].offsets:
        arrays["offsets"] = np.concatenate([part for example in examples for part in example.offsets]).astype(np.int32)
    return arrays


def unpack(arrays: dict[str, np.ndarray]) -> list[Example]:
    """The examples of `pack`; their token ids are views of one array."""
    ids = _parts(arrays["ids"], arrays["lengths"])
    types = _parts(arrays["types"], arrays["lengths"]) if "types" in arrays else None
    offsets = _parts(arrays["offsets"], arrays["lengths"]) if "offsets" in arrays else None
    labels = arrays["labels"].tolist()
    if "label_lengths" in arrays:
        labels = _parts(labels, arrays["label_lengths"])
    count = len(arrays["sequences"])
    words = [tuple(part) for part in _parts(arrays["words"].tolist(), arrays["word_lengths"])] if (
        "words" in arrays
    ) else [()] * count
    return [
        Example(
            tuple(ids[start:end]),
            tuple(types[start:end]) if types is not None else None,
            labels[i],
            words[i],
            tuple(offsets[start:end]) if offsets is not None else (),
        )
        for i, (start, end) in enumerate(pairwise([0, *np.cumsum(arrays["sequences"]).tolist()]))
    ]


def _flat(parts: Sequence[Sequence[int]], dtype: type) -> np.ndarray:
    return np.fromiter((value for part in parts for value in part), dtype, sum(map(len, parts)))


def _parts(flat, lengths: np.ndarray) -> list:
    return [flat[start:end] for start, end in pairwise([0, *np.cumsum(lengths).tolist()])]
