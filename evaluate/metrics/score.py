"""A measured value, its reason, and the honest way to say that none could be measured."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """One metric's value for one sample, or none where it could not be judged."""

    value: float | None
    """None means "could not judge", which is never counted as zero."""
    reason: str
    """Why the value is what it is, or why there is none."""

    @classmethod
    def unjudged(cls, reason: str) -> "Score":
        """Say that there is no value, and why."""
        return cls(None, reason)


def mean(scores: Iterable[Score]) -> Score:
    """Average the scores that have a value; how many had none is in the reason."""
    collected = list(scores)
    values = judged_values(collected)
    if not values:
        return Score.unjudged(f"none of {len(collected)} could be judged")
    return Score(sum(values) / len(values), f"mean of {len(values)} of {len(collected)}")


def judged_values(scores: Iterable[Score]) -> list[float]:
    """Return the values that are there."""
    return [score.value for score in scores if score.value is not None]


def shortened(text: str, longest: int) -> str:
    """Return a text as it is, or its beginning where it is longer."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
