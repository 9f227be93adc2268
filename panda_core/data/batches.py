"""Batches: padded to their own longest sequence, and cut from runs of similar length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from panda_core.formats.base import Example, Format

# Batches are sorted by length inside pools of this many batches: long enough to save most padding, short enough
# that an epoch stays shuffled.
_POOL = 16


@dataclass(frozen=True)
class Batch:
    """B examples as S token sequences: one each, or one per choice, or one per window of a long passage.

    `input_ids`, `attention_mask`, `token_type_ids` [S, T] (the last None where the PLM has no segments); `labels`
    in the shape of the task's format; `index` [B], the positions of the examples in their data set; `sequences` [B],
    how many of the S sequences belong to each example.
    """

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    token_type_ids: torch.Tensor | None
    labels: torch.Tensor
    index: torch.Tensor
    sequences: torch.Tensor

    def to(self, device: torch.device) -> Batch:
        """The same batch with every tensor on `device`."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return Batch(**{k: v if v is None else v.to(device, non_blocking=True) for k, v in values.items()})


def _pad(sequences: Sequence[Sequence[int]], length: int, value: int) -> torch.Tensor:
    padded = np.full((len(sequences), length), value)
    for i, sequence in enumerate(sequences):
        padded[i, : len(sequence)] = sequence
    return torch.from_numpy(padded)


def collate(
    examples: Sequence[Example], index: Sequence[int], fmt: Format, pad_id: int, length: int | None = None
) -> Batch:
    """The batch of `examples[i] for i in index`, padded on the right with `pad_id` to `length` or to its longest."""
    chosen = [examples[i] for i in index]
    sequences = [ids for example in chosen for ids in example.input_ids]
    length = length or max(map(len, sequences))
    types = None
    if chosen[0].token_type_ids is not None:
        types = _pad([ids for example in chosen for ids in example.token_type_ids], length, 0)
    return Batch(
        input_ids=_pad(sequences, length, pad_id),
        attention_mask=_pad([[1] * len(ids) for ids in sequences], length, 0),
        token_type_ids=types,
        labels=fmt.collate_labels(chosen, length),
        index=torch.tensor(index),
        sequences=torch.tensor([len(example.input_ids) for example in chosen]),
    )


def epoch_batches(lengths: Sequence[int], batch_size: int, rng: np.random.Generator) -> list[list[int]]:
    """The batches of one training epoch: every index once, shuffled, batches of similar length, the last may be short.

    Indices are shuffled, cut into pools of 16 batches, sorted by length inside a pool and cut into batches, whose
    order is shuffled again.
    """
    order = rng.permutation(len(lengths))
    pools = [order[i : i + _POOL * batch_size] for i in range(0, len(order), _POOL * batch_size)]
    batches = []
    for pool in pools:
        pool = pool[np.argsort(np.asarray(lengths)[pool], kind="stable")]
        batches += [pool[i : i + batch_size].tolist() for i in range(0, len(pool), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def evaluation_batches(lengths: Sequence[int], batch_size: int) -> list[list[int]]:
    """Batches in order of length, for evaluation, where order does not matter."""
    order = np.argsort(lengths, kind="stable")
    return [order[i : i + batch_size].tolist() for i in range(0, len(order), batch_size)]
