"""Collections as people see them, and the documents that a search in them is narrowed to.

Everything is inside a scope. A collection's own access list says who sees the collection; what one
reads in it are the documents that one may read anyway. So what is shown of a collection, its counts
too, is made of the readable documents alone, and of the tree only what the scope sees.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from index.access.classes import access_list_of, readable, visible
from index.collection_expiry import is_expired, note_use
from index.db.batched import batched
from index.db.database import Database
from index.db.tables.collections import Collection, CollectionDocument
from index.db.tables.documents import Document, Version
from index.documents import IS_SHOWN, DocumentView, document_view
from index.entity_tags import entity_tag
from index.errors import CollectionExpiredError, NotFoundError
from index.search.filters import compile_filter, within_documents
from index.search.narrowing import filter_fields
from index.text.untrusted_input import fit_json, fit_text
from index.types import Scope

KEYS = 1000
"""Keys in one statement."""


class DocumentTotals(NamedTuple):
    """How many documents, and the bytes of their files."""

    documents: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class CollectionView:
    """A collection as one of its readers sees it."""

    collection_id: str
    name: str
    description: str
    labels: list[str]
    parent_id: str | None
    """The collection that it stands in, where you may see that one."""
    owner: str
    allow: list[str]
    deny: list[str]
    attributes: dict[str, Any]
    documents: int
    """Documents in it that you may read; those of collections in it are not counted."""
    bytes: int
    """Of the files of these documents."""
    document_quota: int | None
    byte_quota: int | None
    created_at: datetime
    updated_at: datetime
    """When its name, description, labels, attributes, quotas or access list changed last."""


@dataclass(frozen=True, slots=True)
class CollectionPage:
    """Some collections, newest first, and the id to continue after."""

    items: list[CollectionView]
    next: str | None


@dataclass(frozen=True, slots=True)
class CollectedDocument:
    """A document that you may read, and how it stands in a collection."""

    document: DocumentView
    inherits: bool
    """It has the collection's access list, and gets each later one."""
    attributes: dict[str, Any]
    """Of the document in this collection."""
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class CollectedPage:
    """Some documents of a collection, newest first, and the id to continue after."""

    items: list[CollectedDocument]
    next: str | None


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Filters, and chosen documents and collections: a search is narrowed to them."""

    filters: Mapping[str, Any] | None = None
    documents: Sequence[str] | None = None
    collections: Sequence[str] | None = None

    def resolve(self, database: Database, scope: Scope) -> dict[str, Any] | None:
        """Return the filters that say the same without collections; None for no narrowing.

        Documents and collections add up: the search is in any of them. In a collection, the
        attributes that a document has there go before its own.

        Raises:
            NotFoundError: a collection is not there for this scope.
            CollectionExpiredError: a collection was not used for too long.
            InvalidFilterError: the filters do not parse.

        """
        if self.collections is None:
            return within_documents(self.filters, self.documents)
        with database.read() as session:
            collected_ids = documents_in(session, scope, self.collections, self.filters)
        note_use(database, scope, self.collections)
        in_collections = {"document_id": {"in": collected_ids}}
        if self.documents is None:
            return in_collections
        return {"or": [in_collections, within_documents(self.filters, self.documents)]}

    def document_ids(self, database: Database, scope: Scope) -> list[str] | None:
        """Return the ids of the chosen documents and of those in chosen collections; None for all.

        Raises:
            NotFoundError: a collection is not there for this scope.

        """
        if self.collections is None:
            return None if self.documents is None else list(self.documents)
        with database.read() as session:
            collected_ids = documents_in(session, scope, self.collections)
        return sorted({*collected_ids, *(self.documents or ())})


def list_collections(
    database: Database,
    scope: Scope,
    *,
    limit: int = 100,
    after: str | None = None,
    label: str | None = None,
    parent: str | None = None,
) -> CollectionPage:
    """Return a page of the collections that the scope sees, newest first.

    ``after`` is the ``next`` of the page before; one that is not visible any more starts over.
    ``label`` and ``parent`` keep those that have the label, and those that stand in a collection.

    Raises:
        NotFoundError: the parent is not there for this scope.

    """
    with database.read() as session:
        statement = select(Collection).where(visible(scope)).order_by(Collection.key.desc())
        if parent is not None:
            within = Collection.parent_key == find_collection(session, scope, parent).key
            statement = statement.where(within)
        if after is not None:
            last = session.scalar(
                select(Collection.key).where(Collection.id == after, visible(scope))
            )
            statement = statement if last is None else statement.where(Collection.key < last)
        if label is None:
            rows = session.scalars(statement.limit(limit + 1)).all()
        else:  # a list in JSON: what is compared differs between databases
            labelled_rows = (row for row in session.scalars(statement) if label in row.labels)
            rows = list(islice(labelled_rows, limit + 1))
        items = _views(session, scope, rows[:limit])
    return CollectionPage(items, items[-1].collection_id if len(rows) > limit else None)


def get_collection(database: Database, scope: Scope, collection_id: str) -> CollectionView:
    """Return one collection.

    Raises:
        NotFoundError: it is not there for this scope.

    """
    with database.read() as session:
        return collection_view(session, scope, find_collection(session, scope, collection_id))


def list_collected(
    database: Database,
    scope: Scope,
    collection_id: str,
    *,
    limit: int = 100,
    after: str | None = None,
) -> CollectedPage:
    """Return a page of the readable documents that stand in a collection itself, newest first.

    Raises:
        NotFoundError: the collection is not there for this scope.

    """
    with database.read() as session:
        collection = find_collection(session, scope, collection_id)
        statement = (
            select(Document, Version, CollectionDocument)
            .join(Version, Version.document_key == Document.key)
            .join(CollectionDocument, CollectionDocument.document_key == Document.key)
            .where(CollectionDocument.collection_key == collection.key, readable(scope), IS_SHOWN)
            .order_by(Document.key.desc())
            .limit(limit + 1)
        )
        if after is not None:
            last = session.scalar(select(Document.key).where(Document.id == after, readable(scope)))
            statement = statement if last is None else statement.where(Document.key < last)
        rows = session.execute(statement).all()
        items = [
            CollectedDocument(
                document_view(session, document, version), place.inherits,
                fit_json(place.attributes), place.added_by, place.added_at,
            )
            for document, version, place in rows[:limit]
        ]  # fmt: skip
    return CollectedPage(items, items[-1].document.document_id if len(rows) > limit else None)


def find_collection(session: Session, scope: Scope, collection_id: str) -> Collection:
    """Return the row of a collection that the scope sees.

    Raises:
        NotFoundError: it does not exist, or not for this scope.

    """
    row = session.scalar(select(Collection).where(Collection.id == collection_id, visible(scope)))
    if row is None:
        raise NotFoundError
    return row


def documents_in(
    session: Session,
    scope: Scope,
    collection_ids: Iterable[str],
    filters: Mapping[str, Any] | None = None,
) -> list[str]:
    """Return the ids of the readable documents in collections and in the collections below them.

    The tree is the one that the scope sees: what stands below a hidden collection is not below the
    ones above it. Filters keep the documents that fit them as they stand in one of the collections.

    Raises:
        NotFoundError: one of the collections is not there for this scope.
        CollectionExpiredError: one of them was not used for too long.
        InvalidFilterError: the filters do not parse.

    """
    fits = compile_filter(filters or {})
    roots: set[int] = set()
    for collection_id in dict.fromkeys(collection_ids):
        row = find_collection(session, scope, collection_id)
        if is_expired(row):
            raise CollectionExpiredError
        roots.add(row.key)
    keys = sorted(roots | set(keys_below(session, scope, roots)))
    document_ids: set[str] = set()
    for some in batched(keys, KEYS):
        rows = session.execute(_collected(scope, some))
        document_ids.update(
            document.id
            for document, media_type, attributes in rows
            if fits(filter_fields(document, media_type, document.attributes | dict(attributes)))
        )
    return sorted(document_ids)


def keys_below(session: Session, scope: Scope, roots: Iterable[int]) -> dict[int, int]:
    """Return the keys of the visible collections below some, each with its depth below them."""
    depths: dict[int, int] = {}
    frontier, depth = set(roots), 0
    reached_keys = set(frontier)
    while frontier:
        depth += 1
        children = {
            key
            for some in batched(sorted(frontier), KEYS)
            for key in session.scalars(
                select(Collection.key).where(Collection.parent_key.in_(some), visible(scope))
            )
        }
        frontier = children - reached_keys
        reached_keys |= frontier
        depths.update(dict.fromkeys(frontier, depth))
    return depths


def collection_tag(session: Session, scope: Scope, row: Collection) -> str:
    """Return the entity tag of a collection as the scope sees it in this transaction."""
    return entity_tag(collection_view(session, scope, row))


def collection_view(session: Session, scope: Scope, row: Collection) -> CollectionView:
    """Return what the scope sees of a collection's row."""
    return _views(session, scope, [row])[0]


