"""Take a model's reasoning out of what it writes."""

from typing import Literal


class ReasoningFilter:
    """Leaves out what a reasoning model says to itself first: ``<think> ... </think>``.

    A server that parses the model's reasoning sends none of it; others pass it on as text.
    """

    _BEGIN, _END = "<think>", "</think>"

    def __init__(self) -> None:
        self._held = ""
        self._state: Literal["before", "inside", "after"] = "before"

    def left_out(self, piece: str) -> str:
        """Return what of the next piece is said to the reader."""
        if self._state == "after":
            return piece
        self._held += piece
        if self._state == "before":
            begun = self._held.lstrip()
            if len(begun) < len(self._BEGIN) and self._BEGIN.startswith(begun):
                return ""
            self._state = "inside" if begun.startswith(self._BEGIN) else "after"
        if self._state == "inside":
            _, ended, visible_text = self._held.partition(self._END)
            if not ended:
                return ""
            self._held, self._state = visible_text, "after"
        return self.rest()

    def rest(self) -> str:
        """Return what is still held at the end; thoughts that never ended are nothing."""
        visible_text = "" if self._state == "inside" else self._held
        self._held = ""
        return visible_text
