"""Earlier turns that a caller sends along, under the policy.

A stored turn passed the policy when it was asked and answered. A turn that comes with a request has
not, so it is looked at like a question before a rewriter or a model reads it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from generate.errors import EmptyQuestionError
from generate.guardrails.session import GuardrailSession
from generate.types import Turn


def allowed_turns(
    turns: Sequence[Turn], start_guardrails: Callable[[], GuardrailSession]
) -> tuple[Turn, ...]:
    """Return the turns as the policy lets them be read; one that it stops is left out."""
    return tuple(_allowed(turns, start_guardrails))


def _allowed(
    turns: Sequence[Turn], start_guardrails: Callable[[], GuardrailSession]
) -> Iterator[Turn]:
    for turn in turns:
        guardrails = start_guardrails()
        try:
            text = guardrails.question(turn.text, len(turn.text))
        except EmptyQuestionError:
            continue
        if guardrails.stopping_ruling is None:
            yield replace(turn, text=text)