def readable_totals(
    session: Session, scope: Scope, collection_keys: Iterable[int]
) -> dict[int, DocumentTotals]:
    """Return the totals of the readable documents in each collection; none where there are none."""
    totals: dict[int, DocumentTotals] = {}
    for some in batched(sorted(collection_keys), KEYS):
        rows = session.execute(
            select(CollectionDocument.collection_key, func.count(), func.sum(Version.size))
            .join(Document, Document.key == CollectionDocument.document_key)
            .join(Version, Version.document_key == Document.key)
            .where(CollectionDocument.collection_key.in_(some), readable(scope), IS_SHOWN)
            .group_by(CollectionDocument.collection_key)
        )
        totals.update({key: DocumentTotals(count, int(size)) for key, count, size in rows})
    return totals


def _collected(
    scope: Scope, collection_keys: Sequence[int]
) -> Select[Document, str | None, dict[str, Any]]:
    return (
        select(Document, Version.media_type, CollectionDocument.attributes)
        .join(CollectionDocument, CollectionDocument.document_key == Document.key)
        .join(Version, Version.document_key == Document.key)
        .where(
            CollectionDocument.collection_key.in_(collection_keys),
            CollectionDocument.cancelled_at.is_(None),
            readable(scope),
            IS_SHOWN,
        )
    )


