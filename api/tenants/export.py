"""Export a tenant: originals, metadata, access lists, groups and conversations, without secrets."""

import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.tenants.life_cycle import find_tenant
from api.tenants.openai_lines import batch_lines, purposes_of, response_lines, upload_lines
from index.access.classes import access_list_of
from index.author import Author
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.access import Contributor, GroupMember
from index.db.tables.base import utc_now
from index.db.tables.collections import Collection, CollectionDocument
from index.db.tables.documents import Document, Version
from index.db.tables.questions import AnswerRow, Conversation, Feedback
from index.errors import NotFoundError, OriginalDamagedError
from index.storage.blob_store import Blobs
from index.storage.verified_originals import StoredOriginal, open_verified

FORMAT = 1
"""Of the archive; it grows when a reader of an older one would misread it."""

Lines = Iterable[dict[str, Any]]


@dataclass(slots=True)
class TenantExport:
    """How much an archive holds."""

    tenant: str
    documents: int = 0
    originals: int = 0
    answers: int = 0
    damaged: list[str] = field(default_factory=list)
    """Versions whose original is not in the archive, since its bytes are not those accepted."""


def export_tenant(
    database: Database,
    blobs: Blobs,
    tenant: str,
    archive: Path,
    *,
    author: Author | None = None,
) -> TenantExport:
    """Write a tar archive of one moment of a tenant; the file appears when it is whole.

    ``tenant.json`` describes it, ``*.jsonl`` have a line for each document, collection, membership,
    contributor, conversation, answer, judgement, and for each response, upload and batch of files
    of OpenAI's API; ``originals/`` has the uploaded bytes. Keys, identities, quotas' counters and
    the parts of files that are not complete are not in it.

    Raises:
        NotFoundError: there is no such tenant.

    """
    view, export = find_tenant(database, tenant), TenantExport(tenant)
    with database.write(author) as session:
        record_act(session, tenant, "tenant-export", tenant)
    partial = archive.with_name(f"{archive.name}.partial")
    with database.read() as session, tarfile.open(partial, "w") as tar:
        copier = _Copier(database, blobs, tar, export)
        head = {"format": FORMAT, "exported_at": utc_now(), **asdict(view)}
        _add(tar, "tenant.json", [head])
        _add(tar, "documents.jsonl", _documents(session, copier, export))
        _add(tar, "collections.jsonl", _collections(session, tenant))
        _add(tar, "groups.jsonl", _groups(session, tenant))
        _add(tar, "contributors.jsonl", _contributors(session, tenant))
        _add(tar, "conversations.jsonl", _conversations(session, tenant))
        _add(tar, "answers.jsonl", _answers(session, export))
        _add(tar, "feedback.jsonl", _feedback(session, tenant))
        _add(tar, "responses.jsonl", response_lines(session, tenant))
        _add(tar, "uploads.jsonl", upload_lines(session, tenant))
        _add(tar, "file_batches.jsonl", batch_lines(session, tenant))
    partial.chmod(0o600)
    partial.replace(archive)
    return export


