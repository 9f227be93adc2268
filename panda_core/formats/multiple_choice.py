"""Multiple choice: one score per choice, softmax over the choices (COPA)."""

import pandas as pd
import torch

from panda_core.data.batches import Batch
from panda_core.errors import WorkError
from panda_core.formats.base import Example, Format
from panda_core.formats.classification import encode_texts
from panda_core.tasks.task import Task

_LINK = {"cause": "because", "effect": "so"}


class MultipleChoice(Format):
    """Each choice is a sequence of its own: [CLS] premise because|so [SEP] choice [SEP]."""

    def outputs(self, task: Task) -> int:
        return 1

    def check_inputs(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        super().check_inputs(frame, task, where)
        for row, value in enumerate(frame["question"]):
            if value not in _LINK:
                raise WorkError(f"{where}: row {row}, column question: {value!r} is neither cause nor effect")

    def encode(self, frame: pd.DataFrame, task: Task, tokenizer, max_length: int) -> list[Example]:
        premises = [f"{p} {_LINK[q]}" for p, q in zip(frame["premise"], frame["question"], strict=True)]
        choices = [
            encode_texts(tokenizer, [premises, frame[column].tolist()], max_length) for column in task.labels
        ]
        labels = frame[task.label].tolist()
        return [
            Example(
                tuple(ids[i] for ids, _ in choices),
                None if choices[0][1] is None else tuple(types[i] for _, types in choices),
                labels[i],
            )
            for i in range(len(labels))
        ]

    def rows(self, output: torch.Tensor, batch: Batch) -> torch.Tensor:
        """From one score per sequence [B * choices, 1] to one row per example [B, choices]."""
        return output.view(len(batch.index), -1)
