"""Take a model's reasoning out of what it writes."""

from typing import Literal


class ReasoningFilter:
    """Leaves out what a reasoning model says to itself first: ``<think> ... </think>``.

    A server that parses the model's reasoning sends none of it; others pass it on as text.
    """

    _BEGIN, _END = "<think>", "</think>"

    def __init__(self) -> None:
        self._pending = ""
        self._state: Literal["before", "inside", "after"] = "before"

    def visible_part(self, piece: str) -> str:
        """Return what of the next piece is said to the reader."""
        if self._state == "after":
            return piece
        self._pending += piece
        if self._state == "before":
            opening = self._pending.lstrip()
            if len(opening) < len(self._BEGIN) and self._BEGIN.startswith(opening):
                return ""
            self._state = "inside" if opening.startswith(self._BEGIN) else "after"
        if self._state == "inside":
            _, end_mark, visible_text = self._pending.partition(self._END)
            if not end_mark:
                return ""
            self._pending, self._state = visible_text, "after"
        return self.rest()

    def rest(self) -> str:
        """Return what is still held at the end; thoughts that never ended are nothing."""
        visible_text = "" if self._state == "inside" else self._pending
        self._pending = ""
        return visible_text
