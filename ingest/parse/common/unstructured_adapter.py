"""The seam to unstructured: kept offline, its elements turned into pieces."""

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from itertools import groupby
from types import ModuleType
from typing import Any

from ingest.parse.common.document_builder import TextPiece
from ingest.parse.common.omissions import without_marks
from ingest.parse.common.table_spans import spread_spans

_NUMBERED = re.compile(
    r"(-?\d+(\.\d+)*[.)]?|[a-zA-Z][.)]|[ivx]{2,6}[.)]|[IVX]{2,6}[.)]|[-*\u2022])\s"
)
_SWITCHES = dict.fromkeys(
    ("SCARF_NO_ANALYTICS", "DO_NOT_TRACK", "UNSTRUCTURED_DISABLE_NOTICE"), "1"
)
_SKIPPED = frozenset({"PageBreak", "PageNumber"})


def unstructured_offline() -> str:
    """Make unstructured usable with no network and return its name and version.

    It reports each use to its makers unless told not to, and it downloads a spaCy model at first
    use. That model only tells prose from other text, and both are paragraphs to our readers: so no
    text is tagged, and spaCy, whose import takes seconds, is not loaded.
    """
    os.environ.update(_SWITCHES)  # written, never read: the library offers no other way
    with _without("spacy"):
        from unstructured.nlp import tokenize

    tokenize._load_spacy_model = _no_pipeline  # noqa: SLF001
    return f"unstructured {version('unstructured')}"


@contextmanager
def _without(name: str) -> Iterator[None]:
    """Let an import of a module that is not loaded yet give an empty one."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        del sys.modules[name]


def _no_pipeline() -> Any:
    return _NoTagger()


class _NoTokens(tuple[Any, ...]):
    """The tokens of a text that was not cut into any, as spaCy would give them."""

    __slots__ = ()
    sents: tuple[Any, ...] = ()


class _NoTagger:
    """Stands in for a spaCy pipeline, and tags nothing."""

    max_length = sys.maxsize

    def __call__(self, _text: str) -> _NoTokens:
        """Return no tokens."""
        return _NoTokens()


def keep_single_characters() -> None:
    """Let unstructured keep a block of a page that is one character: it drops it else."""
    from unstructured.documents.elements import Text
    from unstructured.partition.html import parser

    type_of_text = parser.derive_element_type_from_text
    if type_of_text.__module__ != __name__:

        def type_of_any_text(text: str) -> type[Text] | None:
            return type_of_text(text) or Text

        parser.derive_element_type_from_text = type_of_any_text


def pieces_of_elements(elements: Iterable[Any]) -> Iterator[TextPiece]:
    """Turn unstructured's elements into pieces; the items of one list become one piece."""
    content = [element for element in elements if element.category not in _SKIPPED]
    for is_item, group in groupby(content, key=lambda element: element.category == "ListItem"):
        if is_item:
            yield _list_piece(list(group))
        else:
            yield from map(_piece, group)


def _piece(element: Any) -> TextPiece:
    text = element.text or ""
    if element.category == "Title":
        return TextPiece(
            "heading", " ".join(text.split()), (element.metadata.category_depth or 0) + 1
        )
    if element.category == "Table":
        return TextPiece("table", rows_of_table(element.metadata.text_as_html or "") or text)
    if element.category == "CodeSnippet":
        return TextPiece("code", text)
    return TextPiece("paragraph", text)


def _list_piece(items: list[Any]) -> TextPiece:
    depths = [item.metadata.category_depth or 0 for item in items]
    lines = [
        "  " * (depth - min(depths)) + _with_mark(" ".join(item.text.split()))
        for item, depth in zip(items, depths, strict=True)
    ]
    return TextPiece("list", "\n".join(lines))


def _with_mark(text: str) -> str:
    return text if _NUMBERED.match(text) else f"- {text}"


def rows_of_table(html: str) -> str:
    """Return a line for each row of an HTML table, its cells separated by `` | ``."""
    from lxml import html as parser

    if not html.strip():
        return ""
    tree = parser.fragment_fromstring(html, create_parent=True)
    for table in list(tree.iter("table")):
        spread_spans(table)
    rows: list[str] = []
    marks = ""
    for row in tree.iter("tr"):
        cells = [" ".join(cell.text_content().split()) for cell in row.iterchildren("td", "th")]
        if any(map(without_marks, cells)):
            rows.append(marks + " | ".join(cells))
            marks = ""
        else:
            marks += "".join(cells)
    return "\n".join(rows) + marks
