"""Collections: made, changed and deleted by their owners and by curators, one transaction each.

A collection's access list says who sees the collection. It becomes the list of those documents
alone that were put into it to inherit, and it moves with them in the transaction that edits it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from index.access.classes import access_list_of, intern_class, lock_tenant
from index.access.tenants import check_state
from index.collections import CollectionView, collection_tag, collection_view
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.collections import Collection, CollectionDocument
from index.db.tables.openai_files import FileBatch
from index.entity_tags import UNCONDITIONAL, Precondition
from index.queue_caps import QueueCaps
from index.text.untrusted_input import require_json
from index.types import AccessList, Actor
from ingest.lifecycle.collection_documents import (
    CollectionPlacement,
    lock_inheriting,
    move_inheriting,
    put_in,
)
from ingest.lifecycle.collection_rights import is_visible, manageable_collection
from ingest.lifecycle.collection_tree import place_below
from ingest.lifecycle.publishing import Publishing, check_publishing

CAPS = QueueCaps(person=1000)
"""Collections of one person at most."""

ROOT = ""
"""The parent of a collection that stands in none, in an edit."""


@dataclass(frozen=True, slots=True)
class CollectionSpec:
    """A new collection, as its owner gives it."""

    name: str
    description: str = ""
    labels: Sequence[str] = ()
    parent_id: str | None = None
    allow: Sequence[str] = ()
    """Who sees the collection; none means its owner alone."""
    deny: Sequence[str] = ()
    attributes: dict[str, Any] = field(default_factory=dict)
    document_quota: int | None = None
    byte_quota: int | None = None
    idle_days: int | None = None
    """It expires when it is not used for so many days; none means never."""
    documents: Sequence[str] = ()
    """The documents that stand in it from the start."""


@dataclass(frozen=True, slots=True)
class CollectionEdit:
    """The fields of a collection to change; what is None stays."""

    name: str | None = None
    description: str | None = None
    labels: Sequence[str] | None = None
    parent_id: str | None = None
    """The collection that it is to stand in; an empty text makes it a root."""
    allow: Sequence[str] | None = None
    deny: Sequence[str] | None = None
    attributes: dict[str, Any] | None = None
    document_quota: int | None = None
    """0 takes the quota away."""
    byte_quota: int | None = None
    """0 takes the quota away."""
    idle_days: int | None = None
    """0 lets it never expire."""


def create_collection(
    database: Database,
    actor: Actor,
    spec: CollectionSpec,
    *,
    publishing: Publishing = "own",
    caps: QueueCaps = CAPS,
) -> CollectionView:
    """Make a collection that the actor owns.

    Raises:
        InvalidPrincipalError, InvalidAccessListError: the access list is not usable.
        PublishingError: the actor may not publish to all who would see it.
        NotFoundError: the parent, or one of the documents, is not there for the actor.
        ForbiddenError: the parent is not the actor's to change.
        QuotaError: the documents are more than the collection's quota.
        CollectionTreeError: it would stand too deep.
        UnsoundInputError: a field cannot be stored and shown.
        QueueFullError: the actor has as many collections as are permitted.
        TenantSuspendedError: the tenant is suspended.

    """
    require_json([spec.name, spec.description, list(spec.labels), spec.attributes], "A field")
    access = AccessList.of(spec.allow or [actor.owner], spec.deny)
    with database.write(actor.author) as session:
        tenant = lock_tenant(session, actor.scope.tenant)
        check_state(tenant.state)
        remedy = "Delete collections that are not needed."
        caps.check(session, actor, Collection, Collection.owner, remedy=remedy)
        check_publishing(session, actor, access, publishing)
        row = Collection(
            id=f"col_{secrets.token_hex(12)}", tenant=tenant.id, owner=actor.owner,
            class_key=intern_class(session, tenant.id, access), name=spec.name,
            description=spec.description, labels=_distinct(spec.labels),
            attributes=spec.attributes, document_quota=spec.document_quota or None,
            byte_quota=spec.byte_quota or None, idle_days=spec.idle_days or None,
        )  # fmt: skip
        session.add(row)
        session.flush()
        if spec.parent_id:
            place_below(session, actor, row, spec.parent_id)
        record_act(
            session, tenant.id, "collection-create", row.id,
            allow=sorted(access.allow), deny=sorted(access.deny),
        )  # fmt: skip
        if spec.documents:
            put_in(session, actor, row, spec.documents, CollectionPlacement())
        return collection_view(session, actor.scope, row)


def edit_collection(
    database: Database,
    actor: Actor,
    collection_id: str,
    edit: CollectionEdit,
    *,
    precondition: Precondition = UNCONDITIONAL,
    publishing: Publishing = "own",
) -> CollectionView | None:
    """Change all fields of an edit, or none where one is refused.

    A new access list becomes that of the documents that inherit, in the same transaction. Returns
    the collection as the actor sees it now; none where it is no longer the actor's to see.

    Raises:
        NotFoundError, ForbiddenError: the collection, or the new parent, is not the actor's to
            change.
        InvalidPrincipalError, InvalidAccessListError: the new access list is not usable.
        PublishingError: the actor may not publish to all who would see it, or see its new name.
        CollectionTreeError: it would stand in itself, or too deep.
        UnsoundInputError: a field cannot be stored and shown.
        PreconditionFailedError: the collection is in another state than the edit is meant for.

    """
    require_json([edit.name, edit.description, edit.labels, edit.attributes], "A field")
    with database.write(actor.author) as session:
        lock_tenant(session, actor.scope.tenant)  # so that no two moves make a circle together
        row = manageable_collection(session, actor, collection_id)
        precondition.check(lambda: collection_tag(session, actor.scope, row))
        before = access_list_of(session, row.class_key)
        access = _edited_access(before, edit)
        shows_new_words = any((edit.name, edit.description, edit.labels, edit.attributes))
        check_publishing(
            session, actor, access, publishing, before=None if shows_new_words else before
        )
        _set_fields(row, edit)
        if edit.parent_id is not None:
            _move(session, actor, row, edit.parent_id)
        if access != before:
            documents = lock_inheriting(session, row)
            row.class_key, row.updated_at = intern_class(session, row.tenant, access), utc_now()
            move_inheriting(session, actor, row, documents, access)
        _record_edit(session, row, edit, before, access)
        session.flush()
        if not is_visible(session, actor, row):
            return None
        return collection_view(session, actor.scope, row)


def delete_collection(
    database: Database,
    actor: Actor,
    collection_id: str,
    *,
    precondition: Precondition = UNCONDITIONAL,
) -> None:
    """Delete a collection. Its documents stay as they are; collections in it move up to its parent.

    Raises:
        NotFoundError, ForbiddenError: it is not the actor's to delete.
        PreconditionFailedError: it is in another state than the deletion is meant for.

    """
    with database.write(actor.author) as session:
        lock_tenant(session, actor.scope.tenant)
        row = manageable_collection(session, actor, collection_id)
        precondition.check(lambda: collection_tag(session, actor.scope, row))
        for child in session.scalars(select(Collection).where(Collection.parent_key == row.key)):
            child.parent_key = row.parent_key
        session.execute(
            delete(CollectionDocument).where(CollectionDocument.collection_key == row.key)
        )
        session.execute(delete(FileBatch).where(FileBatch.collection_key == row.key))
        session.delete(row)
        record_act(session, row.tenant, "collection-delete", row.id)


def _edited_access(now: AccessList, edit: CollectionEdit) -> AccessList:
    """Return the new access list; the side that is left out stays as it is now."""
    allow = sorted(now.allow) if edit.allow is None else edit.allow
    return AccessList.of(allow, sorted(now.deny) if edit.deny is None else edit.deny)


def _set_fields(row: Collection, edit: CollectionEdit) -> None:
    changes: dict[str, Any] = {
        "name": edit.name,
        "description": edit.description,
        "labels": None if edit.labels is None else _distinct(edit.labels),
        "attributes": edit.attributes,
    }
    quotas = {name: getattr(edit, name) for name in ("document_quota", "byte_quota", "idle_days")}
    for name, value in (changes | quotas).items():
        if value is not None:
            setattr(row, name, (value or None) if name in quotas else value)
            row.updated_at = utc_now()


def _move(session: Session, actor: Actor, row: Collection, parent_id: str) -> None:
    if parent_id == ROOT:
        row.parent_key = None
    else:
        place_below(session, actor, row, parent_id)


def _record_edit(
    session: Session, row: Collection, edit: CollectionEdit, before: AccessList, access: AccessList
) -> None:
    edited = [each.name for each in fields(edit) if getattr(edit, each.name) is not None]
    if edited:
        lists: dict[str, Any] = {
            f"{side}_{when}": sorted(getattr(each, side))
            for when, each in (("before", before), ("after", access))
            for side in ("allow", "deny")
            if access != before
        }
        record_act(session, row.tenant, "collection-edit", row.id, fields=edited, **lists)


def _distinct(labels: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(labels))
