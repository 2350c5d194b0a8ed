"""A sample's earlier turns, and its question as the service searches for it."""

from evaluate.datasets.schema import Sample
from generate.prompting.question_rewriter import Rewriter, RuleRewriter
from generate.types import Turn

_PEOPLE = frozenset({"user", "human"})
"""Speakers that are the asker; every other one is the assistant."""


def history_of(sample: Sample) -> tuple[Turn, ...]:
    """Return the turns before a sample's question, oldest first."""
    return tuple(
        Turn("user" if turn.speaker.casefold() in _PEOPLE else "assistant", turn.text)
        for turn in sample.turns
    )


def standalone_question_of(sample: Sample, rewriter: Rewriter | None = None) -> str:
    """Return a sample's question rewritten so that it needs no earlier turn; by rules by default.

    A question without earlier turns is returned unchanged.
    """
    return (rewriter or RuleRewriter()).rewrite(sample.question, history_of(sample))
