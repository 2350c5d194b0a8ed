"""Text in the drawings of slides as it is seen: list numbers, signs, formulas, nothing struck out.

Source: ECMA-376-1, 21.1.2 (DrawingML, text).
"""

from collections.abc import Callable, Iterator
from typing import Any

from ingest.parse.common.document_builder import TextPiece
from ingest.parse.common.formulas import formula_text
from ingest.parse.common.omissions import STRUCK_OUT
from ingest.parse.common.raised_text import blank_after, sign_before
from ingest.parse.common.roman_numerals import roman
from ingest.parse.common.symbol_fonts import in_unicode
from ingest.parse.common.xml import local_name

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_STRIKES = frozenset(("sngStrike", "dblStrike"))
_FONTS = (f"{_A}sym", f"{_A}latin")
_LETTERS = 26


def piece_of_text(body: Any) -> TextPiece:
    """Return the paragraphs of a text body: a list where they are numbered or indented."""
    numbers: dict[int, tuple[str, int]] = {}
    lines: list[tuple[int, str, str]] = []
    for paragraph in body.findall(f"{_A}p"):
        text = line_of(paragraph)
        level = _level(paragraph)
        if text:
            lines.append((level, _number(paragraph, level, numbers), text))
    if not any(level or number for level, number, _ in lines):
        return TextPiece("paragraph", "\n".join(text for _, _, text in lines))
    least = min(level for level, _, _ in lines)
    return TextPiece(
        "list",
        "\n".join(
            "  " * (level - least) + f"{number or '-'} {text}" for level, number, text in lines
        ),
    )


def _level(paragraph: Any) -> int:
    properties = paragraph.find(f"{_A}pPr")
    level = properties.get("lvl", "0") if properties is not None else "0"
    return int(level) if level.isascii() and level.isdigit() and len(level) == 1 else 0


def _number(paragraph: Any, level: int, numbers: dict[int, tuple[str, int]]) -> str:
    """Return a numbered paragraph's label, and count; ``numbers`` has a scheme for each level."""
    properties = paragraph.find(f"{_A}pPr")
    numbering = properties.find(f"{_A}buAutoNum") if properties is not None else None
    for deeper in [each for each in numbers if each > level]:
        del numbers[deeper]
    if numbering is None:
        numbers.pop(level, None)
        return ""
    scheme = numbering.get("type", "arabicPeriod")
    start = numbering.get("startAt", "1")
    first = int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1  # noqa: PLR2004
    scheme_before, number = numbers.get(level, ("", 0))
    number = number + 1 if scheme_before == scheme else first
    numbers[level] = (scheme, number)
    return label_of(scheme, number)


def label_of(scheme: str, number: int) -> str:
    """Return the number of a list item as a scheme such as ``romanLcParenR`` shows it."""
    writers: tuple[tuple[str, Callable[[int], str]], ...] = (
        ("romanUc", lambda n: roman(n).upper()),
        ("romanLc", roman),
        ("alphaUc", lambda n: _letters(n).upper()),
        ("alphaLc", _letters),
    )
    text = next((write(number) for name, write in writers if scheme.startswith(name)), str(number))
    if scheme.endswith("ParenBoth"):
        return f"({text})"
    if scheme.endswith("ParenR"):
        return f"{text})"
    return text if scheme.endswith(("Plain", "Minus")) else f"{text}."


def _letters(number: int) -> str:
    repeats, at = divmod(number - 1, _LETTERS)
    return chr(ord("a") + at) * (repeats + 1) if repeats < _LETTERS else str(number)


def text_of(body: Any) -> str:
    """Return all paragraphs of a text body on one line."""
    return " ".join(filter(None, map(line_of, body.findall(f"{_A}p"))))


def line_of(paragraph: Any) -> str:
    """Return a paragraph on one line, without what is struck out."""
    return " ".join("".join(_runs(paragraph)).split())


def _runs(paragraph: Any) -> Iterator[str]:
    before, is_after_raised, was_struck = "", False, False
    for child in paragraph:
        if child.tag in (f"{_A}r", f"{_A}fld"):
            properties = child.find(f"{_A}rPr")
            if properties is not None and properties.get("strike") in _STRIKES:
                yield "" if was_struck else STRUCK_OUT
                was_struck = True
                continue
            text = in_unicode(child.findtext(f"{_A}t") or "", _font(properties))
            position = _position(properties)
            if position:
                text = sign_before(text, position, before) + text
            elif is_after_raised:
                text = blank_after(before, text) + text
            is_after_raised = position is not None
        elif child.tag == f"{_A}br":
            text = " "
        else:
            formulas = _formulas(child)
            text = f" {formulas} " if formulas else ""
        was_struck = False
        before = text[-3:] or before
        yield text


def _position(properties: Any) -> str | None:
    baseline = properties.get("baseline", "0") if properties is not None else "0"
    if not baseline.strip("-+0%"):
        return None
    return "subscript" if baseline.startswith("-") else "superscript"


def _font(properties: Any) -> str | None:
    if properties is None:
        return None
    return next(
        (font.get("typeface") for name in _FONTS if (font := properties.find(name)) is not None),
        None,
    )


def _formulas(element: Any) -> str:
    """Return the formulas in an element of newer versions; its older picture is passed by."""
    if local_name(element) == "alternatecontent":
        element = next((c for c in element if local_name(c) == "choice"), element)
    return " ".join(map(formula_text, element.iter(f"{_M}oMath")))
