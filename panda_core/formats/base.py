"""The interface of a task format.

Every format reduces a head's output to rows of logits [R, C], one row per predicted distribution: an example of a
classification task gives one row, a tagged sentence one row per word. Losses (Eq. 1, 3) and the cached predictions
of a teacher then need to know nothing about formats.
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
from panda_core.errors import WorkError
from panda_core.metrics import METRICS
from panda_core.tasks.task import Task


@dataclass(frozen=True)
class Example:
    """One row of a data set, tokenised: one token sequence or more (one per choice), and the label.

    `words` are the indices of the words that carry a prediction (tagging only).
    """

    input_ids: tuple[list[int], ...]
    token_type_ids: tuple[list[int], ...] | None
    label: int | float | list[int]
    words: tuple[int, ...] = ()

    @property
    def length(self) -> int:
        """Tokens of the longest sequence."""
        return max(len(ids) for ids in self.input_ids)


class Format(ABC):
    """What differs between task formats; the default is one categorical label per example."""

    reads: ClassVar[Literal["sequence", "tokens"]] = "sequence"

    def outputs(self, task: Task) -> int:
        """Outputs of the head for each thing that it reads."""
        return len(task.labels)

    def check(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        """Raise a `WorkError` that names file, row and column where `frame` is not what `task` declares."""
        missing = [c for c in (*task.inputs, task.label) if c not in frame.columns]
        if missing:
            raise WorkError(
                f"{where}: column {', '.join(missing)} is missing; {task.name} needs "
                f"{', '.join((*task.inputs, task.label))}, the file has {', '.join(map(str, frame.columns))}"
            )
        if frame.empty:
            raise WorkError(f"{where}: the file has no rows")
        self.check_inputs(frame, task, where)
        self.check_labels(frame, task, where)

    def check_inputs(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        """Every input column must hold text."""
        for column in task.inputs:
            for row, value in enumerate(frame[column]):
                if not isinstance(value, str):
                    raise WorkError(f"{where}: row {row}, column {column}: {value!r} is not text")

    def check_labels(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        """Every label must be an integer from 0 to the number of classes less one."""
        for row, value in enumerate(frame[task.label]):
            if not (isinstance(value, (int, np.integer)) and 0 <= value < len(task.labels)):
                raise WorkError(
                    f"{where}: row {row}, column {task.label}: {value!r} is not a label from 0 to "
                    f"{len(task.labels) - 1} ({', '.join(task.labels)})"
                )

    @abstractmethod
    def encode(self, frame: pd.DataFrame, task: Task, tokenizer, max_length: int) -> list[Example]:
        """Tokenised examples, in the order of the rows; sequences are cut at `max_length` tokens."""

    def collate_labels(self, examples: Sequence[Example], length: int) -> torch.Tensor:
        """Labels of a batch: [B] here, [B, T] for tagging, padded to `length`."""
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
        """One line per example: `reference`, `prediction` and the `probabilities` of the classes."""
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
        return 100 * METRICS[task.metric](predictions["reference"].tolist(), predictions["prediction"].tolist())
