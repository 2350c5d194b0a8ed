"""Files to text with structure: one function a type, chosen by what the file holds."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath

from ingest.errors import BrokenDocumentError, ParseError, ParseLimitError
from ingest.parse import (
    archive,
    book,
    code,
    data,
    detect,
    html,
    image,
    mail,
    markdown,
    markup,
    opendocument,
    pdf,
    rich,
    sheet,
    slides,
    text,
    word,
)
from ingest.parse.file import DEEPEST, File
from ingest.types import ParsedDocument
from ingest.versions import PARSING

PARSERS: dict[str, Callable[[File], ParsedDocument]] = {
    pdf.MEDIA_TYPE: pdf.parse_pdf,
    word.MEDIA_TYPE: word.parse_docx,
    sheet.MEDIA_TYPE: sheet.parse_xlsx,
    sheet.OLD_MEDIA_TYPE: sheet.parse_xls,
    slides.MEDIA_TYPE: slides.parse_pptx,
    mail.MEDIA_TYPE: mail.parse_message,
    mail.MSG_MEDIA_TYPE: mail.parse_msg,
    mail.MBOX_MEDIA_TYPE: mail.parse_mailbox,
    opendocument.TEXT_MEDIA_TYPE: opendocument.parse_opendocument,
    opendocument.SHEET_MEDIA_TYPE: opendocument.parse_opendocument,
    opendocument.SLIDES_MEDIA_TYPE: opendocument.parse_opendocument,
    rich.MEDIA_TYPE: rich.parse_rtf,
    book.MEDIA_TYPE: book.parse_epub,
    data.MEDIA_TYPE: data.parse_json,
    data.LINES_MEDIA_TYPE: data.parse_json_lines,
    markup.MEDIA_TYPE: markup.parse_xml,
    image.MEDIA_TYPE: image.parse_image,
    html.MEDIA_TYPE: html.parse_html,
    markdown.MEDIA_TYPE: markdown.parse_markdown,
    text.CSV_MEDIA_TYPE: text.parse_csv,
    text.MEDIA_TYPE: text.parse_text,
    archive.MEDIA_TYPE: archive.parse_archive,
    code.MEDIA_TYPE: code.parse_code,
}
"""Media type to parser. A new format needs a line here and one in ``detect``."""


def parse_file(path: Path, filename: str) -> ParsedDocument:
    """Read a file in this process; every document that comes back has a title.

    Raises:
        ParseError: one of its subclasses, with a message for the uploader.

    """
    return _parse(path.read_bytes(), filename)


def _parse(content: bytes, filename: str, *, depth: int = 0) -> ParsedDocument:
    if depth > DEEPEST:
        raise ParseLimitError("Files are nested too deeply in this one.")
    parse = PARSERS[detect.detect(content, filename)]
    try:
        parsed = parse(File(content, filename, partial(_parse, depth=depth + 1), depth))
    except ParseError:
        raise
    except (MemoryError, RecursionError) as error:
        raise ParseLimitError("This file is too large or too deeply nested to read.") from error
    except Exception as error:  # parsers of other people meet files of other people: any error
        raise BrokenDocumentError(
            f"This file is damaged or not what it seems ({type(error).__name__})."
        ) from error
    title = parsed.title or PurePath(filename).stem or filename
    version = f", parsing {PARSING}" if depth == 0 else ""
    return replace(parsed, title=title, parser=parsed.parser + version)