def _documents(
    session: Session, copier: "_Copier", export: TenantExport
) -> Iterator[dict[str, Any]]:
    rows = session.scalars(
        select(Document).where(Document.tenant == export.tenant).order_by(Document.key)
    )
    purposes = purposes_of(session, export.tenant)
    for row in rows.yield_per(100):
        access = access_list_of(session, row.class_key)
        versions = session.scalars(
            select(Version).where(Version.document_key == row.key).order_by(Version.number)
        ).all()
        export.documents += 1
        yield {
            "document_id": row.id, "owner": row.owner, "title": row.title,
            "filename": row.filename, "attributes": row.attributes, "licence": row.licence,
            "allow": sorted(access.allow), "deny": sorted(access.deny),
            "searchable_version": row.version, "expires_at": row.expires_at, "hold": row.hold,
            "source_path": row.source_path, "created_at": row.created_at,
            "purpose": purposes.get(row.key),
            "versions": [copier.copy(row.id, version) for version in versions],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Copier:
    """Copies originals into the archive."""

    database: Database
    blobs: Blobs
    tar: tarfile.TarFile
    export: TenantExport

    def copy(self, document_id: str, version: Version) -> dict[str, Any]:
        """Put the original of a version into the archive, and describe both."""
        path: str | None = f"originals/{document_id}.{version.number}"
        original = StoredOriginal(version.blob, version.size, version.sha256)
        try:
            with open_verified(self.database, self.blobs, original) as file:
                info = tarfile.TarInfo(str(path))
                info.size, info.mode = version.size, 0o600
                self.tar.addfile(info, file)
            self.export.originals += 1
        except (OriginalDamagedError, NotFoundError):
            path = None
            self.export.damaged.append(f"{document_id}, version {version.number}")
        return {
            "version": version.number, "filename": version.filename, "sha256": version.sha256,
            "size": version.size, "media_type": version.media_type, "original": path,
            "created_at": version.created_at,
        }  # fmt: skip


def _collections(session: Session, tenant: str) -> Iterator[dict[str, Any]]:
    rows = session.scalars(
        select(Collection).where(Collection.tenant == tenant).order_by(Collection.key)
    ).all()
    ids = {row.key: row.id for row in rows}
    for row in rows:
        access = access_list_of(session, row.class_key)
        places = session.execute(
            select(Document.id, CollectionDocument)
            .join(Document, Document.key == CollectionDocument.document_key)
            .where(CollectionDocument.collection_key == row.key)
            .order_by(Document.key)
        )
        yield {
            "collection_id": row.id, "owner": row.owner, "name": row.name,
            "description": row.description, "labels": row.labels, "attributes": row.attributes,
            "parent_id": ids.get(row.parent_key or 0), "allow": sorted(access.allow),
            "deny": sorted(access.deny), "document_quota": row.document_quota,
            "byte_quota": row.byte_quota, "created_at": row.created_at,
            "updated_at": row.updated_at, "idle_days": row.idle_days,
            "last_active_at": row.last_active_at,
            "documents": [
                {
                    "document_id": document_id, "inherits": place.inherits,
                    "attributes": place.attributes, "added_by": place.added_by,
                    "added_at": place.added_at, "cancelled_at": place.cancelled_at,
                }
                for document_id, place in places
            ],
        }  # fmt: skip


def _groups(session: Session, tenant: str) -> Lines:
    rows = session.scalars(select(GroupMember).where(GroupMember.tenant == tenant))
    return ({"group": row.group, "member": row.member} for row in rows)


def _contributors(session: Session, tenant: str) -> Lines:
    rows = session.scalars(select(Contributor).where(Contributor.tenant == tenant))
    return ({"audience": row.audience, "member": row.member} for row in rows)


def _conversations(session: Session, tenant: str) -> Lines:
    rows = session.scalars(select(Conversation).where(Conversation.tenant == tenant))
    return (
        {
            "conversation_id": row.id, "owner": row.owner, "title": row.title,
            "created_at": row.created_at,
        }
        for row in rows
    )  # fmt: skip


def _answers(session: Session, export: TenantExport) -> Iterator[dict[str, Any]]:
    rows = session.scalars(
        select(AnswerRow).where(AnswerRow.tenant == export.tenant).order_by(AnswerRow.key)
    )
    for row in rows.yield_per(100):
        export.answers += 1
        yield {
            "answer_id": row.id, "conversation_id": row.conversation_id, "asker": row.asker,
            "question": row.question, "answer": row.answer, "documents": row.documents,
            "created_at": row.created_at,
        }  # fmt: skip


def _feedback(session: Session, tenant: str) -> Lines:
    rows = session.scalars(select(Feedback).where(Feedback.tenant == tenant))
    return (
        {
            "answer_id": row.answer_id, "author": row.author, "rating": row.rating,
            "comment": row.comment, "created_at": row.created_at,
        }
        for row in rows
    )  # fmt: skip


def _add(tar: tarfile.TarFile, name: str, lines: Lines) -> None:
    """Add a file of JSON lines."""
    text = "".join(json.dumps(line, ensure_ascii=False, default=str) + "\n" for line in lines)
    content = text.encode()
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    tar.addfile(info, io.BytesIO(content))
