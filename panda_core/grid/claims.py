"""Claims: which process makes a run, so that several drivers may share a store and no run is made twice.

    <root>/cache/grid/claims/<run id>   the id of the owner

All changes are made under one lock of the file system (local disks, NFS 4 and other ones that support locks). A claim
of a dead owner is taken over. An owner that was taken for dead and comes back finds that it lost its claim before it
saves anything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from panda_core.errors import StoreError
from panda_core.files import write_atomically
from panda_core.grid import owners
from panda_core.store import writing

_PATIENCE = 60.0  # seconds to wait for the lock, which is held for moments


class Claims:
    """The claims of the store below `root`."""

    def __init__(self, root: Path):
        self.root = root
        self.folder = root / "cache" / "grid" / "claims"

    def take(self, run: str, owner: str, expired: str = "") -> str | None:
        """Claim a run: None where it is the owner's now, else the id of the one that has it.

        `expired` names an owner on another machine that was silent for its whole lease.
        """
        with self._locked():
            (self.folder / run).touch()  # asks the disk: a network may remember for a while that a file was not there
            holder = self.holder(run)
            if holder and holder not in (owner, expired) and owners.lives(self.root, holder) is not False:
                return holder
            write_atomically(self.folder / run, lambda temporary: temporary.write_text(owner))
        return None

    def holder(self, run: str) -> str | None:
        """The id of the owner that has a run, None where nobody has."""
        try:
            return (self.folder / run).read_text() or None
        except FileNotFoundError:
            return None

    def release(self, run: str, owner: str) -> None:
        """Give a run back, where it is still the owner's."""
        with self._locked():
            if self.holder(run) == owner:
                (self.folder / run).unlink()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with writing(self.root):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                with FileLock(self.folder / ".lock", timeout=_PATIENCE):
                    yield
            except Timeout:
                raise StoreError(
                    f"{self.folder / '.lock'}: not to be had for {_PATIENCE:.0f} s; check that the file system "
                    "supports locks"
                ) from None
