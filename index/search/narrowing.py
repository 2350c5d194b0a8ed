"""Narrow the rows that a search may read to those of the documents that filters match."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from index.access.classes import readable
from index.db.tables.documents import Document, Version
from index.search.filters import compile_filter, mentioned_fields, required_texts
from index.segments.row_ranges import Slice, only_documents
from index.types import Scope

MOST_TEXTS = 10_000
"""Texts in one statement; a longer list is tested row by row."""

_COLUMNS: Mapping[str, InstrumentedAttribute[str]] = MappingProxyType(
    {"document_id": Document.id, "filename": Document.filename, "title": Document.title}
)


def narrow(
    session: Session, scope: Scope, slices: Sequence[Slice], filters: Mapping[str, Any]
) -> list[Slice]:
    """Return the rows of the readable documents that the filters match.

    The database leaves out what cannot match, by ids and names; the test itself is made here, so
    it is the same with every database.

    Raises:
        InvalidFilterError: the filters do not parse.

    """
    test = compile_filter(filters)
    names = mentioned_fields(filters)
    has_attributes = any(name.startswith("attributes.") for name in names)
    attributes = [Document.attributes] if has_attributes else []
    statement = (
        select(
            Document.key, Document.id, Document.filename, Document.title, Version.media_type,
            *attributes,
        )
        .join(Version, Version.document_key == Document.key)
        .where(Version.number == Document.version, readable(scope), *_conditions(filters))
    )  # fmt: skip
    matching = sorted(row.key for row in session.execute(statement) if test(_fields(row)))
    keys = np.array(matching, dtype=np.int64)
    narrowed_slices = (only_documents(readable_rows, keys) for readable_rows in slices)
    return [readable_rows for readable_rows in narrowed_slices if len(readable_rows.starts)]


def _conditions(filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Return conditions of the database's that every match fulfils."""
    return [
        _COLUMNS[name].in_(sorted(texts))
        for name, texts in required_texts(filters).items()
        if name in _COLUMNS and len(texts) <= MOST_TEXTS and all(map(_is_storable, texts))
    ]


def _is_storable(text: str) -> bool:
    """Tell whether every database takes the text as a parameter."""
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def filter_fields(
    document: Document | Row[Any], media_type: str | None, attributes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields of a document that filters test; a row of it needs id, names and title."""
    return {
        "document_id": document.id,
        "filename": document.filename,
        "title": document.title,
        "media_type": media_type,
        **{f"attributes.{name}": value for name, value in attributes.items()},
    }


def _fields(row: Row[Any]) -> dict[str, Any]:
    attributes = row._mapping.get("attributes", {})  # noqa: SLF001 - a public name of SQLAlchemy's
    return filter_fields(row, row.media_type, attributes)
