"""Everything one asker may read, at one moment."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from index.access import readable
from index.analyser import ANALYSER_VERSION
from index.batches import batched
from index.dense import Nominator
from index.embedder import Matrix
from index.errors import StaleViewError
from index.kernels import Int64
from index.layout import line_boxes, unpack_span
from index.ranges import Slice
from index.search import search_dense, search_lexical
from index.tables import AccessClass, ChunkRow, Document, Secret, Vector, Version
from index.types import Hit, Scope, StoredChunk, TextBox

T = TypeVar("T")

PARAMETERS = 10_000
"""Keys in one statement: SQLite takes at most 32,766, and private uploads make many classes."""


class Reader:
    """Searches and reads inside one scope, in one transaction. Made by ``Library.read``."""

    def __init__(
        self,
        session: Session,
        scope: Scope,
        parts: Sequence[Slice],
        classes: Int64,
        nominator: Nominator,
        model: str,
    ) -> None:
        self.scope = scope
        self._session = session
        self._parts = parts
        self._classes = classes
        self._nominator = nominator
        self._model = model
        self._readable = readable(scope)

    @property
    def snapshot(self) -> str:
        """Name what the readable classes held at this moment; it says nothing of any other."""
        secret = self._session.scalars(select(Secret.value).where(Secret.name == "snapshot")).one()
        held: list[tuple[int, int]] = []
        for keys in batched(self._classes.tolist(), PARAMETERS):
            versions = self._session.execute(
                select(AccessClass.key, AccessClass.changed_seq)
                .where(AccessClass.key.in_(keys), AccessClass.changed_seq > 0)
                .order_by(AccessClass.key)
            )
            held.extend((key, seq) for key, seq in versions)
        text = f"{self._model}|{ANALYSER_VERSION}|{self.scope.tenant}|{held}"
        return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:24]

    def dense(self, vector: Matrix, limit: int) -> list[Hit]:
        """Return the ``limit`` chunks nearest to a unit vector of shape (d,), exactly."""
        return search_dense(self._parts, vector, limit, self._nominator)

    def lexical(self, terms: Sequence[str], limit: int) -> list[Hit]:
        """Return the ``limit`` chunks with the highest scope-local BM25, all above zero."""
        return search_lexical(self._parts, terms, limit)

    def vectors(self, keys: Sequence[int]) -> Matrix:
        """Return the stored vectors, shape (len(keys), d), float32, in the order of the keys."""
        rows = self._session.execute(
            select(Vector.chunk_key, Vector.data).where(
                Vector.chunk_key.in_(keys), Vector.model == self._model
            )
        )
        held = {key: np.frombuffer(data, dtype="<f2") for key, data in rows}
        if len(held) < len(set(keys)):
            raise StaleViewError("A vector left the store during this read; read again.")
        return np.array([held[key] for key in keys], dtype=np.float32)

    def chunks(self, keys: Sequence[int]) -> list[StoredChunk]:
        """Read chunks back in the order of the keys, checking access once more.

        Raises:
            StaleViewError: one of them is not there, not current, or not readable.

        """
        found = {chunk.key: chunk for chunk in self._select(ChunkRow.key.in_(keys))}
        if len(found) < len(set(keys)):
            raise StaleViewError("The store does not confirm a hit; read again.")
        return [found[key] for key in keys]

    def neighbours(self, chunk: StoredChunk, reach: int) -> list[StoredChunk]:
        """Return the chunks of the same version at most ``reach`` away, in text order."""
        return self._select(
            ChunkRow.document_key == chunk.document_key,
            ChunkRow.ordinal.between(chunk.ordinal - reach, chunk.ordinal + reach),
        )

    def document_text(self, document_key: int, start: int, end: int) -> str:
        """Return a span of a readable document's text, in code points."""
        statement = self._current(func.substr(Version.text, start + 1, end - start))
        text = self._session.scalar(statement.where(Document.key == document_key))
        if text is None:
            raise StaleViewError("The document left the store during this read; read again.")
        return str(text)

    def boxes(self, document_key: int, start: int, end: int) -> list[TextBox]:
        """Return one box for each line that a span touches; none in formats without pages."""
        statement = self._current(Version.layout).where(Document.key == document_key)
        packed = self._session.scalar(statement)
        return line_boxes(unpack_span(packed, start, end)) if packed else []

    def _current(self, column: ColumnElement[T] | InstrumentedAttribute[T]) -> Select[T]:
        return (
            select(column)
            .join(Document, Document.key == Version.document_key)
            .where(Version.number == Document.version, self._readable)
        )

    def _select(self, *conditions: ColumnElement[bool]) -> list[StoredChunk]:
        rows = self._session.execute(
            select(ChunkRow, Document, Version.sha256)
            .join(Document, Document.key == ChunkRow.document_key)
            .join(Version, Version.key == ChunkRow.version_key)
            .where(Version.number == Document.version, self._readable, *conditions)
            .order_by(ChunkRow.document_key, ChunkRow.ordinal)
        )
        return [_stored(chunk, document, sha256) for chunk, document, sha256 in rows]


def _stored(chunk: ChunkRow, document: Document, sha256: str) -> StoredChunk:
    return StoredChunk(
        key=chunk.key,
        chunk_id=chunk.id,
        document_id=document.id,
        document_key=document.key,
        version=document.version,
        title=document.title,
        filename=document.filename,
        sha256=sha256,
        ordinal=chunk.ordinal,
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        page=chunk.page,
        headings=tuple(chunk.headings),
        context=chunk.context,
    )
