"""The index in memory: follows the change log, and never answers from behind it.

A read that finds itself behind appends a small segment, which is quick; segments are merged in
the background, against a view that does not change, and swapped in when they are ready.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from index.db.batched import batched
from index.db.database import head_value
from index.db.tables.documents import (
    IS_AUTHORITATIVE,
    AuthoritativeMark,
    ChunkRow,
    Document,
    Vector,
    Version,
)
from index.db.tables.store import ChangeLogEntry
from index.errors import StaleViewError
from index.kernels.vector_kernels import Int64
from index.segments.merge_policy import (
    LiveSegment,
    due_for_merge,
    join_tail,
    mark_dead,
    segments_to_compact,
    swap_segments,
)
from index.segments.row_ranges import Slice, readable_slice
from index.segments.segment import IndexedChunk, Segment, tie_of
from index.text.analyzer import document_terms

BATCH = 500
"""Documents read from the database at a time."""

ROWS = 20_000
"""Chunks that are gathered before a segment is built, so that no rebuild holds a whole store."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IndexView:
    """The index after one change of the log; it never changes, so a search may keep it."""

    seq: int
    segments: tuple[LiveSegment, ...] = ()

    def slices(self, classes: Int64) -> list[Slice]:
        """Return the readable ranges of every segment; ``classes`` are sorted keys."""
        slices = (readable_slice(segment, alive, classes) for segment, alive in self.segments)
        return [piece for piece in slices if len(piece.starts)]

    def without(self, documents: Int64) -> "IndexView":
        """Return a view in which the documents' rows are dead."""
        return IndexView(
            self.seq, tuple(mark_dead(live_segment, documents) for live_segment in self.segments)
        )

    @property
    def rows(self) -> int:
        """Live rows."""
        return sum(int(alive.sum()) for _, alive in self.segments)


class Index:
    """One model's index over one database."""

    def __init__(
        self, model: str, dimension: int, start: IndexView | None = None, *, rows: int = ROWS
    ) -> None:
        self.model = model
        self.dimension = dimension
        self._rows = rows
        self._lock = threading.Lock()
        self._merging = threading.Lock()
        self._frozen: tuple[LiveSegment, ...] = ()
        self._view = start or IndexView(seq=0)

    @property
    def newest(self) -> IndexView:
        """The last view that was made."""
        return self._view

    def view(self, session: Session, head: int | None = None) -> IndexView:
        """Return the view at the head of the change log as the session sees it.

        ``head`` is that head, where the caller has read it.

        Raises:
            StaleViewError: the index has gone past the session's moment; read again.

        """
        head = head_value(session, "changes") if head is None else head
        with self._lock:
            is_behind = self._view.seq < head
            if is_behind:
                self._view = self._replay(session, self._view, head)
            view = self._view
        if view.seq > head:
            raise StaleViewError("The index moved on during this read; read again.")
        if is_behind and due_for_merge(view.segments) and not self._merging.locked():
            threading.Thread(target=self._tidy, name="merge", daemon=True).start()
        return view

    def merge(self, *, whole: bool = False) -> bool:
        """Do one merge that is due, or make one segment of all; tell whether there was any.

        Searches and replays go on meanwhile. Rows that die during the merge are dead in its
        result, and segments that were added during it are kept.
        """
        with self._merging:
            with self._lock:
                choose = segments_to_compact if whole else due_for_merge
                self._frozen = choose(self._view.segments)
            if not self._frozen:
                return False
            try:
                merged_segment = Segment.merge(self._frozen)
                with self._lock:
                    segments = swap_segments(self._view.segments, self._frozen, merged_segment)
                    self._view = IndexView(self._view.seq, segments)
            finally:
                self._frozen = ()
        return True

    def _tidy(self) -> None:
        try:
            while self.merge():
                pass
        except Exception:  # the segments stay as they were, which is slower and just as right
            log.exception("segments could not be merged")

    def _replay(self, session: Session, view: IndexView, head: int) -> IndexView:
        touched = _touched_documents(session, view.seq, head)
        older = view.without(np.array(touched, dtype=np.int64)).segments
        newer = (
            (s, np.ones(s.rows, dtype=np.bool_)) for s in self._load_segments(session, touched)
        )
        return IndexView(head, join_tail((*older, *newer), self._frozen))

    def _load_segments(self, session: Session, documents: Sequence[int]) -> Iterator[Segment]:
        chunks: list[IndexedChunk] = []
        for keys in batched(documents, BATCH):
            for chunk in _load(session, keys, self.model):
                if len(chunks) >= self._rows and chunk.document_key != chunks[-1].document_key:
                    yield Segment.build(chunks, self.dimension)
                    chunks = []
                chunks.append(chunk)
        if chunks:
            yield Segment.build(chunks, self.dimension)


def _touched_documents(session: Session, after: int, head: int) -> list[int]:
    if after == 0:
        return list(session.scalars(select(Document.key).where(Document.version > 0)))
    statement = select(ChangeLogEntry.document_key).where(
        ChangeLogEntry.seq > after, ChangeLogEntry.seq <= head
    )
    return sorted(set(session.scalars(statement)))


def _load(session: Session, documents: Sequence[int], model: str) -> Iterator[IndexedChunk]:
    """Read the chunks of the searchable versions of some documents, with one model's vectors."""
    rows = session.execute(
        select(
            ChunkRow.key, ChunkRow.document_key, ChunkRow.ordinal, ChunkRow.context, ChunkRow.text,
            Document.class_key, Document.filename, Document.title, Document.version, Version.sha256,
            Document.owner, IS_AUTHORITATIVE.label("is_authoritative"), Vector.data,
        )
        .join(Document, Document.key == ChunkRow.document_key)
        .join(Version, Version.key == ChunkRow.version_key)
        .join(Vector, Vector.chunk_key == ChunkRow.key)
        .outerjoin(AuthoritativeMark, AuthoritativeMark.document_key == Document.key)
        .where(
            Document.key.in_(documents),
            Version.number == Document.version,
            Vector.model == model,
        )
        .order_by(ChunkRow.document_key)
        .execution_options(yield_per=1000)
    )  # fmt: skip
    for row in rows:
        yield IndexedChunk(
            chunk_key=row.key,
            document_key=row.document_key,
            class_key=row.class_key,
            tie=tie_of(
                row.sha256,
                row.filename,
                row.title,
                row.version,
                row.context,
                publisher=row.owner,
                is_authoritative=row.is_authoritative,
            ),
            ordinal=row.ordinal,
            vector=row.data,
            terms=document_terms(f"{row.context}\n{row.text}" if row.context else row.text),
        )
