"""HTML to text: prepared with lxml, cut into elements by unstructured.

unstructured's partitioner knows headings, lists, tables and code. Measured on its own it loses
what it has no class for (figure captions, details, form labels), the numbers of ordered lists and
the title, and it keeps what no reader sees (hidden elements); so the tree is rewritten first.
"""

import re
from typing import Any

from ingest.errors import EmptyDocumentError
from ingest.parse.common.document_builder import SourceText, assemble
from ingest.parse.common.file import File
from ingest.parse.common.plain_text import decode
from ingest.parse.common.table_spans import lift_caption, spread_spans
from ingest.parse.common.unstructured_adapter import pieces_of_elements, unstructured_offline
from ingest.types import ParsedDocument

MEDIA_TYPE = "text/html"

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_INVISIBLE_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_INVISIBLE = (
    "script", "style", "template", "noscript", "svg", "iframe", "object", "canvas", "nav",
    "button", "select", "input", "audio", "video", "datalist", "dialog",
)  # fmt: skip
_AS_BLOCK = ("details", "figure", "fieldset", "form", "search", "dl", "menu")
_AS_PARAGRAPH = ("summary", "figcaption", "legend", "dt", "dd", "textarea")
_AS_TEXT = ("label", "output", "font", "ins", "del", "acronym", "picture", "ruby", "slot", "nobr")


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
) -> ParsedDocument:
    """Read HTML that is in memory already; ``title`` goes before the page's own."""
    parser = unstructured_offline()
    from lxml import etree, html
    from unstructured.partition.html import partition_html

    try:
        tree = html.document_fromstring(_DECLARATION.sub("", markup))
    except etree.ParserError as error:
        raise EmptyDocumentError("There is no text in this document.") from error
    title = title or _title(tree)
    _prepare(tree)
    elements = partition_html(text=html.tostring(tree, encoding="unicode"), languages=[""])
    source = SourceText(media_type, parser, title=title, warnings=warnings)
    return assemble(pieces_of_elements(elements), source)


def _title(tree: Any) -> str | None:
    title = tree.findtext(".//title")
    return " ".join(title.split()) or None if title else None


def _prepare(tree: Any) -> None:
    rewrites = {"head": _drop, "ol": _number, "pre": _flatten, "li": _lead_with_text}
    for element in list(tree.iter("*")):
        rewrite = _drop if _is_invisible(element) else rewrites.get(element.tag)
        if rewrite:
            rewrite(element)
    for table in list(tree.iter("table")):
        spread_spans(table)
        lift_caption(table)
    for element in tree.iter(*_AS_BLOCK, *_AS_PARAGRAPH, *_AS_TEXT):
        shapes = (("div", _AS_BLOCK), ("p", _AS_PARAGRAPH), ("span", _AS_TEXT))
        element.tag = next(shape for shape, tags in shapes if element.tag in tags)


def _is_invisible(element: Any) -> bool:
    return (
        element.tag in _INVISIBLE
        or "hidden" in element.attrib
        or element.get("aria-hidden") == "true"
        or bool(_INVISIBLE_STYLE.search(element.get("style", "")))
    )


def _drop(element: Any) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _number(ordered_list: Any) -> None:
    start = ordered_list.get("start", "1")
    number = int(start) if start.isascii() and start.isdigit() else 1
    for ordinal, item in enumerate(ordered_list.iterchildren("li"), start=number):
        target = item[0] if len(item) and item[0].tag == "p" and not _has(item.text) else item
        target.text = f"{ordinal}. {(target.text or '').lstrip()}"


def _lead_with_text(item: Any) -> None:
    """Take the first paragraph of a list item out of its ``p``, or it stands beside the list."""
    if len(item) > 1 and item[0].tag == "p" and not _has(item.text):
        item[0].drop_tag()


def _has(text: str | None) -> bool:
    return bool(text and text.strip())


def _flatten(code: Any) -> None:
    """Leave plain text in a ``pre``: highlighters wrap every word of it."""
    for line_break in list(code.iter("br")):
        line_break.tail = "\n" + (line_break.tail or "")
    text = code.text_content()
    for child in list(code):
        code.remove(child)
    code.text = text
