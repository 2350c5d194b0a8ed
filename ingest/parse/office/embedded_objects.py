"""Files embedded in Office documents, read as attachments are: each under its name.

A part embeds another package as it is, or an OLE object in a compound file (ECMA-376-1, section
15.2). An object holds a file in one of its streams, or is one itself, such as an older workbook.
What Windows' Object Packager writes as native data ([MS-OLEDS] 2.3.6) is published nowhere: a file
between its names, in the author's code page before it and in UTF-16 behind it.
"""

import posixpath
import re
import struct
import zipfile
import zlib
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

from ingest.errors import ParseError
from ingest.parse.common.document_builder import TextPiece
from ingest.parse.common.file import File, pieces_of_inner
from ingest.parse.common.zip_archive import content_of
from ingest.parse.office.open_xml import targets_of

if TYPE_CHECKING:
    from olefile import OleFileIO

_TYPES = ("/package", "/oleObject")
"""How the types of relationships end that embed something."""
_CHART = re.compile(r".+/charts/_rels/chart\d*\.xml\.rels")
"""A chart's numbers are read from the chart, and the workbook behind it is not."""
_MOST = 1_000
_NATIVE = "\x01Ole10Native"
_HOLDERS = ("Package", "CONTENTS")
"""Streams that are a file and nothing else: Office's, and Acrobat's."""
_POOL = "ObjectPool"
"""The storage of an older Word file that holds its objects."""
_DOCUMENTS = frozenset(("WordDocument", "Workbook", "Book", "PowerPoint Document"))
_FORMULA = "Equation Native"
"""The streams of Equation Editor and MathType, which hold no file."""
_PACKAGER = b"\2\0"


def pieces_of_embedded(file: File, data: bytes, warnings: list[str]) -> list[TextPiece]:
    """Read each file that the package ``data`` embeds; what cannot be read becomes a warning."""
    pieces: list[TextPiece] = []
    with zipfile.ZipFile(BytesIO(data)) as archive:
        members = _embedded_members(archive)
        if len(members) > _MOST:
            warnings.append(f"It embeds more than {_MOST:,} files; the others were not read.")
        for member in members[:_MOST]:
            name = posixpath.basename(member)
            content = content_of(archive, archive.getinfo(member), name, warnings)
            if content is not None and (inner := file_in_object(content, name)):
                pieces += pieces_of_inner(file, *inner, warnings)
    return pieces


def pieces_of_object_pool(file: File, streams: "OleFileIO", warnings: list[str]) -> list[TextPiece]:
    """Read each file in the objects of an older Office file; others become one warning."""
    objects: dict[str, set[str]] = {}
    for place in streams.listdir():
        if place[0] == _POOL and len(place) > 2:  # noqa: PLR2004 - pool, object, stream
            objects.setdefault(place[1], set()).add(place[2])
    pieces: list[TextPiece] = []
    others = 0
    for storage, names in list(objects.items())[:_MOST]:
        holder = next((one for one in (_NATIVE, *_HOLDERS) if one in names), None)
        if holder is None:
            others += not names.isdisjoint(_DOCUMENTS)
            continue
        content, name = streams.openstream([_POOL, storage, holder]).read(), storage
        if holder == _NATIVE:
            content, name = _unpack_native(content, name)
        pieces += pieces_of_inner(file, content, name, warnings)
    if others:
        warnings.append(f"Embedded Office documents that were not read: {others}.")
    return pieces


def _embedded_members(archive: zipfile.ZipFile) -> list[str]:
    """Return the parts that anything but a chart embeds, each once."""
    names = dict.fromkeys(archive.namelist())
    members: dict[str, None] = {}
    for name in names:
        if name.endswith(".rels") and not _CHART.fullmatch(name):
            with suppress(ParseError, zipfile.BadZipFile, zlib.error, OSError):
                targets = targets_of(archive, name, _TYPES).values()
                members |= dict.fromkeys(target for target in targets if target in names)
    return list(members)


def file_in_object(content: bytes, name: str) -> tuple[bytes, str] | None:
    """Return the file that an OLE object holds, with its name; anything else as it is."""
    from olefile import OleFileIO, isOleFile

    damage = (OSError, ValueError, IndexError, struct.error)  # told by the parser that gets it
    if isOleFile(data=content):
        with suppress(*damage), OleFileIO(BytesIO(content)) as streams:
            if streams.exists(_FORMULA):
                return None
            if streams.exists(_NATIVE):
                return _unpack_native(streams.openstream(_NATIVE).read(), name)
            for holder in _HOLDERS:
                if streams.exists(holder):
                    return streams.openstream(holder).read(), name
    return content, name


def _unpack_native(native: bytes, name: str) -> tuple[bytes, str]:
    """Return the file in an object's native data, with the name that its author knows it by."""
    if native[4:6] != _PACKAGER:
        return native[4:], name  # a program's own, such as a bitmap of Paint
    label, _path, rest = native[6:].split(b"\0", 2)
    stream = BytesIO(rest[4:])  # after flags
    _read_sized(stream)  # a temporary path
    content = _read_sized(stream)
    _read_sized(stream, width=2)
    wide = _read_sized(stream, width=2).decode("utf-16-le", "replace")
    return content, wide or label.decode("cp1252", "replace")


def _read_sized(stream: BytesIO, *, width: int = 1) -> bytes:
    return stream.read(width * int.from_bytes(stream.read(4), "little"))
