"""Accept uploads: bytes and rows are durable before the answer is 202."""

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from index.access.audit_log import record_access_change
from index.access.classes import access_list_of, intern_class, lock_tenant
from index.access.tenants import JOBS, check_state, count_documents, sum_bytes
from index.db.audit_chain import record_act
from index.db.tables.access import Tenant
from index.db.tables.base import utc_now
from index.db.tables.documents import Document, Version
from index.db.tables.jobs import Job
from index.db.tables.openai_files import FilePurpose
from index.db.tables.questions import IdempotencyKey
from index.documents import document_tag
from index.entity_tags import UNCONDITIONAL, Precondition
from index.library import Library
from index.queue_caps import UNCAPPED, QueueCaps
from index.storage.digests import RunningDigest
from index.text.untrusted_input import require_json
from index.types import AccessList, Actor
from ingest.errors import (
    EmptyFileError,
    IdempotencyConflictError,
    PriorityError,
    QuotaError,
    TooLargeError,
)
from ingest.lifecycle.access_changes import set_by_source
from ingest.lifecycle.authority import carry_authority
from ingest.lifecycle.management import manageable
from ingest.lifecycle.publishing import Publishing, check_publishing
from ingest.lifecycle.source_registry import apply_source, own_source
from ingest.queue.administration import Work, enqueue
from ingest.queue.jobs import PRIORITIES, Priority

MAX_FILENAME = 255

_MARK = 200
"""Characters of a source's mark that are stored; a longer one matches nothing."""

_ALIVE = ("queued", "running", "succeeded")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in. ``blocks`` is read once."""

    filename: str
    blocks: Iterable[bytes]
    allow: Sequence[str] = ()
    """Principals that may read; none means the uploader alone."""
    deny: Sequence[str] = ()
    title: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    document_id: str | None = None
    """The document this is a new version of; none makes a new document."""
    source_id: str | None = None
    """The actor's own source it comes from; then the same ``source_path`` is the same document."""
    source_path: str = ""
    source_mark: str | None = None
    """The mark that the source gives to these bytes, such as an entity tag."""
    licence: str | None = None
    priority: Priority = "normal"
    """Of its job within the tenant; ``high`` is for curators and administrators."""
    precondition: Precondition = UNCONDITIONAL
    """The state of ``document_id`` that the new version is meant for."""
    is_distinct: bool = False
    """A document of its own, even where the same bytes came before."""
    lifetime: timedelta | None = None
    """How long the new document stays; none means for ever, or as its source says."""
    purpose: str | None = None
    """The purpose that OpenAI's Files API gives it."""
    on_record: Callable[[Session, str], None] | None = None
    """Is called with the new document's id in the transaction that records it."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The document and job that an upload became. The job tells when it is searchable."""

    document_id: str
    version: int
    job_id: str


@dataclass(frozen=True, slots=True)
class _StoredOriginal:
    """Bytes that are durable but belong to nobody yet."""

    blob: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class _Admission:
    """An upload whose bytes are durable and whose rows are not written yet."""

    actor: Actor
    upload: Upload
    access: AccessList
    original: _StoredOriginal
    publishing: Publishing


def accept(
    library: Library,
    actor: Actor,
    upload: Upload,
    *,
    limit_bytes: int,
    idempotency_key: str | None = None,
    caps: QueueCaps = UNCAPPED,
    publishing: Publishing = "own",
) -> Accepted:
    """Store an upload durably and queue its job.

    The same bytes under the same name, uploader and access are recognised and answer with what
    they became the first time. The same ``idempotency_key`` with the same upload answers the same.

    Raises:
        TooLargeError: the file is longer than ``limit_bytes``.
        QuotaError: the tenant's quota of bytes or documents would be exceeded.
        TenantSuspendedError: the tenant is suspended.
        EmptyFileError: the file has no bytes.
        IdempotencyConflictError: the key was used for another upload.
        InvalidPrincipalError, InvalidAccessListError: the access list is not usable.
        NotFoundError, ForbiddenError: ``document_id`` is not there for, or not owned by, the actor.
        PreconditionFailedError: ``document_id`` is in another state than the upload is meant for.
        UnsoundInputError: a field cannot be stored and shown.
        PriorityError: a reader asks for high priority.
        PublishingError: the actor may not publish to all who would read it.
        QueueFullError: too many uploads of the actor, or of the tenant, wait already.

    """
    if upload.priority == "high" and not actor.is_curator:
        raise PriorityError("Only curators and administrators may upload with high priority.")
    require_json(
        [
            upload.title,
            upload.attributes,
            upload.source_path,
            upload.source_mark,
            upload.licence,
            idempotency_key,
        ],
        "The title, the attributes or another field",
    )
    access = AccessList.of(upload.allow or [actor.owner], upload.deny)
    original = _store(library, upload.blocks, limit_bytes)
    try:
        with library.database.write(actor.author) as session:
            tenant = lock_tenant(session, actor.scope.tenant)  # so that repeats and quotas are seen
            check_state(tenant.state)
            admission = _Admission(actor, upload, access, original, publishing)
            accepted = _admit(session, admission, idempotency_key)
            _check_caps(session, actor, accepted, caps)
    finally:
        _discard_unclaimed(library, original.blob)
    return accepted


