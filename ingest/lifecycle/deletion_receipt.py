"""Proof that a deleted document is gone: from the tables, the originals, the index, the disk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from index.db.tables.access import AccessEvent
from index.db.tables.documents import ChunkRow, Document, FindingRow, Version
from index.db.tables.jobs import Job
from index.db.tables.questions import AnswerRow
from index.db.tables.reviews import ReviewItem
from index.erasure import (
    deletion_number,
    erase_index,
    request_erasure,
    waiting_processes,
)
from index.errors import NotFoundError
from index.library import Library
from index.segments.memory_index import IndexView
from index.segments.snapshot import published_rows
from index.storage.blob_store import Blobs
from index.types import Scope


@dataclass(frozen=True, slots=True)
class DeletionReceipt:
    """Counts of everything that is left of a deleted document, wherever it could be."""

    document_id: str
    deleted_at: datetime
    rows: int
    """Rows of documents, versions, chunks and findings; vectors cannot outlive their chunks."""
    originals: int
    """Original files that can still be opened."""
    answers: int
    """Stored answers and held replies that drew on it; they belong to those who asked."""
    searchable: int
    """Live rows in this process's index, at the head of the change log."""
    published: int
    """Live rows in snapshots; a start replays the deletion before it searches."""
    buried: int
    """Dead rows in memory and in snapshots: never searched, gone with the next compaction."""
    waiting: int
    """Processes that have not confirmed yet that their index holds nothing of it."""

    @property
    def finding(self) -> Literal["erased", "pending", "gone", "found"]:
        """The whole in one word.

        No byte is left anywhere; none is left in this process's reach, and others have to confirm;
        nobody can reach it; or it can be read still.
        """
        if not self.is_gone:
            return "found"
        if self.published or self.buried:
            return "gone"
        return "pending" if self.waiting else "erased"

    @property
    def is_gone(self) -> bool:
        """Nothing of it can be read or found any more."""
        return not (self.rows or self.originals or self.searchable)

    @property
    def is_erased(self) -> bool:
        """No byte of its text or vectors is left in tables, originals, memory or snapshots."""
        return self.finding == "erased"


def deletion_receipt(
    library: Library, scope: Scope, document_id: str, *, compact: bool = False
) -> DeletionReceipt:
    """Look for a deleted document of the scope's tenant everywhere; with ``compact``, erase it.

    Compaction rewrites this model's index without dead rows, and removes the snapshots of models
    that are not in use if they hold any of it: they are rebuilt from the vectors when needed.

    Raises:
        NotFoundError: no document of that id was ever deleted here.

    """
    with library.database.read() as session:
        event = _deletion(session, scope, document_id)
        deleted_at, blobs = event.at, event.before.get("blobs", [])
        keys, shared_keys = _keys(session, document_id)
    library.follow()
    if compact:
        erase_index(library, [*keys, *shared_keys])
        request_erasure(library.database)
    with library.database.read() as session:
        rows, answers = _rows(session, document_id, keys), _answers(session, scope, document_id)
        number = deletion_number(session, [*keys, *shared_keys])
        waiting = waiting_processes(session, number)
    searchable, _ = _count_rows(library.index.newest, keys)
    _, dead = _count_rows(library.index.newest, [*keys, *shared_keys])
    folders = library.snapshot_folders()
    dead += sum(published_rows(folder, [*keys, *shared_keys])[1] for folder in folders)
    return DeletionReceipt(
        document_id=document_id,
        deleted_at=deleted_at,
        rows=rows,
        originals=opened_originals(library.blobs, blobs),
        answers=answers,
        searchable=searchable,
        published=sum(published_rows(folder, keys)[0] for folder in folders),
        buried=dead,
        waiting=waiting,
    )


@dataclass(frozen=True, slots=True)
class IndexRows:
    """Rows of deleted documents that are left in the index, counted as a receipt counts them."""

    searchable: int
    published: int
    buried: int
    waiting: int


def erase_rows(library: Library, keys: Sequence[int]) -> IndexRows:
    """Compact the index, so that no row of these deleted documents stays; count what is left.

    A key that another document has been given since is that one's, and is left out.
    """
    erase_index(library, keys)
    number = request_erasure(library.database)
    with library.database.read() as session:
        waiting = waiting_processes(session, number)
        reused = session.scalars(select(Document.key).where(Document.key.in_(keys)))
        own = sorted(set(keys) - set(reused))
    searchable, buried = _count_rows(library.index.newest, own)
    of_snapshots = [published_rows(folder, own) for folder in library.snapshot_folders()]
    return IndexRows(
        searchable,
        sum(live for live, _ in of_snapshots),
        buried + sum(dead for _, dead in of_snapshots),
        waiting,
    )


def opened_originals(blobs: Blobs, names: Iterable[str]) -> int:
    """Count the original files that can still be opened."""
    return sum(_opens(blobs, name) for name in names)


def _deletion(session: Session, scope: Scope, document_id: str) -> AccessEvent:
    event = session.scalar(
        select(AccessEvent).where(
            AccessEvent.tenant == scope.tenant,
            AccessEvent.document_id == document_id,
            AccessEvent.action.in_(("delete", "expire", "reject")),
        )
    )
    if event is None:
        raise NotFoundError
    return event


def _keys(session: Session, document_id: str) -> tuple[list[int], list[int]]:
    """Return the keys its rows had, apart from those that another document has been given since.

    Rows that are alive under a key of the second kind belong to the other document; of dead ones
    nobody can tell, and they are counted.
    """
    of_document = select(Job.document_key).where(Job.document_id == document_id).distinct()
    is_reused = exists().where(Document.key == Job.document_key, Document.id != document_id)
    return list(session.scalars(of_document.where(~is_reused))), list(
        session.scalars(of_document.where(is_reused))
    )


def _rows(session: Session, document_id: str, keys: Sequence[int]) -> int:
    counts = (
        select(func.count()).select_from(Document).where(Document.id == document_id),
        select(func.count()).select_from(Version).where(Version.document_key.in_(keys)),
        select(func.count()).select_from(ChunkRow).where(ChunkRow.document_key.in_(keys)),
        select(func.count()).select_from(FindingRow).where(FindingRow.document_key.in_(keys)),
    )
    return sum(session.scalars(count).one() for count in counts)


def _answers(session: Session, scope: Scope, document_id: str) -> int:
    drawn_on = (
        documents
        for table in (AnswerRow, ReviewItem)
        for documents in session.scalars(
            select(table.documents).where(table.tenant == scope.tenant)
        ).yield_per(1000)
    )
    return sum(document_id in documents for documents in drawn_on)


def _count_rows(view: IndexView, keys: Sequence[int]) -> tuple[int, int]:
    live = dead = 0
    for segment, alive in view.segments:
        rows_alive = alive[np.isin(segment.document_key, keys)[segment.document]]
        live += int(rows_alive.sum())
        dead += int((~rows_alive).sum())
    return live, dead


def _opens(blobs: Blobs, name: str) -> bool:
    try:
        blobs.open(name).close()
    except NotFoundError:
        return False
    return True
