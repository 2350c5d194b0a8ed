"""Elements of a page rewritten so that the reader of its blocks loses none of their text.

The reader knows a fixed set of elements. An unknown one, a reading beside a word, a formula or a
form's value is lost to it, or is glued to the words around; a page is read from its first ``main``
alone. Everything is one of a few plain elements when this is done.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from ingest.parse.common.element_text import has_letters, holds_letters
from ingest.parse.common.mathml import line_of_formula
from ingest.parse.common.roman_numerals import roman

if TYPE_CHECKING:
    from collections.abc import Callable

_BLOCKS = frozenset((
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog",
        "div", "dl", "dt", "fieldset", "figure", "figcaption", "footer", "form", "h1", "h2", "h3",
        "h4", "h5", "h6", "header", "hgroup", "hr", "li", "main", "menu", "ol", "p", "pre",
        "search", "section", "summary", "table", "ul",
))  # fmt: skip
_UNLISTED = re.compile(r"list-style(?:-type)?\s*:[^;]*\bnone\b", re.IGNORECASE)
_TYPED = frozenset([
    "text", "search", "email", "url", "tel", "number", "date", "time", "month", "week",
    "datetime-local",
])  # fmt: skip
_WRITTEN_TOGETHER = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u1100-\u11ff\uac00-\ud7af]")


def rewrite_lost_elements(tree: Any) -> None:
    """Rewrite formulas, readings, drawings, form values and unknown elements in place."""
    rewrites: dict[str, Callable[[Any], None]] = {
        "math": _formula, "ruby": _reading, "svg": _drawing, "input": _input, "select": _choice,
        "main": _as_block,
    }  # fmt: skip
    for element in list(tree.iter("*"))[::-1]:  # the inner one first
        rewrite = rewrites.get(element.tag.rpartition(":")[2].lower())
        if rewrite:
            rewrite(element)
    for element in tree.iter("*"):
        if element.tag not in _known_tags():
            element.tag = "div" if any(child.tag in _BLOCKS for child in element) else "span"


def show_fallback(tree: Any) -> None:
    """Let a page without any other text show what it has for browsers without scripts or frames."""
    visible = [*tree.iter("body")] or [tree]
    hidden = {id(text) for tag in _NOT_SHOWN for part in tree.iter(tag) for text in part.iter()}
    if any(_has_own_text(element, hidden) for element in visible[0].iter("*")):
        return
    for element in list(tree.iter("noscript", "noframes")):
        element.tag = "div"


_NOT_SHOWN = ("noscript", "noframes", "script", "style", "template", "title", "head", "frameset")


def _has_own_text(element: Any, hidden: set[int]) -> bool:
    if id(element) in hidden:
        return False
    return holds_letters(element) or bool(element.get("alt"))


def number_items(ordered_list: Any) -> None:
    """Write the number of each item before its text, by all attributes that decide it."""
    if _UNLISTED.search(ordered_list.get("style", "")):
        return
    items = list(ordered_list.iterchildren("li"))
    is_reversed = "reversed" in ordered_list.attrib
    number = _integer(ordered_list.get("start"), len(items) if is_reversed else 1)
    for item in items:
        number = _integer(item.get("value"), number)
        mark = _mark(number, item.get("type") or ordered_list.get("type") or "1")
        target = (
            item[0] if len(item) and item[0].tag == "p" and not has_letters(item.text) else item
        )
        target.text = f"{mark}. {(target.text or '').lstrip()}"
        number += -1 if is_reversed else 1


def _integer(value: str | None, otherwise: int) -> int:
    text = (value or "").strip()
    is_number = re.fullmatch(r"[+-]?[0-9]{1,9}", text) is not None
    return int(text) if is_number else otherwise


def _mark(number: int, kind: str) -> str:
    if kind in {"a", "A"} and 0 < number <= 26:  # noqa: PLR2004
        return chr(ord(kind) + number - 1)
    if kind in {"i", "I"} and 0 < number < 40:  # noqa: PLR2004
        return roman(number) if kind == "i" else roman(number).upper()
    return str(number)


def _formula(element: Any) -> None:
    _become(element, "span", line_of_formula(element))


def _reading(ruby: Any) -> None:
    """Write a word whole, then how it is read, in brackets."""
    base, readings = [ruby.text or ""], []
    for child in ruby:
        if child.tag in {"rt", "rtc"}:
            readings.append(child.text_content().strip())
        elif child.tag not in {"rp", "rtc"} and isinstance(child.tag, str):
            inner = [rt.text_content().strip() for rt in child.iter("rt")]
            readings += inner
            base.append("".join(child.itertext()) if not inner else (child.text or ""))
        base.append(child.tail or "")
    word = "".join("".join(base).split() if _WRITTEN_TOGETHER.search("".join(base)) else base)
    together = any(map(_WRITTEN_TOGETHER.search, readings))
    reading = ("" if together else " ").join(filter(None, readings))
    _become(ruby, "span", f"{word}({reading})" if reading else word)


def _drawing(svg: Any) -> None:
    """Keep the words that stand in a drawing; the titles of icons are no text."""
    texts = (" ".join(part.text_content().split()) for part in svg.iter("text"))
    words = " ".join(text for text in texts if text)
    _become(svg, "span", f" {words} " if words else "")


def _input(field: Any) -> None:
    kind = field.get("type", "text").strip().lower()
    value = field.get("value", "") if kind in _TYPED else ""
    if kind in {"checkbox", "radio"}:
        value = "[x]" if "checked" in field.attrib else "[ ]"
    _become(field, "span", f" {value} " if value else "")


def _choice(select: Any) -> None:
    options = list(select.iter("option"))
    chosen_options = [option for option in options if "selected" in option.attrib] or options[:1]
    words = ", ".join(" ".join(option.text_content().split()) for option in chosen_options)
    _become(select, "span", f" {words} " if words else "")


def _as_block(element: Any) -> None:
    element.tag = "div"


def _become(element: Any, tag: str, text: str) -> None:
    tail = element.tail
    kept_names = [name for name in ("hidden", "aria-hidden", "style") if name in element.attrib]
    attributes = {name: element.get(name) for name in kept_names}
    element.clear()
    element.tag, element.text, element.tail = tag, text, tail
    for name, value in attributes.items():
        element.set(name, value)


@cache
def _known_tags() -> frozenset[str]:
    """Return the elements that the reader of blocks knows, and those that are rewritten later."""
    from unstructured.partition.html.parser import element_class_lookup

    names = (bytes(name).decode() for name in element_class_lookup.get_namespace(None))
    return _REWRITTEN_LATER.union(names)


_REWRITTEN_LATER = frozenset((
        "html", "head", "body", "title", "meta", "link", "base", "script", "style", "template",
        "noscript", "noframes", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption",
        "colgroup", "col", "option", "optgroup", "rt", "rp", "rb", "rtc", "area", "map", "param",
        "source", "track", "details", "figure", "fieldset", "form", "search", "dl", "menu",
        "summary", "figcaption", "legend", "dt", "dd", "textarea", "label", "output", "font", "ins",
        "del", "acronym", "picture", "slot", "nobr", "frameset", "frame", "dir",
))  # fmt: skip
