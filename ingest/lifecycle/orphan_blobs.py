"""Orphaned originals: bytes of uploads whose process died between the file and its row."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from index.db.batched import batched
from index.db.tables.documents import Version
from index.library import Library

GRACE = timedelta(days=1)
"""Younger blobs may belong to an upload that is being accepted just now."""


def sweep_orphans(library: Library, old: Sequence[str]) -> int:
    """Delete those of some old blobs that no version refers to; return how many there were."""
    swept = 0
    for names in batched(old, 500):
        with library.database.read() as session:
            owned = set(session.scalars(select(Version.blob).where(Version.blob.in_(names))))
        for name in set(names) - owned:
            library.blobs.delete(name)
            swept += 1
    return swept
