"""Retention: documents whose time is up are deleted, with a trace that a receipt can be made of."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from index.db.tables.base import utc_now
from index.db.tables.documents import Document
from index.errors import ForbiddenError
from index.library import Library
from index.types import Actor, Scope
from ingest.lifecycle.management import Receipt, erase

SWEEPER = "user:retention"
"""Who expiries are recorded as in the log of access changes."""


@dataclass(frozen=True, slots=True)
class Governance:
    """Changes to a document's governance; None leaves a value as it is."""

    licence: str | None = None
    expires_at: datetime | None = None
    keep_for_ever: bool = False
    """Take the expiry away."""
    hold: str | None = None
    """Why the document must not be deleted; an empty text ends the hold."""


def check_governance(actor: Actor, change: Governance) -> None:
    """Refuse a change that the actor's role does not allow.

    Raises:
        ForbiddenError: a reader sets or ends a hold.

    """
    if change.hold is not None and not actor.is_curator:
        raise ForbiddenError("Only curators and administrators may set a legal hold.")


def set_governance(document: Document, change: Governance) -> None:
    """Change the governance of a locked document."""
    if change.licence is not None:
        document.licence = change.licence or None
    if change.expires_at is not None or change.keep_for_ever:
        document.expires_at = change.expires_at
    if change.hold is not None:
        document.hold = change.hold or None
    document.updated_at = utc_now()


def expire_documents(library: Library, *, now: datetime | None = None) -> list[Receipt]:
    """Delete every document whose expiry has passed and that is not held, one at a time."""
    moment = now or utc_now()
    receipts = []
    with library.database.read() as session:
        due_keys = list(session.scalars(_select_due(moment)))
    for key in due_keys:
        with library.database.write() as session:
            document = session.scalar(_still_due(key, moment))
            if document is None:
                continue
            receipts.append(Receipt(document.id, utc_now()))
            blobs = _expire(session, document)
        for blob in blobs:
            library.blobs.delete(blob)
    return receipts


def _expire(session: Session, document: Document) -> list[str]:
    scope = Scope.of(document.tenant, [SWEEPER])
    return erase(session, document, scope=scope, actor=SWEEPER, action="expire")


def _select_due(moment: datetime) -> Select[int]:
    return select(Document.key).where(Document.expires_at <= moment, Document.hold.is_(None))


def _still_due(key: int, moment: datetime) -> Select[Document]:
    return (
        select(Document)
        .where(Document.key == key, Document.expires_at <= moment, Document.hold.is_(None))
        .with_for_update()
    )
