"""Whether elements of a tree, and what stands beside them, hold letters."""

from typing import Any


def has_letters(text: str | None) -> bool:
    """Tell whether there is more than white space."""
    return bool(text and text.strip())


def holds_letters(element: Any) -> bool:
    """Tell whether letters stand directly in an element, before, between or after its children."""
    return has_letters(element.text) or any(has_letters(child.tail) for child in element)
