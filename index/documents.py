"""Documents as people see them: listing and reading, always inside a scope."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Literal, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from index.access.classes import access_lists_of, readable
from index.db.batched import batched
from index.db.damaged_text import check_text
from index.db.database import Database
from index.db.tables.documents import AuthoritativeMark, Document, Source, Version
from index.document_choice import (
    EVERYTHING,
    STATE,
    DocumentChoice,
    State,
    after_place,
    narrowed,
    place_of,
)
from index.entity_tags import entity_tag
from index.errors import NotFoundError
from index.library import Library
from index.storage.verified_originals import StoredOriginal, open_verified
from index.text.untrusted_input import fit_json, fit_text
from index.types import AccessList, Scope

BATCH = 1000
"""Ids or keys in one statement."""

IS_SHOWN = (Version.number == Document.version) | (
    (Document.version == 0) & (Version.number == Document.latest_version)
)
"""The condition that a version is the one that a document is shown with: the searchable one, or the
first one while it is processed."""


@dataclass(frozen=True, slots=True)
class SourceNote:
    """The kind of a document's source, and its path there."""

    kind: str
    path: str


class Provenance(TypedDict, total=False):
    """How a version was read, as names with versions; what an older one did not note is missing."""

    parser: str
    chunker: str
    embedder: str
    screening: str
    sha256: str
    accepted_at: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document without its content."""

    document_id: str
    version: int
    """The searchable version; 0 while the first one is processed."""
    title: str
    filename: str
    media_type: str | None
    size: int
    """Bytes of the original file."""
    sha256: str
    pages: int | None
    owner: str
    allow: list[str]
    deny: list[str]
    attributes: dict[str, Any]
    state: State
    """Of the newest accepted version; an older one stays searchable while it is processed."""
    created_at: datetime
    updated_at: datetime
    warnings: list[str]
    masked: bool
    """Spans of the text are masked; only the owner and curators may have the original."""
    source: SourceNote | None
    """Where it came from, beyond upload."""
    licence: str | None
    expires_at: datetime | None
    hold: str | None
    publisher: str
    """The owner, under the name that a citation gives: who published the document."""
    published_at: datetime
    """When the version that is shown was accepted."""
    authoritative: bool
    """A curator has marked it: it ranks first among evidence that is nearly as good."""
    provenance: Provenance
    """The parser, chunker and embedder of the searchable version, and when it came."""


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Some documents in the order that was asked for, and the id to continue after."""

    items: list[DocumentView]
    next: str | None


def list_documents(
    library: Library,
    scope: Scope,
    *,
    choice: DocumentChoice = EVERYTHING,
    limit: int = 100,
    after: str | None = None,
) -> DocumentPage:
    """Return a page of readable documents, newest first unless ``choice`` says otherwise.

    ``after`` is the ``next`` of the page before; one that is not readable any more starts over.
    """
    statement = narrowed(_readable(scope), choice).limit(limit + 1)
    if after is not None:
        last = _readable(scope).where(Document.id == after)
        statement = statement.where(after_place(choice, *place_of(last, choice)))
    with library.database.read() as session:
        rows = [(document, version) for document, version in session.execute(statement)]
        items = document_views(session, rows[:limit])
    return DocumentPage(items, items[-1].document_id if len(rows) > limit else None)


def get_document(library: Library, scope: Scope, document_id: str) -> DocumentView:
    """Return one readable document.

    Raises:
        NotFoundError: it does not exist, or not for this scope.

    """
    with library.database.read() as session:
        return document_view(session, *_find(session, scope, document_id))


def document_tag(session: Session, document: Document) -> str:
    """Return the entity tag of a document as its readers see it in this transaction."""
    number = document.version or document.latest_version
    statement = select(Version).where(
        Version.document_key == document.key, Version.number == number
    )
    return entity_tag(document_view(session, document, session.scalars(statement).one()))


def get_text(library: Library, scope: Scope, document_id: str) -> str:
    """Return the text that offsets of citations refer to.

    Raises:
        NotFoundError: no such document for this scope, or it has no text yet.
        TextDamagedError: the text is not the one that was written.

    """
    with library.database.read() as session:
        _, version = _find(session, scope, document_id)
        if version.text is None:
            raise NotFoundError
        return check_text(version.text, version.text_digest)


def open_content(library: Library, scope: Scope, document_id: str) -> tuple[DocumentView, BinaryIO]:
    """Open the original file of the searchable version (of the first one while it is processed).

    Raises:
        NotFoundError: it does not exist, or not for this scope.
        OriginalDamagedError: its bytes are not those that were accepted.

    """
    with library.database.read() as session:
        document, version = _find(session, scope, document_id)
        view = document_view(session, document, version)
        original = StoredOriginal(version.blob, version.size, version.sha256)
    return view, open_verified(library.database, library.blobs, original)


