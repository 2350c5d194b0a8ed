"""Edits of a document: read, changed and written in one transaction on its locked row.

So every edit that was acknowledged is in the end state, whoever edits at the same time: an edit
that names only ``deny`` changes only ``deny`` of the row as it is then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from index.access.classes import access_list_of
from index.db.audit_chain import record_act
from index.db.tables.documents import Document
from index.documents import document_tag
from index.entity_tags import UNCONDITIONAL, Precondition
from index.library import Library
from index.text.untrusted_input import require_json
from index.types import AccessList, Actor
from ingest.lifecycle.access_changes import set_by_hand
from ingest.lifecycle.authority import check_authority, lose_authority, set_authority
from ingest.lifecycle.management import manageable, set_details
from ingest.lifecycle.publishing import Publishing, check_publishing
from ingest.lifecycle.retention import Governance, check_governance, set_governance


@dataclass(frozen=True, slots=True)
class DocumentEdit:
    """The fields of a document to change; what is None stays."""

    allow: Sequence[str] | None = None
    deny: Sequence[str] | None = None
    title: str | None = None
    attributes: dict[str, Any] | None = None
    governance: Governance | None = None
    authoritative: bool | None = None
    """Whether the document is marked as authoritative; for curators."""


def edit_document(
    library: Library,
    actor: Actor,
    document_id: str,
    edit: DocumentEdit,
    *,
    precondition: Precondition = UNCONDITIONAL,
    publishing: Publishing = "own",
) -> None:
    """Change all fields of an edit, or none where one is refused; the next request sees it.

    Raises:
        NotFoundError, ForbiddenError: the document or its hold is not the actor's to change.
        InvalidPrincipalError, InvalidAccessListError: the new access list is not usable.
        PublishingError: the actor may not publish to all who would read it, or read its new title.
        AuthorityError: the actor may not mark documents as authoritative.
        UnsoundInputError: the title or the attributes cannot be stored and shown.
        PreconditionFailedError: the document is in another state than the edit is meant for.

    """
    require_json([edit.title, edit.attributes], "The title or the attributes")
    if edit.governance is not None:
        check_governance(actor, edit.governance)
    with library.database.write(actor.author) as session:
        document = manageable(session, actor, document_id)
        if edit.authoritative is not None:
            check_authority(actor)
        precondition.check(lambda: document_tag(session, document))
        access, before = (
            _access(session, document, edit),
            access_list_of(session, document.class_key),
        )
        published_before = before if edit.title is None else None
        check_publishing(session, actor, access, publishing, before=published_before)
        if edit.governance is not None:
            set_governance(document, edit.governance)
        if edit.title is not None:
            lose_authority(session, actor, document)
        if edit.title is not None or edit.attributes is not None:
            set_details(session, document, title=edit.title, attributes=edit.attributes)
        if edit.allow is not None or edit.deny is not None:
            set_by_hand(session, actor.owner, document, access)
        if edit.authoritative is not None:
            set_authority(session, actor, document, is_authoritative=edit.authoritative)
        _record(session, document, edit)


def _record(session: Session, document: Document, edit: DocumentEdit) -> None:
    """Record which fields were edited; a change of access has a row of its own."""
    fields = ("title", "attributes", "governance", "authoritative")
    edited = [name for name in fields if getattr(edit, name) is not None]
    if edited:
        record_act(
            session, document.tenant, "document-edit", document.id, fields=edited,
            expires_at=document.expires_at, on_hold=document.hold is not None,
            authoritative=edit.authoritative,
        )  # fmt: skip


def _access(session: Session, document: Document, edit: DocumentEdit) -> AccessList:
    """Return the new access list; the side that is left out stays as it is now."""
    now = access_list_of(session, document.class_key)
    allow = sorted(now.allow) if edit.allow is None else edit.allow
    return AccessList.of(allow, sorted(now.deny) if edit.deny is None else edit.deny)
