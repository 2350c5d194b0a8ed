"""Tables: collections, which are named sets of documents, and the documents that stand in them."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from index.db.row_seals import Sealed
from index.db.tables.base import Base, Key, utc_now


class Collection(Sealed, Base):
    """A named set of documents; its access class says who sees the collection itself."""

    __tablename__ = "collections"
    UNSEALED: ClassVar = {"last_active_at": "a stamp of each hour, written beside the mapper"}
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    owner: Mapped[str] = mapped_column(String(200))
    class_key: Mapped[int] = mapped_column(ForeignKey("access_classes.key"))
    parent_key: Mapped[int | None] = mapped_column(ForeignKey("collections.key"))
    """The collection that it stands in; none where it is a root."""
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    labels: Mapped[list[str]] = mapped_column(default=list)
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    document_quota: Mapped[int | None] = mapped_column(BigInteger)
    """Documents that may be put into it; none means no limit of its own."""
    byte_quota: Mapped[int | None] = mapped_column(BigInteger)
    """Bytes of the documents' newest versions, as they are when one is put in."""
    idle_days: Mapped[int | None]
    """It expires when it is not used for so many days; none means never."""
    last_active_at: Mapped[datetime] = mapped_column(default=utc_now)
    """When it was last used, to the hour; written for those alone that expire."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    """Of what every reader of the collection sees: not of its documents, nor of its parent."""
    __table_args__ = (
        Index("collections_by_class", "class_key"),
        Index("collections_by_parent", "parent_key"),
        Index("collections_by_owner", "tenant", "owner"),
    )


class CollectionDocument(Sealed, Base):
    """A document's place in a collection; a document may stand in several."""

    __tablename__ = "collection_documents"
    collection_key: Mapped[int] = mapped_column(ForeignKey("collections.key"), primary_key=True)
    document_key: Mapped[int] = mapped_column(ForeignKey("documents.key"), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    inherits: Mapped[bool] = mapped_column(default=False)
    """The document has the collection's access list; true in one collection at most."""
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Of the document in this collection, beside the document's own."""
    cancelled_at: Mapped[datetime | None]
    """When putting it in was cancelled; it is shown, and not searched, from then on."""
    added_by: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[datetime] = mapped_column(default=utc_now)
    __table_args__ = (Index("collection_documents_by_document", "document_key"),)
