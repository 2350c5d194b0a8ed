"""Find the texts that the page shows, as its language files must name them."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from tests.house.sources import ROOT

PAGE = ROOT / "api" / "web"
SPOKEN = ("aria-label", "placeholder", "title", "content")
"""Attributes of the page's own file that people read or hear; see `translatePage`."""

_TAG = re.compile(r"(?<![\w$.])t`")
_PLURAL = re.compile(
    r"\bplural\([^\"`;]*?, (?:\"([a-z ]+)\"|\w+ \? \"([a-z ]+)\" : \"([a-z ]+)\")\)"
)


def texts_of_scripts() -> set[str]:
    """Return each text of the page's scripts, with {0}, {1} in the places of values."""
    scripts = [file.read_text() for file in sorted(PAGE.glob("*.js"))]
    return {text for script in scripts for text in texts_of(script)}


def texts_of(script: str) -> Iterator[str]:
    """Yield the texts of a script: what stands in t`...`, and what is counted."""
    for match in _TAG.finditer(script):
        before = script.rfind("\n", 0, match.start())
        if not script[before + 1 : match.start()].lstrip().startswith(("//", "/*", "*")):
            yield _template(script, match.end())
    for match in _PLURAL.finditer(script):
        yield from (f"{{0}} {word}" for word in match.groups() if word)


def _template(script: str, at: int) -> str:
    text, values = "", 0
    while script[at] != "`":
        if script.startswith("${", at):
            text += f"{{{values}}}"
            values += 1
            at = _past_value(script, at + 2)
        else:
            text += script[at]
            at += 1
    return text


def _past_value(script: str, at: int) -> int:
    """Return the place after the brace that ends a value, over templates inside it."""
    depth = 1
    while depth:
        if script[at] == "`":
            at = _past_template(script, at + 1)
            continue
        depth += {"{": 1, "}": -1}.get(script[at], 0)
        at += 1
    return at


def _past_template(script: str, at: int) -> int:
    while script[at] != "`":
        at = _past_value(script, at + 2) if script.startswith("${", at) else at + 1
    return at + 1


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in ("code", "script")
        named = dict(attrs)
        for name in SPOKEN:
            if named.get(name) and (name != "content" or named.get("name") == "description"):
                self._add(named[name] or "")

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in ("code", "script")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._add(data)

    def _add(self, text: str) -> None:
        words = " ".join(text.split())
        if re.search(r"[^\W\d_]{2}", words) and words != "Footnote":
            self.texts.add(words)


def texts_of_page(file: Path = PAGE / "index.html") -> set[str]:
    """Return each text of the page's own file, in words with single spaces."""
    parser = _Texts()
    parser.feed(file.read_text())
    return parser.texts
