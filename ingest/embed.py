"""Chunks to vectors: what the submitter's own documents hold already is not embedded again.

There is no cache beside the store: a hit is a stored vector of the same model for the very same
text, found by its SHA-256. It goes with the last chunk that has it, and its bits are those that
the model would give again, for a vector is a function of text and model alone.

A hit takes less time, and the submitter sees how long a job takes. So only those vectors count
whose text the submitter may know: of the same document, and of documents of their own that they
may read by name. Else an upload could ask whether somebody has a certain paragraph (decision 0016).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from index.access.classes import READABLE, scope_values
from index.db.batched import batched
from index.db.row_seals import text_digest
from index.db.tables.documents import ChunkRow, Document, Vector
from index.embedding.embedder import Embedder, Matrix
from index.library import Library
from index.types import Chunk, Scope

AT_ONCE = 64
"""Chunks between two reports of progress."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose job it is, and about which document: what decides which vectors may be taken."""

    tenant: str
    submitter: str
    document_key: int


def digest(text: str) -> bytes:
    """Return what stored vectors are found by: the SHA-256 of the text as it is embedded."""
    return text_digest(text)


def embed_chunks(
    library: Library,
    embedder: Embedder,
    origin: Origin,
    chunks: Sequence[Chunk],
    report: Callable[[int], None],
) -> Matrix:
    """Return (len(chunks), dimension) float32 rows, of which the store keeps the float16 values.

    ``report`` is told how many chunks are done.
    """
    rows = np.empty((len(chunks), embedder.dimension), dtype=np.float32)
    first: dict[bytes, int] = {}
    embedded_count = 0
    for batch in batched(chunks, AT_ONCE):
        report(embedded_count)
        names = [digest(piece.indexed_text) for piece in batch]
        with library.database.read() as session:
            stored_rows = stored_vectors(session, origin, embedder.name, set(names) - first.keys())
        new = {
            name: piece.indexed_text
            for name, piece in zip(names, batch, strict=True)
            if name not in first and name not in stored_rows
        }
        new_rows = dict(zip(new, embedder.embed(list(new.values())), strict=True)) if new else {}
        for row, name in enumerate(names, embedded_count):
            if name not in first:
                rows[row] = new_rows[name] if name in new_rows else stored_rows[name]
            rows[row] = rows[first.setdefault(name, row)]
        embedded_count += len(names)
    return rows


def stored_vectors(
    session: Session, origin: Origin, model: str, digests: Collection[bytes]
) -> Mapping[bytes, Matrix]:
    """Return the stored rows of those texts that the submitter may know to be there."""
    values = {
        "digests": list(digests),
        "model": model,
        "document_key": origin.document_key,
        "submitter": origin.submitter,
        **scope_values(Scope.of(origin.tenant, [origin.submitter])),
    }
    return {
        name: np.frombuffer(data, dtype="<f2").astype(np.float32)
        for name, data in session.execute(_STORED, values)
        if name is not None
    }


_STORED = (
    select(ChunkRow.digest, Vector.data)
    .join(Vector, Vector.chunk_key == ChunkRow.key)
    .join(Document, Document.key == ChunkRow.document_key)
    .where(
        ChunkRow.digest.in_(bindparam("digests", expanding=True)),
        Vector.model == bindparam("model"),
        (Document.key == bindparam("document_key"))
        | ((Document.owner == bindparam("submitter")) & READABLE),
    )
)
