"""How a process is asked to stop, by hand or by its driver: at a moment when nothing is lost."""

import signal
import threading
from collections.abc import Callable, Iterator
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
        except Exception as error:
            if allowed and self.made:  # libraries turn an interrupt within them into errors of their own
                raise KeyboardInterrupt from error
            raise
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


@contextmanager
def on_signals(handler: Callable[..., None], *numbers: signal.Signals) -> Iterator[None]:
    """Within the block these signals call `handler`, where it runs in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler_before in before.items():
            signal.signal(number, handler_before)
