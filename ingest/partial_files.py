"""Files that come in parts: each part is durable when it is accepted, the whole becomes a document.

A part is a blob that no version has, so a file that is half there is found again after a restart.
A part whose answer was lost comes again: the same bytes are stored once for all parts that have
them, so a file that is open never holds more bytes than were announced.
What is not completed within an hour expires, and its parts are deleted.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Select, delete, exists, func, select
from sqlalchemy.orm import Session

from index.access.classes import lock_tenant
from index.access.tenants import check_state
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.openai_files import FilePart, PartialFile
from index.errors import NotFoundError, OriginalDamagedError
from index.library import Library
from index.queue_caps import QueueCaps
from index.storage.digests import RunningDigest, blocks_of
from index.types import AccessList, Actor
from ingest.equal_parts import find_sound_copy, share_bytes
from ingest.errors import (
    EmptyFileError,
    PartialFileClosedError,
    PartsMismatchError,
    TooLargeError,
)
from ingest.lifecycle.publishing import Publishing, check_publishing
from ingest.upload import Upload, accept, check_quota, clean_filename

OPEN_FOR = timedelta(hours=1)
"""How long parts can be added, from the beginning on."""

LARGEST_PART = 64 << 20
"""Bytes of one part."""

MOST_PARTS = 1_000
"""Of one file."""

KEPT_FOR = timedelta(days=1)
"""How long the row of a closed file stays, so that a repeat learns how it ended."""


@dataclass(frozen=True, slots=True)
class PartialFileSpec:
    """A file that is to come in parts."""

    filename: str
    size: int
    """Bytes."""
    purpose: str
    allow: Sequence[str] = ()
    """Principals that may read it; none means the uploader alone."""
    deny: Sequence[str] = ()
    lifetime: int | None = None
    """Seconds after which the document expires."""


@dataclass(frozen=True, slots=True)
class PartialFileRules:
    """How large files may be, how many may be open, to whom readers may publish."""

    limit_bytes: int
    open_caps: QueueCaps
    job_caps: QueueCaps
    publishing: Publishing


@dataclass(frozen=True, slots=True)
class PartialFileView:
    """A file that comes in parts, as its owner sees it."""

    id: str
    filename: str
    purpose: str
    size: int
    state: str
    """``pending``, ``completed``, ``cancelled`` or ``expired``."""
    document_id: str | None
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _StoredPart:
    """A part as the database describes it."""

    id: str
    blob: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PartView:
    """One part."""

    id: str
    created_at: datetime


def create_partial_file(
    database: Database, actor: Actor, spec: PartialFileSpec, rules: PartialFileRules
) -> PartialFileView:
    """Begin a file; its parts can be added for an hour.

    Raises:
        TooLargeError: it is to have more bytes than a file may have.
        QuotaError: with all that is open, the tenant's disk quota would be exceeded.
        QueueFullError: the actor or the tenant has as many open files as are permitted.
        InvalidPrincipalError, InvalidAccessListError: the access list is not usable.
        PublishingError: the actor may not publish to all who would read it.

    """
    if spec.size > rules.limit_bytes:
        raise TooLargeError(f"A file may have at most {rules.limit_bytes:,} bytes.")
    access = AccessList.of(spec.allow or [actor.owner], spec.deny)
    now, tenant = utc_now(), actor.scope.tenant
    with database.write(actor.author) as session:
        check_state(lock_tenant(session, tenant).state)
        check_publishing(session, actor, access, rules.publishing)
        is_open = _is_open(now)
        remedy = "Complete or cancel some of your uploads."
        rules.open_caps.check(
            session, actor, PartialFile, PartialFile.owner, is_open, remedy=remedy
        )
        open_bytes = session.scalar(
            select(func.coalesce(func.sum(PartialFile.size), 0)).where(
                PartialFile.tenant == tenant, is_open
            )
        )
        check_quota(session, tenant, int(open_bytes or 0) + spec.size)
        row = PartialFile(
            id=f"upload_{secrets.token_hex(12)}", tenant=tenant, owner=actor.owner,
            filename=clean_filename(spec.filename), purpose=spec.purpose, size=spec.size,
            lifetime=spec.lifetime, allow=sorted(access.allow), deny=sorted(access.deny),
            state="pending", created_at=now, expires_at=now + OPEN_FOR,
        )  # fmt: skip
        session.add(row)
        record_act(session, tenant, "upload-create", row.id, bytes=spec.size)
        return _view(row)


def add_part(
    library: Library, actor: Actor, partial_file_id: str, blocks: Iterable[bytes]
) -> PartView:
    """Store a part durably. Parts may come in any order, several at a time, and again.

    Raises:
        NotFoundError: there is no such file, or it is somebody else's.
        PartialFileClosedError: it is completed, cancelled or expired.
        TooLargeError: the part is larger than a part may be, the parts together are larger than
            the file is to be, or there are too many.
        EmptyFileError: the part has no bytes.

    """
    with library.database.read() as session:
        size = _open_row(session, actor, partial_file_id).size
    digest = RunningDigest()
    blob = library.blobs.put(_limited(digest, blocks, min(LARGEST_PART, size)))
    row = FilePart(
        id=f"part_{secrets.token_hex(12)}", tenant=actor.scope.tenant,
        partial_file_id=partial_file_id, blob=blob, size=digest.size, sha256=digest.sha256,
        created_at=utc_now(),
    )  # fmt: skip
    view = PartView(row.id, row.created_at)
    sound_blob = find_sound_copy(library, row)
    unclaimed_blobs = {blob}
    try:
        with library.database.write(actor.author) as session:
            check_state(lock_tenant(session, actor.scope.tenant).state)
            file = _open_row(session, actor, partial_file_id, is_locked=True)
            _check_room(session, file, row)
            unclaimed_blobs |= share_bytes(session, row, sound_blob)
            session.add(row)
            record_act(
                session, row.tenant, "upload-part", partial_file_id, part=row.id, bytes=row.size
            )
    finally:
        for name in unclaimed_blobs:
            _discard_unclaimed(library, name)
    return view


def complete_partial_file(
    library: Library,
    actor: Actor,
    partial_file_id: str,
    part_ids: Sequence[str],
    rules: PartialFileRules,
    *,
    md5: str | None = None,
) -> PartialFileView:
    """Make a document of the parts, in the order given; what is completed already stays so.

    Raises:
        NotFoundError: there is no such file, or it is somebody else's.
        PartialFileClosedError: it is cancelled or expired.
        PartsMismatchError: a part is not one of the file's, their bytes are not as many as were
            announced, or the MD5 is another one.
        OriginalDamagedError: a stored part is not what was accepted.
        FootnoteError: the errors of ``accept``.

    """
    try:
        _complete(library, actor, partial_file_id, part_ids, rules, md5)
    except (PartialFileClosedError, PartsMismatchError, OriginalDamagedError):
        view = _get(library.database, actor, partial_file_id)
        if view.state != "completed":  # before, or by another request that took the parts away
            raise
        return view
    _drop_parts(library, partial_file_id)
    return _get(library.database, actor, partial_file_id)


def cancel_partial_file(library: Library, actor: Actor, partial_file_id: str) -> PartialFileView:
    """Give a file up and delete its parts; to cancel again changes nothing.

    Raises:
        NotFoundError: there is no such file, or it is somebody else's.
        PartialFileClosedError: it is completed or expired.

    """
    with library.database.write(actor.author) as session:
        row = _own_row(session, actor, partial_file_id, is_locked=True)
        if row.state != "cancelled":
            row = _open_row(session, actor, partial_file_id, is_locked=True)
            row.state = "cancelled"
            record_act(session, row.tenant, "upload-cancel", row.id)
        view = _view(row)
    _drop_parts(library, partial_file_id)
    return view


def expire_partial_files(library: Library, *, now: datetime | None = None) -> int:
    """Close the files whose hour is over, and delete what closed ones left; return how many closed.

    A process that died after a completion or in a cancellation left its parts: they go here, too.
    """
    moment = now or utc_now()
    is_over = (PartialFile.state == "pending", PartialFile.expires_at <= moment)
    count = 0
    if library.database.finds(select(PartialFile.id).where(*is_over)):
        count = _close(library.database, is_over)
    with library.database.read() as session:
        left_over = session.scalars(
            select(FilePart.partial_file_id)
            .join(PartialFile, PartialFile.id == FilePart.partial_file_id)
            .where(PartialFile.state != "pending")
            .distinct()
        ).all()
    for partial_file_id in left_over:
        _drop_parts(library, partial_file_id)
    is_forgotten = (
        PartialFile.state != "pending",
        PartialFile.expires_at <= moment - KEPT_FOR,
        ~exists().where(FilePart.partial_file_id == PartialFile.id),
    )
    if library.database.finds(select(PartialFile.id).where(*is_forgotten)):
        with library.database.write() as session:
            session.execute(delete(PartialFile).where(*is_forgotten))
    return count


def _close(database: Database, is_over: Sequence[ColumnElement[bool]]) -> int:
    """Close the files whose hour is over, and return how many there were."""
    with database.write() as session:
        due_rows = session.scalars(select(PartialFile).where(*is_over).with_for_update()).all()
        for row in due_rows:
            row.state = "expired"
            record_act(session, row.tenant, "upload-expire", row.id)
        return len(due_rows)


def _complete(
    library: Library,
    actor: Actor,
    partial_file_id: str,
    part_ids: Sequence[str],
    rules: PartialFileRules,
    md5: str | None,
) -> None:
    """Make the document, whose transaction closes the file."""
    with library.database.read() as session:
        row = _open_row(session, actor, partial_file_id)
        stored_parts = _chosen_parts(session, row, part_ids)
        upload = Upload(
            filename=row.filename, blocks=_joined(library, stored_parts, md5), allow=row.allow,
            deny=row.deny, purpose=row.purpose, is_distinct=True,
            lifetime=None if row.lifetime is None else timedelta(seconds=row.lifetime),
            on_record=partial(_complete_row, actor, partial_file_id),
        )  # fmt: skip
    accept(
        library, actor, upload, limit_bytes=rules.limit_bytes, caps=rules.job_caps,
        publishing=rules.publishing,
    )  # fmt: skip


def blobs_of_parts(session: Session, tenant: str) -> list[str]:
    """Return the blobs of all parts that a tenant has."""
    return list(session.scalars(select(FilePart.blob).where(FilePart.tenant == tenant)))


def _is_open(now: datetime) -> ColumnElement[bool]:
    return (PartialFile.state == "pending") & (PartialFile.expires_at > now)


def _select_own(actor: Actor, partial_file_id: str) -> Select[PartialFile]:
    return select(PartialFile).where(
        PartialFile.id == partial_file_id,
        PartialFile.tenant == actor.scope.tenant,
        PartialFile.owner == actor.owner,
    )


def _own_row(
    session: Session, actor: Actor, partial_file_id: str, *, is_locked: bool = False
) -> PartialFile:
    statement = _select_own(actor, partial_file_id)
    if is_locked:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(statement)
    if row is None:
        raise NotFoundError
    return row


def _open_row(
    session: Session, actor: Actor, partial_file_id: str, *, is_locked: bool = False
) -> PartialFile:
    """Return an own file that is still open.

    Raises:
        NotFoundError: there is no such file, or it is somebody else's.
        PartialFileClosedError: it is closed.

    """
    row = _own_row(session, actor, partial_file_id, is_locked=is_locked)
    state = _state_at(row, utc_now())
    if state != "pending":
        raise PartialFileClosedError(f"The upload is {state}. Begin a new one.")
    return row


def _state_at(row: PartialFile, now: datetime) -> str:
    return "expired" if row.state == "pending" and row.expires_at <= now else row.state


def _limited(digest: RunningDigest, blocks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    for block in digest.passing(blocks):
        if digest.size > limit:
            raise TooLargeError(f"This part may have at most {limit:,} bytes.")
        yield block
    if not digest.size:
        raise EmptyFileError("The part is empty. Send one that has content.")


def _check_room(session: Session, file: PartialFile, part: FilePart) -> None:
    """Refuse a part for which there is no room; bytes that are there already need none."""
    stored_parts = session.execute(
        select(FilePart.sha256, FilePart.size).where(FilePart.partial_file_id == file.id)
    ).all()
    if len(stored_parts) >= MOST_PARTS:
        raise TooLargeError(f"A file may come in at most {MOST_PARTS:,} parts.")
    distinct = {(each.sha256, each.size) for each in stored_parts} | {(part.sha256, part.size)}
    size = sum(each for _, each in distinct)
    if size > file.size:
        raise TooLargeError(
            f"The parts have {size:,} bytes, and {file.size:,} were announced. Complete or cancel "
            "the upload."
        )


def _chosen_parts(session: Session, row: PartialFile, part_ids: Sequence[str]) -> list[_StoredPart]:
    """Return the parts that a file is made of, in order.

    Raises:
        PartsMismatchError: they are not the file that was announced.

    """
    rows = session.scalars(select(FilePart).where(FilePart.partial_file_id == row.id))
    of_ids = {part.id: _StoredPart(part.id, part.blob, part.size, part.sha256) for part in rows}
    if len(set(part_ids)) != len(part_ids) or not of_ids.keys() >= set(part_ids):
        raise PartsMismatchError("Name each part of this upload that the file has, one time.")
    chosen_parts = [of_ids[part_id] for part_id in part_ids]
    size = sum(part.size for part in chosen_parts)
    if size != row.size:
        raise PartsMismatchError(f"The parts have {size:,} bytes, and {row.size:,} were announced.")
    return chosen_parts


def _joined(
    library: Library, chosen_parts: Sequence[_StoredPart], md5: str | None
) -> Iterator[bytes]:
    """Yield the file; it ends with an error where it is not what was sent."""
    whole = hashlib.md5(usedforsecurity=False)
    for part in chosen_parts:
        digest = RunningDigest()
        try:
            with closing(library.blobs.open(part.blob)) as file:
                for block in digest.passing(blocks_of(file)):
                    whole.update(block)
                    yield block
        except NotFoundError:
            raise _damage(part) from None
        if (digest.size, digest.sha256) != (part.size, part.sha256):
            raise _damage(part)
    if md5 is not None and whole.hexdigest() != md5.lower():
        raise PartsMismatchError(
            f"The file's MD5 is {whole.hexdigest()}, another one than was announced. Look at the "
            "order of the parts, or send them again."
        )


def _damage(part: _StoredPart) -> OriginalDamagedError:
    return OriginalDamagedError(f"The stored part {part.id} is damaged. Send it again.")


def _complete_row(actor: Actor, partial_file_id: str, session: Session, document_id: str) -> None:
    """Close a file in the transaction that makes its document: there is one, or none."""
    row = _open_row(session, actor, partial_file_id, is_locked=True)
    row.state, row.document_id = "completed", document_id
    record_act(session, row.tenant, "upload-complete", row.id, document=document_id)


def _drop_parts(library: Library, partial_file_id: str) -> None:
    """Delete the parts of a closed file: their bytes first, so that a crash leaves a trace."""
    with library.database.read() as session:
        of_file = FilePart.partial_file_id == partial_file_id
        blobs = session.scalars(select(FilePart.blob).where(of_file).distinct()).all()
    for blob in blobs:
        library.blobs.delete(blob)
    with library.database.write() as session:
        session.execute(delete(FilePart).where(of_file))


def _discard_unclaimed(library: Library, blob: str) -> None:
    """Delete bytes that did not become a part; the store decides, as for an upload."""
    with library.database.read() as session:
        part_id = session.scalar(select(FilePart.id).where(FilePart.blob == blob))
    if part_id is None:
        library.blobs.delete(blob)


def _get(database: Database, actor: Actor, partial_file_id: str) -> PartialFileView:
    with database.read() as session:
        return _view(_own_row(session, actor, partial_file_id))


def _view(row: PartialFile) -> PartialFileView:
    return PartialFileView(
        row.id, row.filename, row.purpose, row.size, _state_at(row, utc_now()), row.document_id,
        row.created_at, row.expires_at,
    )  # fmt: skip
