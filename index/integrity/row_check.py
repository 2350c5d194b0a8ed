"""Compares the rows that answers are made of with their seals, and texts with their digests."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect, select, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, undefer

from index.db.database import Database
from index.db.row_seals import Sealed, is_intact, sealed_tables, text_digest
from index.db.store_settings import BACKFILL, has_settings
from index.db.tables.documents import (
    AuthoritativeMark,
    ChunkRow,
    Document,
    FindingRow,
    Vector,
    Version,
)
from index.integrity.damage import Damage, Throttle
from index.storage.word_boxes import unpack_span
from index.text.look_alike_names import name_key

BATCH = 200
UNREADABLE = (SQLAlchemyError, ValueError, TypeError, LookupError, ArithmeticError, zlib.error)
"""Errors that damaged bytes cause on their way from the database to a value."""


OF_A_DOCUMENT: tuple[type[Sealed], ...] = (
    Document, AuthoritativeMark, Version, FindingRow, ChunkRow, Vector,
)  # fmt: skip
"""The tables that ``check_versions`` reads; ``check_records`` reads the others."""


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """Some rows of one table that were compared."""

    damage: Sequence[Damage]
    last: int
    """The key after which the next look goes on."""
    count: int


@dataclass(frozen=True, slots=True)
class CheckedRecords:
    """The rows of one table that were compared."""

    damage: Sequence[Damage]
    table: str
    count: int


def row_damage(database: Database) -> Iterator[Damage]:
    """Yield what is wrong with any row of a database."""
    throttle = Throttle()
    for rows in check_versions(database, throttle):
        yield from rows.damage
    for records in check_records(database):
        yield from records.damage


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


def check_records(database: Database, after: str = "") -> Iterator[CheckedRecords]:
    """Compare the rows that belong to no document with their seals, a table at a time."""
    with database.read() as session:
        is_sealed = not has_settings(session, BACKFILL)
    for kind in sealed_tables():
        name = str(inspect(kind).local_table)
        if kind not in OF_A_DOCUMENT and name > after:
            yield _checked_table(database, kind, name, is_sealed=is_sealed)


def _checked_table(
    database: Database, kind: type[Sealed], name: str, *, is_sealed: bool
) -> CheckedRecords:
    keys = inspect(kind).primary_key
    page = select(kind).order_by(*keys).limit(BATCH)
    damage: list[Damage] = []
    last: tuple[Any, ...] | None = None
    count = 0
    while True:
        statement = page if last is None else page.where(tuple_(*keys) > tuple_(*last))
        try:
            with database.read() as session:
                rows = session.scalars(statement).all()
                for row in rows:
                    last = inspect(row).identity
                    if (is_sealed or row.seal is not None) and not is_intact(row):
                        subject = f"{name} {last!a}"
                        damage.append(Damage("rows", subject, "a row does not match its seal"))
        except UNREADABLE as error:
            detail = f"unreadable ({type(error).__name__})"
            return CheckedRecords([*damage, Damage("rows", name, detail)], name, count)
        count += len(rows)
        if len(rows) < BATCH:
            return CheckedRecords(damage, name, count)


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
        FindingRow: select(FindingRow).where(FindingRow.document_key == key),
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
    if isinstance(row, Document):
        names = name_key(row.title), name_key(row.filename)
        if (row.title_key, row.filename_key) != names:
            yield Damage("rows", subject, "the key of a name is not the name's")
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
