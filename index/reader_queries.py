"""The reader's statements, made once: to make one of these costs more than to run it.

Each takes ``scope_values`` besides its own parameters, and shows current versions alone.
"""

from typing import Any

from sqlalchemy import Select, bindparam, select, tuple_

from index.access.classes import READABLE
from index.db.tables.documents import (
    IS_AUTHORITATIVE,
    AuthoritativeMark,
    ChunkRow,
    Document,
    Vector,
    Version,
)

_STORED = (
    select(
        ChunkRow.key,
        ChunkRow.id.label("chunk_id"),
        Document.id.label("document_id"),
        ChunkRow.document_key,
        Document.version,
        Document.title,
        Document.filename,
        Version.sha256,
        ChunkRow.ordinal,
        ChunkRow.text,
        ChunkRow.start,
        ChunkRow.end,
        ChunkRow.page,
        ChunkRow.headings,
        ChunkRow.context,
        ChunkRow.digest,
        Document.owner.label("publisher"),
        Version.created_at.label("published_at"),
        IS_AUTHORITATIVE.label("is_authoritative"),
    )
    .join(Document, Document.key == ChunkRow.document_key)
    .join(Version, Version.key == ChunkRow.version_key)
    .outerjoin(AuthoritativeMark, AuthoritativeMark.document_key == Document.key)
    .where(Version.number == Document.version, READABLE)
    .order_by(ChunkRow.document_key, ChunkRow.ordinal)
)

CHUNKS = _STORED.where(ChunkRow.key.in_(bindparam("keys", expanding=True)))
"""Columns named as the fields of ``StoredChunk``, and the digest that the text must have."""

AROUND = _STORED.where(
    ChunkRow.document_key == bindparam("document_key"),
    ChunkRow.ordinal.between(bindparam("first"), bindparam("last")),
)
"""The same for the ordinals from ``first`` to ``last`` of a document."""

AT_PLACES = _STORED.where(
    tuple_(ChunkRow.document_key, ChunkRow.ordinal).in_(bindparam("places", expanding=True))
)
"""The same for pairs of a document's key and an ordinal."""

VECTORS = select(Vector.chunk_key, Vector.data).where(
    Vector.chunk_key.in_(bindparam("keys", expanding=True)), Vector.model == bindparam("model")
)
"""Vectors of chunks that were found readable; the only one that takes no scope."""


def _of_document(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .join(Document, Document.key == Version.document_key)
        .where(
            Version.number == Document.version,
            READABLE,
            Document.key.in_(bindparam("documents", expanding=True)),
        )
    )


TEXTS = _of_document(Document.key, Version.text, Version.text_digest)
"""Documents' texts, and the digests that they must have."""

LAYOUT = _of_document(Version.layout)
"""A document's packed word boxes."""
