"""JSON and JSON lines to text: a line for each value, led by the keys that lead to it."""

import json
from collections.abc import Iterator
from typing import Any

from ingest.errors import SPLIT_IT, ParseLimitError
from ingest.parse.common.document_builder import SourceText, TextPiece, assemble
from ingest.parse.common.file import File
from ingest.parse.common.plain_text import decode
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/json"
LINES_MEDIA_TYPE = "application/x-ndjson"
NOTEBOOK_MEDIA_TYPE = "application/x-ipynb+json"
PARSER = "footnote json 1"

_MOST_LINES = 2_000_000


def is_json(text: str) -> bool:
    """Tell whether a whole text is one JSON object or array."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def is_json_lines(text: str) -> bool:
    """Tell whether the first two lines are JSON objects or arrays."""
    lines = [line for line in text.lstrip().split("\n")[:2] if line.strip()]
    return len(lines) > 1 and all(is_json(line) for line in lines)


def parse_json(file: File) -> ParsedDocument:
    """Read a value: ``key: value`` lines, a paragraph for each item at the top.

    Raises:
        EmptyDocumentError: it holds no value.
        ParseLimitError: nested too deeply, or too many values.

    """
    text, warnings = decode(file.data)
    value = json.loads(text)
    if isinstance(value, dict) and isinstance(value.get("cells"), list):
        cells = [_cell(cell) for cell in value["cells"] if isinstance(cell, dict)]
        if any(cell.kind == "code" for cell in cells) and (language := _language(value)):
            cells.insert(0, TextPiece("paragraph", f"Language: {language}"))
        return assemble(cells, SourceText(NOTEBOOK_MEDIA_TYPE, PARSER, warnings=warnings))
    title = value.get("title") if isinstance(value, dict) else None
    source = SourceText(
        MEDIA_TYPE, PARSER, title=title if isinstance(title, str) else None, warnings=warnings
    )
    return assemble(_pieces(value), source)


def parse_json_lines(file: File) -> ParsedDocument:
    """Read a value on each line, a paragraph for each; lines that are no JSON stay as they are."""
    text, warnings = decode(file.data)
    pieces: list[TextPiece] = []
    odd = 0
    for line in filter(str.strip, text.split("\n")):
        try:
            value = json.loads(line)
        except ValueError:
            odd += 1
            value = line
        pieces.append(TextPiece("paragraph", "\n".join(_lines(value))))
    if odd:
        warnings = (*warnings, f"{odd} lines are not JSON and were kept as they are.")
    return assemble(pieces, SourceText(LINES_MEDIA_TYPE, PARSER, warnings=warnings))


def _language(notebook: dict[str, Any]) -> str:
    """Return the language that a notebook says its code is in."""
    about = notebook.get("metadata")
    for holder, name in (("language_info", "name"), ("kernelspec", "language")):
        details = about.get(holder) if isinstance(about, dict) else None
        if isinstance(details, dict) and isinstance(details.get(name), str):
            return str(details[name])[:40]
    return ""


def _cell(cell: dict[str, Any]) -> TextPiece:
    """Return a notebook's cell; its outputs are left out."""
    source = cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    if cell.get("cell_type") == "code":
        return TextPiece("code", text)
    if text.startswith("#") and "\n" not in text.strip():
        return TextPiece("heading", text.lstrip("#").strip(), len(text) - len(text.lstrip("#")))
    return TextPiece("paragraph", text)


def _pieces(value: Any) -> Iterator[TextPiece]:
    if isinstance(value, list):
        for item in value:
            yield TextPiece("paragraph", "\n".join(_lines(item)))
    else:
        yield TextPiece("paragraph", "\n".join(_lines(value)))


def _lines(value: Any) -> Iterator[str]:
    """Yield ``a.b: value`` for each plain value, in the order of the file."""
    waiting: list[tuple[str, Any]] = [("", value)]
    count = 0
    while waiting:
        path, value = waiting.pop()
        count += 1
        if count > _MOST_LINES:
            raise ParseLimitError(f"This file holds more values than can be read. {SPLIT_IT}")
        if isinstance(value, dict):
            inner = [(f"{path}.{key}" if path else str(key), item) for key, item in value.items()]
            waiting.extend(reversed(inner))
        elif isinstance(value, list):
            waiting.extend((path, item) for item in reversed(value))
        elif value is not None and value != "":
            value_text = value if isinstance(value, str) else json.dumps(value)
            yield f"{path}: {value_text}" if path else value_text
