"""Another embedding model for a store that is in use: vectors beside the old ones, then a switch.

Vectors are kept for each (chunk, model), so going back needs only what was uploaded meanwhile.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, insert, select
from sqlalchemy.orm import Session

from index.author import Author
from index.db.audit_chain import record_act
from index.db.change_log import record_change
from index.db.database import Database
from index.db.row_seals import seal_of
from index.db.tables.documents import ChunkRow, Document, Vector, Version
from index.embedding.active_model import active_model, record_active
from index.embedding.embedder import Embedder
from index.library import Library
from index.types import DEFAULT_TENANT
from ingest.errors import ChunksTooLongError

EMBEDDED_AT_ONCE = 64
"""Chunks between two commits: what is lost when the process is stopped."""

ATTEMPTS = 5
"""How often the new index is tried to be built before the switch."""

Told = Callable[[int, int], None]
"""Told how many of how many chunks are done."""

ChunkToEmbed = Row[int, str, str, str]
"""A chunk's key, id, context and text."""


def reembed(
    library: Library, embedder: Embedder, *, progress: Told = lambda _count, _total: None
) -> int:
    """Embed every current chunk that lacks a vector of the model; return how many there were.

    Reads and uploads go on meanwhile. It may be stopped at any time and run again.

    Raises:
        ChunksTooLongError: the model would not see the end of some chunk.

    """
    _require_room(library, embedder)
    total, row_count, after = missing(library.database, embedder.name), 0, 0
    while chunks := _next_chunks(library.database, embedder.name, after):
        progress(row_count, max(total, row_count))
        vectors = _embed(chunks, embedder)
        with library.database.write() as session:
            row_count += _write(session, embedder.name, vectors)
        after = chunks[-1].key
    progress(row_count, row_count)
    return row_count


def use_model(
    library: Library,
    embedder: Embedder,
    *,
    progress: Told = lambda _count, _total: None,
    author: Author | None = None,
) -> None:
    """Make a model the one in use: embed what it lacks, build its index, and switch.

    What arrives during the building is embedded under the write lock, and put on the change log
    so that the new index replays it. From the commit on, readers and workers that still hold the
    old model are refused (``ModelSwitchedError``) and take the new one.
    """
    for _ in range(ATTEMPTS):
        reembed(library, embedder, progress=progress)
        if library.beside(embedder.name, embedder.dimension).prepare():
            break  # else something arrived in between; without a snapshot each process builds one
    with library.database.write(author) as session:
        while chunks := session.execute(_lacking(embedder.name).limit(EMBEDDED_AT_ONCE)).all():
            _write(session, embedder.name, _embed(chunks, embedder))
            _record(session, [chunk.key for chunk in chunks])
        record_active(session, embedder.name)
        record_act(session, DEFAULT_TENANT, "model-use", embedder.name)


def missing(database: Database, model: str) -> int:
    """Return how many current chunks have no vector of a model."""
    with database.read() as session:
        return _count(session, model)


def models(database: Database) -> dict[str, tuple[int, bool]]:
    """Return each model's number of vectors, and whether it is the one in use."""
    with database.read() as session:
        active = active_model(session)
        counts = select(Vector.model, func.count()).group_by(Vector.model).order_by(Vector.model)
        rows = session.execute(counts).all()
    return {name: (count, name == active or len(rows) == 1) for name, count in rows}


def _lacking(model: str, *conditions: ColumnElement[bool]) -> Select[int, str, str, str]:
    has_vector = exists().where(Vector.chunk_key == ChunkRow.key, Vector.model == model)
    return (
        select(ChunkRow.key, ChunkRow.id, ChunkRow.context, ChunkRow.text)
        .join(Document, Document.key == ChunkRow.document_key)
        .join(Version, Version.key == ChunkRow.version_key)
        .where(Version.number == Document.version, ~has_vector, *conditions)
        .order_by(ChunkRow.key)
    )


def _count(session: Session, model: str) -> int:
    return session.scalar(select(func.count()).select_from(_lacking(model).subquery())) or 0


def _next_chunks(database: Database, model: str, after: int) -> Sequence[ChunkToEmbed]:
    with database.read() as session:
        statement = _lacking(model, ChunkRow.key > after).limit(EMBEDDED_AT_ONCE)
        return session.execute(statement).all()


def _require_room(library: Library, embedder: Embedder) -> None:
    with library.database.read() as session:
        longest = session.scalar(select(func.max(ChunkRow.tokens))) or 0
    if longest > embedder.max_tokens:
        raise _too_long(embedder, longest)


def _embed(chunks: Sequence[ChunkToEmbed], embedder: Embedder) -> dict[str, bytes]:
    """Return each chunk's vector, as it is stored, by the chunk's id."""
    texts = [f"{one.context}\n{one.text}" if one.context else one.text for one in chunks]
    longest = max(map(embedder.count_tokens, texts))
    if longest > embedder.max_tokens:
        raise _too_long(embedder, longest)
    halves = embedder.embed(texts).astype("<f2")
    return {one.id: row.tobytes() for one, row in zip(chunks, halves, strict=True)}


def _write(session: Session, model: str, vectors: dict[str, bytes]) -> int:
    """Store the vectors of chunks that still stand and still lack one.

    Chunks are found by id: a key may be given again once its chunk is deleted.
    """
    rows = session.execute(_lacking(model, ChunkRow.id.in_(vectors))).all()
    values: list[dict[str, Any]] = [
        {"chunk_key": one.key, "model": model, "data": vectors[one.id]} for one in rows
    ]
    for value in values:
        value["seal"] = seal_of(Vector, value)
    if values:
        session.execute(insert(Vector), values)
    return len(values)


def _record(session: Session, chunks: Sequence[int]) -> None:
    documents = session.execute(
        select(Document.key, Document.class_key)
        .where(Document.key.in_(select(ChunkRow.document_key).where(ChunkRow.key.in_(chunks))))
        .order_by(Document.key)
    ).all()
    for document in documents:
        record_change(session, document.key, [document.class_key], "put")


def _too_long(embedder: Embedder, longest: int) -> ChunksTooLongError:
    return ChunksTooLongError(
        f"A stored chunk has {longest} tokens, and {embedder.name!r} sees {embedder.max_tokens}. "
        "Take a model that sees at least as many, or ingest the documents again with this one."
    )
