"""Reads originals and serves none that is damaged: all bytes are hashed before the first leaves."""

import logging
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO, cast

from sqlalchemy import select

from index.db.database import Database
from index.db.tables.documents import Version
from index.errors import NotFoundError, OriginalDamagedError
from index.storage.blob_store import Blobs
from index.storage.digests import RunningDigest, blocks_of

IN_MEMORY = 8 << 20
"""Bytes of an original that are kept in memory while it is verified; more go to a file."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredOriginal:
    """An original as the database describes it."""

    blob: str
    size: int
    """Bytes."""
    sha256: str


def open_verified(database: Database, blobs: Blobs, original: StoredOriginal) -> BinaryIO:
    """Return a private copy of an original, at its start, whose digest has been verified.

    The copy is what was hashed: damage that happens later does not reach the reader.

    Raises:
        OriginalDamagedError: its bytes are missing or others than those that were accepted.
        NotFoundError: no version has this original any more.

    """
    spool = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller closes it
    copy = cast("BinaryIO", spool)
    try:
        damage = original_damage(blobs, original, copy.write)
        if damage is not None:
            _refuse(database, original, damage)
    except BaseException:  # whatever happened, the copy does not stay open
        copy.close()
        raise
    copy.seek(0)
    return copy


def original_damage(
    blobs: Blobs, original: StoredOriginal, keep: Callable[[bytes], object] = len
) -> str | None:
    """Return how an original differs from the bytes that were accepted; none where it does not.

    ``keep`` is given each block that was read.
    """
    digest = RunningDigest()
    try:
        with closing(blobs.open(original.blob)) as file:
            for block in digest.passing(blocks_of(file)):
                keep(block)
    except NotFoundError:
        return "it is missing"
    except OSError as error:
        return f"it cannot be read ({error.strerror or type(error).__name__})"
    if digest.size != original.size:
        return f"it has {digest.size:,} bytes instead of {original.size:,}"
    return None if digest.sha256 == original.sha256 else "its SHA-256 does not match"


def is_current(database: Database, blob: str) -> bool:
    """Tell whether some version still has this original: a deletion may have come in between."""
    with database.read() as session:
        return session.scalar(select(Version.key).where(Version.blob == blob)) is not None


def _refuse(database: Database, original: StoredOriginal, damage: str) -> None:
    if not is_current(database, original.blob):
        raise NotFoundError
    log.error(
        "an original file is damaged and was not served",
        extra={"blob": original.blob, "damage": damage},
    )
    raise OriginalDamagedError(
        "The stored original is damaged, so it is not served. Ask the operator to put it back "
        "from a backup, or upload the document again."
    )
