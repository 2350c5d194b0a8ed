"""A file as the parsers get it, and what it holds inside."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ingest.errors import ParseError, ParseLimitError
from ingest.parse.common.document_builder import TextPiece, clean
from ingest.parse.common.omissions import with_marks
from ingest.types import ParsedDocument

DEEPEST = 3
"""How many files may stand one in the other: an attachment of an attachment of a message."""


def _refuse_inner(_data: bytes, _name: str) -> ParsedDocument:
    raise ParseLimitError("Files are nested too deeply in this one. Upload the inner files.")


@dataclass(frozen=True, slots=True)
class File:
    """The bytes of a file, what its sender called it, and a way to read the files within it."""

    data: bytes
    name: str
    inner: Callable[[bytes, str], ParsedDocument] = _refuse_inner
    """Raises as ``parse_file`` does; ParseLimitError where files are nested too deeply."""
    depth: int = 0
    """0 for an upload, 1 for what is in it."""


def pieces_of_document(document: ParsedDocument, *, under: int) -> Iterator[TextPiece]:
    """Yield a document's blocks again, its headings below level ``under``. Boxes are lost."""
    for block in document.blocks:
        level = min(block.level + under, 9) if block.kind == "heading" else 0
        text = document.text[block.start : block.end]
        if document.omissions:
            of_block = [o for o in document.omissions if block.start <= o.start <= block.end]
            text = with_marks(text, block.start, of_block)
        yield TextPiece(block.kind, text, level)


def pieces_of_inner(
    file: File, data: bytes, name: str, warnings: list[str], *, under: int = 1
) -> list[TextPiece]:
    """Read a file within a file: its name as a heading, then its blocks; or none and a warning."""
    heading = " ".join(clean(name).split())[:200] or "without a name"
    try:
        document = file.inner(data, name)
    except ParseError as error:
        warnings.append(f"{heading}: {str(error).split(' What can be read')[0]}")
        return []
    warnings.extend(f"{heading}: {warning}" for warning in document.warnings)
    return [TextPiece("heading", heading, under), *pieces_of_document(document, under=under)]
