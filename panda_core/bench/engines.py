"""Three ways to train the same prompt, each as a function: examples in, seconds of each step out.

All train a prefix of P positions and a head with AdamW at a linearly falling rate and clipped gradients, with dropout
in the PLM, in the same number of steps on the same examples. What differs is what they are here to compare.
"""

from __future__ import annotations

import copy
import importlib
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np
import torch
from torch import nn

from panda_core.data.batches import Batch, collate, epoch_batches
from panda_core.data.encoded import Encoded
from panda_core.errors import WorkError
from panda_core.heads import Head
from panda_core.losses import distillation_loss, panda_loss, soft_predictions
from panda_core.model import PromptedModel
from panda_core.plms.plm import PLM
from panda_core.protocol import PAPER, Kind, Precision
from panda_core.training import optimise, precision_on, predict_rows
from panda_core.tuning.kinds import new_part
from panda_core.tuning.whole import WholeModel

_RATE, _SIMILARITY = 1e-2, 0.5  # they decide what is learned, not how long a step takes


@dataclass(frozen=True)
class Work:
    """What every engine does in one round: `examples` (positions in `data`) in batches of `batch_size`.

    With `teacher` the student is trained by Eq. 4, else by Eq. 1.
    """

    plm: PLM
    data: Encoded
    examples: Sequence[int]
    batch_size: int
    seed: int
    teacher: bool

    @property
    def steps(self) -> int:
        """Steps of the round."""
        return -(-len(self.examples) // self.batch_size)


@dataclass(frozen=True)
class Round:
    """Seconds of each step, in order, and those spent before the first one on a teacher's predictions."""

    steps: list[float]
    teacher: float = 0.0


Engine = Callable[[Work], Round]


def new_model(work: Work, tuned: Kind = "prefix") -> PromptedModel:
    """This project's network for the work, drawn from the work's seed."""
    torch.manual_seed(work.seed)
    fmt = work.data.format
    prompt = new_part(work.plm, replace(PAPER.prompt, kind=tuned))
    plm = prompt.plm if isinstance(prompt, WholeModel) else work.plm
    head = Head(work.plm.hidden_size, fmt.outputs(work.data.task), fmt.reads, PAPER.optimiser.head_dropout)
    return PromptedModel(plm, prompt, head, PAPER.optimiser.plm_dropout)


def _loss(work: Work, taught_by: Callable[[torch.Tensor, Batch], torch.Tensor] | None):
    """Eq. 1, or with a teacher's rows Eq. 4."""
    fmt = work.data.format

    def loss(rows: torch.Tensor, batch: Batch) -> torch.Tensor:
        own = fmt.loss(rows, fmt.row_labels(batch))
        if taught_by is None:
            return own
        target = soft_predictions(taught_by(rows, batch), fmt, PAPER.kd)
        return panda_loss(own, distillation_loss(rows, target, fmt, PAPER.kd), PAPER.kd.weight, _SIMILARITY)

    return loss


def panda_engine(precision: Precision, tuned: Kind = "prefix") -> Engine:
    """The training loop of this project: batches of similar length, a teacher that predicts once."""

    def run(work: Work) -> Round:
        fmt, taught_by, before = work.data.format, None, 0.0
        if work.teacher:
            started = time.perf_counter()
            stored = predict_rows(new_model(work), work.data, precision, work.examples)
            before = time.perf_counter() - started

            def taught_by(rows, batch):
                return fmt.stack([stored[i] for i in batch.index.tolist()], rows)

        model = new_model(work, tuned).train()
        protocol = replace(PAPER.optimiser, precision=precision)
        adam = torch.optim.AdamW(model.groups(_RATE), weight_decay=protocol.weight_decay)
        decay = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: 1 - step / work.steps)
        loss, seconds = _loss(work, taught_by), []
        lengths = [work.data.examples[i].length for i in work.examples]
        for positions in epoch_batches(lengths, work.batch_size, np.random.default_rng(work.seed)):
            started = time.perf_counter()
            index = [work.examples[i] for i in positions]
            batch = collate(work.data.examples, index, fmt, work.data.pad_id).to(work.plm.device)
            optimise(model, batch, fmt, loss, adam, decay, protocol)
            seconds.append(time.perf_counter() - started)
        return Round(seconds, before)

    return run


