"""The interface of a task format.

Every format reduces a head's output to rows of logits [R, C], one row per predicted distribution: an example of a
classification task gives one row, a tagged sentence one row per word, a span two rows per window. Losses (Eq. 1, 3)
and the cached predictions of a teacher then need to know nothing about formats.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F

from panda_core.data.batches import Batch
from panda_core.formats import checks
from panda_core.metrics import METRICS
from panda_core.tasks.task import Task

# Part of the key of the tokenised data that is kept: raised when `encode` of any format gives something else.
FORMAT_VERSION = 2


@dataclass(frozen=True)
class Example:
    """One row of a data set, tokenised: one token sequence or more (per choice, per window), and the label.

    `words` are the indices of the words that carry a prediction (tagging only). `offsets` [T, 2] of each sequence are
    where its tokens start and end in the characters of the passage, -1 for tokens outside it (spans only).
    """

    input_ids: tuple[Sequence[int], ...]
    token_type_ids: tuple[Sequence[int], ...] | None
    label: int | float | list[int]
    words: tuple[int, ...] = ()
    offsets: tuple[np.ndarray, ...] = ()

    @property
    def length(self) -> int:
        """Tokens of the longest sequence."""
        return max(len(ids) for ids in self.input_ids)


class Format(ABC):
    """What differs between task formats; the default is one categorical label per example."""

    reads: ClassVar[Literal["sequence", "tokens"]] = "sequence"
    categorical: ClassVar[bool] = True  # rows are logits of a distribution, and not values

    def outputs(self, task: Task) -> int:
        """Outputs of the head for each thing that it reads."""
        return len(task.labels)

    def check(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        """Raise a `WorkError` that names file, row and column where `frame` is not what `task` declares."""
        checks.check_columns(frame, (*task.inputs, task.label), task.name, where)
        checks.check_ids(frame, where)
        self.check_inputs(frame, task, where)
        self.check_labels(frame, task, where)

    def check_inputs(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        """Every input column must hold text."""
        for column in task.inputs:
            checks.check_text(frame, column, where, column in task.may_be_empty)

    def check_labels(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        """Every label must be an integer from 0 to the number of classes less one."""
        checks.check_classes(frame, task.label, task.labels, where)

    def prepare(self, frame: pd.DataFrame, task: Task) -> pd.DataFrame:
        """The checked rows with one example per row; here they are that already."""
        return frame

    def groups(self, frame: pd.DataFrame) -> np.ndarray:
        """For each row of a prepared frame, the number of the group that is scored as one; here each row is one."""
        return np.arange(len(frame))

    @abstractmethod
    def encode(self, frame: pd.DataFrame, task: Task, tokenizer, max_length: int) -> list[Example]:
        """Tokenised examples, in the order of the rows of a prepared frame, cut at `max_length` tokens."""

    def collate_labels(self, examples: Sequence[Example], length: int) -> torch.Tensor:
        """Labels of a batch: [B] here, [B, T] for tagging, padded to `length`, [S, 2] for spans."""
        return torch.tensor([example.label for example in examples])

    def rows(self, output: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Logits [R, C], one row per predicted distribution, from the head's output; here R = B."""
        return output

    def row_labels(self, batch: Batch) -> torch.Tensor:
        """The gold label of each row, [R]."""
        return batch.labels

    def rows_per_example(self, batch: Batch) -> list[int]:
        """How many rows each example of the batch gives; they sum to R."""
        return [1] * len(batch.index)

    def stack(self, parts: Sequence[torch.Tensor], like: torch.Tensor) -> torch.Tensor:
        """Rows stored per example [r_i, C] as one tensor in the shape and on the device of the batch's rows `like`."""
        return torch.cat(list(parts)).to(like.device)

    def loss(self, rows: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Eq. 1: the mean cross-entropy of rows [R, C] against labels [R]."""
        return F.cross_entropy(rows, labels)

    def distribution(self, rows: torch.Tensor) -> torch.Tensor:
        """What the rows predict: probabilities [R, C], or [R, 1] values for regression."""
        return rows.softmax(dim=-1)

    def predictions(
        self, rows: Sequence[torch.Tensor], examples: Sequence[Example], frame: pd.DataFrame, task: Task
    ) -> pd.DataFrame:
        """One line per group: `reference`, `prediction` and, for classes, their `probabilities`."""
        probabilities = torch.cat(list(rows)).softmax(dim=-1)
        return pd.DataFrame(
            {
                "reference": [int(example.label) for example in examples],
                "prediction": probabilities.argmax(dim=-1).tolist(),
                "probabilities": [[round(p, 6) for p in row] for row in probabilities.tolist()],
            }
        )

    def score(self, predictions: pd.DataFrame, task: Task) -> float:
        """The task's metric in percent, as the paper reports it."""
        return measure(predictions, task.metric)


def measure(predictions: pd.DataFrame, metric: str) -> float:
    """Any metric of `METRICS` on predictions, in percent; e.g. "exact-match" where the score is "answer-f1"."""
    return 100 * METRICS[metric](predictions["reference"].tolist(), predictions["prediction"].tolist())
