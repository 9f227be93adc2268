"""The one training loop, and prediction."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from panda_core.data.batches import Batch, collate, epoch_batches, evaluation_batches
from panda_core.data.encoded import Encoded
from panda_core.errors import WorkError
from panda_core.model import PromptedModel
from panda_core.protocol import OptimiserProtocol, Precision
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


def precision_on(device: torch.device, wanted: Precision = "auto") -> str:
    """The precision of matrix products: as wanted, or with "auto" bfloat16 where the device computes in it."""
    if wanted != "auto":
        return wanted
    native = device.type == "cuda" or torch.cpu.get_capabilities().get("avx512_bf16", False)
    return "bfloat16" if native else "float32"


def autocast(device: torch.device, wanted: Precision) -> torch.autocast:
    """The context in which a forward is made on `device`."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision_on(device, wanted) == "bfloat16")


@torch.no_grad()
def predict_rows(
    model: PromptedModel, data: Encoded, precision: Precision, index: Sequence[int] | None = None
) -> dict[int, torch.Tensor]:
    """Logit rows [r_i, C] of the examples `index` (default: all), by position, in evaluation mode, on the CPU."""
    was_training = model.training
    model.eval()
    device, found = model.plm.device, {}
    chosen = np.arange(len(data.examples)) if index is None else np.asarray(index)
    lengths = [data.examples[i].length for i in chosen]
    for positions in evaluation_batches(lengths, _EVALUATION_BATCH):
        some = chosen[positions].tolist()
        batch = collate(data.examples, some, data.format, data.pad_id).to(device)
        with autocast(device, precision):
            rows = data.format.rows(model(batch), batch)
        parts = rows.float().cpu().split(data.format.rows_per_example(batch))
        found.update(zip(some, parts, strict=True))
    model.train(was_training)
    return found


def evaluate(model: PromptedModel, data: Encoded, precision: Precision) -> tuple[float, pd.DataFrame]:
    """The task's score in percent, and the predictions that gave it."""
    found = predict_rows(model, data, precision)
    rows = [found[i] for i in range(len(data.examples))]
    predictions = data.format.predictions(rows, data.examples, data.frame, data.task)
    return data.format.score(predictions, data.task), predictions


def seen(data: Encoded, training: Training, seed: int) -> list[int]:
    """Positions of the examples that a run trains on: all of them, or fewer where it ends within its first epoch."""
    return sorted({i for index in training_batches(data, training, seed) for i in index})


def step_count(training: Training, examples: int) -> int:
    """Steps of a run on a training set of that many examples."""
    return training.steps or training.epochs * math.ceil(examples / training.batch_size)


def training_batches(data: Encoded, training: Training, seed: int) -> Iterator[list[int]]:
    """The batches of a run, one per step, as positions of examples; `seed` alone decides them."""
    rng, lengths, left = np.random.default_rng(seed), data.lengths, step_count(training, len(data.examples))
    while left:
        batches = epoch_batches(lengths, training.batch_size, rng)[:left]
        yield from batches
        left -= len(batches)


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
    steps = step_count(training, len(train.examples))
    evaluated = evaluation_steps(training, epoch_steps)
    parameters = list(model.trained().values())
    adam = torch.optim.AdamW(parameters, lr=training.lr, weight_decay=optimiser.weight_decay)
    decay = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: 1 - step / steps)
    torch.manual_seed(seed)
    curve, losses, best, best_score, predictions = [], [], {}, -math.inf, None
    started, cpu_started, evaluating = time.perf_counter(), time.process_time(), 0.0
    model.train()
    with tqdm(total=steps, desc=label, unit="step", disable=None, leave=False) as bar:
        for step, index in enumerate(training_batches(train, training, seed), 1):
            batch = collate(train.examples, index, fmt, train.pad_id).to(device)
            with autocast(device, optimiser.precision):
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
                score, found = evaluate(model, validation, optimiser.precision)
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
