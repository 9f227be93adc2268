"""What a person is told where the hub's client fails."""

import errno

from panda_core.errors import PassingError, WorkError


def failure(what: str, error: Exception, otherwise: str) -> WorkError:
    """The error that a person sees where the hub's client failed: a `PassingError` where it may pass by itself.

    `what` could not be had; `otherwise` names other ways to the same thing, after the advice that fits the error.
    """
    status = getattr(getattr(error, "response", None), "status_code", 0)
    kind = PassingError if status == 429 or status >= 500 else WorkError
    return kind(f"{what} could not be had from the hub ({type(error).__name__}); {_remedy(error)}{otherwise}")


def _remedy(error: Exception) -> str:
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):  # first, as it is a RepositoryNotFoundError too
        return "ask for access on its page there, then log in with `hf auth login`"
    if isinstance(error, errors.RevisionNotFoundError):
        return "check the revision, of which it has none"
    if isinstance(error, errors.RepositoryNotFoundError):
        return "check the name, and log in with `hf auth login` where it is private"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "make room, as the disk is full"
    return "check the network"
