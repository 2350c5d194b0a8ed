"""Runs of a Word document as they are seen: without struck-out and hidden text, with real signs.

Sources: ECMA-376-1, 17.3.2.37 (strike), 17.3.2.41 (vanish), 17.3.2.42 (vertAlign), 17.3.3.30 (sym),
17.4.20 (hidden rows), 17.7.2 (styles that rest on styles).
"""

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ingest.errors import ParseError
from ingest.parse.common.omissions import INVISIBLE, STRUCK_OUT
from ingest.parse.common.raised_text import blank_after, is_off_line, sign_before
from ingest.parse.common.symbol_fonts import in_unicode, is_symbol_font, sign_of
from ingest.parse.common.xml import safe_tree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VALUE = f"{_W}val"
_STYLES = "word/styles.xml"
_OFF = frozenset(("0", "false", "off", "none"))
_STRIKES = (f"{_W}strike", f"{_W}dstrike")
_HIDES = (f"{_W}vanish",)
_LETTERS = (f"{_W}t", f"{_W}sym", f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}noBreakHyphen")
_DEEPEST_STYLE = 20


@dataclass(frozen=True, slots=True)
class _Looks:
    """How the letters of a style or a run look; None where it does not say."""

    is_struck: bool | None = None
    is_hidden: bool | None = None
    position: str | None = None
    font: str | None = None

    def over(self, below: "_Looks") -> "_Looks":
        """Return these looks, completed by those that they rest on."""
        return _Looks(
            below.is_struck if self.is_struck is None else self.is_struck,
            below.is_hidden if self.is_hidden is None else self.is_hidden,
            self.position or below.position,
            self.font or below.font,
        )


_PLAIN = _Looks()


def _looks_of(properties: Any) -> _Looks:
    if properties is None:
        return _PLAIN
    return _Looks(
        _switch(properties, _STRIKES),
        _switch(properties, _HIDES),
        _position(properties),
        _font(properties),
    )


def _switch(properties: Any, names: Iterable[str]) -> bool | None:
    """Return whether any of some switches is on; None where none is there."""
    switches = [element for name in names if (element := properties.find(name)) is not None]
    if not switches:
        return None
    return any(switch.get(_VALUE, "1").lower() not in _OFF for switch in switches)


def _position(properties: Any) -> str | None:
    alignment = properties.find(f"{_W}vertAlign")
    if alignment is not None:
        return str(alignment.get(_VALUE, "baseline"))
    shift = properties.find(f"{_W}position")
    text = shift.get(_VALUE, "0") if shift is not None else "0"
    if text.strip("-+0") == "":
        return None
    return "subscript" if text.startswith("-") else "superscript"


def _font(properties: Any) -> str | None:
    fonts = properties.find(f"{_W}rFonts")
    return fonts.get(f"{_W}ascii") or fonts.get(f"{_W}hAnsi") if fonts is not None else None


class DocxStyles:
    """The looks that the styles of a package give to letters."""

    def __init__(self, looks: dict[str, _Looks]) -> None:
        self._looks = looks

    @property
    def change_text(self) -> bool:
        """Tell whether any style strikes out, hides, raises, or draws signs for letters."""
        return any(
            one.is_struck or one.is_hidden or one.position or is_symbol_font(one.font)
            for one in self._looks.values()
        )

    @classmethod
    def of_package(cls, archive: zipfile.ZipFile) -> "DocxStyles":
        """Read the styles; none where the part is missing or cannot be read safely."""
        if _STYLES not in archive.namelist():
            return cls({})
        try:
            tree = safe_tree(archive.read(_STYLES))
        except ParseError:
            return cls({})
        return cls(_resolved(list(tree.iter(f"{_W}style"))))

    def looks(self, run: Any, paragraph: Any) -> _Looks:
        """Return how the letters of a run look, by its own properties and its styles."""
        properties = run.find(f"{_W}rPr")
        own = _looks_of(properties)
        of_run = self._style(properties, "rStyle")
        of_paragraph = self._style(paragraph.find(f"{_W}pPr"), "pStyle")
        return own.over(of_run).over(of_paragraph)

    def _style(self, properties: Any, name: str) -> _Looks:
        style = properties.find(f"{_W}{name}") if properties is not None else None
        return _PLAIN if style is None else self._looks.get(style.get(_VALUE, ""), _PLAIN)


