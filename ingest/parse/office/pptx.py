"""PowerPoint presentations (PPTX) to text, by python-pptx."""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from ingest.parse.common.document_builder import SourceText, TextPiece, assemble, first_warnings
from ingest.parse.common.file import File
from ingest.parse.common.zip_archive import check_archive
from ingest.parse.office.embedded_objects import pieces_of_embedded
from ingest.parse.office.open_xml import pieces_of_chart, pieces_of_extras, usual
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

_DEEPEST = 20
_FILE_NAME = re.compile(r"\S+\.(png|jpe?g|gif|bmp|tiff?|svg|emf|wmf)", re.IGNORECASE)
"""A picture's description as PowerPoint itself writes it, where no author wrote one."""


def parse_pptx(file: File) -> ParsedDocument:
    """Read each slide: title as heading, text, tables, charts, picture captions, notes, comments.

    Embedded files stand at the end.

    Raises:
        EmptyDocumentError: there is no text on any slide.

    """
    check_archive(file.data)
    data = usual(file.data)
    from pptx import Presentation, __version__

    deck = Presentation(BytesIO(data))
    pieces: list[TextPiece] = []
    warnings: list[str] = []
    for number, slide in enumerate(deck.slides, start=1):
        pieces += _slide(slide)
        if slide.element.get("show") in {"0", "false"}:
            warnings.append(f"Slide {number} is hidden; it was read too.")
    pieces += _layout_pieces(deck)
    pieces += pieces_of_extras(data)
    embedded_pieces = pieces_of_embedded(file, data, warnings)
    source = SourceText(MEDIA_TYPE, f"python-pptx {__version__}", warnings=first_warnings(warnings))
    return assemble(pieces, source, attached=embedded_pieces)


def _slide(slide: Any) -> Iterator[TextPiece]:
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        yield TextPiece("heading", " ".join(title.text_frame.text.split()), 1)
    title_id = title.shape_id if title is not None else None
    yield from _shapes((shape for shape in slide.shapes if shape.shape_id != title_id), 0)
    yield from _alternatives(slide.element)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield TextPiece("paragraph", slide.notes_slide.notes_text_frame.text)


def _shapes(shapes: Iterable[Any], depth: int) -> Iterator[TextPiece]:
    for shape in shapes:
        if not hasattr(shape, "shapes"):
            yield from _shape(shape)
        elif depth < _DEEPEST:
            yield from _shapes(shape.shapes, depth + 1)


def _shape(shape: Any) -> Iterator[TextPiece]:
    """Yield what one shape that is no group holds."""
    if getattr(shape, "has_table", False):
        yield TextPiece("table", _table(shape.table))
    elif getattr(shape, "has_chart", False):
        yield from pieces_of_chart(shape.chart.part.blob)
    elif shape.has_text_frame:
        yield from _frame(shape.text_frame)
    else:
        yield from _caption(shape)


def _alternatives(slide: Any) -> Iterator[TextPiece]:
    """Yield the text of shapes for newer versions, such as formulas, that python-pptx passes by."""
    for choice in slide.xpath(".//*[local-name()='AlternateContent']/*[local-name()='Choice']"):
        for paragraph in choice.xpath(".//*[local-name()='p'][.//*[local-name()='t']]"):
            texts = paragraph.xpath(".//*[local-name()='t']/text()")
            yield TextPiece("paragraph", " ".join("".join(texts).split()))


def _layout_pieces(deck: Any) -> Iterator[TextPiece]:
    """Yield once what stands on slides because their layout or master says so."""
    layouts = {layout.part.partname: layout for layout in (s.slide_layout for s in deck.slides)}
    masters = {m.part.partname: m for m in (lay.slide_master for lay in layouts.values())}
    for holder in [*layouts.values(), *masters.values()]:
        yield from _shapes((s for s in holder.shapes if not s.is_placeholder), 0)


def _table(table: Any) -> str:
    rows = ([" ".join(cell.text.split()) for cell in row.cells] for row in table.rows)
    return "\n".join(" | ".join(row) for row in rows if any(row))


def _frame(frame: Any) -> Iterator[TextPiece]:
    lines = [(paragraph.level, " ".join(paragraph.text.split())) for paragraph in frame.paragraphs]
    lines = [(level, line) for level, line in lines if line]
    if any(level for level, _ in lines):
        least = min(level for level, _ in lines)
        yield TextPiece(
            "list", "\n".join("  " * (level - least) + f"- {line}" for level, line in lines)
        )
    else:
        yield TextPiece("paragraph", "\n".join(line for _, line in lines))


def _caption(shape: Any) -> Iterator[TextPiece]:
    """Yield what the author wrote about a picture for those who cannot see it."""
    for properties in shape.element.xpath(".//p:cNvPr[@descr]"):
        if not _FILE_NAME.fullmatch(properties.get("descr")):
            yield TextPiece("paragraph", properties.get("descr"))
