"""Orphaned originals: bytes of uploads whose process died between the file and its row.

A sweep moves them to a trash beside the originals, from which a command puts them back until the
trash is emptied. A sweep that would take unusually many removes nothing: a wrong or lost database
looks just like that, so a person decides.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from index.db.batched import batched
from index.db.blob_owners import owned_blobs
from index.db.database import Database
from index.db.tables.base import utc_now
from index.storage.blob_store import BlobStore
from index.storage.store_identity import (
    FEW,
    SMALL_SHARE,
    check_store,
    hold_sweeps,
    is_unusual,
    release_sweeps,
    sweep_hold,
)

GRACE = timedelta(days=1)
"""Younger blobs may belong to an upload that is being accepted just now."""

TRASH_DAYS = 30
"""Days that an orphan stays in the trash by default."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SweepReport:
    """The outcome of one sweep."""

    examined: int
    """Originals older than the grace period."""
    orphans: tuple[str, ...]
    """Those of them that no version refers to, nor a part of a file that is still coming."""
    moved: int
    """Orphans that went to the trash."""
    emptied: int
    """Blobs whose time in the trash was over, deleted for good."""
    refusal: str | None = None
    """Why nothing was removed, where a person must decide."""


def sweep_orphans(
    database: Database,
    blobs: BlobStore,
    *,
    is_confirmed: bool = False,
    trash_days: int = TRASH_DAYS,
    grace: timedelta = GRACE,
) -> SweepReport:
    """Move old originals without a document to the trash; empty what has been there long enough.

    Where they are unusually many, or the database is older than the originals, nothing is removed
    until somebody confirms it; every later sweep refuses too until then.

    Raises:
        StoreMismatchError: the database and the originals belong to different stores.

    """
    check_store(database, blobs)
    settled = time.time() - grace.total_seconds()
    old_names = blobs.names(older_than=settled)
    orphans = tuple(_orphans(database, old_names))
    refusal = None if is_confirmed else _refusal(database, len(orphans), len(old_names))
    if refusal is not None:
        hold_sweeps(database, refusal)
        return SweepReport(len(old_names), orphans, 0, 0, refusal)
    if is_confirmed:
        release_sweeps(database)
    blobs.discard_partial(older_than=settled)
    today = utc_now().date()
    for name in orphans:
        blobs.discard(name, today)
        log.warning("an original without a document went to the trash", extra={"blob": name})
    emptied = empty_trash(blobs, before=today - timedelta(days=trash_days))
    return SweepReport(len(old_names), orphans, len(orphans), emptied)


def empty_trash(blobs: BlobStore, *, before: date) -> int:
    """Delete for good what came to the trash before a day or on it; return how many there were."""
    expired = sorted(name for name, day in blobs.list_trash().items() if day <= before)
    for name in expired:
        blobs.delete_trashed(name)
        log.warning("an original was deleted from the trash", extra={"blob": name})
    return len(expired)


def recover_trash(blobs: BlobStore, names: Sequence[str] = ()) -> list[str]:
    """Put blobs of the trash back among the originals, all where none is named; return them.

    Raises:
        NotFoundError: a named one is not in the trash.

    """
    recovered = list(names or sorted(blobs.list_trash()))
    for name in recovered:
        blobs.recover(name)
        log.warning("an original was put back from the trash", extra={"blob": name})
    return recovered


def _orphans(database: Database, names: Sequence[str]) -> Iterator[str]:
    for some in batched(names, 500):
        with database.read() as session:
            owned = owned_blobs(session, some)
        yield from sorted(set(some) - owned)


def _refusal(database: Database, orphans: int, examined: int) -> str | None:
    with database.read() as session:
        hold = sweep_hold(session)
    if hold is not None:
        return hold
    if not is_unusual(orphans, examined):
        return None
    return (
        f"{orphans:,} of {examined:,} original files have no document. A sweep removes more than "
        f"{FEW} files, and more than {SMALL_SHARE:.0%}, only when a person confirms it."
    )
