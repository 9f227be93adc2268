"""The one training loop, and prediction."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from tqdm import tqdm

from panda_core.allocator import keep_freed_memory
from panda_core.checkpoint import Checkpoint, Progress, restored, save
from panda_core.data.batches import Batch, collate, epoch_batches, evaluation_batches
from panda_core.data.encoded import Encoded
from panda_core.errors import WorkError
from panda_core.formats.base import Format
from panda_core.model import PromptedModel
from panda_core.protocol import OptimiserProtocol, Precision
from panda_core.record import Evaluation
from panda_core.stopping import STOP
from panda_core.tasks import Task
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
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = torch.cpu.get_capabilities().get("avx512_bf16", False)
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
    if not all(bool(each.isfinite().all()) for each in rows):
        raise WorkError("the network's outputs are not finite; lower training.lr")
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


def rate_factor(schedule: str, task: Task, steps: int, epoch_steps: int) -> Callable[[int], float]:
    """Steps done -> what the learning rate is multiplied by; see `OptimiserProtocol.schedule`."""
    if schedule == "by-format" and task.format in ("tagging", "srl", "span"):
        return lambda step: 0.95 ** (step // epoch_steps)
    return lambda step: 1 - step / steps


def optimise(
    model: PromptedModel,
    batch: Batch,
    fmt: Format,
    loss: Loss,
    adam: torch.optim.Optimizer,
    decay: torch.optim.lr_scheduler.LRScheduler,
    optimiser: OptimiserProtocol,
) -> float:
    """One step on a batch: forward, backward, clipped gradients, AdamW. Gives the loss before the step.

    A loss that is not finite changes nothing and is left to the caller.
    """
    with autocast(model.plm.device, optimiser.precision):
        value = loss(fmt.rows(model(batch), batch).float(), batch)
    adam.zero_grad(set_to_none=True)
    value.backward()
    torch.nn.utils.clip_grad_norm_(model.trained().values(), optimiser.max_grad_norm)
    found = value.item()  # waits for a GPU, so that it comes last
    if math.isfinite(found):
        adam.step()
        decay.step()
    return found


def fit(
    model: PromptedModel,
    train: Encoded,
    validation: Encoded,
    training: Training,
    optimiser: OptimiserProtocol,
    seed: int,
    loss: Loss | None = None,
    label: str = "",
    checkpoint: Checkpoint | None = None,
) -> Fit:
    """Train prompt and head with AdamW, a decaying rate and clipped gradients; evaluate on the way.

    `loss` defaults to Eq. 1. Order of the data and dropout follow from `seed` alone, so that on a CPU a run that
    goes on from its `checkpoint` gives what an uninterrupted one gives. Raises a `WorkError` where the loss is no
    longer finite, and a `KeyboardInterrupt` after the step, once saved, at which it was asked to stop (`STOP`).
    """
    keep_freed_memory()
    fmt, device = train.format, model.plm.device
    loss = loss or (lambda rows, batch: fmt.loss(rows, fmt.row_labels(batch)))
    epoch_steps = math.ceil(len(train.examples) / training.batch_size)
    steps = step_count(training, len(train.examples))
    evaluated = evaluation_steps(training, epoch_steps)
    adam = torch.optim.AdamW(model.groups(training.lr), weight_decay=optimiser.weight_decay)
    decay = torch.optim.lr_scheduler.LambdaLR(adam, rate_factor(optimiser.schedule, train.task, steps, epoch_steps))
    torch.manual_seed(seed)
    so_far = restored(checkpoint, model.trained(), adam, decay) or Progress()
    model.train()
    shown = tqdm(total=steps, initial=so_far.step, desc=label, unit="step", disable=None, leave=False)
    with STOP.allowed(False), shown as bar:
        for step, index in enumerate(training_batches(train, training, seed), 1):
            if step <= so_far.step:
                continue
            started, cpu_started = time.perf_counter(), time.process_time()
            batch = collate(train.examples, index, fmt, train.pad_id).to(device)
            value = optimise(model, batch, fmt, loss, adam, decay, optimiser)
            if not math.isfinite(value):
                raise WorkError(f"{label}: the loss is {value} at step {step}; lower training.lr")
            so_far.losses.append(value)
            so_far.train_seconds += time.perf_counter() - started
            if step in evaluated:
                score, found = evaluate(model, validation, optimiser.precision)
                point = Evaluation(step, step / epoch_steps, float(np.mean(so_far.losses)), score)
                so_far.evaluated(point, model.state, found)
                bar.set_postfix(score=f"{score:.1f}", loss=f"{point.train_loss:.3f}")
            so_far.step = step
            so_far.seconds += time.perf_counter() - started
            so_far.cpu_seconds += time.process_time() - cpu_started
            if checkpoint and (checkpoint.due() or STOP.made):
                save(checkpoint, so_far, model.trained(), adam, decay)
            STOP.obey()
            bar.update()
    model.eval()
    return Fit(
        so_far.best, so_far.predictions, so_far.curve, steps, so_far.train_seconds, so_far.seconds, so_far.cpu_seconds
    )