def _resolved(styles: list[Any]) -> dict[str, _Looks]:
    own = {style.get(f"{_W}styleId", ""): _looks_of(style.find(f"{_W}rPr")) for style in styles}
    based = {
        style.get(f"{_W}styleId", ""): base.get(_VALUE, "")
        for style in styles
        if (base := style.find(f"{_W}basedOn")) is not None
    }
    looks: dict[str, _Looks] = {}
    for name, look in own.items():
        base = based.get(name)
        for _ in range(_DEEPEST_STYLE):
            if base is None or base not in own:
                break
            look, base = look.over(own[base]), based.get(base)  # noqa: PLW2901 - built step by step
        looks[name] = look
    return looks


def rewrite_runs(tree: Any, styles: DocxStyles) -> None:
    """Change the runs of a story in place to what is seen; marks stand for what is left out."""
    for row in list(tree.iter(f"{_W}tr")):
        _take_out_hidden_row(row)
    for paragraph in tree.iter(f"{_W}p"):
        _Paragraph(paragraph, styles).rewrite()


def _take_out_hidden_row(row: Any) -> None:
    properties = row.find(f"{_W}trPr")
    if properties is None or not _switch(properties, (f"{_W}hidden",)):
        return
    neighbour = row.getnext() if row.getnext() is not None else row.getprevious()
    run = next(neighbour.iter(f"{_W}r"), None) if neighbour is not None else None
    text = next(run.iter(f"{_W}t"), None) if run is not None else None
    if text is not None:
        text.text = INVISIBLE + (text.text or "")
    row.getparent().remove(row)


class _Paragraph:
    """Rewrites the runs of one paragraph, which it remembers the last letters of."""

    def __init__(self, paragraph: Any, styles: DocxStyles) -> None:
        self._paragraph = paragraph
        self._styles = styles
        self._before = ""
        self._is_after_raised = False
        self._last_mark = ""

    def rewrite(self) -> None:
        """Rewrite each run that is the paragraph's own."""
        runs = (run for run in self._paragraph.iter(f"{_W}r") if self._is_own(run))
        for run in runs:
            letters = run.findall("*")
            letters = [element for element in letters if element.tag in _LETTERS]
            if letters:
                self._run(run, letters)

    def _is_own(self, run: Any) -> bool:
        """Tell whether a run stands in no paragraph within this one, such as a text box's."""
        return next(run.iterancestors(f"{_W}p"), None) is self._paragraph

    def _run(self, run: Any, letters: list[Any]) -> None:
        looks = self._styles.looks(run, self._paragraph)
        mark = INVISIBLE if looks.is_hidden else STRUCK_OUT if looks.is_struck else ""
        if mark:
            _set_text(run, letters, "" if mark == self._last_mark else mark)
            self._last_mark = mark
            return
        self._last_mark = ""
        for element in letters:
            if element.tag == f"{_W}sym":
                sign = sign_of(element.get(f"{_W}char", ""), element.get(f"{_W}font"))
                element.tag = f"{_W}t"
                element.attrib.clear()
                element.text = sign
            if element.tag == f"{_W}t":
                self._text(element, looks)
            else:
                self._before = " "

    def _text(self, element: Any, looks: _Looks) -> None:
        text = in_unicode(element.text or "", looks.font)
        if not text:
            return
        is_raised = is_off_line(looks.position)
        if is_raised:
            text = sign_before(text, looks.position, self._before) + text
        elif self._is_after_raised:
            text = blank_after(self._before, text) + text
        self._is_after_raised = is_raised
        element.text = text
        self._before = text[-3:]


def _set_text(run: Any, letters: list[Any], text: str) -> None:
    """Leave nothing of a run's letters but this text."""
    first, *others = letters
    for element in others:
        run.remove(element)
    first.tag = f"{_W}t"
    first.attrib.clear()
    first.text = text
