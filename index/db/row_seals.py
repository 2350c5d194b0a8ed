"""A seal on each row that answers are made of, so that a flipped bit in it is noticed.

SQLite has no checksums of pages: a bit that flips inside a text or a number is served as it is. A
seal is a digest of all that a row holds, but for the columns that its class names with a reason.
The mapper writes it whenever it writes the row; whoever inserts rows without the mapper takes the
seal from ``seal_of``, and nobody changes a sealed column without the mapper (tests/house).

Values that are null are left out, so that a column that is added later, empty, breaks no seal.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import Connection, LargeBinary, event, inspect, select
from sqlalchemy.orm import Mapped, Mapper, mapped_column

SEAL_BYTES = 17
"""One byte for how the seal is made, and half a SHA-256."""

_WHOLE = b"\x02"
"""The first byte of a seal over a whole row."""

_FORMER_BYTES = 16

FORMER_SEALS: Mapping[str, tuple[str, ...]] = {
    "documents": (
        "id", "tenant", "owner", "class_key", "filename", "title", "title_given", "attributes",
        "version", "latest_version",
    ),
    "authoritative_marks": ("document_key", "version", "curator"),
    "versions": (
        "document_key", "number", "blob", "sha256", "size", "filename", "media_type", "text_digest",
        "pages",
    ),
    "chunks": (
        "id", "document_key", "version_key", "ordinal", "start", "end", "page", "headings",
        "digest",
    ),
    "vectors": ("chunk_key", "model", "data"),
}  # fmt: skip
"""The columns under a seal of 16 bytes, by table: all that seals covered before revision 0027."""


class Sealed:
    """A table whose rows carry a seal over their columns."""

    UNSEALED: ClassVar[Mapping[str, str]] = {}
    """The columns that the seal leaves out, each with the reason."""
    seal: Mapped[bytes | None] = mapped_column(LargeBinary(SEAL_BYTES))


@cache
def sealed_columns(kind: Any) -> tuple[str, ...]:
    """Return the attributes under the seal of a ``Sealed`` table.

    A key that the database gives is none of them.
    """
    mapper: Mapper[Any] = inspect(kind)
    given_key = mapper.local_table.autoincrement_column  # type: ignore[attr-defined]
    return tuple(
        sorted(
            attribute.key
            for attribute in mapper.column_attrs
            if attribute.key != "seal"
            and attribute.key not in kind.UNSEALED
            and attribute.columns[0] is not given_key
        )
    )


def sealed_tables() -> list[type[Sealed]]:
    """Return the tables whose rows carry seals, by name."""
    kinds = Sealed.__subclasses__()
    return sorted(kinds, key=lambda kind: str(inspect(kind).local_table))


def seal_of(kind: Any, values: Mapping[str, Any]) -> bytes:
    """Return the seal of a row of a ``Sealed`` table with these values."""
    values = {name: values[name] for name in sealed_columns(kind)}
    fields = {name: _plain(value) for name, value in values.items() if value is not None}
    return _WHOLE + _digest(fields)


def former_seal(table: str, values: Mapping[str, Any]) -> bytes:
    """Return the seal that a row with these values had before revision 0027."""
    return _digest([_plain(values[name]) for name in FORMER_SEALS[table]])


def is_former(seal: bytes | None) -> bool:
    """Tell whether a seal is of the former kind, over some columns."""
    return seal is not None and len(seal) == _FORMER_BYTES


def is_intact(row: Sealed) -> bool:
    """Tell whether a row is as it was written."""
    kind = type(row)
    table = str(inspect(kind).local_table)
    if is_former(row.seal) and table in FORMER_SEALS:
        return row.seal == former_seal(table, _values(row, FORMER_SEALS[table]))
    return row.seal == whole_seal(row)


def whole_seal(row: Sealed) -> bytes:
    """Return the seal over a row as it is now."""
    kind: Any = type(row)
    return seal_of(kind, _values(row, sealed_columns(kind)))


def text_digest(text: str) -> bytes:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _digest(fields: object) -> bytes:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).digest()[:_FORMER_BYTES]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _values(row: Sealed, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


@event.listens_for(Sealed, "before_insert", propagate=True)
def _seal_new(mapper: Mapper[Any], _connection: Connection, row: Sealed) -> None:
    """Seal a row on its way in, after it has got the defaults that the statement would give it."""
    kind: Any = type(row)
    for name in sealed_columns(kind):
        default = mapper.column_attrs[name].columns[0].default
        if getattr(row, name) is None and default is not None:
            value = default.arg
            setattr(row, name, value(None) if callable(value) else value)
    if "digest" in mapper.column_attrs and row.digest is None:  # type: ignore[attr-defined]
        text, context = row.text, row.context  # type: ignore[attr-defined]
        row.digest = text_digest(f"{context}\n{text}" if context else text)  # type: ignore[attr-defined]
    _digest_text(mapper, row)
    row.seal = whole_seal(row)


@event.listens_for(Sealed, "before_update", propagate=True)
def _seal_again(mapper: Mapper[Any], connection: Connection, row: Sealed) -> None:
    """Seal a row as the statement leaves it.

    On PostgreSQL somebody else may have changed other columns of it since it was read: these are
    read again, and the row is locked, as the statement does in any case. SQLite has one writer.
    """
    _digest_text(mapper, row)
    kind: Any = type(row)
    names = sealed_columns(kind)
    values = _values(row, names)
    if connection.dialect.name == "postgresql":
        values |= _stored(mapper, connection, row, [n for n in names if not _is_changed(row, n)])
    row.seal = seal_of(kind, values)


def _digest_text(mapper: Mapper[Any], row: Sealed) -> None:
    """Give a text that was loaded or set its digest."""
    fields = inspect(row).dict
    if "text_digest" in mapper.column_attrs and "text" in fields:
        text = fields["text"]
        row.text_digest = None if text is None else text_digest(text)  # type: ignore[attr-defined]


def _is_changed(row: Sealed, name: str) -> bool:
    return bool(inspect(row).attrs[name].history.has_changes())


def _stored(
    mapper: Mapper[Any], connection: Connection, row: Sealed, names: Iterable[str]
) -> Mapping[str, Any]:
    """Lock a row and return these attributes as they are in the database; none of one that went."""
    columns = [mapper.column_attrs[name].columns[0].label(name) for name in names]
    statement = select(*columns).with_for_update()
    for column, value in zip(mapper.primary_key, inspect(row).identity, strict=True):
        statement = statement.where(column == value)
    current = connection.execute(statement).mappings().first()
    return {} if current is None else dict(current)
