"""A PDF page's text layer: characters in pdfium's order to words with boxes, and to lines.

A call into pdfium from Python costs more than what it does there, so the text is read in one call
and only the first and the last character of each word are asked for their place.
"""

import ctypes
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise, repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ingest.parse.common.document_builder import clean
from ingest.parse.pdf.annotations import Annotation, annotated_text, with_fields
from ingest.parse.pdf.lines import BULLETS, Frame, TextLine, Word
from ingest.parse.pdf.raised_letters import (
    STOPS,
    Setting,
    differing,
    ends_in_stop,
    words_set_apart,
)
from ingest.parse.pdf.right_to_left import (
    LEFTWARD,
    PlacedLetter,
    is_leftward,
    words_in_reading_order,
)
from ingest.parse.pdf.ruled_tables import RulingLine, ruling_lines_of_page

Numbers = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]
Units = npt.NDArray[np.uint16]
Flags = npt.NDArray[np.bool_]

_GRID = 1_000_000
"""The page is mapped to a square this many units wide, so that places become shares."""

_SPACES = "\0\t\n\r \xa0\u1680\u2028\u2029\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200C)))
_HYPHENS = "\x02\ufffe"
"""The character that pdfium writes for a hyphen and the line break after it."""
_WORD = re.compile(f"[^{_SPACES}{_HYPHENS}]+")
_LIGATURES = dict(
    zip(range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True)
)
_ODD = re.compile(r"[\x01\x03-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufb00-\ufb06\uffff]")
"""Characters that are not stored as they stand."""
_PAIR = re.compile(r"[\ud800-\udbff][\udc00-\udfff]")
_PARTS, _BREAKS, _HYPHENATED = np.zeros((3, 1 << 16), bool)
_PARTS[[ord(sign) for sign in _SPACES + _HYPHENS]] = True
_HYPHENATED[[ord(sign) for sign in _HYPHENS]] = True
_BREAKS[[ord(sign) for sign in "\n\r" + _HYPHENS]] = True
_NO_LETTER = np.zeros(1 << 16, bool)
_NO_LETTER[1:32] = _NO_LETTER[0xE000:0xF900] = _NO_LETTER[0xFFFD] = True
_NO_LETTER[[ord(sign) for sign in BULLETS]] = False
_MOST_GARBLED = 0.3
"""The share of a page's letters that may be none before the page counts as noise."""
_GARBLED_SAMPLE = 150
"""Letters of a page that pdfium is asked about."""
_POINTER = ctypes.c_void_p
_LONGEST_NAME = 128
_BOLD = ("bold", "black", "heavy", "demi")


class PageText(NamedTuple):
    """A page's lines that hold words, in the order in which the file draws them, and its rules."""

    lines: list[TextLine]
    rules: list[RulingLine]
    is_garbled: bool = False
    """Its fonts do not say which letters they show; such lines are left out."""
    comments: Sequence[Annotation] = ()


def read_page(page: Any, text_page: Any, number: int) -> PageText:
    """Read the text layer of an open page."""
    frame = Frame(number, *page.get_size())
    page_boxes = PageBoxes(page)
    reader = _TextLayerReader(frame, page_boxes, text_page)
    is_garbled = reader.is_garbled()
    lines = [] if is_garbled else reader.lines()
    annotated = annotated_text(page, page_boxes)
    if annotated.fields:
        lines = with_fields(lines, annotated.fields, frame)
    rules = ruling_lines_of_page(page, frame, page_boxes) if lines else []
    return PageText(lines, rules, is_garbled, annotated.comments)


