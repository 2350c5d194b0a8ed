"""One identity for a store, written in its database and beside its original files.

Originals that no document refers to are swept away, so a database beside the originals of another
store would lose them all. Each start and each sweep compares the two identities. The mark beside
the originals also holds the head of the change log, so that a database that was restored from an
older copy is noticed.
"""

import json
import logging
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.db.database import Database, head_value
from index.db.store_settings import drop_setting, put_setting_once, setting
from index.db.tables.documents import Version
from index.db.tables.openai_files import FilePart
from index.errors import StoreMismatchError

IDENTITY = "store-identity"
SWEEP_HOLD = "sweep-hold"

FEW = 20
"""So many originals without a document are nothing unusual: uploads die with their process."""
SMALL_SHARE = 0.05
"""The share of originals without a document up to which nothing unusual has happened."""

_ADVICE = (
    "Nothing was changed. Check FOOTNOTE_DATA, FOOTNOTE_DATABASE_URL and FOOTNOTE_BLOBS, and put "
    "back the database that belongs to these files. If the two do belong together, run "
    "`footnote admin adopt-originals --confirm`."
)

log = logging.getLogger(__name__)


class BlobRoot(Protocol):
    """The place where a store keeps its originals, and the mark that names the store."""

    def names(self) -> Sequence[str]:
        """List the blobs."""
        ...

    def read_mark(self) -> bytes | None:
        """Return the mark; none where the place has no mark yet."""
        ...

    def write_mark(self, mark: bytes) -> None:
        """Replace the mark durably."""
        ...


@dataclass(frozen=True, slots=True)
class StoreMark:
    """The mark beside the originals."""

    identity: str
    head: int
    """The head of the store's change log when the mark was written."""

    def pack(self) -> bytes:
        """Return the mark as JSON."""
        return json.dumps(asdict(self)).encode()


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well a database and a place of originals fit each other."""

    originals: int
    """Blobs in the place."""
    documented: int
    """Blobs that the database names."""
    unknown: int
    """Blobs in the place that the database does not name."""
    missing: int
    """Blobs that the database names and the place lacks."""

    @property
    def is_plausible(self) -> bool:
        """Tell whether the two may belong together, and nobody need be asked."""
        return not (
            self.unknown > self.documented
            or is_unusual(self.unknown, self.originals)
            or self.missing > SMALL_SHARE * self.documented
        )


def is_unusual(unknown_count: int, originals: int) -> bool:
    """Tell whether so many of the originals without a document need a person's decision."""
    return unknown_count > FEW and unknown_count > SMALL_SHARE * originals


def check_store(database: Database, root: BlobRoot) -> None:
    """Compare the identities; give one to a store that has none and whose two halves agree.

    A database that is older than the mark is used, but sweeps are on hold until a person decides.

    Raises:
        StoreMismatchError: database and originals belong to different stores, or one is lost.

    """
    problem = store_problem(database, root)
    if problem is not None:
        raise StoreMismatchError(f"{problem} {_ADVICE}")
    mark, (_, head) = read_mark(root), _identity_and_head(database)
    if mark is None:
        agreement = compare(database, root)
        if not agreement.is_plausible:
            raise StoreMismatchError(f"{_describe(agreement)} {_ADVICE}")
        adopt_originals(database, root)
    elif head < mark.head:
        _hold_for_older_database(database, head, mark.head)
    elif head > mark.head:
        root.write_mark(StoreMark(mark.identity, head).pack())


def store_problem(database: Database, root: BlobRoot) -> str | None:
    """Return why the two do not belong together; none where the mark is this store's or is lacking.

    Raises:
        StoreMismatchError: the mark cannot be read.

    """
    mark, (identity, _) = read_mark(root), _identity_and_head(database)
    if mark is None or mark.identity == identity:
        return None
    return _stranger(identity)


def _stranger(identity: str | None) -> str:
    if identity is None:
        return "The original files belong to a store, and the database is new or empty."
    return "The original files belong to another store than the database."


def _hold_for_older_database(database: Database, head: int, marked_head: int) -> None:
    hold_sweeps(
        database,
        f"The database is older than the original files: its change log ends at {head}, and it "
        f"had reached {marked_head}.",
    )


def compare(database: Database, root: BlobRoot) -> Agreement:
    """Count the originals that only one of the two knows."""
    present = set(root.names())
    with database.read() as session:
        documented = set(session.scalars(select(Version.blob)))
        parts_of_files = set(session.scalars(select(FilePart.blob)))
    unknown = present - documented - parts_of_files
    return Agreement(len(present), len(documented), len(unknown), len(documented - present))


def adopt_originals(database: Database, root: BlobRoot) -> str:
    """Write the database's identity beside the originals; return it. A new store gets a new one."""
    with database.write() as session:
        put_setting_once(session, IDENTITY, secrets.token_hex(16))
        identity = str(setting(session, IDENTITY))
        head = head_value(session, "changes")
    root.write_mark(StoreMark(identity, head).pack())
    log.info("the original files were marked as this store's", extra={"store": identity})
    return identity


def read_mark(root: BlobRoot) -> StoreMark | None:
    """Return the mark beside the originals; none where there is none.

    Raises:
        StoreMismatchError: the mark cannot be read.

    """
    mark = root.read_mark()
    if mark is None:
        return None
    try:
        fields: dict[str, Any] = json.loads(mark)
        return StoreMark(str(fields["identity"]), int(fields["head"]))
    except (ValueError, KeyError, TypeError) as error:
        raise StoreMismatchError(f"The store's mark cannot be read. {_ADVICE}") from error


def sweep_hold(session: Session) -> str | None:
    """Return why sweeps wait for a person's decision; none where they do not."""
    return setting(session, SWEEP_HOLD)


def hold_sweeps(database: Database, reason: str) -> None:
    """Let no sweep remove an original until a person has decided; the first reason stays."""
    log.error("sweeps are on hold: %s Run `footnote admin sweep`.", reason)
    with database.write() as session:
        put_setting_once(session, SWEEP_HOLD, reason[:1000])


def release_sweeps(database: Database) -> None:
    """End the hold, after a person's decision."""
    with database.write() as session:
        drop_setting(session, SWEEP_HOLD)


def _identity_and_head(database: Database) -> tuple[str | None, int]:
    with database.read() as session:
        return setting(session, IDENTITY), head_value(session, "changes")


def _describe(agreement: Agreement) -> str:
    return (
        f"The database and the original files do not belong together: of {agreement.originals:,} "
        f"files the database knows {agreement.originals - agreement.unknown:,}, and "
        f"{agreement.missing:,} of the {agreement.documented:,} that it names are not there."
    )
