"""Tokenised splits, kept in memory: every run of a process that needs the same one shares it."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from panda_core.data.cache import cached_examples, tokenizer_digest
from panda_core.data.mirror import mirror
from panda_core.data.origin import Data, load_split
from panda_core.formats import FORMAT_VERSION, Example, Format, get_format
from panda_core.plms.plm import PLM
from panda_core.tasks import Task

_CHUNK = 5000  # rows tokenised at a time: the tokenizer's own objects are a hundred times the size of the result


@dataclass(frozen=True)
class Encoded:
    """A tokenised split: examples in the order of the rows of `frame`, and where they came from."""

    task: Task
    format: Format
    examples: list[Example]
    frame: pd.DataFrame
    provenance: dict
    pad_id: int

    @property
    def lengths(self) -> list[int]:
        """Tokens of each example's longest sequence."""
        return [example.length for example in self.examples]

    def head(self, size: int | None) -> "Encoded":
        """At most `size` examples, drawn evenly over the split's rows; the provenance says so.

        Examples that are scored together (the candidates of one ReCoRD query) stay together, so that there may be
        fewer, or more where not even one group fits.
        """
        if size is None or size >= len(self.examples):
            return self
        groups = self.format.groups(self.frame)
        names = pd.unique(groups)
        count = max(1, size * len(names) // len(groups))
        kept = names[np.linspace(0, len(names) - 1, count).astype(int)]
        rows = np.flatnonzero(np.isin(groups, kept))
        while len(rows) > size and len(kept) > 1:
            kept = kept[:-1]
            rows = np.flatnonzero(np.isin(groups, kept))
        return Encoded(
            self.task,
            self.format,
            [self.examples[i] for i in rows],
            self.frame.iloc[rows].reset_index(drop=True),
            {**self.provenance, "used_rows": len(rows)},
            self.pad_id,
        )


@lru_cache(maxsize=16)  # eight tasks: of the largest, each takes gigabytes
def _encode(tokenizer, task: Task, data: Data, split: str, max_length: int, folder: Path | None) -> Encoded:
    loaded = load_split(task, data, split)
    fmt = get_format(task)
    frame = fmt.prepare(loaded.frame, task)
    key = {
        "version": FORMAT_VERSION,
        "format": task.format,
        "inputs": task.inputs,
        "label": task.label,
        "labels": task.labels,
        "template": task.template,
        "stride": task.stride,
        "rows": loaded.provenance["sha256"],
        "tokenizer": tokenizer_digest(tokenizer),
        "max_length": max_length,
    }
    examples = cached_examples(key, lambda: encode_in_chunks(fmt, frame, task, tokenizer, max_length))
    return Encoded(task, fmt, examples, frame, loaded.provenance, tokenizer.pad_token_id or 0)


def encode_in_chunks(fmt: Format, frame: pd.DataFrame, task: Task, tokenizer, max_length: int) -> list[Example]:
    """What `fmt.encode` gives for the whole frame, without the memory that it would take."""
    return [
        example
        for start in range(0, len(frame), _CHUNK)
        for example in fmt.encode(frame.iloc[start : start + _CHUNK], task, tokenizer, max_length)
    ]


def encoded_split(plm: PLM, task: Task, data: Data, split: str, max_length: int) -> Encoded:
    """The split `split` ("train" or "validation") of `task`, tokenised for `plm`, cut at `max_length` tokens."""
    return _encode(plm.tokenizer_or_error(), task, data, split, max_length, mirror() if data == "real" else None)
