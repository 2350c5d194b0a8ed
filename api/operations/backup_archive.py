"""A backup's archive: a tar that is an image of the data folder and proves itself.

``manifest.json`` comes first, then ``footnote.db``, then the original files under ``blobs/``. The
index is left out, because it is rebuilt from the database. See docs/reference/formats.md.
"""

import hashlib
import json
import re
from contextlib import closing
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from sqlalchemy import select

from index.db.sqlite_driver import driver
from index.db.tables.base import utc_now
from index.db.tables.documents import Version
from index.errors import FootnoteError

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "footnote.db"

POSTGRES_NOTE = (
    "The archive holds the original files alone. Back up PostgreSQL with pg_dump, before this "
    "command, and restore both."
)

_MEMBER = re.compile(rf"{re.escape(DATABASE)}|blobs/([0-9a-z]{{2}})/\1[0-9a-z]+")


class BackupError(FootnoteError):
    """A backup that cannot be made, or an archive that cannot be restored."""

    status = 422
    code = "backup-failed"
    title = "The backup cannot be used"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive; ``size`` is in bytes."""

    size: int
    sha256: str


Members = dict[str, Member]
"""Members by their path in the archive, which is their path in the data folder."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """The content of an archive."""

    file: str
    originals: int
    bytes: int
    database: bool
    """False for PostgreSQL, whose part ``pg_dump`` makes."""
    notes: tuple[str, ...] = ()


def report(archive: Path, members: Members) -> BackupReport:
    """Count what is in an archive."""
    return BackupReport(
        file=str(archive),
        originals=len(members) - (DATABASE in members),
        bytes=sum(member.size for member in members.values()),
        database=DATABASE in members,
        notes=() if DATABASE in members else (POSTGRES_NOTE,),
    )


def write_manifest(members: Members) -> bytes:
    """Return the manifest's text."""
    manifest = {
        "format": FORMAT,
        "footnote": version("footnote"),
        "created_at": utc_now().isoformat(),
        "files": {name: asdict(member) for name, member in members.items()},
    }
    return json.dumps(manifest, indent=1).encode()


def read_manifest(source: IO[bytes]) -> Members:
    """Return the members a manifest names.

    Raises:
        BackupError: it cannot be read, is of a newer format, or names a path we never write.

    """
    try:
        manifest: dict[str, Any] = json.load(source)
        members = {name: Member(**member) for name, member in manifest["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(f"The manifest cannot be read: {error}.") from error
    if manifest.get("format") != FORMAT:
        raise BackupError("The archive was made by another version of Footnote. Use that one.")
    for name in members:
        if not _MEMBER.fullmatch(name):
            raise BackupError(f"The manifest names {name!r}, which no backup of ours holds.")
    return members


def path_of(blob: str) -> str:
    """Return where an original stands, in the archive as in the data folder."""
    return f"blobs/{blob[:2]}/{blob}"


def measure(path: Path) -> Member:
    """Return a file's size and checksum."""
    with path.open("rb") as file:
        return Member(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def originals_in(copy: Path) -> Members:
    """Return the originals that a copied SQLite database refers to, by blob name.

    Read without our own ``Database``, which would turn the copy's journal on again.
    """
    with closing(driver().connect(copy)) as connection:
        statement = select(Version.blob, Version.size, Version.sha256).order_by(Version.blob)
        rows = connection.execute(str(statement)).fetchall()
    return {blob: Member(size, sha256) for blob, size, sha256 in rows}
