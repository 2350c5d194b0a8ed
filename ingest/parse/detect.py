"""What a file is, by what it holds; its name only tells kinds of text apart."""

import re
import zipfile
from pathlib import Path, PurePath

from ingest.errors import (
    BrokenDocumentError,
    EmptyDocumentError,
    EncryptedDocumentError,
    UnsupportedTypeError,
)
from ingest.parse import html, markdown, pdf, text, word

SUPPORTED = "PDF, DOCX, HTML, Markdown, CSV and plain text"

_HEAD = 8192
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_KINDS = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"{\\rtf", "a Rich Text file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
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
    ".html": html.MEDIA_TYPE,
    ".htm": html.MEDIA_TYPE,
    ".xhtml": html.MEDIA_TYPE,
}
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


def detect(path: Path, filename: str) -> str:
    """Return the media type of a file that a parser here can read.

    Raises:
        EmptyDocumentError: there are no bytes.
        EncryptedDocumentError: an Office file that needs a password.
        BrokenDocumentError: a damaged archive with the name of a DOCX file.
        UnsupportedTypeError: anything else.

    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise EmptyDocumentError("The file is empty: it has no bytes.")
    if b"%PDF-" in head[:1024]:
        return pdf.MEDIA_TYPE
    if head.startswith(b"PK"):
        return _detect_zip(path, filename)
    if head.startswith(_COMPOUND) and _ENCRYPTED in path.read_bytes():
        raise EncryptedDocumentError(
            "This document is protected by a password. Upload a copy without one."
        )
    for magic, kind in _KINDS:
        if head.startswith(magic):
            raise _unsupported(kind)
    if text.is_binary(head) and not text.has_mark(head):
        raise _unsupported("not text")
    if _HTML.match(_letters(head)):
        return html.MEDIA_TYPE
    return _BY_NAME.get(PurePath(filename).suffix.lower(), text.MEDIA_TYPE)


def _letters(head: bytes) -> str:
    """Return the ASCII letters of any encoding, its byte order mark left out."""
    return head.replace(b"\0", b"").decode("latin-1").lstrip("\u00ef\u00bb\u00bf\u00ff\u00fe")


def _detect_zip(path: Path, filename: str) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        if filename.lower().endswith(".docx"):
            raise BrokenDocumentError("This Word document is damaged: open and save it.") from error
        raise _unsupported("a damaged archive") from error
    if "word/document.xml" in names or any(name.startswith("word/document") for name in names):
        return word.MEDIA_TYPE
    for sign, kind in (("ppt/", "a PowerPoint file"), ("xl/", "an Excel file")):
        if any(name.startswith(sign) for name in names):
            raise _unsupported(kind)
    raise _unsupported("an OpenDocument or e-book file" if "mimetype" in names else "an archive")


def _unsupported(kind: str) -> UnsupportedTypeError:
    return UnsupportedTypeError(f"This file is {kind}. What can be read: {SUPPORTED}.")
