"""Tables: what OpenAI's Files, Uploads and file batches have beyond documents and collections."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from index.db.tables.base import Base, utc_now


class FilePurpose(Base):
    """The purpose of a document that came as a file of OpenAI's API."""

    __tablename__ = "file_purposes"
    document_key: Mapped[int] = mapped_column(ForeignKey("documents.key"), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    purpose: Mapped[str] = mapped_column(String(20))


class FileBatch(Base):
    """Documents that were put into a collection by one request."""

    __tablename__ = "file_batches"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    owner: Mapped[str] = mapped_column(String(200))
    collection_key: Mapped[int] = mapped_column(ForeignKey("collections.key"))
    documents: Mapped[list[str]]
    """Their ids."""
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    __table_args__ = (Index("file_batches_by_collection", "collection_key"),)


class PartialFile(Base):
    """A file that comes in parts; it becomes a document when it is completed."""

    __tablename__ = "partial_files"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    owner: Mapped[str] = mapped_column(String(200))
    filename: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(String(20))
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes that it is to have."""
    lifetime: Mapped[int | None]
    """Seconds after which the document expires; none means never."""
    allow: Mapped[list[str]] = mapped_column(default=list)
    """Principals that may read the document; none means its owner alone."""
    deny: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(String(12), default="pending")
    """``pending``, ``completed``, ``cancelled`` or ``expired``."""
    document_id: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    __table_args__ = (Index("partial_files_by_expiry", "expires_at"),)


class FilePart(Base):
    """One part of a file: a blob that no version has yet."""

    __tablename__ = "file_parts"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    partial_file_id: Mapped[str] = mapped_column(ForeignKey("partial_files.id"))
    blob: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    __table_args__ = (
        Index("file_parts_by_file", "partial_file_id"),
        Index("file_parts_by_blob", "blob"),
    )
