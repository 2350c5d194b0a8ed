"""Quarantine: a document that was accepted and that nobody finds until a curator lets it go."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from index.access.audit_log import record_access_change
from index.access.classes import access_list_of
from index.access.classes import readable as may_read
from index.db.change_log import drop_chunks, drop_content, record_change
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.documents import Document, Version
from index.db.tables.jobs import Job
from index.errors import ForbiddenError, NotFoundError
from index.library import Library
from index.types import Actor
from index.webhooks.outbox import announce
from ingest.errors import HeldError, NotQuarantinedError
from ingest.lifecycle.management import erase, manageable
from ingest.queue.administration import Work, enqueue
from ingest.queue.jobs import queue_again
from ingest.queue.leases import Lease, refuse
from ingest.screening.finding_rows import record_findings
from ingest.screening.screener import ScreenedDocument

REASON = (
    "It holds what the screening policy keeps back ({kinds}). It is stored and stays out of every "
    "search until a curator or an administrator releases it."
)

REJECTED = "It was not released from quarantine, and what was held has been deleted."


@dataclass(frozen=True, slots=True)
class QuarantineView:
    """A version in quarantine; its names only for those who may read the document."""

    document_id: str
    version: int
    quarantined_at: datetime
    findings: dict[str, int]
    """How often each ``kind/rule`` was found."""
    stays: bool
    """Whether a rejection leaves the document: an older version is found, or a later one came."""
    title: str | None
    filename: str | None
    owner: str | None
    allow: list[str] | None
    deny: list[str] | None
    """Who may read it once it is released."""


def hold(
    session: Session, lease: Lease, document: Document, version: Version, screened: ScreenedDocument
) -> None:
    """Put a version into quarantine and end its job, in one transaction.

    What was searchable as this very version leaves the search; an older version stays.
    """
    version.quarantined_at = utc_now()
    kinds = ", ".join(sorted({one.finding.kind for one in screened.quarantine_findings}))
    if lease.kind == "reingest":
        drop_chunks(session, version.key)
        version.text = version.layout = version.pages = None
        document.version, document.updated_at = 0, utc_now()
        record_change(session, document.key, [document.class_key], "put")
    record_findings(session, version, screened)
    refuse(session, lease, reason=REASON.format(kinds=kinds), code="quarantined")
    event = {"document_id": document.id, "version": lease.version, "state": "quarantined"}
    announce(session, document.tenant, "document.failed", document.id, **event)


def list_quarantine(database: Database, actor: Actor) -> list[QuarantineView]:
    """Return what waits to be released, oldest first.

    Curators see what they may read. Administrators see that there is something, what was found
    and since when; names only where they may read the document too.
    """
    scope = actor.scope
    with database.read() as session:
        readable_keys = set(
            session.scalars(select(Document.key).where(may_read(scope), _holds_one()))
        )
        rows = session.execute(
            select(Document, Version)
            .join(Version, Version.document_key == Document.key)
            .where(Document.tenant == scope.tenant, Version.quarantined_at.is_not(None))
            .order_by(Version.quarantined_at, Document.id)
        )
        views = [
            _view(session, row[0], row[1], readable=row[0].key in readable_keys) for row in rows
        ]
    return [view for view in views if actor.role == "admin" or view.filename is not None]


def release(library: Library, actor: Actor, document_id: str, *, version: int | None = None) -> str:
    """Let a version in quarantine go and return the job that makes it searchable.

    Who may read it is not changed. Masks stay: only what held the document is kept from now on.
    ``version`` is the one that the actor has looked at; none means the newest that is held.

    Raises:
        ForbiddenError: the actor is neither curator nor administrator.
        NotFoundError: no such document for this actor.
        NotQuarantinedError: nothing of it is in quarantine, or a later version than this one.

    """
    with library.database.write(actor.author) as session:
        document, row = _lock_quarantined(session, actor, document_id, version)
        row.quarantined_at = None
        row.released_by, row.released_at = actor.owner, utc_now()
        record_access_change(
            session, scope=actor.scope, actor=actor.owner, action="release",
            document_id=document.id, before=access_list_of(session, document.class_key),
        )  # fmt: skip
        job = _job(session, document, row)
        if job is None:
            return enqueue(session, document, Work(document.owner, row.number)).id
        queue_again(job)
        return job.id


def reject(
    library: Library,
    actor: Actor,
    document_id: str,
    *,
    reason: str = "",
    version: int | None = None,
) -> None:
    """Delete a version in quarantine; with no other one to go on with, the whole document.

    ``version`` is as for ``release``.

    Raises:
        ForbiddenError, NotFoundError, NotQuarantinedError: as ``release``.
        HeldError: the document is under a legal hold.

    """
    with library.database.write(actor.author) as session:
        document, row = _lock_quarantined(session, actor, document_id, version)
        if document.hold:
            raise HeldError(
                f"The document is under a legal hold and cannot be changed: {document.hold}"
            )
        job = _job(session, document, row)
        if job is not None:
            job.code, job.reason = "rejected", f"{REJECTED} {reason}".strip()
        if _stays(document, row):
            blobs = drop_content(session, document.key, versions=[row.number])
            record_access_change(
                session, scope=actor.scope, actor=actor.owner, action="reject",
                document_id=document.id, before=access_list_of(session, document.class_key),
            )  # fmt: skip
        else:
            blobs = erase(session, document, scope=actor.scope, actor=actor.owner, action="reject")
    for blob in blobs:
        library.blobs.delete(blob)


def _holds_one() -> ColumnElement[bool]:
    return (
        select(Version.key)
        .where(Version.document_key == Document.key, Version.quarantined_at.is_not(None))
        .exists()
    )


def _lock_quarantined(
    session: Session, actor: Actor, document_id: str, number: int | None
) -> tuple[Document, Version]:
    """Return a document, locked, and its newest version in quarantine, which must be ``number``."""
    if not actor.is_curator:
        raise ForbiddenError(
            "Only curators and administrators may release or reject a document in quarantine."
        )
    document = _decidable(session, actor, document_id)
    version = session.scalar(
        select(Version)
        .where(Version.document_key == document.key, Version.quarantined_at.is_not(None))
        .order_by(Version.number.desc())
        .limit(1)
    )
    if version is None:
        raise NotQuarantinedError(
            "No version of this document is in quarantine. Load the list again."
        )
    if number is not None and number != version.number:
        raise NotQuarantinedError(
            f"Version {version.number} is the one in quarantine now. Decide on that one."
        )
    return document, version


def _stays(document: Document, row: Version) -> bool:
    return document.version > 0 or document.latest_version > row.number


def _decidable(session: Session, actor: Actor, document_id: str) -> Document:
    """Return the document, locked: an administrator manages what they cannot read."""
    if actor.role != "admin":
        return manageable(session, actor, document_id)
    document = session.scalar(
        select(Document)
        .where(Document.id == document_id, Document.tenant == actor.scope.tenant)
        .with_for_update()
    )
    if document is None:
        raise NotFoundError
    return document


def _job(session: Session, document: Document, version: Version) -> Job | None:
    """Return the job that ended with the quarantine: its submitter is to see what becomes of it."""
    return session.scalar(
        select(Job)
        .where(
            Job.document_id == document.id,
            Job.version == version.number,
            Job.code == "quarantined",
            Job.state == "failed",
        )
        .order_by(Job.key.desc())
        .limit(1)
        .with_for_update()
    )


def _view(
    session: Session, document: Document, version: Version, *, readable: bool
) -> QuarantineView:
    since = version.quarantined_at
    assert since is not None
    access = access_list_of(session, document.class_key) if readable else None
    return QuarantineView(
        document_id=document.id,
        version=version.number,
        quarantined_at=since,
        findings=dict(version.provenance.get("findings", {})),
        stays=_stays(document, version),
        title=document.title if readable else None,
        filename=(version.filename or document.filename) if readable else None,
        owner=document.owner if readable else None,
        allow=sorted(access.allow) if access else None,
        deny=sorted(access.deny) if access else None,
    )
