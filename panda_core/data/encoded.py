"""Tokenised splits, kept in memory: every run of a process that needs the same one shares it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from panda_core.data.origin import Data, load_split
from panda_core.formats import Example, Format, get_format
from panda_core.plms.plm import PLM
from panda_core.tasks import Task


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
        """At most `size` examples, drawn evenly over the split's rows; the provenance says so."""
        if size is None or size >= len(self.examples):
            return self
        rows = np.linspace(0, len(self.examples) - 1, size).astype(int)
        return Encoded(
            self.task,
            self.format,
            [self.examples[i] for i in rows],
            self.frame.iloc[rows].reset_index(drop=True),
            {**self.provenance, "used_rows": size},
            self.pad_id,
        )


@lru_cache(maxsize=64)
def _encode(plm: PLM, task: Task, data: Data, split: str, max_length: int) -> Encoded:
    loaded = load_split(task, data, split)
    fmt = get_format(task)
    tokenizer = plm.tokenizer_or_error()
    examples = fmt.encode(loaded.frame, task, tokenizer, max_length)
    return Encoded(task, fmt, examples, loaded.frame, loaded.provenance, tokenizer.pad_token_id or 0)


def encoded_split(plm: PLM, task: Task, data: Data, split: str, max_length: int) -> Encoded:
    """The split `split` ("train" or "validation") of `task`, tokenised for `plm`, cut at `max_length` tokens."""
    return _encode(plm, task, data, split, max_length)
