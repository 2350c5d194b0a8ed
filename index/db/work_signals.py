"""Wake the threads of a process that wait for work: one statement a second looks for all of them.

What this process queues itself wakes them at once.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

WorkKind = Literal["jobs", "messages", "runs", "responses"]

Condition = Callable[[datetime], ColumnElement[bool]]
"""Returns the condition that there is work of a kind at a moment."""

LONGEST_WAIT_SECONDS = 60.0
"""After so long a thread looks itself, whatever the one that watches does."""

_SIGNALS = "work"


class WorkSignals:
    """Counts the moments at which there was work of a kind, and lets threads wait for the next."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._counts: Counter[str] = Counter()
        self._is_watched = False
        self.conditions: dict[WorkKind, Condition] = {}
        """Whoever waits for work of a kind says here when there is some."""

    def count(self, kind: WorkKind) -> int:
        """Return how often there was work so far: read it before you look for some."""
        with self._changed:
            return self._counts[kind]

    def send(self, *kinds: str) -> None:
        """Wake whoever waits for work of these kinds; without any, who was told to stop."""
        with self._changed:
            self._counts.update(kinds)
            self._changed.notify_all()

    def wait(self, kind: WorkKind, count: int, stop: threading.Event, *, seconds: float) -> None:
        """Wait for work since ``count`` was read, or until told to stop.

        Where nobody watches for work in this process, it ends after ``seconds``: look yourself.
        """
        if not self._is_watched:
            stop.wait(seconds)
            return
        with self._changed:
            self._changed.wait_for(
                lambda: self._counts[kind] != count or stop.is_set(), LONGEST_WAIT_SECONDS
            )

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Let threads wait without looking themselves for the length of the block."""
        self._is_watched = True
        try:
            yield
        finally:
            self._is_watched = False
            self.send()


def signal_work(session: Session, kind: WorkKind) -> None:
    """Wake those who wait for such work in this process, once the session has committed."""
    session.info.setdefault(_SIGNALS, set()).add(kind)


def committed_work(session: Session) -> set[str]:
    """Return the kinds of work that a session has queued."""
    kinds: set[str] = session.info.get(_SIGNALS, set())
    return kinds
