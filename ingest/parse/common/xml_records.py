"""XML that holds data and no document: ``name: value`` lines, a paragraph for each record.

An order, a price list or a configuration keeps its values in attributes and in elements whose
names say what they are. A document's elements are marks on running text.
"""

from collections.abc import Iterator
from typing import Any

from ingest.errors import SPLIT_IT, ParseLimitError
from ingest.parse.common.document_builder import TextPiece
from ingest.parse.common.element_text import holds_letters

_DOCUMENT_ROOTS = frozenset(
    ("html", "article", "book", "chapter", "rss", "feed", "rdf", "svg", "xbrl", "tei", "tei.2",
     "dtbook", "workbook", "math", "package", "ncx", "opml", "tt", "worddocument")
)  # fmt: skip
_PROSE = frozenset(("p", "para", "simpara", "section", "sec", "table", "tgroup", "body"))
_MOST_MIXED = 0.05
"""Share of elements with text beside elements up to which a file holds data."""
_NAMING = ("name", "key")
_VALUE = "value"
_IGNORED = frozenset(("schemalocation", "nonamespaceschemalocation"))
_MOST_LINES = 2_000_000


def local_name_of(tag: str) -> str:
    """Return a tag or an attribute without its namespace."""
    return tag.rpartition("}")[2]


def holds_records(root: Any) -> bool:
    """Tell whether an XML file holds data: names and values, no running text."""
    if local_name_of(root.tag).lower() in _DOCUMENT_ROOTS:
        return False
    mixed = count = 0
    for element in root.iter("*"):
        count += 1
        if local_name_of(element.tag).lower() in _PROSE:
            return False
        mixed += _is_mixed(element)
    has_names = count > 1 or bool(root.attrib)
    return has_names and mixed <= _MOST_MIXED * count


def _is_mixed(element: Any) -> bool:
    return len(element) > 0 and holds_letters(element)


def pieces_of_records(root: Any) -> Iterator[TextPiece]:
    """Yield a paragraph for the file's own values, then one for each record."""
    lines: list[str] = []
    holder = root
    while len(holder) == 1 and _is_wrapper(holder[0]):
        lines += _attribute_lines(holder, "")
        holder = holder[0]
    lines += _attribute_lines(holder, "")
    yield TextPiece("paragraph", "\n".join(lines))
    if not len(holder) or _is_mixed(holder):
        yield TextPiece("paragraph", _words(holder))
        return
    names = {element.tag for element in holder}
    leaves: list[str] = []
    total = 0
    for record in holder:
        prefix = "" if len(names) == 1 and (len(record) or record.attrib) else _name(record)
        record_lines = list(_lines(record, prefix))
        total += len(record_lines)
        if total > _MOST_LINES:
            raise ParseLimitError(f"This file holds more values than can be read. {SPLIT_IT}")
        if len(record):
            yield TextPiece("paragraph", "\n".join(leaves))
            leaves = []
            yield TextPiece("paragraph", "\n".join(record_lines))
        elif record.attrib and len(names) == 1:
            yield TextPiece("paragraph", "\n".join(record_lines))
        else:
            leaves += record_lines
    yield TextPiece("paragraph", "\n".join(leaves))


def _is_wrapper(element: Any) -> bool:
    """Tell whether an element only holds records."""
    return (
        len(element) > 0
        and not element.attrib
        and not _is_mixed(element)
        and all(len(child) or child.attrib for child in element)
    )


def _lines(record: Any, prefix: str) -> Iterator[str]:
    """Yield ``a.b: value`` for each attribute and each text of a record, in their order."""
    waiting: list[tuple[str, Any]] = [(prefix, record)]
    while waiting:
        path, element = waiting.pop()
        label = _label(element)
        if label:
            yield label
            continue
        yield from _attribute_lines(element, path)
        if len(element) and not _is_mixed(element):
            lead = f"{path}." if path else ""
            waiting.extend((f"{lead}{_name(child)}", child) for child in reversed(element))
        elif words := _words(element):
            yield f"{path or _name(element)}: {words}"


def _label(element: Any) -> str:
    """Return the line of an element that names its value itself: ``<f name="Fee">8</f>``."""
    if len(element):
        return ""
    attributes = {
        local_name_of(key).lower(): value.strip() for key, value in element.attrib.items()
    }
    name = next((attributes.pop(key) for key in _NAMING if attributes.get(key)), "")
    value = _words(element) or attributes.pop(_VALUE, "")
    return f"{name}: {value}" if name and value and not attributes else ""


def _attribute_lines(element: Any, path: str) -> list[str]:
    lead = f"{path}." if path else ""
    return [
        f"{lead}{local_name_of(key)}: {' '.join(value.split())}"
        for key, value in element.attrib.items()
        if value.strip() and local_name_of(key).lower() not in _IGNORED
    ]


def _name(element: Any) -> str:
    return local_name_of(element.tag)


def _words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())
