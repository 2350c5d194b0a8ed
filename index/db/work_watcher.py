"""The one look a second for work that other processes have queued."""

import logging
import threading

from sqlalchemy import select

from index.db.database import Database
from index.db.tables.base import utc_now

LOOK_SECONDS = 1.0
"""Between two looks."""

log = logging.getLogger(__name__)


def watch_for_work(
    database: Database, stop: threading.Event, *, seconds: float = LOOK_SECONDS
) -> None:
    """Look every second, in one statement, for every kind of work, until told to stop."""
    with database.signals.watched():
        while not stop.wait(seconds):
            try:
                database.signals.send(*_look(database))
            except Exception:  # a database that fails for a moment must not end the thread
                log.exception("work could not be looked for")


def _look(database: Database) -> list[str]:
    conditions, now = dict(database.signals.conditions), utc_now()
    if not conditions:
        return []
    statement = select(*(condition(now).label(kind) for kind, condition in conditions.items()))
    with database.read() as session:
        row = session.execute(statement).mappings().one()
    return [kind for kind, is_due in row.items() if is_due]
