"""The index in memory: follows the change log, and never answers from behind it."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from index.analyser import analyse
from index.batches import batched
from index.database import head_value
from index.errors import StaleViewError
from index.kernels import Bool, Int64
from index.ranges import Slice, readable_slice
from index.segment import IndexedChunk, Segment, tie_of
from index.tables import Change, ChunkRow, Document, Vector, Version

BATCH = 500
"""Documents read from the database at a time."""

GROWTH = 4
"""A segment is merged into its elder once it is a quarter of its size, so few are ever kept."""

Held = tuple[Segment, Bool]
"""A segment and which of its rows are live."""


@dataclass(frozen=True, slots=True)
class View:
    """What is searchable after one change; never altered, so a search may keep it."""

    seq: int
    segments: tuple[Held, ...] = ()

    def slices(self, classes: Int64) -> list[Slice]:
        """Return the readable ranges of every segment; ``classes`` are sorted keys."""
        parts = (readable_slice(segment, alive, classes) for segment, alive in self.segments)
        return [part for part in parts if len(part.starts)]

    def without(self, documents: Int64) -> "View":
        """Return a view in which the documents' rows are dead."""
        return View(self.seq, tuple(_bury(held, documents) for held in self.segments))

    @property
    def rows(self) -> int:
        """Live rows."""
        return sum(int(alive.sum()) for _, alive in self.segments)


class Index:
    """One model's index over one database."""

    def __init__(self, model: str, dimension: int, start: View | None = None) -> None:
        self.model = model
        self.dimension = dimension
        self._lock = threading.Lock()
        self._view = start or View(seq=0)

    @property
    def newest(self) -> View:
        """The last view that was made."""
        return self._view

    def view(self, session: Session) -> View:
        """Return the view at the head of the change log as the session sees it.

        Raises:
            StaleViewError: the index has gone past the session's moment; read again.

        """
        head = head_value(session, "changes")
        with self._lock:
            if self._view.seq < head:
                self._view = self._replayed(session, self._view, head)
            if self._view.seq > head:
                raise StaleViewError("The index moved on during this read; read again.")
            return self._view

    def _replayed(self, session: Session, view: View, head: int) -> View:
        touched = _touched(session, view.seq, head)
        view = view.without(np.array(touched, dtype=np.int64))
        for keys in batched(touched, BATCH):
            chunks = list(_load(session, keys, self.model))
            if chunks:
                view = self._with(view, Segment.build(chunks, self.dimension))
        return View(head, view.segments)

    def _with(self, view: View, segment: Segment) -> View:
        held = [*view.segments, (segment, np.ones(segment.rows, dtype=np.bool_))]
        while len(held) > 1 and _due(held[-2], held[-1]):
            merged = Segment.merge(held[-2:])
            held[-2:] = [(merged, np.ones(merged.rows, dtype=np.bool_))]
        return View(view.seq, tuple(held))


def _due(elder: Held, younger: Held) -> bool:
    return int(younger[1].sum()) * GROWTH >= int(elder[1].sum())


def _touched(session: Session, after: int, head: int) -> list[int]:
    if after == 0:
        return list(session.scalars(select(Document.key).where(Document.version > 0)))
    statement = select(Change.document_key).where(Change.seq > after, Change.seq <= head)
    return sorted(set(session.scalars(statement)))


def _bury(held: Held, documents: Int64) -> Held:
    segment, alive = held
    dead = np.flatnonzero(np.isin(segment.document_key, documents))
    if not len(dead):
        return held
    alive = alive.copy()
    for at in dead:
        alive[segment.document_start[at] : segment.document_start[at + 1]] = False
    return segment, alive


def _load(session: Session, documents: Sequence[int], model: str) -> Iterator[IndexedChunk]:
    """Read the chunks of the searchable versions of some documents, with one model's vectors."""
    rows = session.execute(
        select(
            ChunkRow.key, ChunkRow.document_key, ChunkRow.ordinal, ChunkRow.context, ChunkRow.text,
            Document.class_key, Document.filename, Version.sha256, Vector.data,
        )
        .join(Document, Document.key == ChunkRow.document_key)
        .join(Version, Version.key == ChunkRow.version_key)
        .join(Vector, Vector.chunk_key == ChunkRow.key)
        .where(
            Document.key.in_(documents),
            Version.number == Document.version,
            Vector.model == model,
        )
    )  # fmt: skip
    for row in rows:
        yield IndexedChunk(
            chunk_key=row.key,
            document_key=row.document_key,
            class_key=row.class_key,
            tie=tie_of(row.sha256, row.filename),
            ordinal=row.ordinal,
            vector=row.data,
            terms=analyse(f"{row.context}\n{row.text}" if row.context else row.text),
        )
