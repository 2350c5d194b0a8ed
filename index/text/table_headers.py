"""A table's caption and its header, as they stand in a text whose rows are lines.

The cells of a row are apart by `` | ``. The caption is the line directly above the first row; a
header may have two rows, where columns are grouped.
"""

import re
from itertools import pairwise

CELL_GAP = " | "
_LONGEST_CAPTION = 200
_LINES_ABOVE = 3
"""Lines without cells that a table may have above its header."""
_STOPS = ".!?;,\u3002\uff01\uff1f\u061f"
_UNIT = re.compile(
    r"""^\W*(?:(?:all\s)?(?:amounts|figures|dollars|euros|numbers|values|sums)\s
      (?:(?:are|is)\s)?(?:(?:stated|expressed|shown|given|presented)\s)?)?
    in\s(?:\w+\s|[^\w\s]+\s?)?(?:thousands?|millions?|billions?|percent|per\scent|%|crowns|dollars|euros
      |pounds|tonnes|tons)(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_NUMBERED = re.compile(
    r"(?:fig(?:ure|\.)?|table|chart|abb(?:ildung|\.)|tabelle|tab\.|tablo)\s\d+(?:\.\d+)*\s?[:.\u2013-]"
    r"|\u8868\s?\d+",
    re.IGNORECASE,
)


def is_unit_line(line: str) -> bool:
    """Tell whether a line says in which unit or scale a table counts: (in millions)."""
    return len(line) <= _LONGEST_CAPTION and bool(_UNIT.match(line))


def is_caption(line: str) -> bool:
    """Tell whether a line may be the caption of the table below it."""
    words = line.strip()
    if not words or len(words) > _LONGEST_CAPTION or CELL_GAP in words:
        return False
    return bool(_NUMBERED.match(words)) or is_unit_line(words) or words[-1] not in _STOPS


def caption_start(text: str, table_start: int) -> int:
    """Return where the caption above a table begins; ``table_start`` where there is none.

    A line with the unit leads to the line above it: the title of a statement.
    """
    start = table_start
    line_start = _line_above(text, start)
    while line_start is not None and is_caption(text[line_start:start]):
        was_unit = is_unit_line(text[line_start:start].strip())
        start = line_start
        line_start = _line_above(text, start) if was_unit else None
    return start


def _line_above(text: str, start: int) -> int | None:
    """Return where the line above begins, across at most one empty line."""
    above = text[:start].rstrip(" \t")
    gap = len(above) - len(above.rstrip("\n"))
    above = above.rstrip()
    if not above or gap > len("\n\n"):
        return None
    return above.rfind("\n") + 1


def cells_of(row: str) -> tuple[str, ...]:
    """Cut a row, white space as single spaces, into its cells; the outer ones may be empty."""
    cells = f" {row} ".split(CELL_GAP)
    return tuple(cell.strip() for cell in cells)


def joined_header(first: str, second: str) -> tuple[str, ...]:
    """Return the names of the columns where two rows are one header; nothing where they are not.

    Such a header groups columns in its first row, and repeats in the second what spans both.
    """
    groups, names = cells_of(first), cells_of(second)
    repeats = any(a and a == b for a, b in pairwise(groups))
    spans = any(a == b for a, b in zip(groups, names, strict=False))
    numbers = sum(any(map(str.isdigit, name)) and not _YEAR.search(name) for name in names)
    if len(groups) != len(names) or not repeats or not spans or 2 * numbers >= len(names):
        return ()
    pairs = zip(groups, names, strict=True)
    return tuple(a if a == b else f"{a} {b}".strip() for a, b in pairs)


def header_of_table(rows: str) -> tuple[int, str]:
    """Return where the header begins in a table's own text, and the names of its columns.

    Nothing but the start of the text where no row with cells is near it.
    """
    start = 0
    for line in rows.split("\n")[:_LINES_ABOVE]:
        if CELL_GAP in f" {line} ":
            first, _, rest = rows[start:].partition("\n")
            plain = [" ".join(row.split()) for row in (first, rest.partition("\n")[0])]
            return start, CELL_GAP.join(joined_header(*plain)) or plain[0]
        start += len(line) + 1
    return 0, ""
