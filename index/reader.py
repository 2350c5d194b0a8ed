"""Everything one asker may read, at one moment."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Executable, RowMapping, select
from sqlalchemy.orm import Session

from index.access.classes import scope_values
from index.db.batched import batched
from index.db.damaged_text import check_text
from index.db.tables.access import AccessClass
from index.embedding.embedder import Matrix
from index.errors import StaleViewError
from index.kernels.vector_kernels import Int64
from index.reader_queries import AROUND, AT_PLACES, CHUNKS, LAYOUT, TEXTS, VECTORS
from index.search.dense import Nominator
from index.search.search import search_dense, search_lexical
from index.segments.row_ranges import Slice
from index.storage.word_boxes import line_boxes, unpack_span
from index.text.analyzer import ANALYSER_VERSION
from index.types import Hit, Scope, StoredChunk, TextBox

PARAMETERS = 10_000
"""Keys in one statement: SQLite takes at most 32,766, and private uploads make many classes."""


class Reader:
    """Searches and reads inside one scope, in one transaction. Made by ``Library.read``."""

    def __init__(
        self,
        session: Session,
        scope: Scope,
        slices: Sequence[Slice],
        classes: Int64,
        nominator: Nominator,
        model: str,
        *,
        secret: bytes,
    ) -> None:
        self.scope = scope
        self._session = session
        self._slices = slices
        self._classes = classes
        self._nominator = nominator
        self._model = model
        self._secret = secret
        self._whose = scope_values(scope)
        self._texts: dict[int, str] = {}
        self.chunks_read: dict[int, StoredChunk] = {}
        """The chunks that ``chunks`` has returned, by their keys: all are of one moment."""

    @property
    def snapshot(self) -> str:
        """Name what the readable classes held at this moment; it says nothing of any other."""
        versions: list[tuple[int, int]] = []
        for keys in batched(self._classes.tolist(), PARAMETERS):
            rows = self._session.execute(
                select(AccessClass.key, AccessClass.changed_seq)
                .where(AccessClass.key.in_(keys), AccessClass.changed_seq > 0)
                .order_by(AccessClass.key)
            )
            versions.extend((key, seq) for key, seq in rows)
        text = f"{self._model}|{ANALYSER_VERSION}|{self.scope.tenant}|{versions}"
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()[:24]

    def dense(self, vector: Matrix, limit: int) -> list[Hit]:
        """Return the ``limit`` chunks nearest to a unit vector of shape (d,), exactly."""
        return search_dense(self._slices, vector, limit, self._nominator)

    def lexical(self, terms: Sequence[str], limit: int, *, rarity: float = 1.0) -> list[Hit]:
        """Return the ``limit`` chunks with the highest scope-local BM25, all above zero.

        ``rarity`` is the power of a term's idf: 1 is BM25, more lets rare terms count for more.
        """
        return search_lexical(self._slices, terms, limit, rarity=rarity)

    def vectors(self, keys: Sequence[int]) -> Matrix:
        """Return the stored vectors, shape (len(keys), d), float32, in the order of the keys."""
        rows = self._session.execute(VECTORS, {"keys": list(keys), "model": self._model})
        vectors = {key: np.frombuffer(data, dtype="<f2") for key, data in rows}
        if len(vectors) < len(set(keys)):
            raise StaleViewError("A vector left the store during this read; read again.")
        return np.array([vectors[key] for key in keys], dtype=np.float32)

    def chunks(self, keys: Sequence[int]) -> list[StoredChunk]:
        """Read chunks back in the order of the keys, checking access once more.

        Raises:
            StaleViewError: one of them is not there, not current, or not readable.
            TextDamagedError: the text of one is not the one that was written.

        """
        unread = sorted(set(keys) - self.chunks_read.keys())
        if unread:
            rows = self._read_chunks(CHUNKS, keys=unread)
            self.chunks_read.update((chunk.key, chunk) for chunk in rows)
            if len(rows) < len(unread):
                raise StaleViewError("The store does not confirm a hit; read again.")
        return [self.chunks_read[key] for key in keys]

    def neighbours(self, chunk: StoredChunk, reach: int) -> list[StoredChunk]:
        """Return the chunks of the same version at most ``reach`` away, in text order."""
        return self._read_chunks(
            AROUND,
            document_key=chunk.document_key,
            first=chunk.ordinal - reach,
            last=chunk.ordinal + reach,
        )

    def surroundings(
        self, chunks: Sequence[StoredChunk], reach: int
    ) -> dict[int, list[StoredChunk]]:
        """Return the ``neighbours`` of each of some chunks, by the chunk's key, in one look."""
        places = {
            (chunk.document_key, ordinal)
            for chunk in chunks
            for ordinal in range(chunk.ordinal - reach, chunk.ordinal + reach + 1)
        }
        members = self._read_chunks(AT_PLACES, places=sorted(places)) if places else []
        return {
            chunk.key: [
                member
                for member in members
                if member.document_key == chunk.document_key
                and abs(member.ordinal - chunk.ordinal) <= reach
            ]
            for chunk in chunks
        }

    def load_texts(self, documents: Iterable[int]) -> None:
        """Read readable documents' texts in one look, for ``document_text``.

        Raises:
            TextDamagedError: a text is not the one that was written.

        """
        keys = sorted(set(documents) - self._texts.keys())
        if not keys:
            return
        for row in self._session.execute(TEXTS, {**self._whose, "documents": keys}):
            if row.text is not None:
                self._texts[row.key] = check_text(row.text, row.text_digest)

    def document_text(self, document_key: int, start: int, end: int) -> str:
        """Return a span of a readable document's text, in code points.

        Raises:
            StaleViewError: the document has left the store.
            TextDamagedError: the text is not the one that was written.

        """
        self.load_texts([document_key])
        if document_key not in self._texts:
            raise StaleViewError("The document left the store during this read; read again.")
        return self._texts[document_key][start:end]

    def boxes(self, document_key: int, start: int, end: int) -> list[TextBox]:
        """Return one box for each line that a span touches; none in formats without pages."""
        packed_layout = self._session.scalar(LAYOUT, {**self._whose, "documents": [document_key]})
        return line_boxes(unpack_span(packed_layout, start, end)) if packed_layout else []

    def _read_chunks(self, statement: Executable, **values: Any) -> list[StoredChunk]:
        rows = self._session.execute(statement, {**self._whose, **values})
        return [_chunk(row) for row in rows.mappings()]


def _chunk(row: RowMapping) -> StoredChunk:
    fields = dict(row)
    digest, context = fields.pop("digest"), fields["context"]
    check_text(f"{context}\n{fields['text']}" if context else fields["text"], digest)
    return StoredChunk(**{**fields, "headings": tuple(fields["headings"])})