def _views(session: Session, scope: Scope, rows: Sequence[Collection]) -> list[CollectionView]:
    totals = readable_totals(session, scope, [row.key for row in rows])
    parents = _visible_ids(session, scope, {row.parent_key for row in rows if row.parent_key})
    return [
        _view(session, row, totals.get(row.key, DocumentTotals()), parents.get(row.parent_key or 0))
        for row in rows
    ]


def _visible_ids(session: Session, scope: Scope, keys: Iterable[int]) -> dict[int, str]:
    statement = select(Collection.key, Collection.id)
    return {
        key: collection_id
        for some in batched(sorted(keys), KEYS)
        for key, collection_id in session.execute(
            statement.where(Collection.key.in_(some), visible(scope))
        )
    }


def _view(
    session: Session, row: Collection, totals: DocumentTotals, parent_id: str | None
) -> CollectionView:
    access = access_list_of(session, row.class_key)
    return CollectionView(
        collection_id=row.id,
        name=fit_text(row.name),
        description=fit_text(row.description),
        labels=fit_json(list(row.labels)),
        parent_id=parent_id,
        owner=row.owner,
        allow=sorted(access.allow),
        deny=sorted(access.deny),
        attributes=fit_json(row.attributes),
        documents=totals.documents,
        bytes=totals.bytes,
        document_quota=row.document_quota,
        byte_quota=row.byte_quota,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