def clean_filename(filename: str) -> str:
    """Return the last part of a name, printable and at most 255 long: data, never a path."""
    last = unicodedata.normalize("NFC", filename).replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(c for c in last if c.isprintable()).strip()
    return printable[:MAX_FILENAME] or "unnamed"


def _store(library: Library, blocks: Iterable[bytes], limit_bytes: int) -> _StoredOriginal:
    digest = RunningDigest()

    def watch_blocks() -> Iterator[bytes]:
        for block in digest.passing(blocks):
            if digest.size > limit_bytes:
                raise TooLargeError(
                    f"The file is over the limit of {limit_bytes:,} bytes. "
                    "Split it, or ask the operator for a higher limit."
                )
            yield block
        if not digest.size:
            raise EmptyFileError("The file is empty. Upload one that has content.")

    blob = library.blobs.put(watch_blocks())
    return _StoredOriginal(blob, digest.sha256, digest.size)


def _admit(session: Session, admission: _Admission, idempotency_key: str | None) -> Accepted:
    actor, upload = admission.actor, admission.upload
    access, original = admission.access, admission.original
    body_hash = _body_hash(upload, access, original)
    if idempotency_key is not None:
        identity = _identity(actor, upload, idempotency_key)
        earlier = session.get(IdempotencyKey, identity)
        if earlier is not None:
            return _replay(earlier, body_hash)
    check_quota(session, actor.scope.tenant, original.size)
    accepted = _record(session, admission)
    if idempotency_key is not None:
        row = IdempotencyKey(**identity, body_hash=body_hash)
        row.response = {"document_id": accepted.document_id, "version": accepted.version}
        row.response["job_id"] = accepted.job_id
        session.add(row)
    return accepted


def _record(session: Session, admission: _Admission) -> Accepted:
    actor, upload = admission.actor, admission.upload
    access, original = admission.access, admission.original
    filename = clean_filename(upload.filename)
    document = _find_replaced(session, actor, upload)
    _check_audience(session, admission, document)
    if document is not None:
        earlier = _find_repeated(session, document, filename, original.sha256)
        if earlier is not None:
            _follow_source(session, actor, upload, document, access)
            return earlier
        document.latest_version += 1
        carry_authority(session, actor, document)
        document.updated_at = utc_now()
        record_act(session, document.tenant, "document-version", document.id)
    else:
        class_key = intern_class(session, actor.scope.tenant, access)
        if upload.source_id is None and not upload.is_distinct:
            earlier = _recognise(session, actor, class_key, filename, original.sha256)
            if earlier is not None:
                return earlier
        _check_document_quota(session, actor.scope.tenant)
        document = _new_document(actor, upload, class_key, filename)
        apply_source(session, document)
        session.add(document)
        record_access_change(
            session, scope=actor.scope, actor=actor.owner, action="upload",
            document_id=document.id, after=access,
        )  # fmt: skip
        session.flush()
        if upload.purpose is not None:
            session.add(
                FilePurpose(
                    document_key=document.key, tenant=document.tenant, purpose=upload.purpose
                )
            )
    session.flush()
    session.add(_new_version(document, original, filename))
    session.flush()
    _follow_source(session, actor, upload, document, access)
    work = Work(actor.owner, document.latest_version, priority=PRIORITIES[upload.priority])
    job = enqueue(session, document, work)
    if upload.on_record is not None:
        upload.on_record(session, document.id)
    session.flush()
    return Accepted(document.id, document.latest_version, job.id)


def _check_audience(session: Session, admission: _Admission, document: Document | None) -> None:
    """Check that the actor may publish to all who are to read the upload.

    A new version is read by those who read its document.
    """
    actor, publishing = admission.actor, admission.publishing
    if document is not None:
        check_publishing(session, actor, access_list_of(session, document.class_key), publishing)
    if document is None or admission.upload.source_id is not None:
        check_publishing(session, actor, admission.access, publishing)


def _follow_source(
    session: Session, actor: Actor, upload: Upload, document: Document, access: AccessList
) -> None:
    is_of_source = upload.source_id is not None
    document.source_mark = (
        upload.source_mark[:_MARK] if is_of_source and upload.source_mark else None
    )
    if upload.source_id is not None:
        set_by_source(session, actor.owner, document, access)


def _find_replaced(session: Session, actor: Actor, upload: Upload) -> Document | None:
    """Return the document that the upload is a new version of."""
    if upload.document_id is not None:
        document = manageable(session, actor, upload.document_id)
        upload.precondition.check(lambda: document_tag(session, document))
        return document
    if upload.source_id is None:
        return None
    own_source(session, actor, upload.source_id)
    document_id = session.scalar(
        select(Document.id).where(
            Document.tenant == actor.scope.tenant,
            Document.source_id == upload.source_id,
            Document.source_path == upload.source_path,
        )
    )
    if document_id is None:
        return None
    return manageable(session, actor, document_id)


