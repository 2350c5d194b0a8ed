"""The change log: every commit to what is searchable, numbered without holes."""

from collections.abc import Iterable

from sqlalchemy import Select, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from index.db.database import next_value
from index.db.tables.access import AccessClass
from index.db.tables.documents import ChunkRow, FindingRow, Vector, Version
from index.db.tables.store import ChangeLogEntry


def record_change(session: Session, document_key: int, classes: Iterable[int], kind: str) -> int:
    """Append a change of one document and stamp the classes it touches; return its number."""
    seq = next_value(session, "changes")
    change = {"seq": seq, "document_key": document_key, "kind": kind}
    session.connection().execute(_LOG, change)
    session.connection().execute(_STAMP, {"classes": sorted(set(classes)), "changed_seq": seq})
    return seq


def drop_content(session: Session, document_key: int, *, versions: Iterable[int]) -> list[str]:
    """Delete some versions with all that was made of them; return the names of their blobs.

    The caller deletes the blobs once this transaction is durable, never before.
    """
    numbers = sorted(versions)
    if not numbers:
        return []
    of_document = (Version.document_key == document_key, Version.number.in_(numbers))
    keys = select(Version.key).where(*of_document)
    blobs = list(session.scalars(select(Version.blob).where(*of_document)))
    _drop_chunks(session, keys)
    session.execute(delete(Version).where(*of_document))
    return blobs


def drop_chunks(session: Session, version_key: int) -> None:
    """Delete the chunks, vectors and findings of a version that stays, before it gets others."""
    _drop_chunks(session, select(Version.key).where(Version.key == version_key))


def _drop_chunks(session: Session, versions: Select[int]) -> None:
    chunks = select(ChunkRow.key).where(ChunkRow.version_key.in_(versions))
    session.execute(delete(Vector).where(Vector.chunk_key.in_(chunks)))
    session.execute(delete(ChunkRow).where(ChunkRow.version_key.in_(versions)))
    session.execute(delete(FindingRow).where(FindingRow.version_key.in_(versions)))


_LOG = insert(ChangeLogEntry)

_STAMP = update(AccessClass).where(AccessClass.key.in_(bindparam("classes", expanding=True)))
