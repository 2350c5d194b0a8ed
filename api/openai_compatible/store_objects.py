"""Vector stores of OpenAI's API: a vector store is a collection of ours, under the same id."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.openai_compatible.cursor_pages import ObjectPage, PageRequest, object_page, select_page
from index.access.classes import readable, visible
from index.collection_expiry import expiry_of, is_expired
from index.collections import find_collection
from index.db.database import Database
from index.db.tables.collections import Collection, CollectionDocument
from index.db.tables.documents import Document, Version
from index.document_choice import State
from index.documents import IS_SHOWN, document_state
from index.text.untrusted_input import fit_text
from index.types import Actor
from ingest.lifecycle.collection_rights import may_manage_collection

StoreStatus = Literal["expired", "in_progress", "completed"]
PlaceStatus = Literal["in_progress", "completed", "failed", "cancelled"]

STATUSES: dict[State, PlaceStatus] = {
    "processing": "in_progress", "ready": "completed", "failed": "failed", "quarantined": "failed",
}  # fmt: skip


class FileCounts(BaseModel):
    """How many files have which status, of those that you may read."""

    in_progress: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    total: int = 0


class StoreExpiry(BaseModel):
    """After how many days without use a vector store expires."""

    anchor: Literal["last_active_at"] = "last_active_at"
    days: int


class StoreView(BaseModel):
    """A vector store: a collection that you see."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    """The collection's id."""
    object: Literal["vector_store"] = "vector_store"
    created_at: int
    name: str
    description: str
    usage_bytes: int
    """Of the files in it that you may read."""
    file_counts: FileCounts
    status: StoreStatus
    expires_after: StoreExpiry | None
    expires_at: int | None
    """Shown to who may change it: it moves with the searches of others."""
    last_active_at: int | None
    """Shown to who may change it, to the hour."""
    metadata: dict[str, str]


class StoreList(ObjectPage[StoreView]):
    """The vector stores that you see."""


class DeletedStore(BaseModel):
    """A vector store that is gone; its files stay."""

    id: str
    object: Literal["vector_store.deleted"] = "vector_store.deleted"
    deleted: Literal[True] = True


def list_stores(database: Database, actor: Actor, request: PageRequest) -> StoreList:
    """Return a page of the collections that the actor sees, as vector stores."""

    def key_of(store_id: str) -> int | None:
        return session.scalar(
            select(Collection.key).where(Collection.id == store_id, visible(actor.scope))
        )

    with database.read() as session:
        statement = select(Collection).where(visible(actor.scope))
        rows, has_more = select_page(session, statement, Collection.key, key_of, request)
        items = [_view(session, actor, row[0]) for row in rows]
    return StoreList(**object_page(items, has_more=has_more))


def get_store(database: Database, actor: Actor, store_id: str) -> StoreView:
    """Return one vector store.

    Raises:
        NotFoundError: it is not there for the actor.

    """
    with database.read() as session:
        return _view(session, actor, find_collection(session, actor.scope, store_id))


def place_status(session: Session, document: Document, place: CollectionDocument) -> PlaceStatus:
    """Return the status of a file in a vector store."""
    if place.cancelled_at is not None:
        return "cancelled"
    return STATUSES[document_state(session, document)]


def count_statuses(statuses: Iterable[PlaceStatus]) -> FileCounts:
    """Count files by their status."""
    counts = Counter(statuses)
    return FileCounts(
        in_progress=counts["in_progress"], completed=counts["completed"],
        failed=counts["failed"], cancelled=counts["cancelled"], total=counts.total(),
    )  # fmt: skip


def _view(session: Session, actor: Actor, row: Collection) -> StoreView:
    rows = session.execute(
        select(Document, Version.size, CollectionDocument)
        .join(Version, Version.document_key == Document.key)
        .join(CollectionDocument, CollectionDocument.document_key == Document.key)
        .where(CollectionDocument.collection_key == row.key, readable(actor.scope), IS_SHOWN)
    ).all()
    counts = count_statuses(place_status(session, document, place) for document, _, place in rows)
    is_manager = may_manage_collection(session, actor, row)
    expires_at = expiry_of(row)
    return StoreView(
        id=row.id,
        created_at=int(row.created_at.timestamp()),
        name=fit_text(row.name),
        description=fit_text(row.description),
        usage_bytes=sum(size for _, size, _ in rows),
        file_counts=counts,
        status=_status(row, counts),
        expires_after=None if row.idle_days is None else StoreExpiry(days=row.idle_days),
        expires_at=int(expires_at.timestamp()) if expires_at and is_manager else None,
        last_active_at=int(row.last_active_at.timestamp()) if is_manager else None,
        metadata=_metadata(row.attributes),
    )


def _status(row: Collection, counts: FileCounts) -> StoreStatus:
    if is_expired(row):
        return "expired"
    return "in_progress" if counts.in_progress else "completed"


def _metadata(attributes: dict[str, Any]) -> dict[str, str]:
    """Return a collection's attributes as texts; those that are none are spelled in JSON."""
    return {
        fit_text(name): fit_text(value if isinstance(value, str) else json.dumps(value))
        for name, value in attributes.items()
    }
