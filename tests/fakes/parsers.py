"""Parsers that need no file format."""

from pathlib import Path

from ingest.errors import EmptyDocumentError
from ingest.parse.common.file import File
from ingest.parse.common.plain_text import parse_text
from ingest.types import ParsedDocument


class PlainParser:
    """Reads everything as plain text; counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def parse(self, path: Path, filename: str) -> ParsedDocument:
        self.calls += 1
        return parse_text(File(path.read_bytes(), filename))


class FailingParser:
    """Fails each file, as a scan would."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error or EmptyDocumentError("There is no text in this document.")

    def parse(self, path: Path, filename: str) -> ParsedDocument:
        raise self._error
