"""Detect a file's media type by its content; its name only tells kinds of text apart."""

import re
import struct
import zipfile
from io import BytesIO
from pathlib import PurePath

from ingest.errors import (
    SAVE_A_NEW_COPY,
    BrokenDocumentError,
    EmptyDocumentError,
    EncryptedDocumentError,
    UnsupportedTypeError,
)
from ingest.parse import (
    email as mail,
)
from ingest.parse import (
    epub as book,
)
from ingest.parse import (
    html,
    icalendar,
    markdown,
    subtitles,
    vcard,
)
from ingest.parse import (
    json_data as data,
)
from ingest.parse import (
    source_code as code,
)
from ingest.parse.common import (
    ocr as image,
)
from ingest.parse.common import (
    plain_text as text,
)
from ingest.parse.common import (
    tar_archive as tape,
)
from ingest.parse.common import (
    xml as markup,
)
from ingest.parse.common import (
    zip_archive as archive,
)
from ingest.parse.office import (
    doc as old_word,
)
from ingest.parse.office import (
    docx as word,
)
from ingest.parse.office import (
    excel as sheet,
)
from ingest.parse.office import (
    opendocument,
)
from ingest.parse.office import (
    ppt as old_slides,
)
from ingest.parse.office import (
    pptx as slides,
)
from ingest.parse.office import (
    rtf as rich,
)
from ingest.parse.pdf import pdf

SUPPORTED = (
    "PDF, DOCX, HTML, Markdown, XLSX, XLS, PPTX, DOC, PPT, ODT, ODS, ODP, RTF, EPUB, mail (EML, "
    "MSG, MBOX), calendars, contacts, subtitles, CSV, JSON, XML, source code, plain text, pictures "
    "of text, and archives of these (ZIP, TAR, GZIP, BZIP2, XZ)"
)

_HEAD = 8192
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BARE_SHEETS = tuple(
    b"\x09" + version + b"\x00" for version in (b"\x00\x04", b"\x02\x06", b"\x04\x06")
)
"""How workbooks of Excel 2 to 4 begin: a BOF record, no compound file around it."""
_PICTURES = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM",
)  # fmt: skip
_KINDS = (
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "a SQLite database"),
    (b"OggS", "a media file"),
    (b"ID3", "a media file"),
    (b"RIFF", "a media file"),
    (_COMPOUND, "an older Office file"),
)
_BY_NAME = {
    ".md": markdown.MEDIA_TYPE,
    ".markdown": markdown.MEDIA_TYPE,
    ".csv": text.CSV_MEDIA_TYPE,
    ".tsv": text.CSV_MEDIA_TYPE,
    ".jsonl": data.LINES_MEDIA_TYPE,
    ".ndjson": data.LINES_MEDIA_TYPE,
    ".html": html.MEDIA_TYPE,
    ".htm": html.MEDIA_TYPE,
    ".xhtml": html.MEDIA_TYPE,
    **dict.fromkeys(code.ENDINGS, code.MEDIA_TYPE),
}
_XML_NAMES = frozenset((".xml", ".svg", ".rss", ".atom", ".nxml", ".xsd", ".xsl", ".kml", ".gpx"))
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


def detect(content: bytes, filename: str) -> str:
    """Return the media type of a file that a parser here can read.

    Raises:
        EmptyDocumentError: there are no bytes.
        EncryptedDocumentError: an Office file that needs a password.
        BrokenDocumentError: a damaged archive with the name of an Office file.
        UnsupportedTypeError: anything else.

    """
    head = content[:_HEAD]
    if not head:
        raise EmptyDocumentError("The file is empty: it has no bytes.")
    if b"%PDF-" in head[:1024]:
        return pdf.MEDIA_TYPE
    if head.startswith(b"PK"):
        return _detect_zip(content, filename)
    if head.startswith(_COMPOUND):
        return _detect_compound(content)
    for signs, media_type in ((_BARE_SHEETS, sheet.OLD_MEDIA_TYPE), (b"{\\rtf", rich.MEDIA_TYPE)):
        if head.startswith(signs):
            return media_type
    return _detect_rest(content, head, filename)


def _detect_rest(content: bytes, head: bytes, filename: str) -> str:
    if head.startswith(tape.SIGNS):
        return tape.PACKED_MEDIA_TYPE
    if tape.is_tar(head):
        return tape.MEDIA_TYPE
    if head.startswith(_PICTURES) and text.is_binary(head):
        return image.MEDIA_TYPE
    for magic, kind in _KINDS:
        if head.startswith(magic):
            raise _unsupported(kind)
    if text.is_binary(head) and not text.has_mark(head):
        raise _unsupported("not text")
    return _detect_text(content, filename)


def _detect_text(content: bytes, filename: str) -> str:
    start = _letters(content[:_HEAD])
    if _HTML.match(start):
        return html.MEDIA_TYPE
    if mail.is_message(content[:_HEAD]):
        return mail.MEDIA_TYPE
    if mail.is_mailbox(content[:_HEAD]):
        return mail.MBOX_MEDIA_TYPE
    by_name = _by_opening(start, filename) or _BY_NAME.get(PurePath(filename).suffix.lower())
    if by_name or not start.startswith(("<", "{", "[")):
        return by_name or text.MEDIA_TYPE
    if start.startswith("<?xml") or (start.startswith("<") and _has_xml_name(filename)):
        return markup.MEDIA_TYPE
    return _detect_json(content)


