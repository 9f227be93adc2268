"""Regression: one number for a pair of sentences (STS-B)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F

from panda_core.errors import WorkError
from panda_core.formats.base import Example
from panda_core.formats.classification import Classification
from panda_core.tasks.task import Task


class Regression(Classification):
    """The label is a real number; the loss is the mean squared error, and there is no distribution to predict."""

    def outputs(self, task: Task) -> int:
        return 1

    def check_labels(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        for row, value in enumerate(frame[task.label]):
            if not (isinstance(value, (int, float, np.number)) and np.isfinite(value)):
                raise WorkError(f"{where}: row {row}, column {task.label}: {value!r} is not a finite number")

    def collate_labels(self, examples: Sequence[Example], length: int) -> torch.Tensor:
        return torch.tensor([float(example.label) for example in examples])

    def loss(self, rows: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Mean squared error of rows [R, 1] against labels [R]: what Eq. 1 becomes for a real-valued label."""
        return F.mse_loss(rows.squeeze(-1), labels)

    def distribution(self, rows: torch.Tensor) -> torch.Tensor:
        return rows

    def predictions(
        self, rows: Sequence[torch.Tensor], examples: Sequence[Example], frame: pd.DataFrame, task: Task
    ) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "reference": [float(example.label) for example in examples],
                "prediction": [round(value, 6) for value in torch.cat(list(rows)).squeeze(-1).tolist()],
            }
        )
