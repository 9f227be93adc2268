"""What a person can do where the hub's client fails."""

import errno

from panda_core.errors import PassingError, WorkError


def kind_of(error: Exception) -> type[WorkError]:
    """The type that an error of the hub's client becomes: whether it may pass by itself."""
    status = getattr(getattr(error, "response", None), "status_code", 0)
    return PassingError if status == 429 or status >= 500 else WorkError


def remedy(error: Exception) -> str:
    """The advice that fits an error of the hub's client, to be followed by other ways to the same thing."""
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
