"""Fill columns that migrations have added, in small transactions while other processes go on.

A migration adds a column and notes, in the same transaction, that its rows are still to be filled.
It does not fill them: on PostgreSQL every search would wait for it to end. Whoever opens the store
fills them afterwards, and goes on where a process that died has stopped. A write changes a row only
where nobody else has filled it meanwhile.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from index.db.database import Database
from index.db.row_seals import SEAL_BYTES, Sealed, is_intact, sealed_tables, whole_seal
from index.db.store_settings import BACKFILL, drop_setting
from index.db.tables.store import StoreSetting
from index.text.look_alike_names import name_key

DIGESTS, SEALS, NAMES = "digests", "seals", "names"
WHOLE_SEALS = "whole-seals"

BATCH = 500

UNREADABLE = (SQLAlchemyError, ValueError, TypeError, LookupError, ArithmeticError)
"""Errors that damaged bytes cause on their way from the database to a value."""


@dataclass(frozen=True, slots=True)
class ColumnFill:
    """How the rows of one table are filled."""

    table: str
    key: Sequence[str]
    source: Sequence[str]
    """The columns that the new values are made of."""
    values: Callable[[Mapping[str, Any]], dict[str, Any]]
    """Returns the new values of a row."""
    guard: Sequence[str]
    """Columns that must be as they were read, or the row is left alone."""
    is_missing: str | None = None
    """The column that is null where a row is still to be filled; none where any row may be."""
    batch: int = 500


def note_pending(connection: sa.Connection, name: str, table: str) -> None:
    """Note that a table's rows are to be filled; of an empty table there is nothing to note."""
    if connection.execute(sa.select(1).select_from(sa.table(table)).limit(1)).first() is None:
        return
    settings = sa.table("store_settings", sa.column("name"), sa.column("value"))
    setting = f"{BACKFILL}{name}"
    connection.execute(settings.delete().where(settings.c.name == setting))
    connection.execute(settings.insert().values(name=setting, value=""))


def pending_backfills(database: Database) -> list[str]:
    """Return what is still to be filled, in the order in which it has to be."""
    statement = sa.select(StoreSetting.name).where(StoreSetting.name.startswith(BACKFILL))
    with database.read() as session:
        names = {name.removeprefix(BACKFILL) for name in session.scalars(statement)}
    return [name for name in BACKFILLS if name in names]


def finish_backfills(database: Database) -> None:
    """Fill what is still to be filled; several processes may do so at once."""
    for name in pending_backfills(database):
        for fill in BACKFILLS[name]:
            _fill_table(database, fill)
        if name == WHOLE_SEALS:
            for kind in sealed_tables():
                _seal_rows(database, kind)
        with database.write() as session:
            drop_setting(session, f"{BACKFILL}{name}")


def _fill_table(database: Database, fill: ColumnFill) -> None:
    """Fill a table batch by batch, each in a transaction of its own."""
    table = _table_of(fill)
    keys = [table.c[name] for name in fill.key]
    statement = sa.select(*table.c).order_by(*keys).limit(fill.batch)
    if fill.is_missing is not None:
        statement = statement.where(table.c[fill.is_missing].is_(None))
    after: list[Any] | None = None
    while True:
        page = statement if after is None else statement.where(sa.tuple_(*keys) > sa.tuple_(*after))
        with database.write() as session:
            rows = [dict(row) for row in session.execute(page).mappings()]
            if not rows:
                return
            changes = [(row, fill.values(row)) for row in rows]
            session.connection().execute(
                _write(fill, table, changes[0][1]),
                [_parameters(fill, row, values) for row, values in changes],
            )
        after = [sa.literal(rows[-1][name]) for name in fill.key]


def _write(fill: ColumnFill, table: sa.TableClause, names: Mapping[str, Any]) -> sa.Update:
    """Return the statement that fills one row, if it is as it was read."""
    write = table.update().values({name: sa.bindparam(f"new_{name}") for name in names})
    for name in (*fill.key, *fill.guard):
        write = write.where(table.c[name] == sa.bindparam(f"old_{name}"))
    return write if fill.is_missing is None else write.where(table.c[fill.is_missing].is_(None))


