"""ZIP archives: what they may cost, and the files in them read one by one.

Names of members are shown, never used as paths: nothing is ever unpacked to a folder.
"""

import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO

from ingest.errors import (
    BrokenDocumentError,
    EncryptedDocumentError,
    ParseLimitError,
    UnsupportedTypeError,
)
from ingest.parse.common.document_builder import SourceText, TextPiece, assemble, first_warnings
from ingest.parse.common.file import File, pieces_of_inner
from ingest.parse.common.plain_text import decode
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/zip"
PARSER = "footnote zip 1"

_MOST_MEMBERS = 1_000
_MOST_PARTS = 20_000
"""Of an Office file or a book, which holds a part for each picture."""
_MOST_BYTES = 200_000_000
_MOST_RATIO = 200
_SMALL = 10_000_000
"""Less than this unpacked may be packed as tightly as it will."""
_DEEPEST = 2
_PROTECTED = 0x1
_UTF8 = 0x800
_IGNORED = ("__MACOSX/", ".DS_Store")


def check_archive(data: bytes, most: int = _MOST_PARTS) -> list[zipfile.ZipInfo]:
    """Return an archive's members, after their number and declared sizes were judged.

    ``zipfile`` never yields more bytes of a member than were declared, so that this holds.

    Raises:
        ParseLimitError: too many members, too many bytes, or packed too tightly to be honest.
        BrokenDocumentError: it is no archive.

    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise BrokenDocumentError("This archive is damaged. Pack it again.") from error
    check_size(len(members), sum(member.file_size for member in members), len(data), most)
    return members


def check_size(members: int, unpacked: int, packed: int, most: int = _MOST_MEMBERS) -> None:
    """Check how many files an archive holds, and its bytes unpacked and packed.

    Raises:
        ParseLimitError: too many members, too many bytes, or packed too tightly to be honest.

    """
    if members > most:
        raise ParseLimitError(
            f"This archive holds more than {most:,} files. Upload it as several archives."
        )
    if unpacked > _MOST_BYTES:
        raise ParseLimitError(
            f"This archive holds more than {_MOST_BYTES // 1_000_000} MB when unpacked. "
            "Upload it as several archives."
        )
    if unpacked > max(_SMALL, _MOST_RATIO * packed):
        raise ParseLimitError(
            f"This archive unpacks to more than {_MOST_RATIO} times its size. "
            "Upload its files without packing them."
        )


def most_unpacked(packed: int) -> int:
    """Return how many bytes may come of so many packed ones."""
    return min(_MOST_BYTES, max(_SMALL, _MOST_RATIO * packed))


def parse_archive(file: File) -> ParsedDocument:
    """Read each member under a heading with its name; what cannot be read becomes a warning.

    Raises:
        ParseLimitError: it holds too much, or is itself in an archive in an archive.
        EncryptedDocumentError: every member needs a password.
        UnsupportedTypeError: no member could be read.

    """
    check_depth(file)
    members = [member for member in check_archive(file.data, _MOST_MEMBERS) if _counts(member)]
    if members and all(member.flag_bits & _PROTECTED for member in members):
        raise EncryptedDocumentError(
            "This archive is protected by a password. Upload a copy without one."
        )
    warnings: list[str] = []
    names = _names(members)
    with zipfile.ZipFile(BytesIO(file.data)) as archive:
        contents = (
            (name, data)
            for member, name in zip(members, names, strict=True)
            if (data := content_of(archive, member, name, warnings)) is not None
        )
        return document_of_members(file, contents, warnings, MEDIA_TYPE, PARSER)


def check_depth(file: File) -> None:
    """Check that an archive is not in an archive in an archive.

    Raises:
        ParseLimitError: it is.

    """
    if file.depth >= _DEEPEST:
        raise ParseLimitError(
            "Archives are nested too deeply in this one. Upload the inner archives."
        )


def document_of_members(
    file: File,
    contents: Iterable[tuple[str, bytes]],
    warnings: list[str],
    media_type: str,
    parser: str,
) -> ParsedDocument:
    """Read each member, a name and its bytes, under a heading with its name.

    Raises:
        UnsupportedTypeError: no member could be read.

    """
    pieces: list[TextPiece] = []
    for name, data in contents:
        pieces += pieces_of_inner(file, data, name, warnings)
    if warnings and not pieces:
        raise UnsupportedTypeError(f"Nothing in this archive can be read. {warnings[0]}"[:400])
    title = file.name.rsplit(".", 1)[0] or None
    return assemble(
        pieces, SourceText(media_type, parser, title=title, warnings=first_warnings(warnings))
    )


def is_of_interest(name: str) -> bool:
    """Tell whether a member is a file that somebody has put there, and not one of a system."""
    return not any(sign in name for sign in _IGNORED)


def _counts(member: zipfile.ZipInfo) -> bool:
    return not member.is_dir() and is_of_interest(member.filename)


def _names(members: list[zipfile.ZipInfo]) -> list[str]:
    """Return the names; those not marked as UTF-8 stand in whatever their author's system used."""
    names = [member.filename for member in members]
    old_positions = [at for at, member in enumerate(members) if not member.flag_bits & _UTF8]
    if all(names[at].isascii() for at in old_positions):
        return names
    raw = b"\n".join(names[at].encode("cp437", "replace") for at in old_positions)
    with suppress(UnsupportedTypeError):  # noise stays as it was
        new_names = decode(raw)[0].split("\n")
        if len(new_names) == len(old_positions):
            for at, name in zip(old_positions, new_names, strict=True):
                names[at] = name
    return names


def content_of(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, warnings: list[str]
) -> bytes | None:
    """Return a member unpacked; or None and a warning."""
    if member.flag_bits & _PROTECTED:
        warnings.append(f"{name[:200]}: it is protected by a password.")
        return None
    try:
        return archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        warnings.append(f"{name[:200]}: it is damaged or packed in an unknown way.")
        return None
