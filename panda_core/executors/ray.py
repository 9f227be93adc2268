"""Workers on a Ray cluster: actors that hold a PLM, each with a share of a GPU, and a store that all nodes see.

Ray places the workers and notices dead nodes; what is done is in the store alone, so that a killed driver, worker or
node costs at most the runs that it was making.
"""

import os
import signal
import sys
import threading
import time
import uuid
from pathlib import Path

from panda_core.environment import whole_paths
from panda_core.errors import WorkError
from panda_core.grid.making import LAST, Assignment, Doing, Ending, make, plm_of
from panda_core.stopping import STOP

try:
    import ray
except ImportError:
    raise WorkError("the executor ray needs the package ray: in the clone, pip install -e '.[ray]'") from None

_GRACE = 30.0  # seconds that runs get to stop
_PATIENCE = 300.0  # seconds that the cluster gets to start a first worker, or to add nodes for it
_PASSED_ON = ("PANDA_", "HF_", "OMP_")  # environment variables that workers get from the driver
_SECRET = ("HF_TOKEN",)  # not these: Ray shows the environment of its workers
_NO_GPU = {"CUDA_VISIBLE_DEVICES": ""}  # of itself Ray hides no GPU from workers that get none


class _Maker:
    """The actor. Its process makes one run at a time; a file in the store tells it to stop."""

    def __init__(self, root: str, flag: str, threads: int):
        self.root, self.flag, self.threads = Path(root), Path(flag), threads
        self.doing: Doing | None = None

    def ready(self) -> None:
        """Answers once the worker can work."""
        import torch

        import panda_core.execution  # noqa: F401
        from panda_core.grid.owners import Owner
        from panda_core.plms.loading import choose_device

        choose_device()  # where it is not there, no run is to blame
        torch.set_num_threads(self.threads)
        self.owner = Owner(self.root, "worker", lambda: self.doing.facts() if self.doing else {})
        signal.signal(signal.SIGUSR1, STOP)
        threading.Thread(target=_follow, args=(self.flag,), daemon=True).start()

    def close(self) -> None:
        """Take leave of the other processes; comes after what is being made."""
        self.owner.close()

    def make(self, assignment: Assignment) -> Ending:
        """Make a run."""
        self.doing = Doing(assignment)
        self.owner.beat()
        try:
            return make(assignment, self.root, self.owner.id)
        finally:
            self.doing = None


class _Slot:
    def __init__(self, actor):
        self.actor, self.assignment, self.plm = actor, None, None
        self.answer = actor.ready.remote()


class RayExecutor:
    """`workers` actors with `cpus` cores and `gpus` of a GPU each (a quarter: four runs share one).

    Connects to the cluster of RAY_ADDRESS, else to one that runs here, else starts one on this machine.
    """

    def __init__(self, root: Path, workers: int, cpus: float = 1.0, gpus: float = 0.0):
        if not ray.is_initialized():
            ray.init(log_to_driver=False, include_dashboard=False, logging_level="ERROR")
        self.flag = root.resolve() / "cache" / "grid" / f"stop-{uuid.uuid4().hex}"
        self._new = lambda: _Slot(
            ray.remote(_Maker)
            .options(num_cpus=cpus, num_gpus=gpus, runtime_env={"env_vars": passed_on() | ({} if gpus else _NO_GPU)})
            .remote(str(root.resolve()), str(self.flag), max(1, int(cpus)))
        )
        if not gpus and ray.cluster_resources().get("GPU"):
            print("the cluster has GPUs, and these workers use none; --gpus gives each a share", file=sys.stderr)
        self.wants = f"{cpus:g} cores and {gpus:g} GPUs"
        self.slots = [self._new() for _ in range(workers)]
        self.started, self.any_ready = time.monotonic(), False

    def free(self) -> list[_Slot]:
        """The workers that have started and have nothing to do."""
        found = [slot for slot in self.slots if slot.answer is None]
        if not self.any_ready and time.monotonic() - self.started > _PATIENCE:
            raise WorkError(
                f"the cluster started no worker with {self.wants} in {_PATIENCE:.0f} s; it has "
                f"{ray.cluster_resources()}: ask for less (--cpus, --gpus) or add nodes"
            )
        return found

    def submit(self, slot: _Slot, assignment: Assignment) -> None:
        """Send a run to a worker."""
        slot.assignment, slot.plm = assignment, plm_of(assignment.spec)
        slot.answer = slot.actor.make.remote(assignment)

    def wait(self, timeout: float) -> list[Ending]:
        """How runs ended; a worker whose process or node died is started again where there is room."""
        waiting = {slot.answer: number for number, slot in enumerate(self.slots) if slot.answer is not None}
        done, _ = ray.wait(list(waiting), timeout=timeout) if waiting else ([], time.sleep(timeout))
        return [ending for answer in done if (ending := self._receive(waiting[answer])) is not None]

    def stop(self) -> None:
        """Raise the flag that tells the workers to stop; those that do not in time are killed."""
        living = [slot for slot in self.slots if slot.assignment is not None or slot.answer is None]
        if living:
            self.flag.touch()
            closed = [slot.actor.close.remote() for slot in living]
            ray.wait(closed, num_returns=len(closed), timeout=_GRACE)
        for slot in self.slots:
            ray.kill(slot.actor)
        self.slots = []
        self.flag.unlink(missing_ok=True)

    def _receive(self, number: int) -> Ending | None:
        slot = self.slots[number]
        assignment, answer, slot.assignment, slot.answer = slot.assignment, slot.answer, None, None
        try:
            ending = ray.get(answer)
            self.any_ready = True
            if assignment and ending.state in LAST:
                ray.kill(slot.actor)
                self.slots[number] = self._new()
            return ending
        except ray.exceptions.RayTaskError as error:  # the code does not work there: no run will
            raise WorkError(f"a worker cannot work: {error.cause!r}") from error
        except ray.exceptions.RayError as error:  # its process or node died, or is out of memory
            self.slots[number] = self._new()
            cause = f"its worker died: {str(error).splitlines()[0]}"
        return Ending(assignment.id, "lost", cause) if assignment else None


def passed_on() -> dict[str, str]:
    """The environment variables that workers get, with whole paths."""
    names = [name for name in os.environ if name.startswith(_PASSED_ON) and name not in _SECRET]
    return {name: os.environ[name] for name in names} | whole_paths()


def _follow(flag: Path) -> None:
    """Interrupt this process when the flag is raised."""
    while not flag.exists():
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGUSR1)
