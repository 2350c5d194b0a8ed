"""Parsers that need no sandbox."""

from pathlib import Path

from ingest.errors import UnsupportedTypeError
from ingest.types import Block, ParsedDocument


class TextParser:
    """Reads UTF-8 text as one paragraph for each blank-line block."""

    def parse(self, path: Path, filename: str) -> ParsedDocument:
        data = path.read_bytes()
        if b"\x00" in data:
            raise UnsupportedTypeError(f"{filename} is not text.")
        text = data.decode()
        blocks, start = [], 0
        for piece in text.split("\n\n"):
            if piece.strip():
                blocks.append(Block("paragraph", start, start + len(piece)))
            start += len(piece) + 2
        return ParsedDocument(text, tuple(blocks), "text/plain", "fake 1")


class CrashingParser:
    """Fails in a way nobody foresaw."""

    def parse(self, path: Path, filename: str) -> ParsedDocument:
        raise RuntimeError(f"{path.name} {filename}")
