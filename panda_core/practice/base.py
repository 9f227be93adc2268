"""What every practice task is made of: a declaration, a draw, and the loop that fills a split.

A task is declared once, as a `PracticeTask`. Its `sample` function writes one example from a `Draw`; `fill` calls it
until the split is full. An example belongs to the training or to the validation split by a checksum of its text, so the
two never share one, whatever the seeds and sizes.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from panda_core.errors import UsageError

SPLITS = ("train", "validation")
_VALIDATION_BUCKETS = 3  # of 10: the share of all possible examples that belongs to validation
_PATIENCE = 400          # rejected draws in a row before the supply of new sentences is taken to be used up


@dataclass(frozen=True)
class Draw:
    """What a `sample` function may use: random numbers, the label to write an example for, and how hard to make it."""

    rng: random.Random
    label: int | None      # the class wanted; None where the task has none
    difficulty: float      # in [0, 1]
    held_out: bool         # writing for validation, where some names have never been seen in training

    def hard(self, scale: float = 1.0) -> bool:
        """True with probability scale * difficulty: take the subtle variant instead of the plain one."""
        return self.rng.random() < scale * self.difficulty

    def pick(self, items):
        """One of `items`, uniformly."""
        return self.rng.choice(items)

    def two(self, items) -> list:
        """Two different ones of `items`, in random order."""
        return self.rng.sample(items, 2)


@dataclass(frozen=True)
class PracticeTask:
    """The declaration of one practice task.

    columns: column name -> pandas dtype, in the order of the hub's schema; "object" for lists and dictionaries.
    key:     the columns by whose text an example is recognised, so that none is written twice.
    sample:  Draw -> the rows of one example (several where a passage carries several questions), without `idx`, `id`.
    shares:  label -> its share of a split; None where `sample` decides itself.
    index:   rows -> their `idx`, where that is more than a running number.
    skills:  latent skill -> its weight; the weights of a task add up to 1.
    """

    name: str
    cluster: str
    sizes: tuple[int, int]
    columns: Mapping[str, str]
    key: tuple[str, ...]
    sample: Callable[[Draw], list[dict]]
    skills: Mapping[str, float]
    shares: Mapping[int, float] | None = None
    index: Callable[[list[dict]], list[dict]] | None = None


def in_validation(text: str) -> bool:
    """True if an example (or a name) with this text belongs to the validation split."""
    return zlib.crc32(text.encode("utf-8")) // 7 % 10 < _VALIDATION_BUCKETS


def fill(task: PracticeTask, split: str, *, seed: int, difficulty: float, size: int) -> list[dict]:
    """`size` rows of `split`, each a dict without its running number. UsageError when no more can be made."""
    rng = random.Random(f"practice/{task.name}/{split}/{seed}/{difficulty}")
    validation = split == "validation"
    labels = _label_order(task.shares, size, rng)
    rows: list[dict] = []
    seen: set[str] = set()
    misses = 0
    while len(rows) < size:
        label = labels[len(rows)] if labels else None
        example = task.sample(Draw(rng, label, difficulty, validation))
        text = "\n".join(sorted(_text(example[0][column]) for column in task.key))  # (a, b) and (b, a) are one example
        if text in seen or in_validation(text) != validation:
            misses += 1
            if misses > _PATIENCE:
                raise UsageError(f"practice task '{task.name}': only {len(rows)} different {split} examples can be made at "
                                 f"difficulty {difficulty:g}, {size} were asked for; ask for a smaller size")
            continue
        misses = 0
        seen.add(text)
        rows.extend(example[: size - len(rows)])
    return rows


def _text(value) -> str:
    return value if isinstance(value, str) else " ".join(value)


def _label_order(shares: Mapping[int, float] | None, size: int, rng: random.Random) -> list[int] | None:
    """Labels in exact proportion (largest remainder), shuffled."""
    if shares is None:
        return None
    counts = {label: int(share * size) for label, share in shares.items()}
    by_remainder = sorted(shares, key=lambda label: counts[label] - shares[label] * size)
    for label in by_remainder[: size - sum(counts.values())]:
        counts[label] += 1
    labels = [label for label, count in counts.items() for _ in range(count)]
    rng.shuffle(labels)
    return labels
