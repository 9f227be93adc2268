"""Making one run of a grid in a worker process: claim it, make it, write down how it ended."""

import logging
import time
import traceback
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from panda_core.errors import PandaError, PassingError, StoreError, out_of_memory
from panda_core.files import write_atomically
from panda_core.grid.claims import Claims
from panda_core.grid.failures import Failures
from panda_core.record import Record
from panda_core.runs import RunSpec
from panda_core.stopping import STOP
from panda_core.store import Store, writing

_PROBE = 2**16  # bytes
_PAUSE = 10.0  # seconds before a run is given back whose trouble may pass

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Assignment:
    """A run to be made. `again`: its record may be there, but its prompt, which another run needs, is not.

    `expired` names an owner that was found dead while it had the run.
    """

    id: str
    spec: RunSpec
    again: bool = False
    expired: str = ""


@dataclass(frozen=True)
class Ending:
    """How an assignment ended.

    "made" here; "found" made by another process; "busy": `holder` is making it; "failed" for `cause`; "stopped" by
    hand; "lost": the worker died, or its process must end, for a reason that is hardly the run's; "unstarted": it died
    before it began; "unusable": the store or the workers are, and there is no point in going on.
    """

    id: str
    state: Literal["made", "found", "busy", "failed", "stopped", "lost", "unstarted", "unusable"]
    cause: str = ""
    holder: str = ""
    seconds: float = 0.0


LAST = ("stopped", "lost")  # the states after which a worker's process ends


def plm_of(spec: RunSpec) -> tuple:
    """What tells apart the PLMs that a worker loads: name, revision, and how it is read."""
    return spec.plm, spec.revision, spec.protocol.head.reads


class Doing:
    """What a worker is at, and for how long."""

    def __init__(self, assignment: Assignment):
        self.assignment, self.since = assignment, time.monotonic()

    def facts(self) -> dict:
        """JSON values for the worker's heartbeat."""
        seconds = round(time.monotonic() - self.since, 1)
        return {"id": self.assignment.id, "run": self.assignment.spec.label, "seconds": seconds}


class LostClaim(PandaError):
    """Another process took the run over, because this one was silent for too long."""


class ClaimedStore(Store):
    """A store that saves the run `run` only while it is still claimed by `owner`.

    A prompt that was lost is trained again on the way and without a claim, unless another process claimed that run.
    """

    def __init__(self, root: Path, owner: str, run: str):
        super().__init__(root)
        self.owner, self.run = owner, run

    def save(self, record: Record, predictions, state: dict) -> Record:
        """As `Store.save`; a `LostClaim` where another process has the run."""
        allowed = {self.owner} if record.id == self.run else {self.owner, None}
        if Claims(self.root).holder(record.id) not in allowed:
            raise LostClaim(f"{record.spec.label}: taken over by another process")
        with STOP.allowed(False):
            return super().save(record, predictions, state)


def make(assignment: Assignment, root: Path, owner: str) -> Ending:
    """Make a run whose inputs are in the store. Never raises for a run that fails; it is recorded.

    A `KeyboardInterrupt` stops it: the claim is given back and nothing half-made is left.
    """
    claims, failures, started = Claims(root), Failures(root), time.monotonic()
    try:
        if holder := claims.take(assignment.id, owner, assignment.expired):
            return Ending(assignment.id, "busy", holder=holder)
        try:
            return _make(assignment, ClaimedStore(root, owner, assignment.id), failures, started)
        finally:
            claims.release(assignment.id, owner)
    except KeyboardInterrupt:
        return Ending(assignment.id, "stopped")
    except StoreError as error:
        return Ending(assignment.id, "unusable", str(error))
    except LostClaim:
        return Ending(assignment.id, "busy", holder=claims.holder(assignment.id) or "")


def probe(root: Path) -> None:
    """Raise a `StoreError` where the store cannot be written now: then it is the disk that failed, and not a run."""
    with writing(root):
        path = root / "cache" / "grid" / f"probe-{uuid.uuid4().hex}"
        write_atomically(path, lambda temporary: temporary.write_bytes(bytes(_PROBE)))
        path.unlink()


def of_the_device(error: Exception) -> bool:
    """Whether it is the processor or the GPU that failed: no more memory, which others may have taken, or an error
    after which a process can compute no more on its GPU. A process of its own gets another try."""
    import torch

    return out_of_memory(error) or isinstance(error, torch.AcceleratorError)


def _make(assignment: Assignment, store: ClaimedStore, failures: Failures, started: float) -> Ending:
    from panda_core.execution import complete, trained_state

    spec, details = assignment.spec, ""
    try:
        if store.find(spec) and not (assignment.again and store.prompt_path(spec) is None):
            return Ending(assignment.id, "found")
        if cause := failures.cause(spec):
            return Ending(assignment.id, "failed", cause)
        with STOP.allowed():
            (trained_state if assignment.again else complete)(spec, store)
        return Ending(assignment.id, "made", seconds=time.monotonic() - started)
    except (StoreError, LostClaim):
        raise
    except PassingError as error:
        time.sleep(_PAUSE)
        return Ending(assignment.id, "lost", str(error))
    except PandaError as error:
        cause = str(error)
    except Exception as error:  # a fault of the code or of a library: the grid goes on, the traceback is kept
        probe(store.root)
        if of_the_device(error):
            return Ending(assignment.id, "lost", " ".join(str(error).split()))
        cause, details = " ".join(f"{type(error).__name__}: {error}".split()), traceback.format_exc()
    log.info("failed: %s: %s", spec.label, cause)
    failures.record(spec, cause, details)
    return Ending(assignment.id, "failed", cause, seconds=time.monotonic() - started)
