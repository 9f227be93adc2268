"""Worker processes on this machine, cores and GPUs divided between them. A worker loads a PLM once."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path

import joblib

from panda_core.grid.making import LAST, Assignment, Doing, Ending, make, plm_of
from panda_core.stopping import STOP

_GRACE = 30.0  # seconds that a run gets to stop
_SPAWN = multiprocessing.get_context("spawn")


class _Worker:
    def __init__(self, number: int, root: Path, threads: int, log: Path):
        self.log, self.assignment, self.ready, self.plm = log, None, False, None
        self.pipe, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_work, args=(theirs, number, root, threads, log), daemon=True)
        self.process.start()
        theirs.close()


class LocalExecutor:
    """`workers` processes that share the store below `root`; their output goes to files below cache/grid/logs."""

    def __init__(self, root: Path, workers: int):
        self.root = root
        self.threads = max(1, joblib.cpu_count() // workers)
        self.logs = root / "cache" / "grid" / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.workers: list[_Worker | None] = [None] * workers

    def free(self) -> list[_Worker]:
        """The idle workers; dead ones are replaced."""
        for number, worker in enumerate(self.workers):
            if worker is None:
                log = self.logs / f"{os.getpid()}-{number}.log"
                self.workers[number] = _Worker(number, self.root, self.threads, log)
        return [worker for worker in self.workers if worker.assignment is None]

    def submit(self, slot: _Worker, assignment: Assignment) -> None:
        """Send a run to a worker; one that died meanwhile is found by `wait`."""
        slot.assignment, slot.plm = assignment, plm_of(assignment.spec)
        with suppress(OSError):
            slot.pipe.send(assignment)

    def wait(self, timeout: float) -> list[Ending]:
        """How runs ended, those of dead workers among them."""
        living = {worker.pipe: (number, worker) for number, worker in enumerate(self.workers) if worker}
        if not living:
            time.sleep(timeout)
        return [
            ending
            for pipe in wait(list(living), timeout)
            if (ending := self._receive(*living[pipe])) is not None
        ]

    def stop(self) -> None:
        """Interrupt every worker, and kill those that do not stop in time."""
        living = [worker for worker in self.workers if worker]
        for worker in living:
            worker.process.terminate()
            worker.pipe.close()
        deadline = time.monotonic() + _GRACE
        for worker in living:
            worker.process.join(max(0.0, deadline - time.monotonic()))
            worker.process.kill()
            worker.process.join()
            if worker.log.exists() and not worker.log.stat().st_size:
                worker.log.unlink()
        self.workers = [None] * len(self.workers)

    def _receive(self, number: int, worker: _Worker) -> Ending | None:
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            return self._buried(number, worker)
        if message == "ready":
            worker.ready = True
            return None
        worker.assignment = None
        if message.state in LAST:  # its process ends, so that it must not be given another run
            self._buried(number, worker)
        return message

    def _buried(self, number: int, worker: _Worker) -> Ending | None:
        worker.pipe.close()
        worker.process.join(_GRACE)
        worker.process.kill()
        worker.process.join()
        code, self.workers[number] = worker.process.exitcode, None
        if worker.assignment is None:
            return None
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended: {_last_line(worker.log)}"
        # A signal may come at any moment; a worker that ends by itself before it can work will never work.
        state = "lost" if worker.ready else "unstarted" if code < 0 else "unusable"
        return Ending(worker.assignment.id, state, f"its worker {how}; see {worker.log}")


def _work(pipe: Connection, number: int, root: Path, threads: int, log: Path) -> None:
    """The life of a worker: make the runs that come, until the driver closes the pipe or is gone."""
    _redirect(log)
    signal.signal(signal.SIGINT, STOP)
    signal.signal(signal.SIGTERM, STOP)
    threading.Thread(target=_follow_parent, daemon=True).start()
    import torch

    import panda_core.execution  # noqa: F401 - what takes long, or fails, does so before the worker is ready
    from panda_core.grid.owners import Owner
    from panda_core.plms.loading import choose_device

    choose_device()  # where it is not there, no run is to blame
    torch.set_num_threads(min(threads, torch.get_num_threads()))  # OMP_NUM_THREADS may ask for fewer
    take_gpu(number)
    doing: list[Doing | None] = [None]
    owner = Owner(root, "worker", lambda: doing[0].facts() if doing[0] else {})
    try:
        pipe.send("ready")
        while not STOP.made:
            assignment = pipe.recv()
            doing[0] = Doing(assignment)
            owner.beat()
            ending = make(assignment, root, owner.id)
            doing[0] = None
            pipe.send(ending)
            if ending.state in LAST:
                break
    except (EOFError, OSError):
        pass
    finally:
        owner.close()


def take_gpu(number: int) -> None:
    """Work on a GPU from now on, where there is one; several workers share it where they are more than the GPUs."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.set_device(number % torch.cuda.device_count())


def _last_line(log: Path) -> str:
    """What a process said last."""
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
    return next((line for line in reversed(lines) if line.strip()), "it said nothing")


def _redirect(log: Path) -> None:
    """Everything that the process prints goes to a file; the driver's terminal is for its progress."""
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(handle, sys.stdout.fileno())
    os.dup2(handle, sys.stderr.fileno())
    os.close(handle)


def _follow_parent() -> None:
    wait([multiprocessing.parent_process().sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE)
    os._exit(1)
