"""Entity tags: a caller says which state a change is meant for, and no other one is changed.

A tag is a hash of the representation that the caller sees and of nothing else, so that it changes
with what the caller may see and never with what is hidden.

Source: https://www.rfc-editor.org/rfc/rfc9110#section-8.8 and #section-13
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from typing import Any

from index.errors import PreconditionFailedError

ANY_STATE = "*"
"""An ``If-Match`` that every state fits, as long as there is one."""


@dataclass(frozen=True, slots=True)
class Precondition:
    """The states that a change is meant for; without tags it is meant for any, or for none yet."""

    tags: frozenset[str] | None = None

    @classmethod
    def of(cls, if_match: str | None) -> "Precondition":
        """Return the precondition of an ``If-Match`` header; none sets no condition."""
        if if_match is None:
            return cls()
        return cls(frozenset(tag.strip() for tag in if_match.split(",")))

    def check(self, current_tag: Callable[[], str] | None) -> None:
        """Refuse a change that is meant for another state; call it where the row is locked.

        ``current_tag`` returns the tag of now, or is none where there is nothing to change. It is
        called only where a tag is needed.

        Raises:
            PreconditionFailedError: no tag is that of now.

        """
        if self.tags is None:
            return
        if current_tag is None:
            raise PreconditionFailedError
        if ANY_STATE not in self.tags and current_tag() not in self.tags:
            raise PreconditionFailedError


UNCONDITIONAL = Precondition()


def entity_tag(view: Any) -> str:
    """Return the strong tag, in its quotes, of a dataclass or a list of dataclasses."""
    text = json.dumps(view, default=_plain, sort_keys=True)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} has no plain form.")