class _WithPEFT(nn.Module):
    """PEFT's prefix tuning of the PLM below this project's head, with the loss that Trainer expects."""

    def __init__(self, work: Work):
        super().__init__()
        peft = package("peft")
        base = new_model(work)
        config = peft.PrefixTuningConfig(task_type="FEATURE_EXTRACTION", num_virtual_tokens=PAPER.prompt.length)
        self.body = peft.get_peft_model(copy.deepcopy(work.plm.model), config)
        self.head = base.head
        self._represent, self._work = work.plm.represent, work

    def rows(self, batch: Batch) -> torch.Tensor:
        """Logit rows [R, C] of a batch."""
        types = {} if batch.token_type_ids is None else {"token_type_ids": batch.token_type_ids}
        hidden = self.body(input_ids=batch.input_ids, attention_mask=batch.attention_mask, **types).last_hidden_state
        read = hidden if self.head.reads == "tokens" else self._represent(hidden, batch.attention_mask)
        return self._work.data.format.rows(self.head(read), batch)

    def forward(self, batch: Batch, teacher: _WithPEFT | None = None) -> dict[str, torch.Tensor]:
        taught_by = None
        if teacher is not None:
            with torch.no_grad():
                predicted = teacher.rows(batch)
            taught_by = lambda rows, batch: predicted
        rows = self.rows(batch)
        return {"loss": _loss(self._work, taught_by)(rows, batch), "logits": rows}


def trainer_engine(pad_to: int | None) -> Engine:
    """PEFT and Trainer: batches in random order, padded to `pad_to` tokens or to their own longest; float32 on a CPU.

    A teacher predicts in every step, as it does in the authors' released code.
    """

    def run(work: Work) -> Round:
        transformers = package("transformers")
        package("accelerate")
        fmt, times = work.data.format, []

        def collated(index: list[int]) -> dict:
            batch = collate(work.data.examples, index, fmt, work.data.pad_id, pad_to).to(work.plm.device)
            return {"batch": batch} | ({"teacher": teacher} if work.teacher else {})

        class Clock(transformers.TrainerCallback):
            def on_train_begin(self, *args, **kwargs):
                times.append(time.perf_counter())

            def on_step_end(self, *args, **kwargs):
                times.append(time.perf_counter())

        model, teacher = _WithPEFT(work), _WithPEFT(work).train() if work.teacher else None
        with tempfile.TemporaryDirectory() as folder:
            settings = transformers.TrainingArguments(
                output_dir=folder,
                per_device_train_batch_size=work.batch_size,
                num_train_epochs=1,
                learning_rate=_RATE,
                max_grad_norm=PAPER.optimiser.max_grad_norm,
                weight_decay=PAPER.optimiser.weight_decay,
                seed=work.seed,
                bf16=work.plm.device.type == "cuda" and precision_on(work.plm.device) == "bfloat16",
                use_cpu=work.plm.device.type == "cpu",
                remove_unused_columns=False,
                save_strategy="no",
                logging_strategy="no",
                report_to=[],
                disable_tqdm=True,
            )
            settings._n_gpu = min(1, settings.n_gpu)  # one GPU, as ours; Trainer would split batches over all
            trainer = transformers.Trainer(
                model, settings, data_collator=collated, train_dataset=list(work.examples), callbacks=[Clock()]
            )
            trainer.remove_callback(transformers.PrinterCallback)
            trainer.train()
        return Round(np.diff(times).tolist())

    return run


def package(name: str) -> ModuleType:
    """An optional package, by name; a `WorkError` where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise WorkError(f"the comparison needs the package {name}: in the clone, pip install -e '.[bench]'") from None


ENGINES: dict[str, Engine] = {
    "peft-128": trainer_engine(pad_to=128),
    "peft-batch": trainer_engine(pad_to=None),
    "panda-float32": panda_engine("float32"),
    "panda": panda_engine("auto"),
}

# Table XII. Vanilla PoT is P-Tuning v2 from another start, so both show how far equal work is apart.
METHODS: dict[str, Engine] = {
    "model-tuning": panda_engine("auto", "model"),
    "p-tuning-v2": panda_engine("auto"),
    "vanilla-pot": panda_engine("auto"),
    "panda": panda_engine("auto"),
}
