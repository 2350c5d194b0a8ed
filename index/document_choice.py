"""Which documents a list shows and in which order: conditions on rows that a scope may read.

None of them widens a list, and none looks at a document that its reader may not read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from index.db.tables.documents import Document, Version
from index.db.tables.jobs import Job
from index.text.look_alike_names import search_key

State = Literal["processing", "ready", "failed", "quarantined"]

Kind = Literal["pdf", "text", "word", "sheet", "slides", "mail", "web"]

Sort = Literal["newest", "oldest", "title", "largest"]

ENDINGS: dict[Kind, tuple[str, ...]] = {
    "pdf": (".pdf",),
    "text": (".txt", ".md", ".rst", ".log"),
    "word": (".docx", ".docm", ".doc", ".odt", ".rtf"),
    "sheet": (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv"),
    "slides": (".pptx", ".pptm", ".ppt", ".odp"),
    "mail": (".eml", ".msg", ".mbox"),
    "web": (".html", ".htm", ".xhtml", ".mhtml"),
}
"""Of the file names of each kind."""


@dataclass(frozen=True, slots=True)
class DocumentChoice:
    """The conditions and the order of a list; the default is everything, newest first."""

    words: str = ""
    """Each must stand in the title or in the file name; case does not matter."""
    state: State | None = None
    owner: str | None = None
    """A principal."""
    kind: Kind | None = None
    sort: Sort = "newest"


EVERYTHING = DocumentChoice()

_newest_version = aliased(Version)
_is_held = (
    select(_newest_version.key)
    .where(
        _newest_version.document_key == Document.key,
        _newest_version.number == Document.latest_version,
        _newest_version.quarantined_at.is_not(None),
    )
    .correlate(Document)
    .exists()
)
_job_state = (
    select(Job.state)
    .where(
        Job.document_key == Document.key,
        Job.document_id == Document.id,
        Job.version == Document.latest_version,
    )
    .order_by(Job.key.desc())
    .limit(1)
    .correlate(Document)
    .scalar_subquery()
)

STATE = case(
    (Document.version == Document.latest_version, "ready"),
    (_is_held, "quarantined"),
    # the earlier version stays searchable, as its owner wanted
    (and_(_job_state == "cancelled", Document.version > 0), "ready"),
    (_job_state.in_(("failed", "cancelled")), "failed"),
    else_="processing",
)
"""The state of a document's newest accepted version."""

_ORDERS: dict[Sort, tuple[ColumnElement[Any], bool]] = {
    "newest": (Document.key.expression, True),
    "oldest": (Document.key.expression, False),
    "title": (func.lower(Document.title), False),
    "largest": (Version.size.expression, True),
}
"""By what a list is ordered, and whether the greatest comes first; equal ones are newest first."""


def narrowed(
    documents: Select[Document, Version], choice: DocumentChoice
) -> Select[Document, Version]:
    """Return the statement for the documents of a choice, in its order."""
    column, is_descending = _ORDERS[choice.sort]
    order = column.desc() if is_descending else column.asc()
    return documents.where(*_conditions(choice)).order_by(order, Document.key.desc())


def place_of(
    document: Select[Document, Version], choice: DocumentChoice
) -> tuple[ScalarSelect[Any], ScalarSelect[int]]:
    """Return the place of a document in a choice's order, both nothing where it is not there."""
    value = document.with_only_columns(_ORDERS[choice.sort][0])
    key = document.with_only_columns(Document.key)
    return value.correlate(None).scalar_subquery(), key.correlate(None).scalar_subquery()


def after_place(
    choice: DocumentChoice, value: ScalarSelect[Any], key: ScalarSelect[int]
) -> ColumnElement[bool]:
    """Return the condition that a document comes after a place; all do where there is none."""
    column, is_descending = _ORDERS[choice.sort]
    is_later: ColumnElement[bool] = column < value if is_descending else column > value
    if choice.sort in {"newest", "oldest"}:
        return or_(key.is_(None), is_later)
    return or_(key.is_(None), is_later, and_(column == value, Document.key < key))


def _conditions(choice: DocumentChoice) -> Iterable[ColumnElement[bool]]:
    yield from map(_names, choice.words.split())
    if choice.state is not None:
        yield STATE.in_((choice.state,))
    if choice.owner is not None:
        yield Document.owner == choice.owner
    if choice.kind is not None:
        name = func.lower(Document.filename)
        yield or_(*(name.endswith(ending) for ending in ENDINGS[choice.kind]))


def _names(word: str) -> ColumnElement[bool]:
    """Return the condition that a word stands in the title or in the file name.

    The keys of names know the letters of every script in every case; the names themselves have
    what keys leave out, such as an ending.
    """
    as_typed = [
        name.icontains(word, autoescape=True) for name in (Document.title, Document.filename)
    ]
    key = search_key(word)
    columns = (Document.title_key, Document.filename_key) if key else ()
    return or_(*as_typed, *(column.contains(key) for column in columns))
