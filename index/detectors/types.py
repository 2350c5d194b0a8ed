"""The finding of a detector, and its kinds."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["hidden", "injection", "personal", "secret"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A span ``text[start:end]`` and the rule that found it; never the words themselves."""

    kind: Kind
    rule: str
    start: int
    end: int