def _readable(scope: Scope) -> Select[Document, Version]:
    return (
        select(Document, Version)
        .join(Version, Version.document_key == Document.key)
        .where(readable(scope), IS_SHOWN)
    )


def _find(session: Session, scope: Scope, document_id: str) -> tuple[Document, Version]:
    row = session.execute(_readable(scope).where(Document.id == document_id)).first()
    if row is None:
        raise NotFoundError
    return row[0], row[1]


def document_view(session: Session, document: Document, version: Version) -> DocumentView:
    """Return what a reader of a document sees of it and of one of its versions."""
    return document_views(session, [(document, version)])[0]


def document_views(
    session: Session, rows: Sequence[tuple[Document, Version]]
) -> list[DocumentView]:
    """Return what readers see of documents, each with one of its versions, in two looks."""
    lists = access_lists_of(session, {document.class_key for document, _ in rows})
    notes = _notes(session, [document.key for document, _ in rows])
    return [
        _document_view(document, version, lists[document.class_key], notes[document.key])
        for document, version in rows
    ]


class _Notes(NamedTuple):
    """The facts about a document that stand in other tables."""

    source_kind: str | None
    marked_version: int | None
    """The version that a curator has marked as authoritative."""
    state: State
    """Of the newest accepted version."""


def _notes(session: Session, documents: Sequence[int]) -> dict[int, _Notes]:
    """Return the notes on some documents, by their keys."""
    rows: dict[int, _Notes] = {}
    for keys in batched(documents, BATCH):
        for key, kind, mark, state in session.execute(_NOTES, {"keys": keys}):
            rows[key] = _Notes(kind, mark, state)
    return rows


_NOTES = (
    select(Document.key, Source.kind, AuthoritativeMark.version, STATE)
    .outerjoin(Source, Source.id == Document.source_id)
    .outerjoin(AuthoritativeMark, AuthoritativeMark.document_key == Document.key)
    .where(Document.key.in_(bindparam("keys", expanding=True)))
)


def _document_view(
    document: Document, version: Version, access: AccessList, notes: _Notes
) -> DocumentView:
    return DocumentView(
        document_id=document.id,
        version=document.version,
        title=fit_text(document.title),
        filename=fit_text(document.filename),
        media_type=version.media_type,
        size=version.size,
        sha256=version.sha256,
        pages=version.pages,
        owner=document.owner,
        allow=sorted(access.allow),
        deny=sorted(access.deny),
        attributes=fit_json(document.attributes),
        state=notes.state,
        created_at=document.created_at,
        updated_at=document.updated_at,
        warnings=fit_json(list(version.provenance.get("warnings", []))),
        masked=bool(version.provenance.get("masked")),
        source=_source(document, notes),
        licence=None if document.licence is None else fit_text(document.licence),
        expires_at=document.expires_at,
        hold=document.hold,
        publisher=document.owner,
        published_at=version.created_at,
        authoritative=_is_authoritative(document, notes),
        provenance=_provenance(version),
    )


def _is_authoritative(document: Document, notes: _Notes) -> bool:
    return notes.marked_version is not None and notes.marked_version >= document.version


def _source(document: Document, notes: _Notes) -> SourceNote | None:
    kind = notes.source_kind
    return SourceNote(kind, fit_text(document.source_path or "")) if kind else None


def _provenance(version: Version) -> Provenance:
    names: tuple[Literal["parser", "chunker", "embedder", "screening"], ...] = (
        "parser", "chunker", "embedder", "screening",
    )  # fmt: skip
    provenance = Provenance()
    for name in names:
        if name in version.provenance:
            provenance[name] = str(version.provenance[name])
    provenance["sha256"] = version.sha256
    provenance["accepted_at"] = version.created_at.isoformat()
    return provenance


def document_state(session: Session, document: Document) -> State:
    """Return the state of a document's newest accepted version."""
    if document.version == document.latest_version:
        return "ready"
    return _notes(session, [document.key])[document.key].state


def whole_documents(database: Database, document_ids: Iterable[str], since: datetime) -> set[str]:
    """Return those that exist, searchable and not masked since a moment; for clean-up jobs."""
    whole = Document.masked_at.is_(None) | (Document.masked_at < since)
    existing: set[str] = set()
    with database.read() as session:
        for ids in batched(sorted(document_ids), BATCH):
            existing.update(
                session.scalars(
                    select(Document.id).where(Document.id.in_(ids), Document.version > 0, whole)
                )
            )
    return existing
