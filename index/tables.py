"""Every table: the truth that the index can be rebuilt from."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Key = BigInteger().with_variant(Integer, "sqlite")
"""SQLite gives row ids to INTEGER primary keys only."""


class Utc(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite hands back naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Store UTC; refuse a time without a zone."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a stored time needs a time zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return an aware time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utc_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


class Table(DeclarativeBase):
    """Base of every table."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads a plain class attribute
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[dict[str, Any]]: JSON,
        datetime: Utc,
        bytes: LargeBinary,
    }


class Tenant(Table):
    """A hard wall: nothing crosses it."""

    __tablename__ = "tenants"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    disk_quota: Mapped[int | None] = mapped_column(BigInteger)
    """Bytes of original files the tenant may store; none means no limit."""
    screening: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What is done about findings, by kind, where it is not what the installation does."""


class Identity(Table):
    """An external identity and the user it maps to; never matched by e-mail."""

    __tablename__ = "identities"
    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    user: Mapped[str] = mapped_column(String(200))


class GroupMember(Table):
    """A user's membership of a group; both are principals."""

    __tablename__ = "group_members"
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    member: Mapped[str] = mapped_column(String(200), primary_key=True)
    group: Mapped[str] = mapped_column(String(1200), primary_key=True)


class ApiKey(Table):
    """A key that was handed out once; only its hash is kept."""

    __tablename__ = "api_keys"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    user: Mapped[str] = mapped_column(String(200))
    groups: Mapped[list[str]]
    role: Mapped[str] = mapped_column(String(20))
    """``reader``, ``curator`` or ``admin``."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    revoked_at: Mapped[datetime | None]


class AccessClass(Table):
    """One distinct (tenant, allow, deny); documents that share it share a slab."""

    __tablename__ = "access_classes"
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    fingerprint: Mapped[str] = mapped_column(String(64))
    changed_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    """The last change that touched a document of this class: the class's version."""
    __table_args__ = (UniqueConstraint("tenant", "fingerprint"),)


class ClassPrincipal(Table):
    """A principal in a class's allow set or deny set."""

    __tablename__ = "class_principals"
    class_key: Mapped[int] = mapped_column(ForeignKey("access_classes.key"), primary_key=True)
    principal: Mapped[str] = mapped_column(String(1200), primary_key=True)
    denied: Mapped[bool] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    __table_args__ = (Index("class_principals_by_principal", "tenant", "principal"),)


class Source(Table):
    """Where documents come from beyond upload: a folder that is kept in step, or a URL."""

    __tablename__ = "sources"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    owner: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(12))
    """``folder`` or ``url``."""
    location: Mapped[str] = mapped_column(Text)
    allow: Mapped[list[str]]
    deny: Mapped[list[str]]
    """Who may read what comes from here, unless a file's own permissions are mapped."""
    licence: Mapped[str | None] = mapped_column(Text)
    retention_days: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    __table_args__ = (Index("sources_by_owner", "tenant", "owner", "kind"),)


class Document(Table):
    """A document somebody uploaded; ``version`` is the one that is searchable."""

    __tablename__ = "documents"
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
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    __table_args__ = (
        Index("documents_by_source", "source_id"),
        Index("documents_by_expiry", "expires_at"),
        Index("documents_by_class", "class_key"),
        Index("documents_by_owner", "tenant", "owner", "filename"),
    )


class Version(Table):
    """One accepted upload of a document: its bytes, and its text once it is parsed."""

    __tablename__ = "versions"
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    document_key: Mapped[int] = mapped_column(ForeignKey("documents.key"))
    number: Mapped[int]
    blob: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    filename: Mapped[str | None] = mapped_column(Text)
    """What this version was called; the document takes the name when it becomes searchable."""
    class_key: Mapped[int | None] = mapped_column(BigInteger)
    """The access class it brings; the document takes it when this version becomes searchable."""
    media_type: Mapped[str | None] = mapped_column(String(120))
    text: Mapped[str | None] = mapped_column(Text, deferred=True)
    layout: Mapped[bytes | None] = mapped_column(deferred=True)
    """Word boxes of formats with pages, packed by ``index.layout``."""
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


class ChunkRow(Table):
    """One chunk of a version."""

    __tablename__ = "chunks"
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


class FindingRow(Table):
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


class Vector(Table):
    """A chunk's embedding by one model: float16, little-endian, normalised."""

    __tablename__ = "vectors"
    chunk_key: Mapped[int] = mapped_column(ForeignKey("chunks.key"), primary_key=True)
    model: Mapped[str] = mapped_column(String(120), primary_key=True)
    data: Mapped[bytes]


class Change(Table):
    """One committed change to what is searchable; ``seq`` has no holes and no latecomers."""

    __tablename__ = "changes"
    seq: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    document_key: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(20))
    """``put``, ``access`` or ``delete``."""
    at: Mapped[datetime] = mapped_column(default=utc_now)


