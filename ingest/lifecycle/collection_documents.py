"""Documents in collections: put in, taken out, and moved with the access list of the collection.

A collection never widens what one may read. A document that is put in keeps its own access list;
one that is put in to inherit gets the collection's, by somebody who may change its access anyway.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from index.access.classes import access_list_of, readable
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.collections import Collection, CollectionDocument
from index.db.tables.documents import Document, Version
from index.errors import NotFoundError
from index.types import AccessList, Actor
from ingest.errors import QuotaError
from ingest.lifecycle.access_changes import set_by_hand
from ingest.lifecycle.collection_places import end_inheritance
from ingest.lifecycle.collection_rights import manageable_collection
from ingest.lifecycle.management import may_manage, require_manageable
from ingest.lifecycle.publishing import Publishing, check_publishing


@dataclass(frozen=True, slots=True)
class CollectionPlacement:
    """How documents are put into a collection."""

    inherit: bool = False
    """They get the collection's access list, and each later one."""
    attributes: Mapping[str, Any] | None = None
    """Of the documents in this collection; none leaves those that are there."""
    publishing: Publishing = "own"


def add_documents(
    database: Database,
    actor: Actor,
    collection_id: str,
    document_ids: Sequence[str],
    placement: CollectionPlacement,
) -> None:
    """Put documents into a collection, all of them or none; harmless for those in it.

    Raises:
        NotFoundError: the collection, or one of the documents, is not there for the actor.
        ForbiddenError: the collection is not the actor's to change; or a document is to inherit,
            and is not.
        PublishingError: a document is to inherit, and the actor may not publish to all who would
            read it.
        QuotaError: the collection's quota of documents or bytes would be exceeded.

    """
    with database.write(actor.author) as session:
        collection = manageable_collection(session, actor, collection_id)
        put_in(session, actor, collection, document_ids, placement)


def remove_document(database: Database, actor: Actor, collection_id: str, document_id: str) -> None:
    """Take a document out of a collection; it keeps the access list that it has.

    Raises:
        NotFoundError: the collection is not there for the actor, or the document is not in it.
        ForbiddenError: the collection is not the actor's to change.

    """
    with database.write(actor.author) as session:
        collection = manageable_collection(session, actor, collection_id)
        session.delete(place_of(session, actor, collection, document_id))
        record_act(
            session, collection.tenant, "collection-remove", collection.id, documents=[document_id]
        )


def set_attributes(
    database: Database,
    actor: Actor,
    collection_id: str,
    document_id: str,
    attributes: Mapping[str, Any],
) -> None:
    """Replace the attributes that a document has in a collection.

    Raises:
        NotFoundError: the collection is not there for the actor, or the document is not in it.
        ForbiddenError: the collection is not the actor's to change.

    """
    with database.write(actor.author) as session:
        collection = manageable_collection(session, actor, collection_id)
        place_of(session, actor, collection, document_id).attributes = dict(attributes)
        record_act(
            session, collection.tenant, "collection-add", collection.id, documents=[document_id]
        )


def put_in(
    session: Session,
    actor: Actor,
    collection: Collection,
    document_ids: Sequence[str],
    placement: CollectionPlacement,
) -> None:
    """Put documents into a locked collection.

    Raises:
        NotFoundError, ForbiddenError, PublishingError, QuotaError: as ``add_documents``.

    """
    documents = _to_place(session, actor, document_ids, inherit=placement.inherit)
    for document in documents:
        _place(session, actor, collection, document, placement.attributes)
    if placement.inherit:
        _inherit(session, actor, collection, documents, placement.publishing)
    _check_quotas(session, collection)
    record_act(
        session, collection.tenant, "collection-add", collection.id,
        documents=[document.id for document in documents], inherit=placement.inherit,
    )  # fmt: skip


def place_of(
    session: Session, actor: Actor, collection: Collection, document_id: str
) -> CollectionDocument:
    """Return the row of a document in a collection.

    Raises:
        NotFoundError: it is not in there, or it is not there for the actor.

    """
    place = session.scalar(
        select(CollectionDocument)
        .join(Document, Document.key == CollectionDocument.document_key)
        .where(
            CollectionDocument.collection_key == collection.key,
            Document.id == document_id,
            readable(actor.scope) | _is_own(actor),
        )
    )
    if place is None:
        raise NotFoundError
    return place


