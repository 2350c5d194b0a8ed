"""Letters of HTML as they are seen: struck-out and hidden ones left out, raised ones set apart."""

import re
from typing import Any

from ingest.parse.common.element_text import has_letters
from ingest.parse.common.omissions import INVISIBLE, STRUCK_OUT
from ingest.parse.common.raised_text import blank_after, sign_before
from ingest.parse.common.symbol_fonts import in_unicode, is_symbol_font

_STRUCK = frozenset(("s", "strike", "del"))
_STRUCK_STYLE = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.IGNORECASE)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_FONT_STYLE = re.compile(r"font-family\s*:\s*([^;,]+)", re.IGNORECASE)
_CONTAINERS = frozenset(("table", "thead", "tbody", "tfoot", "tr", "ul", "ol", "dl", "colgroup"))
"""Elements in which no text may stand."""
_HOLDERS = (
    "td", "th", "li", "dt", "dd", "caption", "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
)  # fmt: skip
"""Elements whose text a mark may lead."""
_INLINE = _STRUCK | frozenset(
    ("a", "b", "i", "em", "strong", "span", "u", "font", "small", "sub", "sup", "code", "ins")
)
_LONGEST_LOOK = 3
"""Letters before a raised one that say whether it would join them."""


def is_struck_out(element: Any) -> bool:
    """Tell whether an element's text is struck out."""
    return element.tag in _STRUCK or bool(_STRUCK_STYLE.search(element.get("style", "")))


def is_hidden(element: Any) -> bool:
    """Tell whether the page's author hides an element from its readers."""
    return "hidden" in element.attrib or bool(_HIDDEN_STYLE.search(element.get("style", "")))


def leave_out(element: Any) -> None:
    """Take a struck-out or hidden element out; a mark stands where its text was."""
    parent = element.getparent()
    if parent is None:
        return
    mark = INVISIBLE if is_hidden(element) else STRUCK_OUT
    if element.text_content().strip():
        is_block = parent.tag in _CONTAINERS or element.tag not in _INLINE
        if not (is_block and _mark_neighbour(element, mark)):
            _become_mark(element, mark)
            return
    if has_letters(element.tail):
        element.drop_tree()
    else:
        parent.remove(element)


def _become_mark(element: Any, mark: str) -> None:
    """Leave a mark in an element's place, in time that does not grow with the text around it."""
    tail = element.tail
    element.clear()
    element.tag, element.text, element.tail = "span", mark, tail


def _mark_neighbour(element: Any, mark: str) -> bool:
    """Put a mark into the block, cell or item that follows, or else the one before, if any."""
    for neighbour in (element.getnext(), element.getprevious()):
        if neighbour is not None and isinstance(neighbour.tag, str):
            holder = (
                neighbour if neighbour.tag in _HOLDERS else next(neighbour.iter(*_HOLDERS), None)
            )
            if holder is not None:
                holder.text = mark + (holder.text or "")
                return True
    return False


def set_apart(element: Any) -> None:
    """Put a sign before raised or lowered digits, and a blank behind, where they would join."""
    text = element.text_content()
    _append_before(element, sign_before(text, element.tag, _text_before(element)))
    following = element.tail or ""
    element.tail = blank_after(text, following) + following


def _text_before(element: Any) -> str:
    """Return the last letters before an element in the same line of text."""
    previous, parent = element.getprevious(), element.getparent()
    if previous is not None:
        text = previous.tail or (previous.text_content() if previous.tag in _INLINE else "")
        return str(text)[-_LONGEST_LOOK:]
    if parent is None:
        return ""
    if parent.text or parent.tag not in _INLINE:
        return (parent.text or "")[-_LONGEST_LOOK:]
    return _text_before(parent)


def _append_before(element: Any, sign: str) -> None:
    previous, parent = element.getprevious(), element.getparent()
    if not sign or parent is None:
        return
    if previous is not None:
        previous.tail = (previous.tail or "") + sign
    else:
        parent.text = (parent.text or "") + sign


def write_signs(element: Any) -> None:
    """Make letters of a symbol font the signs that it draws."""
    match = _FONT_STYLE.search(element.get("style", ""))
    font = element.get("face") or (match.group(1) if match else None)
    if not is_symbol_font(font):
        return
    element.text = in_unicode(element.text or "", font)
    for child in element.iterdescendants():
        child.text = in_unicode(child.text or "", font)
        child.tail = in_unicode(child.tail or "", font)
