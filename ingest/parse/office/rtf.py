"""Rich Text (RTF) to text: headings by style, paragraphs, and table rows as lines."""

from itertools import groupby

from ingest.parse.common.document_builder import SourceText, TextPiece, assemble
from ingest.parse.common.file import File
from ingest.parse.office.rtf_reader import RtfLine, read_rtf
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/rtf"
PARSER = "footnote rtf 2"


def parse_rtf(file: File) -> ParsedDocument:
    """Read the visible text; headers, notes and comments stand at the end.

    Raises:
        EmptyDocumentError: there is no text.

    """
    lines, title = read_rtf(file.data)
    pieces: list[TextPiece] = []
    for is_row, group in groupby(lines, key=lambda line: bool(line.cells)):
        if is_row:
            rows = "\n".join(" | ".join(line.cells) for line in group)
            pieces.append(TextPiece("table", rows))
        else:
            pieces += map(_piece, group)
    return assemble(pieces, SourceText(MEDIA_TYPE, PARSER, title=title))


def _piece(line: RtfLine) -> TextPiece:
    text = line.text.strip()
    return TextPiece("heading", text, line.level) if line.level else TextPiece("paragraph", text)
