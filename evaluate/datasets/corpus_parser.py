"""The parser of a corpus: text as it is, a paragraph at each blank line."""

import re
from pathlib import Path

from ingest.types import Block, ParsedDocument

_PARAGRAPH = re.compile(r"\S(?:.*?\S)??(?=\s*\n\s*\n|\s*\Z)", re.DOTALL)


class CorpusParser:
    """Reads UTF-8 text; a corpus in JSON has no other structure than its paragraphs."""

    def parse(self, path: Path, filename: str) -> ParsedDocument:  # noqa: ARG002 - the port's shape
        """Return the file's text unchanged and its paragraphs."""
        text = path.read_bytes().decode("utf-8")
        blocks = tuple(
            Block("paragraph", match.start(), match.end()) for match in _PARAGRAPH.finditer(text)
        )
        return ParsedDocument(text, blocks, media_type="text/plain", parser="corpus 1")
