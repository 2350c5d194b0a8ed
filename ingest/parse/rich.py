"""Rich Text (RTF) to text, by striprtf: paragraphs, and table rows as lines."""

import re

from ingest.parse.assemble import Piece, Source, assemble
from ingest.parse.file import File
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/rtf"

_HEX = re.compile(rb"\\(?:pict|objdata)\b[^{}]*")
"""The bytes of pictures and objects, which are no text and much work."""


def parse_rtf(file: File) -> ParsedDocument:
    r"""Read the text; a line with ``|`` in it was the row of a table.

    Raises:
        EmptyDocumentError: there is no text.

    """
    from importlib.metadata import version

    from striprtf.striprtf import rtf_to_text

    source = _HEX.sub(b"", file.data).decode("latin-1")
    text: str = rtf_to_text(source, errors="replace")  # type: ignore[no-untyped-call]
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    pieces = []
    rows: list[str] = []
    for line in text.split("\n"):
        if line.rstrip().endswith("|"):
            rows.append(" | ".join(cell.strip() for cell in line.rstrip().rstrip("|").split("|")))
            continue
        pieces.append(Piece("table", "\n".join(rows)))
        rows = []
        pieces.append(Piece("paragraph", line.strip()))
    pieces.append(Piece("table", "\n".join(rows)))
    return assemble(pieces, Source(MEDIA_TYPE, f"striprtf {version('striprtf')}"))
