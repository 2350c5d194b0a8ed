"""Which stored bytes belong to something: a version, or a part of a file that comes in parts."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.db.tables.documents import Version
from index.db.tables.openai_files import FilePart


def owned_blobs(session: Session, names: Sequence[str]) -> set[str]:
    """Return those of the blobs, some hundreds of them, that a row of the database names."""
    owned: set[str] = set()
    for column in (Version.blob, FilePart.blob):
        owned.update(session.scalars(select(column).where(column.in_(names))))
    return owned
