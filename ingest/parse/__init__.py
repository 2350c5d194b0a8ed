"""Files to text with structure: one function a type, chosen by what the file holds."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath

from ingest.errors import BrokenDocumentError, ParseError, ParseLimitError
from ingest.parse import detect, html, markdown, pdf, text, word
from ingest.types import ParsedDocument

PARSERS: dict[str, Callable[[Path, str], ParsedDocument]] = {
    pdf.MEDIA_TYPE: pdf.parse_pdf,
    word.MEDIA_TYPE: word.parse_docx,
    html.MEDIA_TYPE: html.parse_html,
    markdown.MEDIA_TYPE: markdown.parse_markdown,
    text.CSV_MEDIA_TYPE: text.parse_csv,
    text.MEDIA_TYPE: text.parse_text,
}
"""Media type to parser. A new format needs a line here and one in ``detect``."""


def parse_file(path: Path, filename: str) -> ParsedDocument:
    """Read a file in this process; every document that comes back has a title.

    Raises:
        ParseError: one of its subclasses, with a message for the uploader.

    """
    parse = PARSERS[detect.detect(path, filename)]
    try:
        parsed = parse(path, filename)
    except ParseError:
        raise
    except (MemoryError, RecursionError) as error:
        raise ParseLimitError("This file is too large or too deeply nested to read.") from error
    except Exception as error:  # parsers of other people meet files of other people: any error
        raise BrokenDocumentError(
            f"This file is damaged or not what it seems ({type(error).__name__})."
        ) from error
    return replace(parsed, title=parsed.title or PurePath(filename).stem or filename)
