"""Wake the threads of a process that wait for work: one statement a second looks for all of them.

What this process queues itself wakes them at once.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from index.db.tables.base import utc_now

if TYPE_CHECKING:
    from index.db.database import Database

WorkKind = Literal["jobs", "messages", "runs", "responses"]

Condition = Callable[[datetime], ColumnElement[bool]]
"""Returns the condition that there is work of a kind at a moment."""

LOOK_SECONDS = 1.0
"""Between two looks for work that other processes have queued."""

LONGEST_WAIT_SECONDS = 60.0
"""After so long a thread looks itself, whatever the one that watches does."""

_SIGNALS = "work"

log = logging.getLogger(__name__)


class WorkSignals:
    """Counts the moments at which there was work of a kind, and lets threads wait for the next."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._counts: Counter[str] = Counter()
        self._is_watched = False

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


def watch_for_work(
    database: "Database",
    conditions: Mapping[WorkKind, Condition],
    stop: threading.Event,
    *,
    seconds: float = LOOK_SECONDS,
) -> None:
    """Look every second, in one statement, for work of all these kinds, until told to stop."""
    with database.signals.watched():
        while not stop.wait(seconds):
            try:
                database.signals.send(*_look(database, conditions))
            except Exception:  # a database that fails for a moment must not end the thread
                log.exception("work could not be looked for")


def _look(database: "Database", conditions: Mapping[WorkKind, Condition]) -> list[str]:
    now = utc_now()
    statement = select(*(condition(now).label(kind) for kind, condition in conditions.items()))
    with database.read() as session:
        row = session.execute(statement).mappings().one()
    return [kind for kind, is_due in row.items() if is_due]