class PageBoxes:
    """The map from a page's own units to shares of its width and height.

    pdfium knows about rotation and the visible box; three points give the whole affine map.
    """

    def __init__(self, page: Any) -> None:
        (x0, y0), (xa, ya), (xb, yb) = (
            _device_point(page, *point) for point in ((0, 0), (1000, 0), (0, 1000))
        )
        unit = 1000.0 * _GRID
        self._matrix = np.array([[xa - x0, xb - x0], [ya - y0, yb - y0]]) / unit
        self._origin = np.array([[x0], [y0]]) / _GRID
        self._is_upright = xa > x0 and abs(ya - y0) <= 1

    def turn_of(self, across: float, up: float, frame: Frame) -> int:
        """Return by how many degrees clockwise a direction in the page's units is turned."""
        if across > 0 and up == 0 and self._is_upright:
            return 0
        x, y = self._matrix @ np.array([across, up])
        return round(math.degrees(math.atan2(y * frame.height, x * frame.width)) / 90) % 4 * 90

    def boxes(self, sides: Numbers) -> Numbers:
        """Map boxes of left, top, right, bottom to x0, y0, x1, y1 with the origin top left."""
        first = self._matrix @ sides[:, :2].T + self._origin
        second = self._matrix @ sides[:, 2:].T + self._origin
        both = np.vstack([np.minimum(first, second), np.maximum(first, second)])
        shares: Numbers = np.clip(both, 0.0, 1.0).round(6).T
        return shares


def _device_point(page: Any, across: float, up: float) -> tuple[int, int]:
    import pypdfium2.raw as pdfium

    x, y = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page.raw, 0, 0, _GRID, _GRID, 0, across, up, x, y)
    return x.value, y.value


