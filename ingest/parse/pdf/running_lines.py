"""Headers, footers and page numbers: each is kept once, and where it cuts no sentence."""

import re
from collections import Counter
from collections.abc import Sequence

from ingest.parse.pdf.lines import TextLine

_EDGE_LINES = 2
"""A running header or footer is among this many lines at the top or bottom of a page."""
_FEW_PAGES = 2
_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|p|seite|s|pagina|página|sida|side|sivu|strona|str|strana|oldal|pág|pag|стр"
    r"|страница|σελίδα|sayfa|第)\W*)?#(?:\W*(?:of|von|de|di|du|van|av|af|z|ze|из|sur|/|页|頁|ページ|쪽)"
    r"\W*(?:#\W*)?)?",
    re.IGNORECASE,
)


def part_running_lines(
    pages: Sequence[Sequence[TextLine]],
) -> tuple[list[list[TextLine]], list[TextLine]]:
    """Return each page's lines without running ones, and the first of each of these.

    The header of the first page stays, for it may be the title.
    """
    running = _running_keys(pages)
    shown_keys: set[str] = set()
    moved: list[TextLine] = []
    pages_lines: list[list[TextLine]] = []
    for number, lines in enumerate(pages):
        dropped_lines = set()
        for line in _edges(lines):
            key = _key(line)
            is_on_top = line.base < 0.5 * line.frame.height
            if key not in running or (number == 0 and is_on_top and key not in shown_keys):
                shown_keys.add(key)
                continue
            dropped_lines.add(id(line))
            if key not in shown_keys:
                moved.append(line)
            shown_keys.add(key)
        pages_lines.append([line for line in lines if id(line) not in dropped_lines])
    return pages_lines, moved


def _running_keys(pages: Sequence[Sequence[TextLine]]) -> set[str]:
    """Return the lines, figures aside, that stand at the edges of enough pages."""
    counts = Counter(key for lines in pages for key in {_key(line) for line in _edges(lines)})
    least = max(3, 0.4 * len(pages))
    running = {key for key, count in counts.items() if count >= least}
    if len(pages) != _FEW_PAGES:
        return running
    first, second = ({line.text for line in _edges(lines)} for lines in pages)
    twice = {key for key, count in counts.items() if count == _FEW_PAGES}
    same = {re.sub(r"\d+", "#", text.casefold()) for text in first & second}
    at_the_bottom = {
        _key(line)
        for lines in pages
        for line in _edges(lines)
        if line.base > 0.5 * line.frame.height
    }
    return {
        key for key in twice if key in same or key in at_the_bottom or _PAGE_NUMBER.fullmatch(key)
    }


def _edges(lines: Sequence[TextLine]) -> list[TextLine]:
    count = min(_EDGE_LINES, (len(lines) - 1) // 2)
    if count < 1:
        return []
    return [line for line in (*lines[:count], *lines[-count:]) if line.in_margin]


def _key(line: TextLine) -> str:
    return re.sub(r"\d+", "#", line.text.casefold())
