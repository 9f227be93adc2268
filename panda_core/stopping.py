"""How a process is asked to stop, by hand or by its driver: at a moment when nothing is lost."""

from collections.abc import Iterator
from contextlib import contextmanager


class StopRequest:
    """A request to stop, as a signal handler: a `KeyboardInterrupt`, once, and only where work may be cut short."""

    def __init__(self):
        self.made, self._allowed = False, False

    def __call__(self, *_signal) -> None:
        """Ask to stop."""
        self.made = True
        self._raise_if(self._allowed)

    @contextmanager
    def allowed(self, allowed: bool = True) -> Iterator[None]:
        """Whether the block may be cut short; a request that came at a wrong moment takes effect after it."""
        before, self._allowed = self._allowed, allowed
        try:
            self._raise_if(allowed and self.made)
            yield
        finally:
            self._allowed = before
        self._raise_if(before and self.made)

    def obey(self) -> None:
        """Stop here, where it was asked for; for a good moment within a block that may not be cut short."""
        self._raise_if(self.made)

    def _raise_if(self, condition: bool) -> None:
        if condition:
            self._allowed = False
            raise KeyboardInterrupt


STOP = StopRequest()  # of this process
