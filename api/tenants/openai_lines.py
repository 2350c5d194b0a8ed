"""Lines of a tenant's export for OpenAI's API: its responses, uploads and batches of files."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.db.tables.collections import Collection
from index.db.tables.openai_files import FileBatch, FilePurpose, PartialFile
from index.db.tables.questions import StoredResponse


def response_lines(session: Session, tenant: str) -> Iterator[dict[str, Any]]:
    """Yield the responses; ``answers.jsonl`` has the answers that they name.

    The credential that came with a request is not told.
    """
    rows = session.scalars(
        select(StoredResponse)
        .where(StoredResponse.tenant == tenant)
        .order_by(StoredResponse.created_at, StoredResponse.id)
    )
    for row in rows.yield_per(100):
        yield {
            "response_id": row.id, "owner": row.owner, "state": row.state,
            "answer_id": row.answer_id, "previous_response_id": row.previous_id,
            "parameters": row.echo, "messages": row.messages, "request": row.request,
            "error": row.error, "created_at": row.created_at, "completed_at": row.completed_at,
        }  # fmt: skip


def upload_lines(session: Session, tenant: str) -> Iterator[dict[str, Any]]:
    """Yield the files that came in parts, or are coming."""
    rows = session.scalars(
        select(PartialFile)
        .where(PartialFile.tenant == tenant)
        .order_by(PartialFile.created_at, PartialFile.id)
    )
    for row in rows:
        yield {
            "upload_id": row.id, "owner": row.owner, "filename": row.filename,
            "purpose": row.purpose, "size": row.size, "allow": row.allow, "deny": row.deny,
            "state": row.state, "document_id": row.document_id, "created_at": row.created_at,
            "expires_at": row.expires_at,
        }  # fmt: skip


def batch_lines(session: Session, tenant: str) -> Iterator[dict[str, Any]]:
    """Yield the batches of files that were put into collections."""
    rows = session.execute(
        select(FileBatch, Collection.id)
        .join(Collection, Collection.key == FileBatch.collection_key)
        .where(FileBatch.tenant == tenant)
        .order_by(FileBatch.created_at, FileBatch.id)
    )
    for row, collection_id in rows:
        yield {
            "batch_id": row.id, "owner": row.owner, "collection_id": collection_id,
            "documents": row.documents, "cancelled_at": row.cancelled_at,
            "created_at": row.created_at,
        }  # fmt: skip


def purposes_of(session: Session, tenant: str) -> dict[int, str]:
    """Return the purposes of the documents that came as files of OpenAI's API, by key."""
    rows = session.execute(
        select(FilePurpose.document_key, FilePurpose.purpose).where(FilePurpose.tenant == tenant)
    )
    return {row.document_key: row.purpose for row in rows}
