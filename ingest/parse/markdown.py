"""Markdown to text: to HTML by CommonMark's rules, then as HTML is read.

unstructured's own Markdown path goes through another dialect: it flattens lists that are nested
by two blanks and reads the front matter as a heading.
"""

import re

from ingest.parse.common.file import File
from ingest.parse.common.plain_text import decode
from ingest.parse.html import parse_markup
from ingest.types import ParsedDocument

MEDIA_TYPE = "text/markdown"

_FRONT_MATTER = re.compile(r"\A---[^\S\n]*\n(.*?\n)---[^\S\n]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title\s*:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)


def parse_markdown(file: File) -> ParsedDocument:
    """Read CommonMark with tables; marks such as ``**`` are not part of the text.

    Raises:
        EmptyDocumentError: there is no text.

    """
    text, warnings = decode(file.data)
    front = _FRONT_MATTER.match(text)
    titled = _TITLE.search(front.group(1)) if front else None
    return parse_markup(
        render(text[front.end() :] if front else text),
        MEDIA_TYPE,
        title=titled.group(1) if titled else None,
        warnings=warnings,
    )


def render(text: str) -> str:
    """Return the HTML of a Markdown text."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return f"<html><body>{reader.render(text)}</body></html>"
