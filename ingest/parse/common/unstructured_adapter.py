"""The seam to unstructured: kept offline, its elements turned into pieces."""

import os
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
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
_MODEL = "en_core_web_sm"
_LONG_WORD = re.compile(r"\S{1000}")
_WORD = re.compile(r"\S+|\s+")
_SKIPPED = frozenset({"PageBreak", "PageNumber"})


def unstructured_offline() -> str:
    """Make unstructured usable with no network and return its name and version.

    It reports each use to its makers unless told not to, and it downloads a spaCy model at first
    use. Where that model is not installed, a blank English pipeline with a sentencizer stands in:
    the model only tells prose from titles, which the formats' own marks tell better.
    """
    os.environ.update(_SWITCHES)  # written, never read: the library offers no other way
    from importlib.metadata import version

    from unstructured.nlp import tokenize

    tokenize._load_spacy_model = _pipeline  # noqa: SLF001
    return f"unstructured {version('unstructured')}"


def keep_single_characters() -> None:
    """Let unstructured keep a block of a page that is one character: it drops it else."""
    from unstructured.documents.elements import Text
    from unstructured.partition.html import parser

    type_of_text = parser.derive_element_type_from_text
    if type_of_text.__module__ != __name__:

        def type_of_any_text(text: str) -> type[Text] | None:
            return type_of_text(text) or Text

        parser.derive_element_type_from_text = type_of_any_text


def _pipeline() -> Any:
    import spacy
    from unstructured.nlp import tokenize

    if spacy.util.is_package(_MODEL):
        pipeline = spacy.load(_MODEL, exclude=tokenize._SPACY_EXCLUDE)  # noqa: SLF001
    else:
        pipeline = spacy.blank("en")
        pipeline.add_pipe("sentencizer")
    pipeline.tokenizer = _BoundedTokenizer(pipeline.tokenizer)
    return pipeline


class _BoundedTokenizer:
    """Leaves very long words whole: spaCy takes signs off a word's ends in time of its square."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def __call__(self, text: str) -> Any:
        """Return the tokens of a text."""
        if not _LONG_WORD.search(text):
            return self._tokenizer(text)
        from spacy.tokens import Doc

        words = _WORD.findall(text)
        return Doc(self._tokenizer.vocab, words=words, spaces=[False] * len(words))


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
