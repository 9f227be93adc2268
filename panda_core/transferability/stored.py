"""Task embeddings in the run store, so that a new task costs one embedding, not a row of a matrix.

    <root>/embeddings/<tier>/<id>.safetensors

An embedding is a few kilobytes, so the committed form is also the cache: with it a similarity needs neither the
prompt nor the PLM. The id is a hash of `EmbeddingKey`. The metadata name the key, the bytes of the prompt that was
embedded, where rows and weights came from, and a digest of it all.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from panda_core.errors import WorkError
from panda_core.files import (
    canonical_json,
    read_safetensors,
    safetensors_below,
    safetensors_metadata,
    write_safetensors,
)
from panda_core.transferability import MetricName

# Part of every id: raised when the code changes what a key gives.
_VERSION = 1


@dataclass(frozen=True)
class EmbeddingKey:
    """Everything that decides an embedding: the run that trained the prompt, the metric, and the sample.

    The sample (`task`, `data`, `max_length`, `samples`, `sample_seed`) is None for the metrics that read no examples.
    """

    prompt: str
    metric: MetricName
    task: str | None = None
    data: str | None = None
    max_length: int | None = None
    samples: int | None = None
    sample_seed: int | None = None

    @property
    def id(self) -> str:
        """The name of its file."""
        text = canonical_json({"key": asdict(self), "version": _VERSION})
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Embedding:
    """A stored embedding. `about` holds `prompt_sha256`, the SHA-256 of the prompt's file, `examples`, how many were
    read, and the provenance of rows and weights."""

    key: EmbeddingKey
    values: torch.Tensor
    about: dict[str, Any]


def embedding_path(root: Path, tier: str, key: EmbeddingKey) -> Path:
    """Where an embedding is, or would be."""
    return root / "embeddings" / tier / f"{key.id}.safetensors"


def save_embedding(root: Path, tier: str, embedding: Embedding) -> None:
    """Write an embedding, atomically."""
    words = {"key": canonical_json(asdict(embedding.key)), "about": canonical_json(embedding.about)}
    words["digest"] = _digest(words, embedding.values)
    write_safetensors(embedding_path(root, tier, embedding.key), {"embedding": embedding.values}, words)


def find_embedding(root: Path, tier: str, key: EmbeddingKey, prompt_sha256: str | None) -> Embedding | None:
    """The embedding of a prompt, or None where there is none of the prompt with these bytes; a `WorkError` where the
    file is damaged. `prompt_sha256` None takes any."""
    path = embedding_path(root, tier, key)
    if not path.exists():
        return None
    found = read_embedding(path)
    return found if prompt_sha256 in (None, found.about["prompt_sha256"]) else None


def read_embedding(path: Path) -> Embedding:
    """An embedding, and the check that it is what was written; a `WorkError` where it is not."""
    values, words = read_safetensors(path).get("embedding"), safetensors_metadata(path)
    remedy = "delete the file, it is made again"
    if values is None or not {"key", "about", "digest"} <= words.keys():
        raise WorkError(f"{path}: not a task embedding; {remedy}")
    if words["digest"] != _digest(words, values):
        raise WorkError(f"{path}: changed after it was written (its digest does not match); {remedy}")
    found = Embedding(EmbeddingKey(**json.loads(words["key"])), values, json.loads(words["about"]))
    if path.stem != found.key.id:
        raise WorkError(f"{path}: the name is not the one of its key; {remedy}")
    return found


def embedding_problems(root: Path, prompts: dict[str, str | None]) -> Iterator[str]:
    """What is wrong with the stored embeddings, a line for each; `prompts` are the ids and the SHA-256 (None where
    not known) of the prompts that the store knows."""
    for path in safetensors_below(root / "embeddings", "*/*.safetensors"):
        try:
            found = read_embedding(path)
        except WorkError as error:
            yield str(error)
            continue
        prompt = found.key.prompt
        if prompt not in prompts:
            yield f"{path}: its prompt {prompt} is not in the store; delete the file, it is made again"
        elif prompts[prompt] not in (None, found.about["prompt_sha256"]):
            yield f"{path}: made from another training of its prompt {prompt}; delete the file, it is made again"


def _digest(words: dict[str, str], values: torch.Tensor) -> str:
    """SHA-256 of key, provenance, type, shape and bytes."""
    head = canonical_json([words["key"], words["about"], str(values.dtype), list(values.shape)])
    return hashlib.sha256(head.encode() + values.cpu().contiguous().numpy().tobytes()).hexdigest()