def _parameters(
    fill: ColumnFill, row: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    old = {f"old_{name}": row[name] for name in (*fill.key, *fill.guard)}
    return old | {f"new_{name}": value for name, value in values.items()}


def _table_of(fill: ColumnFill) -> sa.TableClause:
    missing = [] if fill.is_missing is None else [fill.is_missing]
    names = dict.fromkeys((*fill.key, *fill.source, *fill.guard, *missing, *_TARGETS[fill.table]))
    return sa.table(fill.table, *(sa.column(name) for name in names))


_TARGETS: dict[str, tuple[str, ...]] = {
    "chunks": ("digest",),
    "versions": ("text_digest",),
    "documents": ("title_key", "filename_key"),
}
"""The columns of each table that are filled."""


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _chunk_digest(row: Mapping[str, Any]) -> dict[str, Any]:
    context, text = row["context"], row["text"]
    return {"digest": _digest(f"{context}\n{text}" if context else text)}


def _text_digest(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"text_digest": None if row["text"] is None else _digest(row["text"])}


def _name_keys(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"title_key": name_key(row["title"]), "filename_key": name_key(row["filename"])}


def _seal_rows(database: Database, kind: type[Sealed]) -> None:
    """Seal the rows of a table that have no seal, or one of the former kind that is intact.

    A row that is not as its former seal says keeps that, and one that cannot be read stays without:
    a verification must find them.
    """
    keys = sa.inspect(kind).primary_key
    is_due = kind.seal.is_(None) | (sa.func.length(kind.seal) < SEAL_BYTES)
    page = sa.select(*keys).where(is_due).order_by(*keys).limit(BATCH)
    last: sa.Row[Any] | None = None
    while True:
        statement = page if last is None else page.where(sa.tuple_(*keys) > sa.tuple_(*last))
        with database.write() as session:
            due = session.execute(statement).all()
            if not due:
                return
            seals = _new_seals(session, kind, due)
            if seals:
                table = sa.inspect(kind).local_table
                write = sa.update(table).values(seal=sa.bindparam("new_seal"))
                for column in keys:
                    write = write.where(column == sa.bindparam(f"old_{column.name}"))
                session.connection().execute(write, seals)
            last = due[-1]


def _new_seals(session: Session, kind: type[Sealed], due: Sequence[Any]) -> list[dict[str, Any]]:
    """Lock rows; return the parameters that seal each of them, but for those that are damaged."""
    keys = sa.inspect(kind).primary_key
    try:
        at_rows = sa.tuple_(*keys).in_([tuple(key) for key in due])
        rows = session.scalars(sa.select(kind).where(at_rows).with_for_update()).all()
    except UNREADABLE:
        session.expunge_all()
        apart = [_new_seals(session, kind, [key]) for key in due] if len(due) > 1 else []
        return [seal for seals in apart for seal in seals]
    return [
        {
            **{f"old_{key.name}": getattr(row, key.name) for key in keys},
            "new_seal": whole_seal(row),
        }
        for row in rows
        if row.seal is None or is_intact(row)
    ]


BACKFILLS: dict[str, tuple[ColumnFill, ...]] = {
    DIGESTS: (
        ColumnFill("chunks", ["key"], ["context", "text"], _chunk_digest, (), is_missing="digest"),
    ),
    SEALS: (
        ColumnFill(
            "versions", ["key"], ["text"], _text_digest, (), is_missing="text_digest", batch=20
        ),
    ),
    NAMES: (
        ColumnFill("documents", ["key"], ["title", "filename"], _name_keys, ["title", "filename"]),
    ),
    WHOLE_SEALS: (),
}
"""The fills behind each name, in the order in which they are made: seals cover the digests."""