class Head(Table):
    """Named counters, each behind one row lock that is held to commit."""

    __tablename__ = "heads"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class Secret(Table):
    """Random values made once for this store, such as the key that names snapshots."""

    __tablename__ = "secrets"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[bytes]


class StoreSetting(Table):
    """What this store has chosen for all its processes, such as the embedding model in use."""

    __tablename__ = "store_settings"
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(String(1000))


class Job(Table):
    """Work on one version of one document, leased to one worker at a time."""

    __tablename__ = "jobs"
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    submitter: Mapped[str] = mapped_column(String(200))
    document_key: Mapped[int] = mapped_column(BigInteger)
    """No foreign key: a job outlives its document."""
    document_id: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12), default="ingest")
    """``ingest`` makes a version searchable, ``reingest`` reads a searchable one anew."""
    priority: Mapped[int] = mapped_column(default=0)
    """The highest goes first within its tenant: 1 high, 0 normal, -1 low."""
    state: Mapped[str] = mapped_column(String(12), default="queued")
    """``queued``, ``running``, ``succeeded``, ``failed`` or ``cancelled``."""
    stage: Mapped[str | None] = mapped_column(String(12))
    """``parse``, ``chunk``, ``embed`` or ``commit``."""
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """Progress inside the stage, in chunks."""
    stages: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """When each stage of the present attempt began, and how far it came."""
    reason: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    """Grows with each lease; an effect with an older fence is refused."""
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(16))
    """Token of the process that holds the lease."""
    run_after: Mapped[datetime] = mapped_column(default=utc_now)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    __table_args__ = (
        Index("jobs_by_state", "state", "run_after"),
        Index("jobs_by_turn", "tenant", "state", "priority", "submitter", "run_after"),
        Index("jobs_by_submitter", "tenant", "submitter"),
        Index("jobs_by_document", "document_key"),
    )


class QueueTurn(Table):
    """When a tenant, or a submitter within it, last had a job taken: the longest ago is next."""

    __tablename__ = "queue_turns"
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    submitter: Mapped[str] = mapped_column(String(200), primary_key=True)
    """Empty for the tenant as a whole."""
    served: Mapped[int] = mapped_column(BigInteger)


class QueuePause(Table):
    """Workers take no job of this tenant until the row is gone; what runs is finished."""

    __tablename__ = "queue_pauses"
    tenant: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Empty for the whole queue."""
    paused_by: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(default=utc_now)


class IdempotencyKey(Table):
    """An answer given once for (tenant, principal, route, key); repeats get the same."""

    __tablename__ = "idempotency_keys"
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    principal: Mapped[str] = mapped_column(String(200), primary_key=True)
    route: Mapped[str] = mapped_column(String(120), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    response: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class DailyUsage(Table):
    """What one user's asks cost on one day (UTC), by model."""

    __tablename__ = "daily_usage"
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    principal: Mapped[str] = mapped_column(String(200), primary_key=True)
    model: Mapped[str] = mapped_column(String(200), primary_key=True)
    asks: Mapped[int]
    """Answers whose words are this model's; ``quote`` for verbatim sentences."""
    cached: Mapped[int]
    """Those of them that were given again from the cache."""
    prompt_tokens: Mapped[int] = mapped_column(BigInteger)
    completion_tokens: Mapped[int] = mapped_column(BigInteger)
    cost: Mapped[float] = mapped_column(Float)


class Conversation(Table):
    """A thread of questions by one user."""

    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    owner: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class AnswerRow(Table):
    """An answer as it left the service, with the documents it drew on."""

    __tablename__ = "answers"
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"))
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    asker: Mapped[str] = mapped_column(String(200))
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[dict[str, Any]]
    documents: Mapped[list[str]]
    """Ids of every document whose text was put before the model."""
    scores: Mapped[dict[str, Any] | None]
    """What a live evaluation found, by metric; none where the answer was not in the sample."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class AccessEvent(Table):
    """Who changed a document's access, and how; it outlives the document."""

    __tablename__ = "access_events"
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(20))
    document_id: Mapped[str] = mapped_column(String(40), index=True)
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Feedback(Table):
    """What a reader said of an answer."""

    __tablename__ = "feedback"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    author: Mapped[str] = mapped_column(String(200))
    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id"))
    rating: Mapped[int]
    """1 for good, -1 for bad."""
    comment: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class EvaluationRun(Table):
    """One evaluation: what was measured, with what, and the figures."""

    __tablename__ = "evaluation_runs"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    owner: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    report: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), default="succeeded", server_default="succeeded")
    """``queued``, ``running``, ``succeeded`` or ``failed``."""
    reason: Mapped[str | None] = mapped_column(Text)
    request: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What was asked for, and the name of the credential that it was asked with."""
    claimed_at: Mapped[datetime | None]
    """When a process last worked on it; one that died long ago gives it up."""
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    total: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