class _TextLayerReader:
    def __init__(self, frame: Frame, page_boxes: PageBoxes, text_page: Any) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._raw = text_page.raw
        self._frame = frame
        self._page_boxes = page_boxes
        self._address = ctypes.cast(self._raw, _POINTER).value
        self._calls = _calls()
        self._matrix = pdfium.FS_MATRIX()
        self._matrix_address = ctypes.addressof(self._matrix)
        self._name = ctypes.create_string_buffer(_LONGEST_NAME)
        self._name_address = ctypes.addressof(self._name)
        self._units = self._read_units()
        self._fonts: dict[bytes, bool] = {}

    def _read_units(self) -> Units:
        """Return one UTF-16 unit for each of pdfium's positions."""
        count = max(0, self._pdfium.FPDFText_CountChars(self._raw))
        units = np.zeros(count + 1, np.uint16)
        start = ctypes.cast(units.ctypes.data, ctypes.POINTER(ctypes.c_ushort))
        length = self._pdfium.FPDFText_GetText(self._raw, 0, count, start) if count else 1
        if length != count + 1:  # it left something out: ask for one after the other
            get_unit = self._pdfium.FPDFText_GetUnicode
            units[:count] = [get_unit(self._raw, i) & 0xFFFF for i in range(count)]
        return units[:count]

    def is_garbled(self) -> bool:
        """Tell whether the fonts of much of the page do not say which letters they show.

        Signs of it are letters for private use, controls, and glyphs that pdfium has no letter for.
        """
        positions = np.flatnonzero(~_PARTS[self._units])
        if not len(positions):
            return False
        odd = _NO_LETTER[self._units[positions]]
        if odd.mean() > _MOST_GARBLED:
            return True
        sample = positions[:: max(1, len(positions) // _GARBLED_SAMPLE)].tolist()
        has_no_letter = self._pdfium.FPDFText_HasUnicodeMapError
        errors = sum(has_no_letter(self._raw, index) == 1 for index in sample)
        return bool(errors > _MOST_GARBLED * len(sample))

    def lines(self) -> list[TextLine]:
        text = self._units.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        texts = _WORD.findall(text)
        starts, ends = _runs(~_PARTS[self._units])
        if _ODD.search(text):
            texts = [_stored_form(word) for word in texts]
            is_word = np.array([bool(word) for word in texts], bool)
            starts, ends, texts = starts[is_word], ends[is_word], [word for word in texts if word]
        if not texts:
            return []
        corners = self._corners(starts, ends)
        texts = self._set_apart(texts, starts, ends, corners)
        boxes = _around(corners)
        columns = boxes.T.tolist()
        new = tuple.__new__  # what Word(...) does in the end; there are very many
        words = [new(Word, fields) for fields in zip(texts, *columns, strict=True)]
        breaks = np.cumsum(_BREAKS[self._units])[starts]  # how many stand before each word
        is_cut = (np.diff(breaks) != 0) | _goes_back(boxes)
        cuts = [0, *(np.flatnonzero(is_cut) + 1).tolist(), len(words)]
        hyphenated = self._ends_in_hyphen(ends[np.array(cuts[1:]) - 1])
        offsets = starts.tolist()
        lines = [
            self._line(words[a:b], offsets[a:b], hyphenated=hyphen)
            for (a, b), hyphen in zip(pairwise(cuts), hyphenated, strict=True)
        ]
        if not LEFTWARD.search(text):
            return lines
        is_page_leftward = is_leftward(text)
        reaches = [(offsets[a], int(ends[b - 1])) for a, b in pairwise(cuts)]
        return [
            self._read_leftwards(line, *reach, is_page_leftward=is_page_leftward)
            if LEFTWARD.search(line.text)
            else line
            for line, reach in zip(lines, reaches, strict=True)
        ]

    def _read_leftwards(
        self, line: TextLine, start: int, end: int, *, is_page_leftward: bool
    ) -> TextLine:
        """Return a line of a script that is read from right to left, by where its letters stand."""
        width = self._frame.width
        boxes = _around(self._corners(np.arange(start, end), np.arange(start, end) + 1))
        letters = [
            PlacedLetter(_stored_form(chr(unit)), x0 * width, y0, x1 * width, y1)
            for unit, (x0, y0, x1, y1) in zip(
                self._units[start:end].tolist(), boxes.tolist(), strict=True
            )
            if x1 > x0 and (_stored_form(chr(unit)) or chr(unit).isspace())
        ]
        words = tuple(
            word._replace(x0=word.x0 / width, x1=word.x1 / width)
            for word in words_in_reading_order(
                letters, line.size, is_page_leftward=is_page_leftward
            )
        )
        return replace(line, words=words) if words else line

    def _ends_in_hyphen(self, ends: Positions) -> list[bool]:
        """Tell of each line whether the break after its last word is what pdfium took away."""
        is_hyphen = _HYPHENATED[self._units]
        if not is_hyphen.any():
            return [False] * len(ends)
        breaks = np.append(np.flatnonzero(_BREAKS[self._units]), -1)
        following = breaks[np.minimum(np.searchsorted(breaks[:-1], ends), len(breaks) - 1)]
        return [offset >= 0 and bool(is_hyphen[offset]) for offset in following.tolist()]

    def _set_apart(
        self, texts: list[str], starts: Positions, ends: Positions, corners: Numbers
    ) -> list[str]:
        """Return the words, raised and lowered digits apart from what they would join."""
        heights = corners[:, :, 3] - corners[:, :, 1]
        is_as_drawn = (ends - starts == np.array(list(map(len, texts)))).tolist()
        stopped = [row for row, text in enumerate(texts) if is_as_drawn[row] and ends_in_stop(text)]
        if stopped:  # the letter before the stops stands for the word's end
            last = [starts[row] + len(texts[row].rstrip(STOPS)) for row in stopped]
            inner = self._corners(starts[stopped], np.array(last))
            heights[stopped] = inner[:, :, 3] - inner[:, :, 1]
        rows = [row for row in differing(heights) if is_as_drawn[row]]
        return words_set_apart(texts, starts.tolist(), rows, self._setting) if rows else texts

    def _setting(self, index: int) -> Setting:
        """Return how a letter is set; one that is not level is not told apart."""
        size, turn = self._size_and_turn(index)
        across, up = ctypes.c_double(), ctypes.c_double()
        self._pdfium.FPDFText_GetCharOrigin(self._raw, index, across, up)
        return Setting(0.0 if turn else size, up.value)

    def _corners(self, starts: Positions, ends: Positions) -> Numbers:
        """Return the boxes of each word's first and last letter, in shares of the page."""
        sides = np.zeros((2 * len(starts), 4), np.float32)
        offsets = np.stack([starts, ends - 1], axis=1).ravel().tolist()
        addresses = range(sides.ctypes.data, sides.ctypes.data + sides.nbytes, 16)
        for _ in map(self._calls.box, repeat(self._address), offsets, addresses):
            pass
        return self._page_boxes.boxes(sides.astype(np.float64)).reshape(-1, 2, 4)

    def _line(self, words: list[Word], starts: list[int], *, hyphenated: bool) -> TextLine:
        lengths = [len(word.text) for word in words]
        size, turn = self._size_and_turn(starts[lengths.index(max(lengths))])
        bold = self._is_bold(starts[0]) and self._is_bold(starts[-1])
        return TextLine(
            self._frame, tuple(words), size, bold=bold, hyphenated=hyphenated, turn=turn
        )

    def _size_and_turn(self, index: int) -> tuple[float, int]:
        """Return an em in points, and the turn: the font's size and direction in its matrix."""
        size: float = self._calls.size(self._address, index)
        turn = 0
        if self._calls.matrix(self._address, index, self._matrix_address):
            size *= math.hypot(self._matrix.c, self._matrix.d)
            turn = self._page_boxes.turn_of(self._matrix.a, self._matrix.b, self._frame)
        return round(size, 1) or 1.0, turn

    def _is_bold(self, index: int) -> bool:
        self._calls.font(self._address, index, self._name_address, _LONGEST_NAME, None)
        name = self._name.value
        if name not in self._fonts:
            folded = name.decode("utf-8", "replace").casefold()
            self._fonts[name] = any(sign in folded for sign in _BOLD)
        return self._fonts[name]


def _around(corners: Numbers) -> Numbers:
    """Return the box around each word's first and last letter."""
    low, high = corners[:, :, :2].min(axis=1), corners[:, :, 2:].max(axis=1)
    return np.hstack([low, high])


def _goes_back(boxes: Numbers) -> Flags:
    """Tell of each word but the first whether it begins a row below and left of the one before."""
    before, after = boxes[:-1], boxes[1:]
    heights = np.minimum(before[:, 3] - before[:, 1], after[:, 3] - after[:, 1])
    is_below = after[:, 1] + after[:, 3] - before[:, 1] - before[:, 3] > 1.4 * heights
    goes_back: Flags = is_below & (after[:, 2] < before[:, 0])
    return goes_back


def _runs(inside: Flags) -> tuple[Positions, Positions]:
    """Return where runs of True begin and end."""
    edges = np.flatnonzero(np.diff(inside, prepend=False, append=False))
    return edges[::2], edges[1::2]


def _stored_form(text: str) -> str:
    """Return a word as it is stored: ligatures apart, pairs of surrogates together."""
    if not _ODD.search(text):
        return text
    whole = _PAIR.sub(
        lambda pair: pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text
    )
    return clean(whole.translate(_LIGATURES))


class _Calls(NamedTuple):
    """Functions of pdfium that take bare addresses, half as dear to call as with checked types."""

    box: Any
    size: Any
    matrix: Any
    font: Any


@cache
def _calls() -> _Calls:
    import pypdfium2.raw as pdfium

    def bare(function: Any, result: Any, *more: Any) -> Any:
        address = ctypes.cast(function, ctypes.c_void_p).value
        return ctypes.PYFUNCTYPE(result, _POINTER, ctypes.c_int, *more)(address or 0)

    return _Calls(
        bare(pdfium.FPDFText_GetLooseCharBox, ctypes.c_int, _POINTER),
        bare(pdfium.FPDFText_GetFontSize, ctypes.c_double),
        bare(pdfium.FPDFText_GetMatrix, ctypes.c_int, _POINTER),
        bare(pdfium.FPDFText_GetFontInfo, ctypes.c_ulong, _POINTER, ctypes.c_ulong, _POINTER),
    )
