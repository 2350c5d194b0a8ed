"""Tables: documents, versions, chunks, vectors, findings and sources, which hold the truth."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column, validates

from index.db.row_seals import Sealed
from index.db.tables.base import Base, Key, utc_now
from index.text.look_alike_names import LONGEST, name_key


class Source(Sealed, Base):
    """Where documents come from beyond upload: a folder that is kept in step, or a URL."""

    __tablename__ = "sources"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    owner: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(12))
    """``folder``, ``url``, ``bucket``, ``git``, ``sitemap``, ``drive`` or ``mailbox``."""
    location: Mapped[str] = mapped_column(Text)
    allow: Mapped[list[str]]
    deny: Mapped[list[str]]
    """Who may read what comes from here, unless a file's own permissions are mapped."""
    licence: Mapped[str | None] = mapped_column(Text)
    retention_days: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    __table_args__ = (Index("sources_by_owner", "tenant", "owner", "kind"),)


class Document(Sealed, Base):
    """A document somebody uploaded; ``version`` is the one that is searchable."""

    __tablename__ = "documents"
    UNSEALED: ClassVar = {
        "title_key": "made of the title, and compared with it",
        "filename_key": "made of the file's name, and compared with it",
    }
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    owner: Mapped[str] = mapped_column(String(200))
    class_key: Mapped[int] = mapped_column(ForeignKey("access_classes.key"))
    filename: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    title_given: Mapped[bool] = mapped_column(default=False)
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(default=0)
    """The searchable version; 0 until the first one is committed."""
    latest_version: Mapped[int] = mapped_column(default=1)
    """The last version that was accepted; it may still be queued or have failed."""
    source_id: Mapped[str | None] = mapped_column(String(40))
    source_path: Mapped[str | None] = mapped_column(Text)
    """Where in its source it is: a path below the folder, or the URL."""
    source_mark: Mapped[str | None] = mapped_column(String(200))
    """The mark that the source gave to the newest version's bytes, such as an entity tag."""
    source_class: Mapped[int | None] = mapped_column(BigInteger)
    """The access class its source last gave; a list set by hand stays until that changes."""
    licence: Mapped[str | None] = mapped_column(Text)
    """A note on what may be done with it."""
    expires_at: Mapped[datetime | None]
    """When it is deleted, unless it is held."""
    hold: Mapped[str | None] = mapped_column(Text)
    """Why it must not be deleted now: a legal hold."""
    masked_at: Mapped[datetime | None]
    """When something in it was masked last; older answers that drew on it are withheld."""
    title_key: Mapped[str] = mapped_column(String(LONGEST), default="", server_default="")
    filename_key: Mapped[str] = mapped_column(String(LONGEST), default="", server_default="")
    """The keys under which names that look alike meet: ``name_key``."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    __table_args__ = (
        Index("documents_by_title", "tenant", "title_key"),
        Index("documents_by_filename", "tenant", "filename_key"),
        Index("documents_by_source", "source_id"),
        Index("documents_by_expiry", "expires_at"),
        Index("documents_by_class", "class_key"),
        Index("documents_by_owner", "tenant", "owner", "filename"),
    )

    @validates("title", "filename")
    def _key_name(self, column: str, name: str) -> str:
        """Give the key of a name along with the name."""
        setattr(self, f"{column}_key", name_key(name))
        return name


class AuthoritativeMark(Sealed, Base):
    """A curator's word that a document counts for more than others about the same."""

    __tablename__ = "authoritative_marks"
    document_key: Mapped[int] = mapped_column(ForeignKey("documents.key"), primary_key=True)
    version: Mapped[int]
    """The last version that it is about: one that came otherwise has no mark."""
    curator: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


IS_AUTHORITATIVE = func.coalesce(AuthoritativeMark.version, -1) >= Document.version
"""Whether a document's searchable version is marked; for statements that join both tables."""


class Version(Sealed, Base):
    """One accepted upload of a document: its bytes, and its text once it is parsed."""

    __tablename__ = "versions"
    UNSEALED: ClassVar = {
        "text": "the seal covers its digest",
        "layout": "packed with a checksum of its own",
    }
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    document_key: Mapped[int] = mapped_column(ForeignKey("documents.key"))
    number: Mapped[int]
    blob: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    filename: Mapped[str | None] = mapped_column(Text)
    """The name of this version's file; the document takes it when the version is searchable."""
    class_key: Mapped[int | None] = mapped_column(BigInteger)
    """The access class it brings; the document takes it when this version becomes searchable."""
    media_type: Mapped[str | None] = mapped_column(String(120))
    text: Mapped[str | None] = mapped_column(Text, deferred=True)
    text_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """SHA-256 of the text; it is compared whenever the text is read."""
    layout: Mapped[bytes | None] = mapped_column(deferred=True)
    """Word boxes of formats with pages, packed by ``index.storage.word_boxes``."""
    pages: Mapped[int | None]
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Parser, chunker and embedder versions, warnings."""
    quarantined_at: Mapped[datetime | None]
    """Since when it is held for what it holds; none where it is not."""
    released_by: Mapped[str | None] = mapped_column(String(200))
    """Who let it go in spite of that; it is not held again."""
    released_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    __table_args__ = (UniqueConstraint("document_key", "number"),)


class ChunkRow(Sealed, Base):
    """One chunk of a version."""

    __tablename__ = "chunks"
    UNSEALED: ClassVar = {
        "text": "the seal covers its digest",
        "context": "the seal covers its digest",
    }
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    document_key: Mapped[int] = mapped_column(ForeignKey("documents.key"))
    version_key: Mapped[int] = mapped_column(ForeignKey("versions.key"))
    ordinal: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    context: Mapped[str] = mapped_column(Text)
    start: Mapped[int]
    end: Mapped[int]
    tokens: Mapped[int]
    page: Mapped[int | None]
    headings: Mapped[list[str]]
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """SHA-256 of context and text as they are embedded: equal texts need one embedding."""
    __table_args__ = (
        Index("chunks_by_document", "document_key"),
        Index("chunks_by_digest", "digest"),
        UniqueConstraint("version_key", "ordinal"),
    )


class FindingRow(Sealed, Base):
    """Something in a version's text that somebody should know of; never the words themselves."""

    __tablename__ = "findings"
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    document_key: Mapped[int] = mapped_column(ForeignKey("documents.key"))
    version_key: Mapped[int] = mapped_column(ForeignKey("versions.key"))
    ordinal: Mapped[int | None]
    """Of the chunk where it begins; none where the version has not been cut."""
    kind: Mapped[str] = mapped_column(String(20))
    """``hidden``, ``injection``, ``personal`` or ``secret``."""
    rule: Mapped[str] = mapped_column(String(60))
    detector: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(12))
    """``keep``, ``mask`` or ``quarantine``: what was done about it."""
    start: Mapped[int]
    end: Mapped[int]
    page: Mapped[int | None]
    __table_args__ = (
        Index("findings_by_version", "version_key"),
        Index("findings_by_document", "document_key"),
    )


class Vector(Sealed, Base):
    """A chunk's embedding by one model: float16, little-endian, normalised."""

    __tablename__ = "vectors"
    chunk_key: Mapped[int] = mapped_column(ForeignKey("chunks.key"), primary_key=True)
    model: Mapped[str] = mapped_column(String(120), primary_key=True)
    data: Mapped[bytes]
