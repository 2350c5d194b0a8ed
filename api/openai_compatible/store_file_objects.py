"""Files in vector stores: documents as they stand in a collection."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from api.openai_compatible.chunking_strategy import ChunkingView
from api.openai_compatible.cursor_pages import ObjectPage, PageRequest, object_page, select_page
from api.openai_compatible.store_objects import PlaceStatus, place_status
from index.access.classes import readable
from index.collections import find_collection
from index.db.database import Database
from index.db.tables.collections import Collection, CollectionDocument
from index.db.tables.documents import Document, Version
from index.db.tables.jobs import Job
from index.documents import IS_SHOWN, document_state
from index.errors import NotFoundError
from index.text.untrusted_input import fit_json
from index.types import Actor, Scope
from ingest.errors import ParseError, UnsupportedTypeError
from ingest.lifecycle.management import may_manage

ErrorCode = Literal["server_error", "unsupported_file", "invalid_file"]
Attributes = dict[str, str | float | bool]

Placed = Select[Document, int, CollectionDocument]
"""Selects documents, their sizes, and how they stand in a collection."""

UNREAD = "The file could not be read. Who uploaded it is told why."
QUARANTINED = "The file is in quarantine for what it holds, until a curator releases it."


class LastError(BaseModel):
    """Why a file is not searchable."""

    code: ErrorCode
    message: str


class StoreFileView(BaseModel):
    """A file in a vector store: a document that you may read, as it stands in a collection."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    """The document's id."""
    object: Literal["vector_store.file"] = "vector_store.file"
    created_at: int
    """When it was put into the vector store."""
    vector_store_id: str
    status: PlaceStatus
    last_error: LastError | None
    usage_bytes: int
    attributes: Attributes
    """The document's own, and those that it has in the vector store, which go before."""
    chunking_strategy: ChunkingView


class StoreFileList(ObjectPage[StoreFileView]):
    """The files of a vector store that you may read."""


class DeletedStoreFile(BaseModel):
    """A file that is out of a vector store; the file itself stays."""

    id: str
    object: Literal["vector_store.file.deleted"] = "vector_store.file.deleted"
    deleted: Literal[True] = True


class StoreFiles:
    """Reads the files of vector stores for one actor."""

    def __init__(self, database: Database, actor: Actor, chunking: ChunkingView) -> None:
        self._database = database
        self._actor = actor
        self._chunking = chunking

    def list(
        self,
        store_id: str,
        request: PageRequest,
        *,
        status: PlaceStatus | None = None,
        only: list[str] | None = None,
    ) -> StoreFileList:
        """Return a page of a vector store's files.

        ``status`` keeps those that have it, ``only`` those that are among some.

        Raises:
            NotFoundError: the vector store is not there for the actor.

        """

        def key_of(file_id: str) -> int | None:
            return session.scalar(
                select(Document.key).where(Document.id == file_id, readable(self._actor.scope))
            )

        with self._database.read() as session:
            collection = find_collection(session, self._actor.scope, store_id)
            statement = _places(self._actor.scope, collection)
            if status is not None:
                fitting_keys = _keys_with(session, statement, status)
                statement = statement.where(Document.key.in_(fitting_keys))
            if only is not None:
                statement = statement.where(Document.id.in_(only))
            rows, has_more = select_page(session, statement, Document.key, key_of, request)
            items = [self._view(session, collection, row[0], row[1], row[2]) for row in rows]
        return StoreFileList(**object_page(items, has_more=has_more))

    def get(self, store_id: str, file_id: str) -> StoreFileView:
        """Return one file of a vector store.

        Raises:
            NotFoundError: the vector store, or the file in it, is not there for the actor.

        """
        with self._database.read() as session:
            collection = find_collection(session, self._actor.scope, store_id)
            statement = _places(self._actor.scope, collection).where(Document.id == file_id)
            row = session.execute(statement).first()
            if row is None:
                raise NotFoundError
            return self._view(session, collection, *row)

    def _view(
        self,
        session: Session,
        collection: Collection,
        document: Document,
        size: int,
        place: CollectionDocument,
    ) -> StoreFileView:
        status = place_status(session, document, place)
        return StoreFileView(
            id=document.id,
            created_at=int(place.added_at.timestamp()),
            vector_store_id=collection.id,
            status=status,
            last_error=_error(session, self._actor, document) if status == "failed" else None,
            usage_bytes=size,
            attributes=shown_attributes(document.attributes | place.attributes),
            chunking_strategy=self._chunking,
        )


def shown_attributes(attributes: dict[str, Any]) -> Attributes:
    """Return the attributes that OpenAI's API can show: texts, numbers and booleans."""
    scalars = {k: v for k, v in attributes.items() if isinstance(v, str | int | float | bool)}
    return dict(fit_json(scalars))


def _places(scope: Scope, collection: Collection) -> Placed:
    return (
        select(Document, Version.size, CollectionDocument)
        .join(Version, Version.document_key == Document.key)
        .join(CollectionDocument, CollectionDocument.document_key == Document.key)
        .where(CollectionDocument.collection_key == collection.key, readable(scope), IS_SHOWN)
    )


def _keys_with(session: Session, statement: Placed, status: PlaceStatus) -> list[int]:
    return [
        document.key
        for document, _, place in session.execute(statement)
        if place_status(session, document, place) == status
    ]


def _error(session: Session, actor: Actor, document: Document) -> LastError:
    """Return why a document is not searchable; the reason itself to who may change it alone."""
    if document_state(session, document) == "quarantined":
        return LastError(code="invalid_file", message=QUARANTINED)
    job = session.scalar(
        select(Job)
        .where(Job.document_id == document.id, Job.version == document.latest_version)
        .order_by(Job.key.desc())
    )
    if job is None or not may_manage(session, actor, document):
        return LastError(code="server_error", message=UNREAD)
    return LastError(code=_code(job.code), message=job.reason or UNREAD)


def _code(code: str | None) -> ErrorCode:
    if code == UnsupportedTypeError.code:
        return "unsupported_file"
    return "invalid_file" if code in _PARSE_CODES else "server_error"


_PARSE_CODES = frozenset({ParseError.code, *(kind.code for kind in ParseError.__subclasses__())})
