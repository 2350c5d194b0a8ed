"""Sources beyond upload, for curators: a folder that is kept in step, a URL that is fetched.

A source belongs to whoever made it and is shown to nobody else, so that its paths tell nothing.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal, cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from index.access.classes import access_list_of, lock_tenant
from index.db.audit_chain import record_act
from index.db.tables.base import utc_now
from index.db.tables.documents import Document, Source, Version
from index.entity_tags import UNCONDITIONAL, Precondition, entity_tag
from index.errors import ForbiddenError, NotFoundError
from index.library import Library
from index.queue_caps import UNCAPPED, QueueCaps
from index.types import AccessList, Actor

Kind = Literal["folder", "url", "bucket", "git", "sitemap", "drive", "mailbox"]


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """The settings of a source, as its owner gives them."""

    kind: Kind
    location: str
    """The folder's name, or the URL or address."""
    allow: Sequence[str] = ()
    """Who may read what comes from it; none means its owner alone."""
    deny: Sequence[str] = ()
    licence: str | None = None
    retention_days: int | None = None
    """Its documents are deleted this many days after they came; none means never."""


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source as its owner sees it."""

    source_id: str
    owner: str
    kind: str
    location: str
    allow: list[str]
    deny: list[str]
    licence: str | None
    retention_days: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document of a source: where it is, and what was last accepted."""

    path: str
    document_id: str
    sha256: str
    allow: list[str]
    deny: list[str]
    """The list that the source last gave."""
    mark: str | None = None
    """The mark that the source gave to these bytes, such as an entity tag."""


def keep_source(
    library: Library,
    actor: Actor,
    spec: SourceSpec,
    *,
    precondition: Precondition = UNCONDITIONAL,
    caps: QueueCaps = UNCAPPED,
) -> SourceView:
    """Make a source, or give the actor's own source of that location new settings.

    Raises:
        ForbiddenError: the actor is not a curator.
        InvalidPrincipalError, InvalidAccessListError: the access list is not usable.
        PreconditionFailedError: the source is in another state than the change is meant for.
        QueueFullError: the actor, or the tenant, has as many sources as are permitted.

    """
    if not actor.is_curator:
        raise ForbiddenError("Only curators and administrators may make sources. Ask one of them.")
    access = AccessList.of(spec.allow or [actor.owner], spec.deny)
    with library.database.write(actor.author) as session:
        lock_tenant(session, actor.scope.tenant)  # one source a place; its rules never mix
        row = session.scalar(
            _select_own(actor).where(Source.kind == spec.kind, Source.location == spec.location)
        )
        precondition.check(None if row is None else partial(_tag, row))
        if row is None:
            remedy = "Delete sources that are not needed."
            caps.check(session, actor, Source, Source.owner, remedy=remedy)
            row = Source(
                id=f"src_{secrets.token_hex(12)}", tenant=actor.scope.tenant, owner=actor.owner,
                kind=spec.kind, location=spec.location,
            )  # fmt: skip
            session.add(row)
        row.allow, row.deny = sorted(access.allow), sorted(access.deny)
        row.licence, row.retention_days = spec.licence, spec.retention_days
        session.flush()
        record_act(
            session, row.tenant, "source-set", row.id,
            kind=row.kind, allow=row.allow, deny=row.deny, retention_days=row.retention_days,
        )  # fmt: skip
        return _view(row)


def list_sources(library: Library, actor: Actor) -> list[SourceView]:
    """Return the actor's sources, oldest first."""
    with library.database.read() as session:
        rows = session.scalars(_select_own(actor).order_by(Source.created_at, Source.id))
        return [_view(row) for row in rows]


def get_source(library: Library, actor: Actor, source_id: str) -> SourceView:
    """Return one of the actor's sources.

    Raises:
        NotFoundError: there is none, or it is somebody else's.

    """
    with library.database.read() as session:
        return _view(own_source(session, actor, source_id))


def forget_source(
    library: Library,
    actor: Actor,
    source_id: str,
    *,
    precondition: Precondition = UNCONDITIONAL,
) -> None:
    """Delete a source; its documents stay, and belong to no source from then on."""
    with library.database.write(actor.author) as session:
        lock_tenant(session, actor.scope.tenant)  # so that no upload of it is recorded meanwhile
        row = own_source(session, actor, source_id)
        precondition.check(partial(_tag, row))
        for document in session.scalars(select(Document).where(Document.source_id == row.id)):
            document.source_id = None
        session.delete(row)
        record_act(session, row.tenant, "source-delete", row.id)


def documents_of(library: Library, actor: Actor, source_id: str) -> list[SourceDocument]:
    """Return the documents of a source that the actor may still change, by path."""
    with library.database.read() as session:
        own_source(session, actor, source_id)
        rows = session.execute(
            select(Document, Version.sha256)
            .join(Version, Version.document_key == Document.key)
            .where(
                Document.source_id == source_id,
                Document.owner == actor.owner,
                Version.number == Document.latest_version,
            )
            .order_by(Document.source_path)
        ).all()
        documents = []
        for document, sha256 in rows:
            access = access_list_of(session, document.class_key)
            if not access.deny & actor.scope.principals:
                class_key = document.source_class
                if class_key not in {
                    None,
                    document.class_key,
                }:  # somebody has set a list by hand since
                    access = access_list_of(session, class_key)
                path = document.source_path or ""
                lists = sorted(access.allow), sorted(access.deny)
                documents.append(
                    SourceDocument(path, document.id, sha256, *lists, document.source_mark)
                )
        return documents


def own_source(session: Session, actor: Actor, source_id: str) -> Source:
    """Return the row of one of the actor's sources.

    Raises:
        NotFoundError: there is none, it is somebody else's, or the actor is no curator any more.

    """
    row = session.scalar(_select_own(actor).where(Source.id == source_id))
    if row is None or not actor.is_curator:
        raise NotFoundError
    return row


def apply_source(session: Session, document: Document) -> None:
    """Give a new document its source's licence note and expiry."""
    source = session.get(Source, document.source_id) if document.source_id else None
    if source is None:
        return
    document.licence = document.licence or source.licence
    if source.retention_days is not None:
        document.expires_at = utc_now() + timedelta(days=source.retention_days)


def _select_own(actor: Actor) -> Select[Source]:
    return select(Source).where(Source.tenant == actor.scope.tenant, Source.owner == actor.owner)


def _tag(row: Source) -> str:
    return entity_tag(_view(row))


def _view(row: Source) -> SourceView:
    return SourceView(
        row.id, row.owner, cast("Kind", row.kind), row.location, list(row.allow), list(row.deny),
        row.licence, row.retention_days, row.created_at,
    )  # fmt: skip
