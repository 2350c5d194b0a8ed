"""PowerPoint presentations (PPTX) to text, by python-pptx."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

from ingest.parse.common.document_builder import SourceText, TextPiece, assemble, first_warnings
from ingest.parse.common.file import File
from ingest.parse.common.formulas import formula_text
from ingest.parse.common.omissions import INVISIBLE, without_marks
from ingest.parse.common.zip_archive import check_archive
from ingest.parse.office.cells.merged_cells import Merge, spread_merges
from ingest.parse.office.drawing_text import piece_of_text, text_of
from ingest.parse.office.embedded_objects import pieces_of_embedded
from ingest.parse.office.open_xml import pieces_of_chart, pieces_of_extras, usual
from ingest.parse.office.reading_order import Box, in_reading_order
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

_DEEPEST = 20
_FILE_NAME = re.compile(r"\S+\.(png|jpe?g|gif|bmp|tiff?|svg|emf|wmf)", re.IGNORECASE)
"""A picture's description as PowerPoint itself writes it, where no author wrote one."""
_IN_FRAMES = ".//*[local-name()='sp' or local-name()='graphicFrame']"


def parse_pptx(file: File) -> ParsedDocument:
    """Read each slide: title as heading, text, tables, charts, picture captions, notes, comments.

    The number of a slide is the page. Hidden slides are left out. Embedded files stand at the end.

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
        if slide.element.get("show") in {"0", "false"}:
            warnings.append(f"Slide {number} is hidden; it was left out.")
            pieces.append(TextPiece("paragraph", INVISIBLE, page=number))
            continue
        slide_pieces = [piece for piece in _slide(slide) if without_marks(piece.text).strip()]
        if slide_pieces and slide_pieces[0].kind != "heading" and _has_heading(pieces):
            pieces.append(TextPiece("heading", f"Slide {number}", 1, number))
        pieces += [replace(piece, page=number) for piece in slide_pieces]
    pieces += _layout_pieces(deck)
    pieces += pieces_of_extras(data)
    embedded_pieces = pieces_of_embedded(file, data, warnings)
    source = SourceText(
        MEDIA_TYPE,
        f"python-pptx {__version__}",
        pages=len(deck.slides),
        warnings=first_warnings(warnings),
    )
    return assemble(pieces, source, attached=embedded_pieces)


def _has_heading(pieces: Iterable[TextPiece]) -> bool:
    """Tell whether a slide before has a title, which the untitled one would come to stand under."""
    return any(piece.kind == "heading" for piece in pieces)


def _slide(slide: Any) -> Iterator[TextPiece]:
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        yield TextPiece("heading", text_of(title.text_frame._txBody), 1)  # noqa: SLF001 - lxml's
    title_id = title.shape_id if title is not None else None
    yield from _shapes([shape for shape in slide.shapes if shape.shape_id != title_id], 0)
    yield from _alternatives(slide.element)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield TextPiece("paragraph", slide.notes_slide.notes_text_frame.text)


def _shapes(shapes: list[Any], depth: int) -> Iterator[TextPiece]:
    boxes = [_box(ordinal, shape) for ordinal, shape in enumerate(shapes)]
    for box in in_reading_order(boxes):
        shape = shapes[box.ordinal]
        if _is_hidden(shape):
            yield TextPiece("paragraph", INVISIBLE)
        elif not hasattr(shape, "shapes"):
            yield from _shape(shape)
        elif depth < _DEEPEST:
            yield from _shapes(list(shape.shapes), depth + 1)


def _box(ordinal: int, shape: Any) -> Box:
    """Return where a shape stands; one without a place, such as an odd placeholder, comes last."""
    left, top, width, height = (
        getattr(shape, name, None) for name in ("left", "top", "width", "height")
    )
    if left is None or top is None:
        return Box(ordinal, 0, 1 << 40, 0, 1 << 40)
    return Box(ordinal, left, top, left + (width or 0), top + (height or 0))


def _is_hidden(shape: Any) -> bool:
    properties = next(iter(shape.element.xpath("./*/p:cNvPr")), None)
    return properties is not None and properties.get("hidden") in {"1", "true"}


def _shape(shape: Any) -> Iterator[TextPiece]:
    """Yield what one shape that is no group holds."""
    if getattr(shape, "has_table", False):
        yield TextPiece("table", _table(shape.table))
    elif getattr(shape, "has_chart", False):
        yield from pieces_of_chart(shape.chart.part.blob)
    elif shape.has_text_frame:
        yield piece_of_text(shape.text_frame._txBody)  # noqa: SLF001 - lxml's
    else:
        yield from _caption(shape)


def _alternatives(slide: Any) -> Iterator[TextPiece]:
    """Yield the text of shapes for newer versions, such as formulas, that python-pptx passes by."""
    for choice in slide.xpath(".//*[local-name()='AlternateContent']/*[local-name()='Choice']"):
        if not choice.xpath(_IN_FRAMES):
            continue  # a formula within a paragraph is read with it
        for paragraph in choice.xpath(".//*[local-name()='p'][.//*[local-name()='t']]"):
            formulas = paragraph.xpath(".//*[local-name()='oMath']")
            texts = paragraph.xpath(
                ".//*[local-name()='t'][not(ancestor::*[local-name()='oMath'])]/text()"
            )
            words = ["".join(texts), *map(formula_text, formulas)]
            yield TextPiece("paragraph", " ".join(" ".join(words).split()))


def _layout_pieces(deck: Any) -> Iterator[TextPiece]:
    """Yield once what stands on slides because their layout or master says so."""
    layouts = {layout.part.partname: layout for layout in (s.slide_layout for s in deck.slides)}
    masters = {m.part.partname: m for m in (lay.slide_master for lay in layouts.values())}
    for holder in [*layouts.values(), *masters.values()]:
        yield from _shapes([s for s in holder.shapes if not s.is_placeholder], 0)


def _table(table: Any) -> str:
    rows: list[list[str]] = []
    merges: list[Merge] = []
    for top, row in enumerate(table.rows):
        rows.append([])
        for left, cell in enumerate(row.cells):
            rows[-1].append(text_of(cell.text_frame._txBody))  # noqa: SLF001 - lxml's
            if cell.is_merge_origin:
                bottom, right = top + cell.span_height - 1, left + cell.span_width - 1
                merges.append(Merge(top, left, bottom, right))
    return "\n".join(" | ".join(row) for row in spread_merges(rows, merges) if any(row))


def _caption(shape: Any) -> Iterator[TextPiece]:
    """Yield what the author wrote about a picture for those who cannot see it."""
    for properties in shape.element.xpath(".//p:cNvPr[@descr]"):
        if not _FILE_NAME.fullmatch(properties.get("descr")):
            yield TextPiece("paragraph", properties.get("descr"))
