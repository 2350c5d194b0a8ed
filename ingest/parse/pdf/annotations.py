"""Text of a PDF page that is not drawn on it: values of form fields, comments, attached files."""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from ingest.parse.common.document_builder import TextPiece, clean
from ingest.parse.pdf.lines import Frame, TextLine, Word

_MOST_ON_PAGE = 2_000
_MOST_FILES = 200
_LONGEST = 100_000
"""Characters of one value or comment."""
_PASSWORD = 1 << 13
"""The flag of a field that hides its value (ISO 32000-2, table 231)."""
_UNSEEN = 2 | 32
"""The flags of an annotation that is hidden or has no view (table 167)."""

ShareBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A form field's value or a comment, and its box in shares of the page."""

    text: str
    box: ShareBox


class AnnotatedText(NamedTuple):
    """Values of a page's form fields, and its comments."""

    fields: list[Annotation]
    comments: list[Annotation]


def open_form(document: Any, warnings: list[str]) -> None:
    """Make the values of a document's form readable; must be called before a page is opened."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    kind = document.get_formtype()
    if kind == pdfium.FORMTYPE_NONE:
        return
    if kind in {pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND}:
        warnings.append(
            "This PDF holds an XFA form, of which only the pages that are drawn were read. Print "
            "it to a new PDF and upload that."
        )
    with suppress(pypdfium2.PdfiumError):
        document.init_forms()


def annotated_text(page: Any, page_boxes: Any) -> AnnotatedText:
    """Read the form fields and comments of an open page."""
    import pypdfium2.raw as pdfium

    annotated = AnnotatedText([], [])
    form = getattr(page, "formenv", None)
    for index in range(min(_MOST_ON_PAGE, max(0, pdfium.FPDFPage_GetAnnotCount(page.raw)))):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        try:
            if pdfium.FPDFAnnot_GetFlags(annotation) & _UNSEEN:
                continue
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            is_field = kind == pdfium.FPDF_ANNOT_WIDGET
            text = _field_text(form, annotation) if is_field else _comment_text(kind, annotation)
            if text.strip():
                place = _box(annotation, page_boxes)
                (annotated.fields if is_field else annotated.comments).append(
                    Annotation(text, place)
                )
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return annotated


def _field_text(form: Any, annotation: Any) -> str:
    import pypdfium2.raw as pdfium

    if form is None:
        return ""
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in {pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON}:
        return "[x]" if pdfium.FPDFAnnot_IsChecked(form, annotation) else "[ ]"
    if kind in {pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX}:
        labels = _chosen_labels(form, annotation)
        return ", ".join(labels) or _string(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation)
    is_secret = pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD
    if kind != pdfium.FPDF_FORMFIELD_TEXTFIELD or is_secret:
        return ""
    return _string(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation)


def _chosen_labels(form: Any, annotation: Any) -> list[str]:
    import pypdfium2.raw as pdfium

    count = min(_MOST_ON_PAGE, max(0, pdfium.FPDFAnnot_GetOptionCount(form, annotation)))
    return [
        _string(pdfium.FPDFAnnot_GetOptionLabel, form, annotation, index)
        for index in range(count)
        if pdfium.FPDFAnnot_IsOptionSelected(form, annotation, index)
    ]


def _comment_text(kind: int, annotation: Any) -> str:
    """Return what a comment says; a pop-up repeats its comment, and a link is no text."""
    import pypdfium2.raw as pdfium

    if kind in {pdfium.FPDF_ANNOT_POPUP, pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_WATERMARK}:
        return ""
    text = _string(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents")
    author = _string(pdfium.FPDFAnnot_GetStringValue, annotation, b"T")
    is_on_page = kind == pdfium.FPDF_ANNOT_FREETEXT
    return text if is_on_page or not author or not text else f"{author}: {text}"


def _string(get: Any, *arguments: Any) -> str:
    """Return a string that pdfium writes in UTF-16 into a buffer, on one line."""
    import pypdfium2.raw as pdfium

    size = min(get(*arguments, None, 0), 2 * _LONGEST)
    if size < 2:  # noqa: PLR2004
        return ""
    buffer = ctypes.create_string_buffer(size + 2)
    get(*arguments, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    text = buffer.raw[:size].decode("utf-16-le", "replace").split("\0", 1)[0]
    return " ".join(clean(text).split())


def _box(annotation: Any, page_boxes: Any) -> ShareBox:
    import pypdfium2.raw as pdfium

    place = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(annotation, place)
    sides = np.array([[place.left, place.top, place.right, place.bottom]], float)
    x0, y0, x1, y1 = page_boxes.boxes(np.nan_to_num(sides))[0].tolist()
    return x0, y0, x1, y1


def with_fields(
    lines: Sequence[TextLine], fields: Sequence[Annotation], frame: Frame
) -> list[TextLine]:
    """Return a page's lines with each field's value beside its label, at the place of the field."""
    filled = list(lines)
    for each in fields:
        beside = [i for i, line in enumerate(filled) if _stands_beside(line, each.box)]
        words = _words_in_box(each)
        if beside:
            index = min(beside, key=lambda i: _distance(filled[i], each.box))
            filled[index] = _inserted(filled[index], words)
            continue
        above = [i for i, line in enumerate(filled) if line.base < each.box[3] * frame.height]
        size = filled[above[-1]].size if above else 10.0
        filled.insert(above[-1] + 1 if above else 0, TextLine(frame, words, size))
    return filled


def _words_in_box(field: Annotation) -> tuple[Word, ...]:
    """Return the words of a value side by side, each as wide as it has letters."""
    x0, y0, x1, y1 = field.box
    unit = (x1 - x0) / max(1, len(field.text))
    words: list[Word] = []
    start = 0
    for text in field.text.split():
        words.append(Word(text, x0 + start * unit, y0, x0 + (start + len(text)) * unit, y1))
        start += len(text) + 1
    return tuple(words)


def _stands_beside(line: TextLine, box: ShareBox) -> bool:
    top = min(word.y0 for word in line.words)
    bottom = max(word.y1 for word in line.words)
    shared_height = min(bottom, box[3]) - max(top, box[1])
    return shared_height > 0.3 * max(1e-6, min(bottom - top, box[3] - box[1]))


def _distance(line: TextLine, box: ShareBox) -> float:
    return min(max(word.x0 - box[2], box[0] - word.x1, 0.0) for word in line.words)


def _inserted(line: TextLine, words: tuple[Word, ...]) -> TextLine:
    middle = (words[0].x0 + words[-1].x1) / 2
    index = sum((word.x0 + word.x1) / 2 < middle for word in line.words)
    return replace(line, words=(*line.words[:index], *words, *line.words[index:]))


def pieces_of_comments(comments: Sequence[Annotation], page: int) -> Iterator[TextPiece]:
    """Yield a paragraph for each comment on a page."""
    for each in comments:
        places = []
        start = 0
        for word in each.text.split(" "):
            places.append((start, start + len(word), page, *each.box))
            start += len(word) + 1
        yield TextPiece("paragraph", each.text, page=page, boxes=places)


def embedded_files(document: Any, warnings: list[str]) -> list[tuple[bytes, str]]:
    """Return the files that a document embeds, with their names."""
    import pypdfium2

    files: list[tuple[bytes, str]] = []
    count = document.count_attachments()
    if count > _MOST_FILES:
        warnings.append(f"It embeds more than {_MOST_FILES} files; the others were not read.")
    for index in range(min(count, _MOST_FILES)):
        name = f"file {index + 1}"
        try:
            attachment = document.get_attachment(index)
            name = attachment.get_name() or name
            files.append((bytes(attachment.get_data()), name))
        except pypdfium2.PdfiumError:
            warnings.append(f"{name}: it is embedded, and could not be read.")
    return files
