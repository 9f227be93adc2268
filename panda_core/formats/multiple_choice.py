"""Multiple choice: one score per choice, softmax over the choices (COPA)."""

import numpy as np
import pandas as pd
import torch

from panda_core.data.batches import Batch
from panda_core.formats import checks
from panda_core.formats.base import Example, Format
from panda_core.formats.classification import encode_texts
from panda_core.tasks.task import Task

_LINK = {"cause": "because", "effect": "so"}


class MultipleChoice(Format):
    """Each choice is a sequence of its own: [CLS] premise because|so [SEP] choice [SEP]."""

    def outputs(self, task: Task) -> int:
        """One score per sequence."""
        return 1

    def check_inputs(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        """Text in every column, and `question` says cause or effect."""
        super().check_inputs(frame, task, where)
        bad = (~frame["question"].isin(list(_LINK))).to_numpy()
        if bad.any():
            row = int(np.argmax(bad))
            what = f"{checks.shown(frame['question'].iloc[row])} is neither cause nor effect"
            checks.fail(where, row, "question", what)

    def encode(self, frame: pd.DataFrame, task: Task, tokenizer, max_length: int) -> list[Example]:
        """One sequence per choice: premise and link word, then the choice."""
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