def _by_opening(start: str, filename: str) -> str | None:
    if icalendar.is_calendar(start):
        return icalendar.MEDIA_TYPE
    if vcard.is_vcard(start):
        return vcard.MEDIA_TYPE
    if subtitles.is_subtitles(start, PurePath(filename).suffix.lower()):
        return subtitles.MEDIA_TYPE
    return None


def _has_xml_name(filename: str) -> bool:
    return PurePath(filename).suffix.lower() in _XML_NAMES


def _detect_json(content: bytes) -> str:
    head_text, _ = text.decode(content)
    if data.is_json(head_text):
        return data.MEDIA_TYPE
    return data.LINES_MEDIA_TYPE if data.is_json_lines(head_text) else text.MEDIA_TYPE


def _letters(head: bytes) -> str:
    """Return the ASCII letters of any encoding, its byte order mark left out."""
    return head.replace(b"\0", b"").decode("latin-1").lstrip("\u00ef\u00bb\u00bf\u00ff\u00fe")


def _detect_compound(content: bytes) -> str:
    """Tell what an OLE compound file is by the streams at its root: others may be embedded."""
    names = _root_streams(content)
    for name, media_type in _STREAMS:
        if name.casefold() in names:
            if media_type == _LOCKED:
                raise EncryptedDocumentError(
                    "This document is protected by a password. Upload a copy without one."
                )
            if "/" in media_type:
                return media_type
            raise _unsupported(media_type)
    raise _unsupported("an older Office file")


def _root_streams(content: bytes) -> set[str]:
    from olefile import OleFileIO

    try:
        with OleFileIO(BytesIO(content)) as container:
            return {entry[0].casefold() for entry in container.listdir(streams=True, storages=True)}
    except (OSError, ValueError, IndexError, struct.error):  # damaged: by what it holds anywhere
        return {name.casefold() for name, _ in _STREAMS if name.encode("utf-16-le") in content}


_LOCKED = "locked"
_STREAMS = (
    ("EncryptedPackage", _LOCKED),
    ("__properties_version1.0", mail.MSG_MEDIA_TYPE),
    ("WordDocument", old_word.MEDIA_TYPE),
    ("PowerPoint Document", old_slides.MEDIA_TYPE),
    ("Workbook", sheet.OLD_MEDIA_TYPE),
    ("Book", sheet.OLD_MEDIA_TYPE),
)
"""Streams that say what an OLE compound file is."""

_PARTS = (
    ("word/document", word.MEDIA_TYPE),
    ("ppt/presentation.xml", slides.MEDIA_TYPE),
    ("xl/workbook.xml", sheet.MEDIA_TYPE),
)
"""Parts that say what an Open XML package is."""

_OTHERS = (
    ("xl/", "an Excel file of an unknown kind"),
    ("ppt/", "a PowerPoint file of an unknown kind"),
    ("Index/", "a Pages, Numbers or Keynote file"),
    ("index.apxl", "an older Keynote file"),
    ("index.xml", "an older Pages or Numbers file"),
)
_OFFICE = frozenset((".docx", ".docm", ".xlsx", ".xlsm", ".pptx", ".pptm", ".odt", ".epub"))


def _detect_zip(content: bytes, filename: str) -> str:
    try:
        with zipfile.ZipFile(BytesIO(content)) as zip_file:
            names = zip_file.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        if PurePath(filename).suffix.lower() in _OFFICE:
            message = f"This document is damaged: it cannot be unpacked. {SAVE_A_NEW_COPY}"
            raise BrokenDocumentError(message) from error
        raise _unsupported("a damaged archive") from error
    if "mimetype" in names or "META-INF/container.xml" in names:
        return _detect_declared(content, names)
    for member, media_type in _PARTS:
        if any(name.startswith(member) for name in names):
            return media_type
    for sign, kind in _OTHERS:
        if any(name.startswith(sign) for name in names):
            raise _unsupported(kind)
    return archive.MEDIA_TYPE


def _detect_declared(content: bytes, names: list[str]) -> str:
    """Tell formats apart that say in their archive what they are (ODF and EPUB)."""
    declared = ""
    if "mimetype" in names:
        with zipfile.ZipFile(BytesIO(content)) as zip_file, zip_file.open("mimetype") as file:
            declared = file.read(200).decode("ascii", "replace").strip()
    if declared == book.MEDIA_TYPE or "META-INF/container.xml" in names:
        return book.MEDIA_TYPE
    for media_type in (
        opendocument.TEXT_MEDIA_TYPE,
        opendocument.SHEET_MEDIA_TYPE,
        opendocument.SLIDES_MEDIA_TYPE,
    ):
        if declared.startswith(media_type):
            return media_type
    if declared.startswith("application/vnd."):
        raise _unsupported(f"of the type {declared[:80]}")
    return archive.MEDIA_TYPE


def _unsupported(kind: str) -> UnsupportedTypeError:
    return UnsupportedTypeError(f"This file is {kind}. What can be read: {SUPPORTED}.")
