"""Who read what: rows of the audit log, written in batches by a thread of their own.

Reads are many and must not wait for the database's one writer. So a read's row follows within
about a second; a process that is killed loses the reads of that second. One that is stopped, none.
Acts are different: they are recorded in their own transaction (``index/db/audit_chain.py``).
"""

import logging
import queue
import threading
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from sqlalchemy import bindparam, update
from sqlalchemy.exc import SQLAlchemyError

from index.db.audit_chain import Act, append, as_details
from index.db.database import Database
from index.db.tables.access import ApiKey
from index.db.tables.base import utc_now
from index.db.tables.people import SessionRow
from index.types import Actor

FLUSH_SECONDS = 1.0
USE_SECONDS = 60.0
"""The last use of a key or session is written at most once in this time."""
WAITING_AT_MOST = 100_000
BATCH = 1000

log = logging.getLogger(__name__)


class ReadLog:
    """Appends reads to the audit log, and notes the last use of keys and sessions in their rows.

    Both happen once a second at most.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: queue.Queue[Act] = queue.Queue(WAITING_AT_MOST)
        self._unwritten: list[Act] = []
        self._used_at: dict[str, float] = {}
        self._written_at: dict[str, float] = {}
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="read-log", daemon=True)
        self._thread.start()

    def record(
        self, actor: Actor, act: str, documents: Sequence[str] = (), *, subject: str = ""
    ) -> None:
        """Record a read of documents, or of ``subject``; never the question or its results.

        It waits only when the database is far behind.
        """
        single = documents[0] if len(documents) == 1 else ""
        about = subject or single
        unnamed = [document for document in documents if document != about]
        details = as_details({"documents": unnamed} if unnamed else {})
        at = utc_now().isoformat(timespec="milliseconds")
        self._waiting.put(Act(actor.scope.tenant, actor.author, act, about, details, at))

    def append(self, act: Act) -> None:
        """Append an act that no transaction carries out, such as a file that somebody changed."""
        self._waiting.put(act)

    def note_use(self, credential: str) -> None:
        """Note that a key or a session was used now."""
        self._used_at[credential] = utc_now().timestamp()

    def close(self) -> None:
        """Write the waiting reads and stop the thread."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(FLUSH_SECONDS):
            self.flush()
        self.flush(is_last=True)

    def flush(self, *, is_last: bool = False) -> None:
        """Write what waits now; what cannot be written waits for the next time."""
        try:
            with self._writing:
                while self._fill():
                    self._append()
                self._write_uses(is_last=is_last)
        except SQLAlchemyError:
            log.exception("reads could not be written to the audit log")

    def _fill(self) -> bool:
        """Take a batch off the queue; tell whether there is anything to write."""
        while len(self._unwritten) < BATCH and not self._waiting.empty():
            self._unwritten.append(self._waiting.get())
        return bool(self._unwritten)

    def _append(self) -> None:
        by_tenant = sorted(self._unwritten, key=attrgetter("tenant"))
        with self._database.write() as session:
            for tenant, acts in groupby(by_tenant, key=attrgetter("tenant")):
                append(session, tenant, list(acts))
        self._unwritten = []

    def _write_uses(self, *, is_last: bool) -> None:
        due = {
            credential: used_at
            for credential, used_at in list(self._used_at.items())
            if used_at != self._written_at.get(credential)
            and (is_last or used_at - self._written_at.get(credential, 0) >= USE_SECONDS)
        }
        if not due:
            return
        now = utc_now()
        values = [{"of": credential, "at": now} for credential in sorted(due)]
        with self._database.write() as session:
            session.connection().execute(_STAMP_KEY, values)
            session.connection().execute(_STAMP_SESSION, values)
        self._written_at.update(due)


_STAMP_KEY = update(ApiKey).where(ApiKey.id == bindparam("of")).values(last_used_at=bindparam("at"))
_STAMP_SESSION = (
    update(SessionRow).where(SessionRow.id == bindparam("of")).values(used_at=bindparam("at"))
)
