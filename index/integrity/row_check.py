"""Compares the rows that answers are made of with their seals, and texts with their digests."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, undefer

from index.db.database import Database
from index.db.row_seals import Sealed, is_intact, text_digest
from index.db.store_settings import BACKFILL, has_settings
from index.db.tables.documents import AuthoritativeMark, ChunkRow, Document, Vector, Version
from index.integrity.damage import Damage, Throttle
from index.storage.word_boxes import unpack_span

BATCH = 200
UNREADABLE = (SQLAlchemyError, ValueError, TypeError, LookupError, ArithmeticError, zlib.error)
"""Errors that damaged bytes cause on their way from the database to a value."""


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """Some rows of one table that were compared."""

    damage: Sequence[Damage]
    last: int
    """The key after which the next look goes on."""
    count: int


def check_versions(database: Database, throttle: Throttle, after: int = 0) -> Iterator[CheckedRows]:
    """Compare documents with their versions, chunks and vectors, a few documents at a time."""
    while True:
        with database.read() as session:
            statement = select(Document.key).where(Document.key > after).order_by(Document.key)
            keys = list(session.scalars(statement.limit(BATCH)))
            if not keys:
                return
            is_sealed = not has_settings(session, BACKFILL)
            damage = [
                one
                for key in keys
                for one in _document_damage(session, throttle, key, is_sealed=is_sealed)
            ]
        after = keys[-1]
        yield CheckedRows(damage, after, len(keys))


def _document_damage(
    session: Session, throttle: Throttle, key: int, *, is_sealed: bool
) -> Iterator[Damage]:
    """Yield what is wrong with a document's rows; until all are sealed, one may lack its seal."""
    chunks = select(ChunkRow.key).where(ChunkRow.document_key == key)
    statements: dict[type[Sealed], Any] = {
        Document: select(Document).where(Document.key == key),
        AuthoritativeMark: select(AuthoritativeMark).where(AuthoritativeMark.document_key == key),
        Version: select(Version)
        .options(undefer(Version.text), undefer(Version.layout))
        .where(Version.document_key == key),
        ChunkRow: select(ChunkRow).where(ChunkRow.document_key == key),
        Vector: select(Vector).where(Vector.chunk_key.in_(chunks)),
    }
    for kind, statement in statements.items():
        try:
            for row in session.scalars(statement.execution_options(yield_per=BATCH)):
                throttle.take(_size(row))
                if is_sealed or row.seal is not None:
                    yield from _row_damage(row, key)
                session.expunge(row)
        except UNREADABLE as error:
            session.rollback()
            session.expunge_all()
            name = kind.__name__.lower()
            yield Damage("rows", f"document {key}", f"{name} unreadable ({type(error).__name__})")


def _row_damage(row: Sealed, document_key: int) -> Iterator[Damage]:
    subject = f"document {document_key}"
    if not is_intact(row):
        yield Damage("rows", subject, f"a row of {row.__tablename__} does not match its seal")  # type: ignore[attr-defined]
    if isinstance(row, Version):
        if row.text_digest != (None if row.text is None else text_digest(row.text)):
            yield Damage("rows", subject, "the text does not match its digest")
        if row.layout is not None:
            unpack_span(row.layout, 0, 1)
    if isinstance(row, ChunkRow):
        embedded_text = f"{row.context}\n{row.text}" if row.context else row.text
        if row.digest != text_digest(embedded_text):
            yield Damage("rows", subject, f"chunk {row.ordinal} does not match its digest")


def _size(row: Sealed) -> int:
    """Return about how many bytes of the database a row takes."""
    if isinstance(row, Version):
        return len(row.text or "") + len(row.layout or b"")
    if isinstance(row, ChunkRow):
        return len(row.text)
    return len(row.data) if isinstance(row, Vector) else 0