def _new_document(actor: Actor, upload: Upload, class_key: int, filename: str) -> Document:
    now = utc_now()
    return Document(
        id=f"doc_{secrets.token_hex(12)}",
        tenant=actor.scope.tenant,
        owner=actor.owner,
        class_key=class_key,
        filename=filename,
        title=upload.title or filename,
        title_given=upload.title is not None,
        attributes=upload.attributes,
        latest_version=1,
        source_id=upload.source_id,
        source_path=upload.source_path if upload.source_id else None,
        licence=upload.licence,
        expires_at=None if upload.lifetime is None else now + upload.lifetime,
        created_at=now,
    )


def _new_version(document: Document, original: _StoredOriginal, filename: str) -> Version:
    return Version(
        document_key=document.key,
        number=document.latest_version,
        blob=original.blob,
        sha256=original.sha256,
        size=original.size,
        filename=filename,
    )


def _recognise(
    session: Session, actor: Actor, class_key: int, filename: str, sha256: str
) -> Accepted | None:
    """Find the same bytes of the same uploader, name and access whose job has not failed."""
    row = session.execute(
        select(Document.id, Job.version, Job.id)
        .join(Version, Version.document_key == Document.key)
        .join(Job, (Job.document_id == Document.id) & (Job.version == Version.number))
        .where(
            Document.source_id.is_(None),  # what a source brought goes when its file goes
            Document.tenant == actor.scope.tenant,
            Document.owner == actor.owner,
            Document.class_key == class_key,
            Document.filename == filename,
            Version.sha256 == sha256,
            Version.number == Document.latest_version,
            Job.kind == "ingest",
            Job.state.in_(_ALIVE),
        )
        .order_by(Job.key.desc())
    ).first()
    return Accepted(*row) if row else None


def _find_repeated(
    session: Session, document: Document, filename: str, sha256: str
) -> Accepted | None:
    """Find the document's newest version, where it has these bytes and its job has not failed."""
    row = session.execute(
        select(Version.number, Job.id)
        .join(Job, Job.version == Version.number)
        .where(
            Job.document_id == document.id,
            Version.document_key == document.key,
            Version.number == document.latest_version,
            Version.sha256 == sha256,
            func.coalesce(Version.filename, document.filename) == filename,
            Job.kind == "ingest",
            Job.state.in_(_ALIVE),
        )
        .order_by(Job.key.desc())
    ).first()
    return Accepted(document.id, *row) if row else None


def check_quota(session: Session, tenant: str, size: int) -> None:
    """Check that a tenant may keep so many bytes more.

    Raises:
        QuotaError: its disk quota would be exceeded.

    """
    quota = session.scalar(select(Tenant.disk_quota).where(Tenant.id == tenant))
    if quota is None:
        return
    if sum_bytes(session, tenant) + size > quota:
        raise QuotaError(
            f"The file would exceed the disk quota of {quota:,} bytes. "
            "Delete documents that are not needed, or ask the operator for a larger quota."
        )


def _check_document_quota(session: Session, tenant: str) -> None:
    quota = session.scalar(select(Tenant.document_quota).where(Tenant.id == tenant))
    if quota is not None and count_documents(session, tenant) >= quota:
        raise QuotaError(
            f"Your tenant's quota of {quota:,} documents is used up. "
            "Delete documents that are not needed, or ask the operator for a larger quota."
        )


def _check_caps(session: Session, actor: Actor, accepted: Accepted, caps: QueueCaps) -> None:
    """Refuse a job too many; what is recognised has a job already, which is not counted."""
    other_jobs = (Job.state.in_(("queued", "running")), Job.id != accepted.job_id)
    caps.check(
        session, actor, Job, Job.submitter, *other_jobs,
        quota=JOBS, remedy="Wait until some of the uploads are read, or cancel their jobs.",
    )  # fmt: skip


def _discard_unclaimed(library: Library, blob: str) -> None:
    """Delete bytes that no version came to own: the upload was refused, or known already.

    The store decides, not the outcome: a commit may have happened although its answer was lost.
    """
    with library.database.read() as session:
        version_key = session.scalar(select(Version.key).where(Version.blob == blob))
    if version_key is None:
        library.blobs.delete(blob)


def _identity(actor: Actor, upload: Upload, key: str) -> dict[str, str]:
    is_replacement = upload.document_id is not None
    route = "PUT /v1/documents/{document_id}/content" if is_replacement else "POST /v1/documents"
    return {"tenant": actor.scope.tenant, "principal": actor.owner, "route": route, "key": key}


def _replay(earlier: IdempotencyKey, body_hash: str) -> Accepted:
    if earlier.body_hash != body_hash:
        raise IdempotencyConflictError(
            "This Idempotency-Key was used for another upload. Send a new key."
        )
    return Accepted(**earlier.response)


def _body_hash(upload: Upload, access: AccessList, original: _StoredOriginal) -> str:
    body = [
        upload.filename, upload.title, upload.attributes, upload.document_id,
        upload.source_id, upload.source_path, sorted(access.allow), sorted(access.deny),
        original.sha256,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
