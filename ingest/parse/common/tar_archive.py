"""TAR archives, and single files or TAR archives packed by gzip, bzip2 or xz.

Nothing is unpacked to a folder, and no more is unpacked than an archive may hold.
"""

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePath

from ingest.errors import BrokenDocumentError, UnsupportedTypeError
from ingest.parse.common.file import File
from ingest.parse.common.zip_archive import (
    check_depth,
    check_size,
    document_of_members,
    is_of_interest,
    most_unpacked,
)
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/x-tar"
PACKED_MEDIA_TYPE = "application/gzip"
PARSER = "footnote tar 1"
SIGNS = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
"""How files begin that gzip, bzip2 and xz have packed."""

_TAR_SIGN = slice(257, 262)
_WITH_TAR = {".tgz": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".txz": ".tar"}
_MOST_MEMORY = 200_000_000
"""Bytes that xz may ask for to unpack."""


def is_tar(content: bytes) -> bool:
    """Tell whether a file is a TAR archive of today's kinds (POSIX, GNU)."""
    return content[_TAR_SIGN] == b"ustar"


def parse_tar(file: File) -> ParsedDocument:
    """Read each member under a heading with its name; what cannot be read becomes a warning.

    Raises:
        BrokenDocumentError: it is damaged before its first member.
        ParseLimitError: it holds too much, or is itself in an archive in an archive.
        UnsupportedTypeError: no member could be read.

    """
    check_depth(file)
    warnings: list[str] = []
    return document_of_members(
        file, _members(file.data, len(file.data), warnings), warnings, MEDIA_TYPE, PARSER
    )


def parse_packed(file: File) -> ParsedDocument:
    """Read the one file that was packed, or the members of the TAR archive.

    Raises:
        ParseLimitError: it holds too much, or is itself in an archive in an archive.
        UnsupportedTypeError: it is damaged, or nothing in it could be read.

    """
    check_depth(file)
    content = _unpacked(file.data)
    check_size(1, len(content), len(file.data))
    warnings: list[str] = []
    name = PurePath(file.name)
    inner = f"{name.stem}{_WITH_TAR.get(name.suffix.lower(), '')}" or "packed file"
    members = (
        _members(content, len(file.data), warnings) if is_tar(content) else iter([(inner, content)])
    )
    return document_of_members(file, members, warnings, PACKED_MEDIA_TYPE, PARSER)


def _unpacked(data: bytes) -> bytes:
    """Unpack, but no more than one byte over what is allowed."""
    most = most_unpacked(len(data)) + 1
    try:
        if data.startswith(SIGNS[0]):
            with gzip.open(BytesIO(data)) as stream:
                return stream.read(most)
        if data.startswith(SIGNS[1]):
            with bz2.open(BytesIO(data)) as stream:
                return stream.read(most)
        return _without_xz(data, most)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
        raise UnsupportedTypeError(
            "This file is a damaged archive: it cannot be unpacked. Pack it again."
        ) from error


def _without_xz(data: bytes, most: int) -> bytes:
    unpacker = lzma.LZMADecompressor(memlimit=_MOST_MEMORY)
    content = unpacker.decompress(data, most)
    if not unpacker.eof and len(content) < most:
        raise EOFError
    return content


def _members(data: bytes, packed: int, warnings: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each file; links and devices are none."""
    count = size = 0
    try:
        with tarfile.open(fileobj=BytesIO(data), mode="r:") as archive:
            for member in archive:
                if not member.isfile() or member.issparse() or not is_of_interest(member.name):
                    continue
                count, size = count + 1, size + member.size
                check_size(count, size, max(packed, 1))
                stream = archive.extractfile(member)
                yield member.name, stream.read() if stream else b""
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        if not count:
            raise BrokenDocumentError("This archive is damaged. Pack it again.") from error
        warnings.append("The archive breaks off; what comes after was not read.")
