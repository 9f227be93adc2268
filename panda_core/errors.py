"""Errors that a person reads: what was wrong, where, and what to do about it."""

from collections.abc import Iterable
from difflib import get_close_matches


class PandaError(Exception):
    """Base of every error raised on purpose; the command line prints it as one line."""

    exit_status = 1


class WorkError(PandaError):
    """The work failed: data, weights or a stored file were not as needed (exit status 1)."""


class DamagedError(WorkError):
    """A stored file is not what it was when it was written; deleting it and making it again helps."""


class StoreError(WorkError):
    """The run store cannot be written or locked: a full or read-only disk, missing rights. No run is to blame."""


class PassingError(WorkError):
    """What failed may be well in a moment: a hub that is busy. Worth another attempt before a run counts as failed."""


class UsageError(PandaError):
    """The words of the call were wrong: an unknown name or an impossible value (exit status 2)."""

    exit_status = 2


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the processor, or a GPU, has no more memory."""
    words = ("out of memory", "can't allocate memory")  # torch's, on a GPU and on the processor
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and any(w in str(error) for w in words))


def unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """A `UsageError` for an unknown name, with near matches first and then all known names."""
    known = sorted(known)
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return UsageError(f"unknown {kind} '{name}': {hint}known: {', '.join(known)}")
