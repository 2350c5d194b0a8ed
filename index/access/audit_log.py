"""Who changed access, and who read what.

Changes of access are rows in the database, written in the transaction that makes them. Reads are
many and must not wait for the database's one writer. So they go to a file, in batches.
"""

import json
import logging
import os
import queue
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.db.tables.access import AccessEvent
from index.db.tables.base import utc_now
from index.types import AccessList, Scope

FLUSH_SECONDS = 1.0
WAITING_AT_MOST = 100_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccessChange:
    """One change of who may read a document."""

    at: str
    actor: str
    action: str
    """``upload``, ``access``, ``mark``, ``unmark``, ``release``, ``reject``, ``expire`` or
    ``delete``."""
    document_id: str
    before: dict[str, list[str]] | None
    after: dict[str, list[str]] | None


def record_access_change(
    session: Session,
    *,
    scope: Scope,
    actor: str,
    action: str,
    document_id: str,
    before: AccessList | None = None,
    after: AccessList | None = None,
    blobs: Sequence[str] = (),
) -> None:
    """Record a change in the transaction that makes it; for a deletion also the blobs to remove."""
    session.add(
        AccessEvent(
            tenant=scope.tenant,
            actor=actor,
            action=action,
            document_id=document_id,
            before={**_as_json(before), **({"blobs": list(blobs)} if blobs else {})},
            after=_as_json(after),
        )
    )


def access_changes(session: Session, tenant: str, document_id: str) -> list[AccessChange]:
    """Return a document's changes of access, oldest first; they outlive the document."""
    rows = session.scalars(
        select(AccessEvent)
        .where(AccessEvent.tenant == tenant, AccessEvent.document_id == document_id)
        .order_by(AccessEvent.key)
    )
    return [
        AccessChange(
            row.at.isoformat(), row.actor, row.action, row.document_id,
            _lists(row.before), _lists(row.after),
        )
        for row in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """One read: who, which action, which documents; never the question or its results."""

    at: str
    tenant: str
    reader: str
    action: str
    """``search``, ``ask``, ``text``, ``content`` or ``page``."""
    documents: tuple[str, ...]


class ReadLog:
    """Appends reads to one file a day, in batches, from a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: queue.Queue[ReadEvent] = queue.Queue(WAITING_AT_MOST)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="read-log", daemon=True)
        self._thread.start()

    def record(self, scope: Scope, reader: str, action: str, documents: Sequence[str]) -> None:
        """Record a read; wait only when the disk is far behind."""
        at = utc_now().isoformat(timespec="milliseconds")
        self._waiting.put(ReadEvent(at, scope.tenant, reader, action, tuple(documents)))

    def close(self) -> None:
        """Write the waiting reads and stop the thread."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(FLUSH_SECONDS):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        batch: list[ReadEvent] = []
        while not self._waiting.empty():
            batch.append(self._waiting.get())
        if not batch:
            return
        try:
            self._append(batch)
        except OSError:
            log.exception("reads could not be written to the audit log")

    def _append(self, batch: Sequence[ReadEvent]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"reads-{batch[0].at[:10]}.jsonl"
        with path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(event)) + "\n" for event in batch)
            file.flush()
            os.fsync(file.fileno())


def _lists(recorded: dict[str, Any]) -> dict[str, list[str]] | None:
    return {name: recorded[name] for name in ("allow", "deny") if name in recorded} or None


def _as_json(access: AccessList | None) -> dict[str, Any]:
    if access is None:
        return {}
    return {"allow": sorted(access.allow), "deny": sorted(access.deny)}
