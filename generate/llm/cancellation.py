"""What is done for an asker who may leave: one thread notices, another stops its work.

A scope of cancellation surrounds the work, as in Trio and AnyIO, so that no stage between the
route and the model's connection has to hand it on.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class AskerGoneError(Exception):
    """Nobody waits for the answer any more; it is given up. Not for users: nobody is there."""


class Presence:
    """Whether an asker is still there. ``leave`` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gone = False
        self._wakes: list[Callable[[], None]] = []

    @property
    def gone(self) -> bool:
        """Tell whether the asker has left."""
        return self._gone

    def leave(self) -> None:
        """Note that the asker has left, and wake whoever waits on its behalf."""
        with self._lock:
            self._gone = True
            for wake in self._wakes:
                wake()

    @contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Call ``wake`` if the asker leaves inside the block, or has left already."""
        with self._lock:
            self._wakes.append(wake)
            if self._gone:
                wake()
        try:
            yield
        finally:
            with self._lock:
                self._wakes.remove(wake)


_present: ContextVar[Presence | None] = ContextVar("asker", default=None)


@contextmanager
def on_behalf_of(asker: Presence) -> Iterator[None]:
    """Do the block's work for this asker."""
    token = _present.set(asker)
    try:
        yield
    finally:
        _present.reset(token)


def still_wanted() -> None:
    """Go on where somebody waits.

    Raises:
        AskerGoneError: the asker has left.

    """
    asker = _present.get()
    if asker is not None and asker.gone:
        raise AskerGoneError


@contextmanager
def woken_by_leaving(wake: Callable[[], None]) -> Iterator[None]:
    """Let the asker's leaving end a wait inside the block; ``wake`` runs on another thread."""
    asker = _present.get()
    if asker is None:
        yield
        return
    with asker.waking(wake):
        yield
