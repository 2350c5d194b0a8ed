"""A seal on each row that answers are made of, so that a flipped bit in it is noticed.

SQLite has no checksums of pages: a bit that flips inside a text or a number is served as it is. A
seal is a digest of a row's fields. The mapper writes it whenever it writes the row; whoever inserts
rows without the mapper takes the seal from ``seal_of``.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import LargeBinary, event, inspect
from sqlalchemy.orm import Mapped, Mapper, mapped_column

SEAL_BYTES = 16


class Sealed:
    """A table whose rows carry a seal over some of their columns."""

    SEALED: ClassVar[tuple[str, ...]]
    """The columns under the seal; those that a bulk update changes are left out."""
    seal: Mapped[bytes | None] = mapped_column(LargeBinary(SEAL_BYTES))


def seal_of(kind: type[Sealed], values: Mapping[str, Any]) -> bytes:
    """Return the seal of a row with these values."""
    fields = [_plain(values[name]) for name in kind.SEALED]
    text = json.dumps(fields, sort_keys=True)
    return hashlib.sha256(text.encode()).digest()[:SEAL_BYTES]


def is_intact(row: Sealed) -> bool:
    """Tell whether a row is as it was written."""
    return row.seal == seal_of(type(row), _values(row))


def text_digest(text: str) -> bytes:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _values(row: Sealed) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.SEALED}


@event.listens_for(Sealed, "before_insert", propagate=True)
def _seal_new(mapper: Mapper[Any], _connection: object, row: Sealed) -> None:
    """Seal a row on its way in, after it has got the defaults that the statement would give it."""
    for name in row.SEALED:
        default = mapper.columns[name].default
        if getattr(row, name) is None and default is not None:
            value = default.arg  # type: ignore[attr-defined]
            setattr(row, name, value(None) if callable(value) else value)
    if "digest" in row.SEALED and row.digest is None:  # type: ignore[attr-defined]
        text, context = row.text, row.context  # type: ignore[attr-defined]
        row.digest = text_digest(f"{context}\n{text}" if context else text)  # type: ignore[attr-defined]
    _seal(mapper, _connection, row)


@event.listens_for(Sealed, "before_update", propagate=True)
def _seal(_mapper: Mapper[Any], _connection: object, row: Sealed) -> None:
    """Seal a row as it is now; a text that was loaded or set gives its digest first."""
    fields = inspect(row).dict
    if "text_digest" in row.SEALED and "text" in fields:
        text = fields["text"]
        row.text_digest = None if text is None else text_digest(text)  # type: ignore[attr-defined]
    row.seal = seal_of(type(row), _values(row))
