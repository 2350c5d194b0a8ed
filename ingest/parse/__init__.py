"""Files to text with structure: one function a type, chosen by what the file holds."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath

from ingest.component_versions import PARSING
from ingest.errors import (
    SAVE_A_NEW_COPY,
    SPLIT_IT,
    BrokenDocumentError,
    ParseError,
    ParseLimitError,
)
from ingest.parse import (
    email as mail,
)
from ingest.parse import (
    epub as book,
)
from ingest.parse import (
    html,
    icalendar,
    markdown,
    subtitles,
    vcard,
)
from ingest.parse import (
    json_data as data,
)
from ingest.parse import (
    media_type as detect,
)
from ingest.parse import (
    source_code as code,
)
from ingest.parse.common import (
    ocr as image,
)
from ingest.parse.common import (
    plain_text as text,
)
from ingest.parse.common import (
    tar_archive as tape,
)
from ingest.parse.common import (
    xml as markup,
)
from ingest.parse.common import (
    zip_archive as archive,
)
from ingest.parse.common.file import DEEPEST, File
from ingest.parse.common.omissions import omission_warnings
from ingest.parse.office import (
    doc as old_word,
)
from ingest.parse.office import (
    docx as word,
)
from ingest.parse.office import (
    excel as sheet,
)
from ingest.parse.office import (
    opendocument,
)
from ingest.parse.office import (
    ppt as old_slides,
)
from ingest.parse.office import (
    pptx as slides,
)
from ingest.parse.office import (
    rtf as rich,
)
from ingest.parse.pdf import pdf
from ingest.types import ParsedDocument

PARSERS: dict[str, Callable[[File], ParsedDocument]] = {
    pdf.MEDIA_TYPE: pdf.parse_pdf,
    word.MEDIA_TYPE: word.parse_docx,
    old_word.MEDIA_TYPE: old_word.parse_doc,
    sheet.MEDIA_TYPE: sheet.parse_xlsx,
    sheet.OLD_MEDIA_TYPE: sheet.parse_xls,
    slides.MEDIA_TYPE: slides.parse_pptx,
    old_slides.MEDIA_TYPE: old_slides.parse_ppt,
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
    icalendar.MEDIA_TYPE: icalendar.parse_calendar,
    vcard.MEDIA_TYPE: vcard.parse_vcard,
    subtitles.MEDIA_TYPE: subtitles.parse_subtitles,
    text.MEDIA_TYPE: text.parse_text,
    archive.MEDIA_TYPE: archive.parse_archive,
    tape.MEDIA_TYPE: tape.parse_tar,
    tape.PACKED_MEDIA_TYPE: tape.parse_packed,
    code.MEDIA_TYPE: code.parse_code,
}
"""Media type to parser. A new format needs a line here and one in ``detect``."""

_NAMES = {
    pdf.MEDIA_TYPE: "PDF",
    word.MEDIA_TYPE: "Word document",
    old_word.MEDIA_TYPE: "Word document",
    sheet.MEDIA_TYPE: "Excel workbook",
    sheet.OLD_MEDIA_TYPE: "Excel workbook",
    slides.MEDIA_TYPE: "PowerPoint presentation",
    old_slides.MEDIA_TYPE: "PowerPoint presentation",
    mail.MEDIA_TYPE: "message",
    mail.MSG_MEDIA_TYPE: "Outlook message",
    mail.MBOX_MEDIA_TYPE: "mailbox",
    opendocument.TEXT_MEDIA_TYPE: "OpenDocument file",
    opendocument.SHEET_MEDIA_TYPE: "OpenDocument file",
    opendocument.SLIDES_MEDIA_TYPE: "OpenDocument file",
    rich.MEDIA_TYPE: "RTF document",
    book.MEDIA_TYPE: "book",
    archive.MEDIA_TYPE: "archive",
    tape.MEDIA_TYPE: "archive",
    tape.PACKED_MEDIA_TYPE: "archive",
}
"""The names that messages give to files; any other type is called a file."""


def parse_file(path: Path, filename: str) -> ParsedDocument:
    """Read a file in this process; every document that comes back has a title.

    Raises:
        ParseError: one of its subclasses, with a message for the uploader.

    """
    return _parse(path.read_bytes(), filename)


def _parse(content: bytes, filename: str, *, depth: int = 0) -> ParsedDocument:
    if depth > DEEPEST:
        raise ParseLimitError("Files are nested too deeply in this one. Upload the inner files.")
    media_type = detect.detect(content, filename)
    file = File(content, filename, partial(_parse, depth=depth + 1), depth)
    try:
        document = PARSERS[media_type](file)
    except ParseError:
        raise
    except (MemoryError, RecursionError) as error:
        raise ParseLimitError(
            f"This file is too large or too deeply nested to read. {SPLIT_IT}"
        ) from error
    except Exception as error:  # parsers of other people meet files of other people: any error
        raise BrokenDocumentError(
            f"This {_NAMES.get(media_type, 'file')} is damaged, or written in a way that cannot be "
            f"read here. {SAVE_A_NEW_COPY}"
        ) from error
    title = document.title or PurePath(filename).stem or filename
    version = f", parsing {PARSING}" if depth == 0 else ""
    if depth == 0:
        warnings = (*document.warnings, *omission_warnings(document.omissions))
        document = replace(document, warnings=warnings)
    return replace(document, title=title, parser=document.parser + version)
