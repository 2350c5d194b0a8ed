"""Fill columns that migrations have added, in small transactions while other processes go on.

A migration adds a column and notes, in the same transaction, that its rows are still to be filled.
It does not fill them: on PostgreSQL every search would wait for it to end. Whoever opens the store
fills them afterwards, and goes on where a process that died has stopped. A write changes a row only
where nobody else has filled it meanwhile.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from index.db.database import Database
from index.db.store_settings import BACKFILL, drop_setting
from index.db.tables.store import StoreSetting
from index.text.look_alike_names import name_key

DIGESTS, SEALS, NAMES = "digests", "seals", "names"


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


_KINDS: dict[str, Any] = {
    "attributes": sa.JSON(), "headings": sa.JSON(), "title_given": sa.Boolean(),
}  # fmt: skip


def _table_of(fill: ColumnFill) -> sa.TableClause:
    missing = [] if fill.is_missing is None else [fill.is_missing]
    names = dict.fromkeys((*fill.key, *fill.source, *fill.guard, *missing, *_TARGETS[fill.table]))
    return sa.table(fill.table, *(sa.column(name, _KINDS.get(name)) for name in names))


_TARGETS: dict[str, tuple[str, ...]] = {
    "chunks": ("digest", "seal"),
    "vectors": ("seal",),
    "versions": ("text_digest", "seal"),
    "documents": ("seal", "title_key", "filename_key"),
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


def _sealing(table: str, key: Sequence[str], columns: Sequence[str]) -> ColumnFill:
    """Return how the rows of a table are sealed: as they are, with these columns in their order."""

    def seal(row: Mapping[str, Any]) -> dict[str, Any]:
        values = [row[name] for name in columns]
        fields = [value.hex() if isinstance(value, bytes) else value for value in values]
        return {"seal": hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).digest()[:16]}

    return ColumnFill(table, key, columns, seal, (), is_missing="seal")


BACKFILLS: dict[str, tuple[ColumnFill, ...]] = {
    DIGESTS: (
        ColumnFill("chunks", ["key"], ["context", "text"], _chunk_digest, (), is_missing="digest"),
    ),
    SEALS: (
        ColumnFill(
            "versions", ["key"], ["text"], _text_digest, (), is_missing="text_digest", batch=20
        ),
        _sealing(
            "documents",
            ["key"],
            (
                "id", "tenant", "owner", "class_key", "filename", "title", "title_given",
                "attributes", "version", "latest_version",
            ),
        ),
        _sealing(
            "versions",
            ["key"],
            (
                "document_key", "number", "blob", "sha256", "size", "filename", "media_type",
                "text_digest", "pages",
            ),
        ),
        _sealing(
            "chunks",
            ["key"],
            (
                "id", "document_key", "version_key", "ordinal", "start", "end", "page", "headings",
                "digest",
            ),
        ),
        _sealing("vectors", ["chunk_key", "model"], ("chunk_key", "model", "data")),
    ),
    NAMES: (
        ColumnFill(
            "documents", ["key"], ["title", "filename"], _name_keys, ["title", "filename"]
        ),
    ),
}  # fmt: skip
"""The fills behind each name, in the order in which they are made: seals cover the digests."""
