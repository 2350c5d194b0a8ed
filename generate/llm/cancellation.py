"""Cancellation: one thread notices that an asker has left, another stops its work.

A scope of cancellation surrounds the work, as in Trio and AnyIO, so that no stage between the
route and the model's connection has to hand it on.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class AskerGoneError(Exception):
    """Nobody waits for the answer any more; it is given up. Not for users: nobody is there."""


class CancellationToken:
    """Tells whether a piece of work is still wanted. ``cancel`` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_cancelled = False
        self._wakes: list[Callable[[], None]] = []

    @property
    def is_cancelled(self) -> bool:
        """Tell whether nobody waits for the work any more."""
        return self._is_cancelled

    def cancel(self) -> None:
        """Cancel the work, and wake the threads that wait inside it."""
        with self._lock:
            self._is_cancelled = True
            for wake in self._wakes:
                wake()

    @contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Call ``wake`` if the work is cancelled inside the block, or was cancelled before."""
        with self._lock:
            self._wakes.append(wake)
            if self._is_cancelled:
                wake()
        try:
            yield
        finally:
            with self._lock:
                self._wakes.remove(wake)


_current: ContextVar[CancellationToken | None] = ContextVar("cancellation", default=None)


@contextmanager
def cancelled_by(token: CancellationToken) -> Iterator[None]:
    """Let a token cancel the work of the block."""
    previous = _current.set(token)
    try:
        yield
    finally:
        _current.reset(previous)


def raise_if_cancelled() -> None:
    """Go on where somebody waits.

    Raises:
        AskerGoneError: the asker has left.

    """
    token = _current.get()
    if token is not None and token.is_cancelled:
        raise AskerGoneError


@contextmanager
def wake_on_cancellation(wake: Callable[[], None]) -> Iterator[None]:
    """Let the asker's leaving end a wait inside the block; ``wake`` runs on another thread."""
    token = _current.get()
    if token is None:
        yield
        return
    with token.waking(wake):
        yield
