"""Regression: one number for a pair of sentences (STS-B)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F

from panda_core.formats import checks
from panda_core.formats.base import Example
from panda_core.formats.classification import Classification
from panda_core.tasks.task import Task


class Regression(Classification):
    """The label is a real number; the loss is the mean squared error, and there is no distribution to predict."""

    categorical = False

    def outputs(self, task: Task) -> int:
        """One number."""
        return 1

    def check_labels(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        """Every label must be a finite number on the task's scale."""
        values = pd.to_numeric(frame[task.label], errors="coerce").to_numpy(dtype=float)
        low, high = task.scale or (-np.inf, np.inf)
        demands = [
            (np.isfinite(values), "a finite number"),
            ((values >= low) & (values <= high), f"a score from {low:g} to {high:g}"),
        ]
        for good, demand in demands:
            if not good.all():
                row = int(np.argmin(good))
                what = f"{checks.shown(frame[task.label].iloc[row])} is not {demand}"
                checks.fail(where, row, task.label, what + checks.hidden(values[row]))

    def collate_labels(self, examples: Sequence[Example], length: int) -> torch.Tensor:
        """Labels [B] as real numbers."""
        return torch.tensor([float(example.label) for example in examples])

    def loss(self, rows: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Mean squared error of rows [R, 1] against labels [R]: what Eq. 1 becomes for a real-valued label."""
        return F.mse_loss(rows.squeeze(-1), labels)

    def distribution(self, rows: torch.Tensor) -> torch.Tensor:
        """The values [R, 1] themselves."""
        return rows

    def predictions(
        self, rows: Sequence[torch.Tensor], examples: Sequence[Example], frame: pd.DataFrame, task: Task
    ) -> pd.DataFrame:
        """One line per example: `reference` and `prediction`, both numbers."""
        return pd.DataFrame(
            {
                "reference": [float(example.label) for example in examples],
                "prediction": [round(value, 6) for value in torch.cat(list(rows)).squeeze(-1).tolist()],
            }
        )