def lock_inheriting(session: Session, collection: Collection) -> list[Document]:
    """Return the documents that have a collection's access list, locked in the order of their keys.

    Call it before anything takes a counter of the store, as whoever changes a document does.
    """
    inheriting = select(CollectionDocument.document_key).where(
        CollectionDocument.collection_key == collection.key, CollectionDocument.inherits
    )
    documents = _locked(session, Document.key.in_(inheriting))
    still_inheriting = set(session.scalars(inheriting))  # as it is now that they are locked
    return [document for document in documents if document.key in still_inheriting]


def move_inheriting(
    session: Session,
    actor: Actor,
    collection: Collection,
    documents: Iterable[Document],
    access: AccessList,
) -> None:
    """Give a collection's new access list to the locked documents that inherit it.

    Only who may change a document's access widens it: one that the actor may not change is narrowed
    to whom both lists admit, and its list is its own from then on.
    """
    for document in documents:
        if may_manage(session, actor, document):
            set_by_hand(session, actor.owner, document, access)
            _mark_inheriting(session, collection, document)
        else:
            before = access_list_of(session, document.class_key)
            set_by_hand(session, actor.owner, document, before.narrow(access, document.owner))
            end_inheritance(session, document.key)


def _to_place(
    session: Session, actor: Actor, document_ids: Sequence[str], *, inherit: bool
) -> list[Document]:
    """Return the documents that the actor may put into a collection, locked where they inherit."""
    distinct_ids = list(dict.fromkeys(document_ids))
    is_there = readable(actor.scope) | _is_own(actor)
    condition = Document.id.in_(distinct_ids) & (Document.tenant == actor.scope.tenant) & is_there
    if inherit:
        documents = _locked(session, condition)
    else:
        documents = list(session.scalars(select(Document).where(condition).order_by(Document.key)))
    is_denied = any(_denies(session, actor, document) for document in documents)
    if is_denied or len(documents) < len(distinct_ids):
        raise NotFoundError
    for document in documents if inherit else ():
        require_manageable(session, actor, document)
    return documents


def _locked(session: Session, condition: ColumnElement[bool]) -> list[Document]:
    statement = select(Document).where(condition).order_by(Document.key).with_for_update()
    return list(session.scalars(statement.execution_options(populate_existing=True)))


def _denies(session: Session, actor: Actor, document: Document) -> bool:
    return bool(access_list_of(session, document.class_key).deny & actor.scope.principals)


def _is_own(actor: Actor) -> ColumnElement[bool]:
    return (Document.tenant == actor.scope.tenant) & (Document.owner == actor.owner)


def _place(
    session: Session,
    actor: Actor,
    collection: Collection,
    document: Document,
    attributes: Mapping[str, Any] | None,
) -> None:
    place = session.get(CollectionDocument, (collection.key, document.key))
    if place is None:
        place = CollectionDocument(
            collection_key=collection.key, document_key=document.key, tenant=collection.tenant,
            added_by=actor.owner, attributes={},
        )  # fmt: skip
        session.add(place)
    place.cancelled_at = None
    if attributes is not None:
        place.attributes = dict(attributes)
    session.flush()


def _inherit(
    session: Session,
    actor: Actor,
    collection: Collection,
    documents: Iterable[Document],
    publishing: Publishing,
) -> None:
    access = access_list_of(session, collection.class_key)
    for document in documents:
        before = access_list_of(session, document.class_key)
        check_publishing(session, actor, access, publishing, before=before)
        set_by_hand(session, actor.owner, document, access)
        end_inheritance(session, document.key)
        _mark_inheriting(session, collection, document)


def _mark_inheriting(session: Session, collection: Collection, document: Document) -> None:
    place = session.get_one(CollectionDocument, (collection.key, document.key))
    session.refresh(place)
    place.inherits = True
    session.flush()


def _check_quotas(session: Session, collection: Collection) -> None:
    """Refuse what exceeds a quota; like a tenant's, it counts all documents."""
    if collection.document_quota is None and collection.byte_quota is None:
        return
    count, size = session.execute(
        select(func.count(), func.coalesce(func.sum(Version.size), 0))
        .select_from(CollectionDocument)
        .join(Document, Document.key == CollectionDocument.document_key)
        .join(Version, Version.document_key == Document.key)
        .where(
            CollectionDocument.collection_key == collection.key,
            Version.number == Document.latest_version,
        )
    ).one()
    remedy = "Take documents out that are not needed, or give the collection a larger quota."
    if collection.document_quota is not None and count > collection.document_quota:
        raise QuotaError(
            f"The collection's quota of {collection.document_quota:,} documents is used up. "
            f"{remedy}"
        )
    if collection.byte_quota is not None and size > collection.byte_quota:
        raise QuotaError(
            f"The collection's quota of {collection.byte_quota:,} bytes would be exceeded. {remedy}"
        )
