"""Markdown to text: to HTML by CommonMark's rules, then as HTML is read.

unstructured's own Markdown path goes through another dialect: it flattens lists that are nested
by two blanks and reads the front matter as a heading.
"""

from ingest.parse.common.document_builder import TextPiece
from ingest.parse.common.file import File
from ingest.parse.common.front_matter import split_front_matter
from ingest.parse.common.plain_text import decode
from ingest.parse.html import parse_markup
from ingest.types import ParsedDocument

MEDIA_TYPE = "text/markdown"


def parse_markdown(file: File) -> ParsedDocument:
    """Read CommonMark with tables; marks such as ``**`` are not part of the text.

    The fields of front matter are the first paragraph.

    Raises:
        EmptyDocumentError: there is no text.

    """
    text, warnings = decode(file.data)
    front = split_front_matter(text)
    return parse_markup(
        render(front.body),
        MEDIA_TYPE,
        title=front.title,
        warnings=warnings,
        lead=[TextPiece("paragraph", "\n".join(front.lines))],
    )


def render(text: str) -> str:
    """Return the HTML of a Markdown text."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return f"<html><body>{reader.render(text)}</body></html>"
