"""What training takes of the memory: by the size of a batch, and over several runs in one process."""

from __future__ import annotations

import ctypes
import gc
import os
import threading
import time
from dataclasses import replace

import numpy as np
import torch

from panda_core.bench.engines import ENGINES, Work, package
from panda_core.data.batches import epoch_batches
from panda_core.formats import Example

_SIZES = (0.25, 0.5, 1, 2)  # of the batch, as multiples of the one that is asked for


def by_batch(work: Work) -> list[dict[str, int]]:
    """For batches of a quarter of the work's size to twice its size: the tokens of the largest batch, padding
    included, and the bytes that training added. The work's examples are the same for all."""
    found = []
    examples = [work.data.examples[i] for i in work.examples]
    for size in (max(1, int(work.batch_size * factor)) for factor in _SIZES):
        # the batches of the engine, by the same seed
        batches = epoch_batches([e.length for e in examples], size, np.random.default_rng(work.seed))
        with Memory(work.plm.device) as held:
            ENGINES["panda"](replace(work, batch_size=size))
        tokens = max(_padded([examples[i] for i in batch]) for batch in batches)
        found.append({"batch_size": size, "tokens": tokens, "memory": held.added})
    return found


def _padded(batch: list[Example]) -> int:
    """Tokens of a batch with its padding."""
    return sum(len(example.input_ids) for example in batch) * max(example.length for example in batch)


def by_runs(work: Work, runs: int) -> list[int]:
    """The bytes that the process holds after each of `runs` runs of the same work, less those after the first."""
    held = []
    for _ in range(runs):
        ENGINES["panda"](work)
        held.append(_held(work.plm.device))
    return [each - held[0] for each in held]


class Memory:
    """The most memory that a block added: of the GPU, or of this process, looked at every few milliseconds."""

    def __init__(self, device: torch.device):
        self.added = 0
        self._device = device

    def __enter__(self) -> Memory:
        self._before = _held(self._device)
        if self._device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self._device)
            return self
        self._most = self._before
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception) -> None:
        if self._device.type == "cuda":
            self.added = torch.cuda.max_memory_allocated(self._device) - self._before
            return
        self._over.set()
        self._thread.join()
        self.added = max(0, self._most - self._before)

    def _watch(self) -> None:
        while not self._over.is_set():
            self._most = max(self._most, _resident())
            time.sleep(0.005)


def _held(device: torch.device) -> int:
    """Bytes in use now: of the GPU, or of this process, which first gives back what it freed."""
    gc.collect()
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim:
        trim(0)
    return _resident()


def _resident() -> int:
    """Bytes of memory that this process holds now."""
    return package("psutil").Process().memory_info().rss
