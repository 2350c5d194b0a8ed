"""The ports of ingestion."""

from pathlib import Path
from typing import Protocol

from ingest.types import ParsedDocument


class Parser(Protocol):
    """Turns a file into text and structure."""

    def parse(self, path: Path, filename: str) -> ParsedDocument:
        """Read the file at ``path``; ``filename`` is what the uploader called it.

        Raises:
            ParseError: one of its subclasses, with a message for the uploader.

        """
        ...
