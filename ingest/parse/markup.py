"""XML to text, in order: what holds letters is a paragraph, a title is a heading.

Entities are never resolved by the library, nothing is fetched, and libxml2's limits on depth and
size stay on. Entities that stand for plain text are put in by hand; any other is refused.
"""

from collections.abc import Iterator
from typing import Any

from ingest.errors import BrokenDocumentError, ParseLimitError
from ingest.parse.assemble import Piece, Source, assemble
from ingest.parse.file import File
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/xml"
PARSER = "footnote xml 1"

_TITLES = frozenset(("title", "article-title", "head", "heading"))
_UNSEEN = frozenset(("script", "style", "metadata"))
_LONGEST_TITLE = 300


def safe_tree(data: bytes) -> Any:
    """Return the root element of an XML file.

    Raises:
        BrokenDocumentError: it is not well formed.
        ParseLimitError: its entities are made of entities or of other files.

    """
    from lxml import etree

    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        if error.code != etree.ErrorTypes.ERR_UNDECLARED_ENTITY:
            raise BrokenDocumentError(f"This XML is damaged: {error.msg}."[:300]) from error
        root = etree.fromstring(data, _parser(recover=True))  # the entity is left out
    entities = root.getroottree().docinfo.internalDTD
    for entity in entities.iterentities() if entities is not None else ():
        if entity.content is None or "&" in entity.content or "%" in entity.content:
            raise ParseLimitError("This XML defines entities by other entities or other files.")
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
    known = {entity.name: entity.content for entity in entities.iterentities()} if entities else {}
    left = 10_000_000
    for place in list(root.iter(etree.Entity)):
        content = known.get(place.name, "")
        left -= len(content)
        if left < 0:
            raise ParseLimitError("The entities of this XML make more text than is allowed.")
        before, parent = place.getprevious(), place.getparent()
        text = content + (place.tail or "")
        if before is not None:
            before.tail = (before.tail or "") + text
        else:
            parent.text = (parent.text or "") + text
        place.tail = None
        parent.remove(place)


def parse_xml(file: File) -> ParsedDocument:
    """Read the text of every element in order; tags and attributes are left out.

    Raises:
        EmptyDocumentError: no element holds text.
        BrokenDocumentError: it is not well formed.
        ParseLimitError: its entities would grow.

    """
    return assemble(_pieces(safe_tree(file.data)), Source(MEDIA_TYPE, PARSER))


def _pieces(root: Any) -> Iterator[Piece]:
    lines: list[str] = []
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element is None:  # the end of an element: what was gathered belongs together
            yield Piece("paragraph", "\n".join(lines))
            lines = []
        elif local_name(element) in _UNSEEN:
            continue
        elif not _is_leaf(element):
            waiting.extend((None, *reversed(element), None))
        elif text := _plain(" ".join("".join(element.itertext()).split())):
            if local_name(element) in _TITLES and len(text) <= _LONGEST_TITLE:
                yield Piece("paragraph", "\n".join(lines))
                lines = []
                yield Piece("heading", text, 1)
            else:
                lines.append(text)
    yield Piece("paragraph", "\n".join(lines))


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
    return (
        not len(element)
        or bool(element.text and element.text.strip())
        or any(child.tail and child.tail.strip() for child in element)
    )
