"""HTML to text: prepared with lxml, cut into elements by unstructured.

unstructured's partitioner knows headings, lists, tables and code. Measured on its own it loses
what it has no class for (figure captions, details, form labels), the numbers of ordered lists and
the title, and it keeps what no reader sees (hidden elements); so the tree is rewritten first.
"""

import re
from collections.abc import Sequence
from typing import Any

from ingest.errors import EmptyDocumentError
from ingest.parse.common.document_builder import SourceText, TextPiece, assemble
from ingest.parse.common.element_text import has_letters
from ingest.parse.common.file import File
from ingest.parse.common.line_ends import join_markup_lines
from ingest.parse.common.plain_text import decode
from ingest.parse.common.table_spans import lift_caption, spread_spans
from ingest.parse.common.unstructured_adapter import (
    keep_single_characters,
    pieces_of_elements,
    unstructured_offline,
)
from ingest.parse.html_letters import (
    is_hidden,
    is_struck_out,
    leave_out,
    set_apart,
    write_signs,
)
from ingest.parse.html_rewrites import (
    number_items,
    rewrite_lost_elements,
    show_fallback,
)
from ingest.types import ParsedDocument

MEDIA_TYPE = "text/html"

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_INVISIBLE = (
    "script", "style", "template", "noscript", "iframe", "object", "canvas", "nav",
    "button", "audio", "video", "datalist",
)  # fmt: skip
_AS_BLOCK = ("details", "dialog", "figure", "fieldset", "form", "search", "dl", "menu")
_AS_PARAGRAPH = ("summary", "figcaption", "legend", "dt", "dd", "textarea")
_AS_TEXT = ("label", "output", "font", "ins", "del", "acronym", "picture", "slot", "nobr")


def parse_html(file: File) -> ParsedDocument:
    """Read a page's visible text: headings, paragraphs, lists, tables, code.

    Raises:
        EmptyDocumentError: nothing of it is visible text.

    """
    text, warnings = decode(file.data)
    return parse_markup(text, MEDIA_TYPE, warnings=warnings)


def parse_markup(
    markup: str,
    media_type: str,
    *,
    title: str | None = None,
    warnings: tuple[str, ...] = (),
    lead: Sequence[TextPiece] = (),
) -> ParsedDocument:
    """Read HTML that is in memory already; ``title`` goes before the page's own, ``lead`` first."""
    parser = unstructured_offline()
    keep_single_characters()
    from lxml import etree, html
    from unstructured.partition.html import partition_html

    try:
        tree = html.document_fromstring(_DECLARATION.sub("", markup))
    except etree.ParserError as error:
        raise EmptyDocumentError("There is no text in this document.") from error
    title = title or _title(tree)
    _prepare(tree)
    plain_markup = join_markup_lines(html.tostring(tree, encoding="unicode"))
    elements = partition_html(text=plain_markup, languages=[""])
    source = SourceText(media_type, parser, title=title, warnings=warnings)
    return assemble([*lead, *pieces_of_elements(elements)], source)


def _title(tree: Any) -> str | None:
    title = tree.findtext(".//title")
    return " ".join(title.split()) or None if title else None


def _prepare(tree: Any) -> None:
    show_fallback(tree)
    rewrite_lost_elements(tree)
    rewrites = {
        "head": _drop, "ol": number_items, "pre": _flatten, "li": _lead_with_text,
        "sup": set_apart, "sub": set_apart,
    }  # fmt: skip
    for element in list(tree.iter("*")):
        if _is_no_text(element):
            _drop(element)
        elif is_hidden(element) or is_struck_out(element):
            leave_out(element)
        elif rewrite := rewrites.get(element.tag):
            rewrite(element)
        elif "face" in element.attrib or "style" in element.attrib:
            write_signs(element)
    for table in list(tree.iter("table")):
        spread_spans(table)
        lift_caption(table)
    for element in tree.iter(*_AS_BLOCK, *_AS_PARAGRAPH, *_AS_TEXT):
        shapes = (("div", _AS_BLOCK), ("p", _AS_PARAGRAPH), ("span", _AS_TEXT))
        element.tag = next(shape for shape, tags in shapes if element.tag in tags)


def _is_no_text(element: Any) -> bool:
    """Tell whether an element never holds text that somebody reads."""
    return (
        element.tag in _INVISIBLE
        or element.get("aria-hidden") == "true"
        or (element.tag == "dialog" and "open" not in element.attrib)
    )


def _drop(element: Any) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _lead_with_text(item: Any) -> None:
    """Take the first paragraph of a list item out of its ``p``, or it stands beside the list."""
    if len(item) > 1 and item[0].tag == "p" and not has_letters(item.text):
        item[0].drop_tag()


def _flatten(code: Any) -> None:
    """Leave plain text in a ``pre``: highlighters wrap every word of it."""
    for line_break in list(code.iter("br")):
        line_break.tail = "\n" + (line_break.tail or "")
    text = code.text_content()
    for child in list(code):
        code.remove(child)
    code.text = text
