r"""Rich Text Format (RTF 1.9.1) read into paragraphs: groups, control words, code pages.

striprtf, which was used before, knows no styles, fonts' code pages, ``\bin`` or hidden text.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

from ingest.parse.common.raised_text import blank_after, sign_before

_TOKEN = re.compile(
    rb"\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})? ?|\\'(?P<hex>[0-9A-Fa-f]{2})"
    rb"|\\(?P<symbol>[^A-Za-z])|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)|[\\\r\n]"
)
_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet info pict objdata listtable listoverridetable revtbl rsidtbl "
    b"generator xmlnstbl themedata colorschememapping datastore latentstyles fldinst filetbl "
    b"nonshppict nonesttables sp objclass objname pnseclvl list listoverride upr "
    b"background template bkmkstart bkmkend "
    b"atnid atnauthor atndate atnref atrfstart atrfend atnparent atnicn".split()
)
_KEPT = frozenset(b"shpinst shptxt annotation ud hyphen".split())
"""Destinations that are read although the file says that they may be passed over."""
_ASIDES = frozenset(
    b"header headerl headerr headerf footer footerl footerr footerf footnote annotation".split()
)
_CHARACTERS = {
    b"tab": "\t", b"emdash": "\u2014", b"endash": "\u2013", b"bullet": "\u2022",
    b"lquote": "\u2018", b"rquote": "\u2019", b"ldblquote": "\u201c", b"rdblquote": "\u201d",
    b"emspace": " ", b"enspace": " ", b"qmspace": " ",
}  # fmt: skip
_SYMBOLS = {b"~": " ", b"_": "-", b"{": "{", b"}": "}", b"\\": "\\"}
_BREAKS = frozenset((b"par", b"line", b"sect", b"page", b"column"))
_CODE_PAGES = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
"""Of a font's character set; any other has the file's own code page."""
_MACHINES = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}
_POSITIONS = {b"super": "super", b"up": "super", b"sub": "sub", b"dn": "sub", b"nosupersub": ""}
_BEFORE = 4
"""Strings that hold the letters before: one may be a single letter."""
_OPENERS = _SKIPPED | _ASIDES | {b"title"}
"""Words that begin a destination."""
_HEADING = re.compile(r"heading\s*(\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RtfLine:
    """A paragraph, or a row of a table."""

    text: str
    level: int = 0
    """Of a heading; 0 for any other paragraph."""
    cells: tuple[str, ...] = ()
    """Of a row; then there is no text."""


@dataclass(slots=True)
class _Story:
    """A run of paragraphs: the body, or a header, note or comment."""

    lines: list[RtfLine] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    level: int = 0
    position: str = ""
    """Of the last letters: ``super``, ``sub``, or nothing where they stand on the line."""

    def add(self, text: str, position: str) -> None:
        """Add letters, with the sign that keeps raised or lowered ones from joining others."""
        before = "".join(self.text[-_BEFORE:])
        if position and position != self.position:
            self.text.append(sign_before(text, position, before))
        elif self.position and not position:
            self.text.append(blank_after(before, text))
        self.text.append(text)
        self.position = position

    def end_paragraph(self) -> None:
        """Close the paragraph that is being read."""
        text = _take_text(self.text)
        if self.cells and not text.strip():
            return
        self.lines.append(RtfLine(text, self.level))

    def end_cell(self) -> None:
        """Close a cell of the row that is being read."""
        self.cells.append(" ".join(_take_text(self.text).split()))

    def end_row(self) -> None:
        """Close a row."""
        if any(self.cells):
            self.lines.append(RtfLine("", cells=tuple(self.cells)))
        self.cells.clear()


@dataclass(slots=True)
class _State:
    """The settings that a group inherits, and gives back at its end."""

    is_skipped: bool = False
    is_hidden: bool = False
    is_deleted: bool = False
    fallback: int = 1
    """How many characters stand in for one of Unicode."""
    code_page: str = "cp1252"
    position: str = ""
    """``super`` or ``sub`` for raised or lowered letters."""
    out: _Story = field(default_factory=_Story)
    destination: bytes = b""


def read_rtf(data: bytes) -> tuple[list[RtfLine], str | None]:
    """Return the paragraphs, headers, notes and comments last, and the title if there is one."""
    reader = _RtfReader()
    for match in _tokens(data):
        reader.take(match)
        if match["brace"] == b"}" and reader.ended:
            break  # what follows the last group is no part of the document
    return reader.result()


def _tokens(data: bytes) -> Iterator[re.Match[bytes]]:
    position = 0
    while match := _TOKEN.match(data, position):
        yield match
        position = match.end()
        if match["word"] == b"bin":  # so many bytes of anything follow
            position += max(0, int(match["number"] or 0))


class _RtfReader:
    """Takes token after token."""

    def __init__(self) -> None:
        self._body = _Story()
        self._asides: list[_Story] = []
        self._state = _State(out=self._body)
        self._stack: list[_State] = []
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._styles: dict[int, int] = {}
        self._style = 0
        self._name = b""
        self._title = b""
        self._default = "cp1252"
        self._bytes = bytearray()
        self._to_skip = 0
        self._is_optional = False

    @property
    def ended(self) -> bool:
        """Whether every group that was opened is closed."""
        return not self._stack

    def result(self) -> tuple[list[RtfLine], str | None]:
        """Return what was read."""
        self._flush()
        lines: list[RtfLine] = []
        for story in (self._body, *self._asides):
            story.end_paragraph()
            story.end_row()
            lines += story.lines
        title = " ".join(self._title.decode(self._default, "replace").split())
        return lines, title or None

    def take(self, match: re.Match[bytes]) -> None:
        """Take one token."""
        if match["word"] is not None:
            number = match["number"]
            self._take_word(match["word"], None if number is None else int(number))
            self._is_optional = False
        elif match.lastgroup is not None:
            self._TAKERS[match.lastgroup](self, match[match.lastgroup])

    def _take_hex(self, digits: bytes) -> None:
        self._take_bytes(bytes((int(digits, 16),)))

    def _take_brace(self, brace: bytes) -> None:
        if brace == b"}":
            self._close()
            return
        self._flush()
        self._stack.append(replace(self._state))
        self._to_skip = 0

    def _close(self) -> None:
        self._flush()
        if self._state.destination == b"stylesheet":
            self._end_style()
        if self._stack:
            self._state = self._stack.pop()
        self._to_skip = 0
        self._is_optional = False

    def _take_bytes(self, data: bytes) -> None:
        self._is_optional = False
        dropped_bytes = min(self._to_skip, len(data))
        self._to_skip -= dropped_bytes
        data = data[dropped_bytes:]
        if self._state.destination == b"stylesheet":
            self._name += data
        elif self._state.destination == b"title":
            self._title += data
        elif not (self._state.is_skipped or self._state.is_hidden or self._state.is_deleted):
            self._bytes += data

    def _take_symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._is_optional = True
        elif symbol in b"\r\n":
            self._break()
        elif symbol in _SYMBOLS:
            self._say(_SYMBOLS[symbol])

    def _take_word(self, word: bytes, number: int | None) -> None:
        if act := self._ACTS.get(word):
            act(self, word, number)
        elif word in _OPENERS or self._is_optional:
            self._open(word)
        elif change := self._SETTINGS.get(word):
            change(self, word, number)

    def _open(self, word: bytes) -> None:
        """Begin a destination: a group that is not part of the running text."""
        self._flush()
        if word in _ASIDES and not self._state.is_skipped:
            self._asides.append(_Story())
            self._state.out = self._asides[-1]
        elif word == b"title" and self._state.destination == b"info":
            self._state.destination = word
        elif word not in _KEPT or self._state.is_skipped:
            self._state.is_skipped = True
            self._state.destination = word

    def _set_fallback(self, _word: bytes, number: int | None) -> None:
        self._state.fallback = max(0, number if number is not None else 1)

    def _set_seen(self, word: bytes, number: int | None) -> None:
        self._flush()
        setattr(self._state, "is_hidden" if word == b"v" else "is_deleted", number != 0)

    def _set_plain(self, _word: bytes, _number: int | None) -> None:
        self._flush()
        self._state.is_hidden = self._state.is_deleted = False
        self._state.position = ""

    def _set_position(self, word: bytes, number: int | None) -> None:
        """Raise or lower the letters; ``up`` and ``dn`` say by how much, and 0 ends it."""
        self._flush()
        self._state.position = "" if number == 0 else _POSITIONS[word]

    def _set_code_page(self, word: bytes, number: int | None) -> None:
        self._default = self._state.code_page = _codec(_MACHINES.get(word) or f"cp{number}")

    def _name_font(self, _word: bytes, number: int | None) -> None:
        if self._state.destination == b"fonttbl":
            self._font = number or 0
        else:
            self._flush()
            self._state.code_page = self._fonts.get(number or 0) or self._default

    def _name_character_set(self, _word: bytes, number: int | None) -> None:
        if self._state.destination == b"fonttbl":
            self._fonts[self._font] = _CODE_PAGES.get(number or 0, "")

    def _shape(self, word: bytes, number: int | None) -> None:
        if self._state.destination == b"stylesheet":
            self._style = number or 0 if word == b"s" else self._style
            return
        out = self._state.out
        if word == b"pard":
            out.level = 0
        elif word == b"s":
            out.level = self._styles.get(number or 0, 0)
        elif number is not None and 0 <= number < 9:  # noqa: PLR2004 - 9 is body text
            out.level = number + 1

    def _end_style(self) -> None:
        match = _HEADING.match(self._name.decode("latin-1").strip())
        if match:
            self._styles[self._style] = int(match[1]) or 1
        self._name, self._style = b"", 0

    def _say_character(self, word: bytes, _number: int | None) -> None:
        self._say(_CHARACTERS[word])

    def _say_unicode(self, _word: bytes, number: int | None) -> None:
        self._say(chr((number or 0) % 65536))
        self._to_skip = self._state.fallback

    def _break(self, _word: bytes = b"", _number: int | None = None) -> None:
        self._flush()
        if not (self._state.is_skipped or self._state.is_hidden):
            self._state.out.end_paragraph()

    def _tabulate(self, word: bytes, _number: int | None) -> None:
        self._flush()
        if not self._state.is_skipped:
            out = self._state.out
            out.end_cell() if word.endswith(b"cell") else out.end_row()

    def _say(self, text: str) -> None:
        self._flush()
        state = self._state
        if not (state.is_skipped or state.is_hidden or state.is_deleted):
            state.out.add(text, state.position)

    def _flush(self) -> None:
        if self._bytes:
            text = self._bytes.decode(self._state.code_page, "replace")
            self._state.out.add(text, self._state.position)
            self._bytes.clear()

    _TAKERS: ClassVar[dict[str, Callable[["_RtfReader", bytes], None]]] = {
        "text": _take_bytes,
        "hex": _take_hex,
        "brace": _take_brace,
        "symbol": _take_symbol,
    }
    _ACTS: ClassVar[dict[bytes, "_Act"]] = {
        **dict.fromkeys(_BREAKS, _break),
        **dict.fromkeys((b"cell", b"nestcell", b"row", b"nestrow"), _tabulate),
        **dict.fromkeys(_CHARACTERS, _say_character),
        **dict.fromkeys((b"pard", b"s", b"outlinelevel"), _shape),
        b"u": _say_unicode,
    }
    """Control words that stand for text, or shape it."""
    _SETTINGS: ClassVar[dict[bytes, "_Act"]] = {
        **dict.fromkeys((b"v", b"deleted"), _set_seen),
        **dict.fromkeys((b"ansicpg", *_MACHINES), _set_code_page),
        b"uc": _set_fallback,
        b"plain": _set_plain,
        **dict.fromkeys(_POSITIONS, _set_position),
        b"f": _name_font,
        b"fcharset": _name_character_set,
    }
    """Control words that hold until their group ends; any other word changes nothing."""


_Act = Callable[[_RtfReader, bytes, int | None], None]


def _codec(name: str) -> str:
    try:
        "".encode(name)
    except LookupError:
        return "cp1252"
    return name


def _take_text(strings: list[str]) -> str:
    """Return the text so far, pairs of surrogates as one character, and start an empty one."""
    text = "".join(strings)
    strings.clear()
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
