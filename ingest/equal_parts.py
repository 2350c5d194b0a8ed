"""Parts of one file that have the same bytes: stored once, however often they come."""

from contextlib import closing

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from index.db.tables.openai_files import FilePart
from index.errors import NotFoundError
from index.library import Library
from index.storage.digests import RunningDigest, blocks_of


def _copies(part: FilePart) -> Select[FilePart]:
    """Select the parts of the same file that have the same bytes."""
    return select(FilePart).where(
        FilePart.partial_file_id == part.partial_file_id,
        FilePart.sha256 == part.sha256,
        FilePart.size == part.size,
    )


def find_sound_copy(library: Library, part: FilePart) -> str | None:
    """Return the blob in which a part's bytes are stored already, undamaged; none where in none."""
    with library.database.read() as session:
        blobs = {copy.blob for copy in session.scalars(_copies(part))}
    return next((blob for blob in sorted(blobs) if _is_sound(library, blob, part)), None)


def _is_sound(library: Library, blob: str, part: FilePart) -> bool:
    digest = RunningDigest()
    try:
        with closing(library.blobs.open(blob)) as file:
            for block in blocks_of(file):
                digest.add(block)
    except NotFoundError:
        return False
    return (digest.size, digest.sha256) == (part.size, part.sha256)


def share_bytes(session: Session, part: FilePart, sound_blob: str | None) -> set[str]:
    """Let all parts with the same bytes name one blob; return the blobs that they named before.

    A stored copy that is damaged is replaced by the bytes that came now.
    """
    copies = session.scalars(_copies(part)).all()
    former_blobs = {copy.blob for copy in copies}
    if sound_blob in former_blobs:
        part.blob = sound_blob
    for copy in copies:
        copy.blob = part.blob
    return former_blobs
