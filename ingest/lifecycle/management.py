"""Changes that owners and curators may make to a document."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from index.access.audit_log import record_access_change
from index.access.classes import access_list_of, readable
from index.db.change_log import drop_content, record_change
from index.db.tables.base import utc_now
from index.db.tables.documents import Document, Version
from index.db.tables.jobs import Job
from index.db.tables.openai_files import FilePurpose
from index.documents import document_tag
from index.entity_tags import UNCONDITIONAL, Precondition
from index.errors import ForbiddenError, NotFoundError
from index.library import Library
from index.types import Actor, Scope
from ingest.errors import HeldError
from ingest.lifecycle.authority import forget_authority
from ingest.lifecycle.collection_places import leave_collections


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a document is gone from the next search on."""

    document_id: str
    deleted_at: datetime


def manageable(session: Session, actor: Actor, document_id: str) -> Document:
    """Return a document that the actor may change, locked.

    The owner may always, unless denied by name; curators and administrators may change what they
    can read.

    Raises:
        NotFoundError: it does not exist, or not for this actor.
        ForbiddenError: the actor may read it, but not change it.

    """
    statement = _document(actor, document_id)  # locked before anything else, as the workers do
    locked = statement.with_for_update().execution_options(populate_existing=True)
    return require_manageable(session, actor, session.scalar(locked))


def governed_document(session: Session, actor: Actor, document_id: str) -> Document:
    """Return a document that the actor may change, to look at what only they are shown.

    Raises:
        NotFoundError, ForbiddenError: as ``manageable``.

    """
    return require_manageable(session, actor, session.scalar(_document(actor, document_id)))


def may_manage(session: Session, actor: Actor, document: Document) -> bool:
    """Tell whether the actor may change a document of its tenant."""
    try:
        require_manageable(session, actor, document)
    except (NotFoundError, ForbiddenError):
        return False
    return True


def _document(actor: Actor, document_id: str) -> Select[Document]:
    return select(Document).where(Document.id == document_id, Document.tenant == actor.scope.tenant)


def require_manageable(session: Session, actor: Actor, document: Document | None) -> Document:
    """Return a document of the actor's tenant that the actor may change.

    Raises:
        NotFoundError, ForbiddenError: as ``manageable``.

    """
    scope = actor.scope
    if document is None:
        raise NotFoundError
    if document.owner == actor.owner:
        if access_list_of(session, document.class_key).deny & scope.principals:
            raise NotFoundError
        return document
    may_read = session.scalar(
        select(Document.key).where(Document.key == document.key, readable(scope))
    )
    if may_read is None:
        raise NotFoundError
    if not actor.is_curator:
        raise ForbiddenError("Only the owner and curators may change this document.")
    return document


def set_details(
    session: Session, document: Document, *, title: str | None, attributes: dict[str, Any] | None
) -> None:
    """Change the title or the attributes of a locked document; what is None stays."""
    if title is not None:
        document.title, document.title_given = title, True
    if attributes is not None:
        document.attributes = attributes
    document.updated_at = utc_now()
    record_change(session, document.key, [document.class_key], "put")


def delete_document(
    library: Library,
    actor: Actor,
    document_id: str,
    *,
    precondition: Precondition = UNCONDITIONAL,
) -> Receipt:
    """Delete a document, its text, vectors and original; cancel what is queued for it.

    Raises:
        NotFoundError, ForbiddenError: it is not the actor's to delete.
        HeldError: it is under a legal hold.
        PreconditionFailedError: it is in another state than the deletion is meant for.

    """
    with library.database.write(actor.author) as session:
        document = manageable(session, actor, document_id)
        precondition.check(lambda: document_tag(session, document))
        if document.hold:
            raise HeldError(
                f"The document is under a legal hold and cannot be deleted: {document.hold}"
            )
        blobs = erase(session, document, scope=actor.scope, actor=actor.owner, action="delete")
    for blob in blobs:
        library.blobs.delete(blob)
    return Receipt(document_id, utc_now())


def erase(
    session: Session, document: Document, *, scope: Scope, actor: str, action: str
) -> list[str]:
    """Delete a document's rows and note who did; the caller deletes the blobs once it is durable.

    ``action`` is ``delete``, ``expire`` or ``reject``.
    """
    numbers = list(
        session.scalars(select(Version.number).where(Version.document_key == document.key))
    )
    blobs = drop_content(session, document.key, versions=numbers)
    record_change(session, document.key, [document.class_key], "delete")
    record_access_change(
        session, scope=scope, actor=actor, action=action,
        document_id=document.id, before=access_list_of(session, document.class_key), blobs=blobs,
    )  # fmt: skip
    session.execute(
        update(Job)
        .where(Job.document_key == document.key, Job.state.in_(("queued", "running")))
        .values(state="cancelled", reason="The document was deleted.", updated_at=utc_now())
    )
    forget_authority(session, document.key)
    leave_collections(session, document.key)
    session.execute(delete(FilePurpose).where(FilePurpose.document_key == document.key))
    session.execute(delete(Document).where(Document.key == document.key))
    return blobs
