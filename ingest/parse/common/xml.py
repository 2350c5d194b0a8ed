"""XML to text, in order: what holds letters is a paragraph, a title is a heading, rows are a table.

Entities are never resolved by the library, nothing is fetched, and libxml2's limits on depth and
size stay on. Entities that stand for plain text are put in by hand; any other is refused.
"""

from collections.abc import Iterator
from typing import Any

from ingest.errors import SAVE_A_NEW_COPY, BrokenDocumentError, ParseLimitError
from ingest.parse.common.document_builder import SourceText, TextPiece, assemble
from ingest.parse.common.element_text import holds_letters
from ingest.parse.common.file import File
from ingest.parse.common.xml_records import holds_records, pieces_of_records
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/xml"
PARSER = "footnote xml 2"

_TITLES = frozenset(("title", "article-title", "head", "heading"))
_UNSEEN = frozenset(("script", "style", "metadata"))
_TABLES = ("table", "tgroup")
_FEWEST_CELLS = 2
"""Of the widest row: what has fewer is text that somebody framed."""
_ROWS = ("{*}tr", "{*}row")
_CELLS = ("{*}td", "{*}th", "{*}entry")
"""Of tables as HTML and JATS have them, and as CALS and DocBook do."""
_LONGEST_TITLE = 300


def safe_tree(
    data: bytes, damaged: str = f"A part of this file is damaged. {SAVE_A_NEW_COPY}"
) -> Any:
    """Return the root element of an XML file.

    ``damaged`` is said where it is not well formed; a ``{}`` in it becomes what and where.

    Raises:
        BrokenDocumentError: it is not well formed.
        ParseLimitError: its entities are made of entities or of other files.

    """
    from lxml import etree

    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        if error.code != etree.ErrorTypes.ERR_UNDECLARED_ENTITY:
            raise BrokenDocumentError(damaged.format(str(error.msg)[:200])) from error
        root = etree.fromstring(data, _parser(recover=True))  # the entity is left out
    entities = root.getroottree().docinfo.internalDTD
    for entity in entities.iterentities() if entities is not None else ():
        if entity.content is None or "&" in entity.content or "%" in entity.content:
            raise ParseLimitError(
                "This XML defines entities by other entities or other files. "
                "Upload a copy with plain text."
            )
    _fill(root, etree, entities)
    return root


def _parser(*, recover: bool = False) -> Any:
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True, recover=recover,
    )  # fmt: skip


def _fill(root: Any, etree: Any, entities: Any) -> None:
    """Put plain entities into the text; their total growth is bounded by the file's size."""
    contents = (
        {entity.name: entity.content for entity in entities.iterentities()} if entities else {}
    )
    allowance = 10_000_000
    for reference in list(root.iter(etree.Entity)):
        content = contents.get(reference.name, "")
        allowance -= len(content)
        if allowance < 0:
            raise ParseLimitError(
                "The entities of this XML make more text than is allowed. "
                "Upload a copy without entities."
            )
        before, parent = reference.getprevious(), reference.getparent()
        text = content + (reference.tail or "")
        if before is not None:
            before.tail = (before.tail or "") + text
        else:
            parent.text = (parent.text or "") + text
        reference.tail = None
        parent.remove(reference)


def parse_xml(file: File) -> ParsedDocument:
    """Read the text of every element in order; of data the names and attributes, too.

    Raises:
        EmptyDocumentError: no element holds text.
        BrokenDocumentError: it is not well formed.
        ParseLimitError: its entities would grow.

    """
    root = safe_tree(file.data, "This XML is damaged: {}. Mend that place and upload it again.")
    pieces = pieces_of_records(root) if holds_records(root) else _pieces(root)
    return assemble(pieces, SourceText(MEDIA_TYPE, PARSER))


def _pieces(root: Any) -> Iterator[TextPiece]:
    """Join the lines of an element into one piece; headings and tables stand alone."""
    lines: list[str] = []
    for piece in _elements(root):
        if piece is not None and piece.kind == "paragraph":
            lines.append(piece.text)
            continue
        yield TextPiece("paragraph", "\n".join(lines))
        lines = []
        if piece is not None:
            yield piece
    yield TextPiece("paragraph", "\n".join(lines))


def _elements(root: Any) -> Iterator[TextPiece | None]:
    """Yield what each element holds, and nothing where one with children begins or ends."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element is None:
            yield None
            continue
        rows = _table_rows(element)
        if local_name(element) in _UNSEEN or rows or _is_leaf(element):
            yield from _whole_element(element, rows)
        else:
            waiting.extend((None, *reversed(element), None))


def _whole_element(element: Any, rows: str) -> Iterator[TextPiece | None]:
    """Yield what an element holds that is read as one: nothing, a table with its rows, a text."""
    if local_name(element) in _UNSEEN:
        return
    if rows:
        yield None
        yield from _captions(element)
        yield TextPiece("table", rows)
    elif text := _plain(_words(element)):
        is_title = local_name(element) in _TITLES and len(text) <= _LONGEST_TITLE
        yield TextPiece("heading", text, 1) if is_title else TextPiece("paragraph", text)


def _captions(table: Any) -> Iterator[TextPiece | None]:
    """Yield what those children of a table hold that have no rows."""
    for child in table:
        if next(child.iter(*_ROWS), None) is None:
            yield from _elements(child)


def _table_rows(element: Any) -> str:
    """Return a line for each row of a table, its cells separated by `` | ``; else nothing."""
    if local_name(element) not in _TABLES:
        return ""
    if any(element.find(f".//{{*}}{name}") is not None for name in _TABLES):
        return ""  # the inner one is looked at by itself
    rows = list(element.iter(*_ROWS))
    if max((len(row.findall(cell)) for row in rows for cell in _CELLS), default=0) < _FEWEST_CELLS:
        return ""
    lines = [[_words(cell) for cell in row] for row in rows]
    return "\n".join(" | ".join(cells) for cells in lines if any(cells))


def _words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def local_name(element: Any) -> str:
    """Return a tag without its namespace, in small letters."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _plain(text: str) -> str:
    """Take the tags out of HTML that stands as text in an element, as in news feeds."""
    if not ("</" in text and text.lstrip().startswith("<")):
        return text
    from lxml import html

    return " ".join(html.fromstring(f"<div>{text}</div>").text_content().split())


def _is_leaf(element: Any) -> bool:
    """Tell whether text stands directly in the element, between its children or alone."""
    return not len(element) or holds_letters(element)
