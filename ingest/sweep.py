"""Orphaned originals: bytes of uploads whose process died between the file and its row."""

from datetime import timedelta

from sqlalchemy import select

from index.batches import batched
from index.blobs import FolderBlobs
from index.library import Library
from index.tables import Version, utc_now

GRACE = timedelta(days=1)
"""Younger blobs may belong to an upload that is being accepted just now."""


def sweep_orphans(library: Library, blobs: FolderBlobs, *, grace: timedelta = GRACE) -> int:
    """Delete blobs that no version refers to and that are older than ``grace``; count them."""
    old = blobs.names(older_than=(utc_now() - grace).timestamp())
    swept = 0
    for names in batched(old, 500):
        with library.database.read() as session:
            owned = set(session.scalars(select(Version.blob).where(Version.blob.in_(names))))
        for name in set(names) - owned:
            blobs.delete(name)
            swept += 1
    return swept
