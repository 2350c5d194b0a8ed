"""Erase what was deleted from the index of every process, and know which of them have done so.

A process that holds an index, in memory and in the files of its data folder, is a row. The row says
up to which number of the change log nothing that was deleted is left in either. Whoever wants a
document erased writes down the number that all are to reach. Each process reads it every few
seconds, compacts its index and writes what it has reached. A process that is silent for minutes is
gone; it erases what it has left behind when it starts again.
"""

import logging
import secrets
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from index.db.database import Database, head_value
from index.db.tables.base import utc_now
from index.db.tables.store import ChangeLogEntry, Head, RunningProcess
from index.library import Library
from index.segments.snapshot import published_rows

LOOK_SECONDS = 5.0
"""Between two looks at what is to be erased."""

BEAT_SECONDS = 60.0
"""Between two signs of life of a process that has nothing new to say."""

GONE = timedelta(seconds=3 * BEAT_SECONDS)
"""How long a process may be silent before nobody waits for it."""

ERASURE = "erasure"
"""The head that says up to which number of the change log all are to erase."""

log = logging.getLogger(__name__)


def request_erasure(database: Database) -> int:
    """Ask every process to erase what was deleted until now; return the number it has to reach."""
    with database.write() as session:
        head = head_value(session, "changes")
        session.execute(update(Head).where(Head.name == ERASURE).values(value=head))
    return head


def waiting_processes(session: Session, seq: int, *, now: datetime | None = None) -> int:
    """Count the living processes whose index may hold something that was deleted up to ``seq``."""
    is_waited_for = (
        RunningProcess.erased_seq < seq,
        RunningProcess.seen_at > (now or utc_now()) - GONE,
    )
    return session.scalars(select(func.count(RunningProcess.id)).where(*is_waited_for)).one()


def deletion_number(session: Session, documents: Sequence[int]) -> int:
    """Return the number of the last deletion under these keys; 0 where there is none."""
    deletions = select(func.max(ChangeLogEntry.seq)).where(
        ChangeLogEntry.document_key.in_(documents), ChangeLogEntry.kind == "delete"
    )
    return session.scalar(deletions) or 0


def erase_index(library: Library, documents: Iterable[int] = ()) -> bool:
    """Rewrite this process's index without dead rows; false where another publishes just now.

    Snapshots of models that are not in use go if they hold anything of what was deleted, or of
    ``documents``: they are rebuilt from the vectors when they are needed.
    """
    reached = library.compact()
    if reached is None:
        return False
    with library.database.read() as session:
        deleted = select(ChangeLogEntry.document_key).where(
            ChangeLogEntry.seq.between(library.erased_seq + 1, reached),
            ChangeLogEntry.kind == "delete",
        )
        keys = sorted({*documents, *session.scalars(deleted)})
    for folder in library.snapshot_folders():
        if folder != library.snapshots.folder and any(published_rows(folder, keys)):
            shutil.rmtree(folder, ignore_errors=True)
    library.erased_seq = reached
    if library.process is not None:
        _tell(library.database, library.process, reached)
    return True


class ErasureFollower:
    """Registers a process, and has its index erased whenever somebody asks for it."""

    def __init__(
        self, database: Database, kind: str, library: Callable[[], Library | None]
    ) -> None:
        self._database = database
        self._kind = kind
        self._library = library
        self._process = secrets.token_hex(8)
        self._next_beat = 0.0
        self._reached = 0

    def register(self) -> None:
        """Note that this process is there; until its index is open, nobody knows what it holds."""
        with self._database.write() as session:
            session.execute(
                delete(RunningProcess).where(RunningProcess.seen_at < utc_now() - 10 * GONE)
            )
            row = RunningProcess(id=self._process, kind=self._kind, erased_seq=0, seen_at=utc_now())
            session.merge(row)
        self._next_beat, self._reached = monotonic() + BEAT_SECONDS, 0

    def look(self) -> None:
        """Erase where that is asked for, and say how far this process has come."""
        library = self._library()
        if library is None:
            return
        library.process = self._process
        with self._database.read() as session:
            requested = head_value(session, ERASURE)
        if requested > library.erased_seq:
            erase_index(library)
        if library.erased_seq != self._reached or monotonic() >= self._next_beat:
            self._beat(library.erased_seq)

    def run(self, stop: threading.Event) -> None:
        """Look every few seconds until told to stop; then nobody waits for this process."""
        while not stop.is_set():
            try:
                self.look()
            except Exception:  # a look that failed is made again, and a receipt waits for it
                log.exception("it could not be seen what is to be erased")
            stop.wait(LOOK_SECONDS)
        self.leave()

    def leave(self) -> None:
        """Note that this process ends."""
        try:
            with self._database.write() as session:
                session.execute(delete(RunningProcess).where(RunningProcess.id == self._process))
        except SQLAlchemyError:  # its row goes stale, and nobody waits for it then
            log.warning("the end of this process could not be noted", exc_info=True)

    def _beat(self, reached: int) -> None:
        if not _tell(self._database, self._process, reached):
            self.register()  # others took this process for gone, and forgot it
            _tell(self._database, self._process, reached)
        self._next_beat, self._reached = monotonic() + BEAT_SECONDS, reached


def _tell(database: Database, process: str, reached: int) -> bool:
    """Write what a process has reached; false where it is not registered."""
    statement = update(RunningProcess).where(RunningProcess.id == process)
    with database.write() as session:
        values = {"erased_seq": reached, "seen_at": utc_now()}
        return session.connection().execute(statement.values(**values)).rowcount == 1
