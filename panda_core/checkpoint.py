"""A run that was cut off goes on where it last saved, with the same result: on a CPU to the bit.

On CUDA some of torch's kernels are not deterministic, so that no two runs need be equal there.
"""

import hashlib
import io
import logging
import math
import mmap
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import torch

from panda_core.files import sha256_of, write_atomically
from panda_core.record import Evaluation

log = logging.getLogger(__name__)

INTERVAL = 60.0  # seconds of training that may be lost
_SHARE = 20.0  # seconds of training, at least, for one of saving
_DIGEST = hashlib.sha256().digest_size
_CPU = torch.device("cpu")


@dataclass
class Progress:
    """What a run has reached after `step` steps: the losses since the last evaluation, the evaluations, the trained
    tensors and predictions of the best one (the first, if several tie), and the time spent."""

    step: int = 0
    losses: list[float] = field(default_factory=list)
    curve: list[Evaluation] = field(default_factory=list)
    best: dict[str, torch.Tensor] = field(default_factory=dict)
    best_score: float = -math.inf
    predictions: pd.DataFrame | None = None
    train_seconds: float = 0.0
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def evaluated(
        self, point: Evaluation, state: Callable[[], dict[str, torch.Tensor]], predictions: pd.DataFrame
    ) -> None:
        """Add an evaluation; `state` gives the trained tensors, asked for where it is the best so far."""
        self.curve.append(point)
        self.losses = []
        if point.score > self.best_score:
            self.best, self.best_score, self.predictions = state(), point.score, predictions


class Checkpoint:
    """The file of one run's state: tensors, numbers and the states of torch's random generators, never code.

    `under` is what the run was made under beside its spec: the SHA-256 of the prompts that it starts from, and the
    type and precision of the device. A state reached under anything else is not used. `device` is the one that the run
    trains on; its random state is saved beside that of the CPU, and put back on the `device` of whoever goes on.
    """

    def __init__(
        self,
        path: Path,
        under: Mapping[str, str] = MappingProxyType({}),
        interval: float = INTERVAL,
        device: torch.device = _CPU,
    ):
        self.path = path
        self.under = dict(under)
        self.device = device
        self.interval = interval
        self._saved, self._took = time.monotonic(), 0.0

    def due(self) -> bool:
        """Whether `interval` seconds have passed since the start or the last save; more where saving takes long."""
        return time.monotonic() - self._saved >= max(self.interval, _SHARE * self._took)

    def save(self, state: dict[str, Any]) -> None:
        """Write `state` (plain values and tensors), with the random state of this moment; the old file goes last."""
        started = time.monotonic()
        state = state | {"random": _random_state(self.device), "under": self.under}
        write_atomically(self.path, lambda temporary: _write(state, temporary))
        self._saved = time.monotonic()
        self._took = self._saved - started

    def load(self) -> dict[str, Any] | None:
        """What was saved last, the random state put back.

        None where nothing was saved, where the file is damaged, or where it was reached under something else.
        """
        if not self.path.exists():
            return None
        try:
            if not _sealed(self.path):
                raise ValueError("its SHA-256 does not match")
            state = torch.load(self.path, map_location="cpu", weights_only=True)
        except Exception as error:  # what is not whole fails as many types
            log.warning("%s is damaged (%s); the run starts from its beginning", self.path, error)
            return None
        if state.pop("under", None) != self.under:
            log.warning(
                "a prompt that the run starts from was made again, or it was begun on a device of another type or "
                "precision; it starts from its beginning"
            )
            return None
        _put_back(state.pop("random"), self.device)
        return state

    def remove(self) -> None:
        """Delete the file, once the run's record is written."""
        self.path.unlink(missing_ok=True)


def save(
    checkpoint: Checkpoint,
    progress: Progress,
    trained: Mapping[str, torch.Tensor],
    adam: torch.optim.Optimizer,
    decay: torch.optim.lr_scheduler.LRScheduler,
) -> None:
    """Write everything that the rest of a run depends on."""
    predictions = io.BytesIO()
    if progress.predictions is not None:
        progress.predictions.to_parquet(predictions, index=False)
    checkpoint.save(
        {
            "progress": vars(progress)
            | {"curve": [asdict(point) for point in progress.curve], "predictions": predictions.getvalue()},
            "trained": {name: value.detach() for name, value in trained.items()},
            "adam": adam.state_dict(),
            "decay": decay.state_dict(),
        }
    )


def restored(
    checkpoint: Checkpoint | None,
    trained: Mapping[str, torch.Tensor],
    adam: torch.optim.Optimizer,
    decay: torch.optim.lr_scheduler.LRScheduler,
) -> Progress | None:
    """What `save` wrote, the trained tensors, the optimiser and the random state put back; None where there is none."""
    state = checkpoint.load() if checkpoint else None
    if state is None:
        return None
    with torch.no_grad():
        for name, value in trained.items():
            value.copy_(state["trained"][name])
    adam.load_state_dict(state["adam"])
    decay.load_state_dict(state["decay"])
    kept = state["progress"]
    predictions = pd.read_parquet(io.BytesIO(kept["predictions"])) if kept["predictions"] else None
    return Progress(**kept | {"curve": [Evaluation(**point) for point in kept["curve"]], "predictions": predictions})


def _write(state: dict[str, Any], path: Path) -> None:
    """A file of torch's, and after it its SHA-256: torch compares no checksums when it reads one."""
    torch.save(state, path)
    digest = sha256_of(path)
    with path.open("ab") as stream:
        stream.write(bytes.fromhex(digest))


def _sealed(path: Path) -> bool:
    """Whether a file is what `_write` wrote."""
    with (
        path.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content,
        memoryview(content) as view,
        view[:-_DIGEST] as written,
    ):
        return hashlib.sha256(written).digest() == content[-_DIGEST:]


def _random_state(device: torch.device) -> dict[str, torch.Tensor]:
    cuda = {"cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else {}
    return {"cpu": torch.get_rng_state()} | cuda


def _put_back(state: dict[str, torch.Tensor], device: torch.device) -> None:
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(state["cuda"], device)
