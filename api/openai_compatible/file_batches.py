"""Batches: files that were put into a vector store by one request."""

import json
import secrets
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.openai_compatible.store_objects import (
    FileCounts,
    PlaceStatus,
    count_statuses,
    place_status,
)
from api.openai_compatible.store_schemas import StoreFileRequest
from index.access.classes import readable
from index.collections import find_collection
from index.db.batched import batched
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.collections import Collection, CollectionDocument
from index.db.tables.documents import Document
from index.db.tables.openai_files import FileBatch
from index.errors import NotFoundError
from index.types import Actor, Scope
from ingest.lifecycle.collection_documents import CollectionPlacement, put_in
from ingest.lifecycle.collection_rights import manageable_collection

_IDS = 1000


class FileBatchView(BaseModel):
    """A batch of files; counts are of those that you may read and that are still in it."""

    id: str
    object: Literal["vector_store.files_batch"] = "vector_store.files_batch"
    created_at: int
    vector_store_id: str
    status: PlaceStatus
    file_counts: FileCounts


def create_batch(
    database: Database, actor: Actor, store_id: str, files: Sequence[StoreFileRequest]
) -> FileBatchView:
    """Put files into a vector store, all of them or none.

    Raises:
        NotFoundError: the vector store, or a file, is not there for the actor.
        ForbiddenError: the vector store is not the actor's to change.
        QuotaError: the collection's quota would be exceeded.

    """
    by_attributes: dict[str, list[StoreFileRequest]] = {}
    for file in files:
        by_attributes.setdefault(json.dumps(file.attributes, sort_keys=True), []).append(file)
    with database.write(actor.author) as session:
        collection = manageable_collection(session, actor, store_id)
        for alike in by_attributes.values():
            placement = CollectionPlacement(attributes=alike[0].attributes or {})
            put_in(session, actor, collection, [file.file_id for file in alike], placement)
        row = FileBatch(
            id=f"vsfb_{secrets.token_hex(12)}", tenant=collection.tenant, owner=actor.owner,
            collection_key=collection.key,
            documents=list(dict.fromkeys(file.file_id for file in files)),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return _view(session, actor.scope, collection, row)


def get_batch(database: Database, actor: Actor, store_id: str, batch_id: str) -> FileBatchView:
    """Return one batch.

    Raises:
        NotFoundError: the vector store is not there for the actor, or has no such batch.

    """
    with database.read() as session:
        collection = find_collection(session, actor.scope, store_id)
        return _view(session, actor.scope, collection, _find(session, collection, batch_id))


def files_of_batch(database: Database, actor: Actor, store_id: str, batch_id: str) -> list[str]:
    """Return the ids of a batch's files, those that the actor may not read too.

    Raises:
        NotFoundError: as ``get_batch``.

    """
    with database.read() as session:
        collection = find_collection(session, actor.scope, store_id)
        return list(_find(session, collection, batch_id).documents)


def cancel_batch(database: Database, actor: Actor, store_id: str, batch_id: str) -> FileBatchView:
    """Cancel a batch: what is not searchable yet will not be searched in this vector store.

    Raises:
        NotFoundError: as ``get_batch``.
        ForbiddenError: the vector store is not the actor's to change.

    """
    with database.write(actor.author) as session:
        collection = manageable_collection(session, actor, store_id)
        row = _find(session, collection, batch_id)
        row.cancelled_at = row.cancelled_at or utc_now()
        for document, place in _places(session, actor.scope, collection, row):
            if place_status(session, document, place) == "in_progress":
                place.cancelled_at = row.cancelled_at
        session.flush()
        return _view(session, actor.scope, collection, row)


def _find(session: Session, collection: Collection, batch_id: str) -> FileBatch:
    row = session.get(FileBatch, batch_id)
    if row is None or row.collection_key != collection.key:
        raise NotFoundError
    return row


def _places(
    session: Session, scope: Scope, collection: Collection, row: FileBatch
) -> list[tuple[Document, CollectionDocument]]:
    rows: list[Any] = []
    for some in batched(row.documents, _IDS):
        rows += session.execute(
            select(Document, CollectionDocument)
            .join(CollectionDocument, CollectionDocument.document_key == Document.key)
            .where(
                CollectionDocument.collection_key == collection.key,
                Document.id.in_(some),
                readable(scope),
            )
        ).all()
    return [(document, place) for document, place in rows]


def _view(session: Session, scope: Scope, collection: Collection, row: FileBatch) -> FileBatchView:
    places = _places(session, scope, collection, row)
    counts = count_statuses(place_status(session, document, place) for document, place in places)
    return FileBatchView(
        id=row.id,
        created_at=int(row.created_at.timestamp()),
        vector_store_id=collection.id,
        status=_status(row, counts),
        file_counts=counts,
    )


def _status(row: FileBatch, counts: FileCounts) -> PlaceStatus:
    if row.cancelled_at is not None:
        return "cancelled"
    if counts.in_progress:
        return "in_progress"
    return "failed" if counts.total and counts.failed == counts.total else "completed"
