"""Processes that share a store, and whether they still live; no clock of one machine is compared with another's.

    <root>/cache/grid/owners/<id>.lock   held by the process while it lives; the system lets go of it when it dies
    <root>/cache/grid/owners/<id>.json   its machine, what it does, and a count that rises with every heartbeat

On one machine the lock decides at once. From another machine a process counts as dead when its count has not risen
for a whole lease, measured by the watcher's own monotonic clock. A machine that was started again is another one; what
its processes left is cleared away once it is old, by the times that the file system gives the files.
"""

import json
import logging
import math
import os
import platform
import threading
import time
import uuid
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from filelock import FileLock, Timeout

from panda_core.files import TEMPORARY, write_atomically
from panda_core.store import writing

HEARTBEAT = 5.0  # seconds
LEASE = 120.0  # seconds without a heartbeat after which another machine's process counts as dead
OLD = 3600.0  # seconds after which a file that is not renewed is taken for left behind

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def machine() -> str:
    """This start of this machine: a restarted one is another."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return boot.read_text().strip() if boot.exists() else platform.node()


def folder_of(root: Path) -> Path:
    """The folder of the owners of a store."""
    return root / "cache" / "grid" / "owners"


class Owner:
    """This process, as others see it. `facts` gives JSON values about what it does, read at every heartbeat."""

    def __init__(self, root: Path, kind: str, facts: Callable[[], dict] = dict):
        self.id, self.kind, self.facts, self.beats = uuid.uuid4().hex, kind, facts, 0
        self.folder, self.machine = folder_of(root), machine()
        with writing(root):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self.folder / f"{self.id}.lock")
            self._lock.acquire(timeout=0)
            self._write()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_beating, name="heartbeat", daemon=True)
        self._thread.start()

    def beat(self) -> None:
        """One heartbeat. A disk that is full for a moment stops no run: the next beat tries again."""
        try:
            self._write()
        except OSError as error:
            log.warning("no heartbeat could be written: %s", error)

    def close(self) -> None:
        """Take leave: whatever is still claimed counts as abandoned."""
        self._stop.set()
        self._thread.join()
        for suffix in (".json", ".lock"):
            (self.folder / f"{self.id}{suffix}").unlink(missing_ok=True)
        self._lock.release()

    def _write(self) -> None:
        self.beats += 1
        values = {"machine": self.machine, "host": platform.node(), "pid": os.getpid(), "kind": self.kind}
        text = json.dumps({**values, "beats": self.beats, "facts": self.facts()})
        write_atomically(self.folder / f"{self.id}.json", lambda temporary: temporary.write_text(text))

    def _keep_beating(self) -> None:
        while not self._stop.wait(HEARTBEAT):
            self.beat()


def read(root: Path, owner: str) -> dict | None:
    """What an owner last said of itself; None where there is nothing."""
    try:
        return json.loads((folder_of(root) / f"{owner}.json").read_text())
    except (FileNotFoundError, ValueError):
        return None


def lives(root: Path, owner: str) -> bool | None:
    """Whether a process lives; None where only its heartbeat can tell, as it is on another machine or not ours."""
    said = read(root, owner)
    if said is None:
        return False
    if said["machine"] != machine():
        return None
    lock = FileLock(folder_of(root) / f"{owner}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:  # of another user, on a disk that may only be read
        return None
    lock.release()
    return False


class Watch:
    """Heartbeats as one process sees them come in."""

    def __init__(self, root: Path, lease: float = LEASE, clock: Callable[[], float] = time.monotonic):
        self.root, self.lease, self.clock = root, lease, clock
        self._seen: dict[str, tuple[int, float]] = {}

    def dead(self, owner: str) -> bool:
        """Whether the owner is known to be dead, or was silent for a lease since it was first asked about."""
        alive = lives(self.root, owner)
        if alive is not None:
            return not alive
        beats, now = (read(self.root, owner) or {"beats": -1})["beats"], self.clock()
        if self._seen.get(owner, (None,))[0] != beats:
            self._seen[owner] = beats, now
        return now - self._seen[owner][1] >= self.lease


def living(root: Path) -> list[dict]:
    """What the processes say of themselves that live, or may live on other machines."""
    found = []
    for owner in _known(root):
        alive, said = lives(root, owner), read(root, owner)
        if alive is not False and said:
            found.append({**said, "here": alive is True})
    return found


def bury(root: Path, own: str) -> None:
    """Remove the files of processes that died on this machine, and of those elsewhere whose last heartbeat is far
    behind that of this process, whose id is `own`."""
    for owner in _known(root):
        alive = lives(root, owner)
        if alive is False or (alive is None and _last_beat(root, own) - _last_beat(root, owner) > OLD):
            for suffix in (".json", ".lock"):
                (folder_of(root) / f"{owner}{suffix}").unlink(missing_ok=True)


def _last_beat(root: Path, owner: str) -> float:
    """When an owner was last heard of, in seconds of the file system's clock; never, where it took leave."""
    try:
        return (folder_of(root) / f"{owner}.json").stat().st_mtime
    except FileNotFoundError:
        return -math.inf


def _known(root: Path) -> list[str]:
    """The owners with a file; one that is being written is not there yet."""
    paths = folder_of(root).glob("*.json")
    return sorted(path.stem for path in paths if not path.name.startswith(TEMPORARY))
