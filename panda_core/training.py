"""The one training loop, and prediction."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from panda_core.data.batches import Batch, collate, epoch_batches, evaluation_batches
from panda_core.data.encoded import Encoded
from panda_core.errors import WorkError
from panda_core.model import PromptedModel
from panda_core.protocol import OptimiserProtocol
from panda_core.record import Evaluation
from panda_core.tiers import Training

_EVALUATION_BATCH = 64

# rows [R, C] and the batch they came from -> the loss to minimise
Loss = Callable[[torch.Tensor, Batch], torch.Tensor]


@dataclass(frozen=True)
class Fit:
    """What training gave: the state and predictions of the best evaluation, and the whole curve.

    `best` is the trained state at the best score (the first one, if several tie), `predictions` those it made.
    """

    best: dict[str, torch.Tensor]
    predictions: pd.DataFrame
    curve: list[Evaluation]
    steps: int
    train_seconds: float
    seconds: float
    cpu_seconds: float


def autocast(device: torch.device) -> torch.autocast:
    """bfloat16 on CUDA, float32 elsewhere."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")


@torch.no_grad()
def predict_rows(model: PromptedModel, data: Encoded) -> list[torch.Tensor]:
    """Logit rows [r_i, C] of each example, in evaluation mode, on the CPU."""
    was_training = model.training
    model.eval()
    device, found = model.plm.device, [torch.empty(0)] * len(data.examples)
    for index in evaluation_batches(data.lengths, _EVALUATION_BATCH):
        batch = collate(data.examples, index, data.format, data.pad_id).to(device)
        with autocast(device):
            rows = data.format.rows(model(batch), batch)
        parts = rows.float().cpu().split(data.format.rows_per_example(batch))
        for i, part in zip(index, parts, strict=True):
            found[i] = part
    model.train(was_training)
    return found


def evaluate(model: PromptedModel, data: Encoded) -> tuple[float, pd.DataFrame]:
    """The task's score in percent, and the predictions that gave it."""
    predictions = data.format.predictions(predict_rows(model, data), data.examples, data.frame, data.task)
    return data.format.score(predictions, data.task), predictions


def evaluation_steps(training: Training, epoch_steps: int) -> set[int]:
    """The steps after which a run is evaluated, the last step among them."""
    if training.epochs:
        return {epoch_steps * epoch for epoch in range(1, training.epochs + 1)}
    even = {max(1, round(training.steps * k / training.evaluations)) for k in range(1, training.evaluations + 1)}
    return even | {epoch_steps} if epoch_steps < training.steps else even


def fit(
    model: PromptedModel,
    train: Encoded,
    validation: Encoded,
    training: Training,
    optimiser: OptimiserProtocol,
    seed: int,
    loss: Loss | None = None,
    label: str = "",
) -> Fit:
    """Train prompt and head with AdamW, a linear decay to 0 and clipped gradients; evaluate on the way.

    `loss` defaults to Eq. 1. Order of the data and dropout follow from `seed` alone. Raises a `WorkError` where the
    loss is no longer finite.
    """
    fmt, device = train.format, model.plm.device
    loss = loss or (lambda rows, batch: fmt.loss(rows, fmt.row_labels(batch)))
    epoch_steps = math.ceil(len(train.examples) / training.batch_size)
    steps = training.steps or training.epochs * epoch_steps
    evaluated = evaluation_steps(training, epoch_steps)
    parameters = list(model.trained().values())
    adam = torch.optim.AdamW(parameters, lr=training.lr, weight_decay=optimiser.weight_decay)
    decay = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: 1 - step / steps)
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    curve, losses, best, best_score, predictions, epoch = [], [], {}, -math.inf, None, []
    started, cpu_started, evaluating = time.perf_counter(), time.process_time(), 0.0
    model.train()
    with tqdm(total=steps, desc=label, unit="step", disable=None, leave=False) as bar:
        for step in range(1, steps + 1):
            if not epoch:
                epoch = epoch_batches(train.lengths, training.batch_size, rng)
            batch = collate(train.examples, epoch.pop(), fmt, train.pad_id).to(device)
            with autocast(device):
                value = loss(fmt.rows(model(batch), batch).float(), batch)
            losses.append(value.item())
            if not math.isfinite(losses[-1]):
                raise WorkError(f"{label}: the loss is {losses[-1]} at step {step}; lower training.lr")
            adam.zero_grad(set_to_none=True)
            value.backward()
            torch.nn.utils.clip_grad_norm_(parameters, optimiser.max_grad_norm)
            adam.step()
            decay.step()
            if step in evaluated:
                pause = time.perf_counter()
                score, found = evaluate(model, validation)
                curve.append(Evaluation(step, step / epoch_steps, float(np.mean(losses)), score))
                losses = []
                if score > best_score:
                    best, best_score, predictions = model.state(), score, found
                bar.set_postfix(score=f"{score:.1f}", loss=f"{curve[-1].train_loss:.3f}")
                evaluating += time.perf_counter() - pause
            bar.update()
    model.eval()
    seconds = time.perf_counter() - started
    return Fit(
        best, predictions, curve, steps, seconds - evaluating, seconds, time.process_time() - cpu_started
    )
