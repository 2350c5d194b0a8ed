"""Rows of a model's Markdown table to cells."""

import re
from dataclasses import replace

from generate.prompting.citation_markers import WrittenSentence, written_text
from generate.prompting.model_notation import all_in_one_notation

_BORDER = re.compile(r"(?<!\\)\|")
_SEPARATOR_CELL = re.compile(r"\s*:?-+:?\s*")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SAYS_NOTHING = re.compile(
    r"n/?a|none|unknown|not\s(?:stated|mentioned|specified|given|available|applicable|provided)"
    r"|(?:the\s)?(?:documents?|passages?|sources?)\sdo(?:es)?\snot\ssay",
    re.IGNORECASE,
)


def is_separator(line: str) -> bool:
    """Tell whether a line is the one between a table's header and its rows."""
    cells = _cells(line)
    return bool(cells) and all(map(_SEPARATOR_CELL.fullmatch, cells))


def read_row(line: str, *, columns: int = 0) -> tuple[WrittenSentence, ...]:
    """Return a row's cells, as many as there are columns; one that says nothing has no text.

    Without ``columns``, as many as the line has.
    """
    cells = [_read_cell(cell) for cell in _cells(line)]
    if not columns:
        return tuple(cells)
    cells += [WrittenSentence("", ())] * (columns - len(cells))
    last, rest = cells[columns - 1], cells[columns:]
    if rest:
        text = " ".join(filter(None, (last.text, *(cell.text for cell in rest))))
        numbers = tuple(dict.fromkeys(n for cell in (last, *rest) for n in cell.numbers))
        last = WrittenSentence(text, numbers)
    return (*cells[: columns - 1], last)


def _cells(line: str) -> list[str]:
    cells = _BORDER.split(line.strip())
    if not cells[-1].strip():
        cells = cells[:-1]
    return cells[1:] if cells and not cells[0].strip() else cells


def _read_cell(cell: str) -> WrittenSentence:
    text = _LINE_BREAK.sub(" ", cell.replace("\\|", "|"))
    content = written_text(all_in_one_notation(text))
    is_empty = not any(c.isalnum() for c in content.text)
    is_empty = is_empty or bool(_SAYS_NOTHING.fullmatch(content.text.rstrip(".")))
    return replace(content, text="", marks=()) if is_empty else content
