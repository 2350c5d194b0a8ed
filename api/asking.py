"""One question on its way through the service, once it has its place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from api.admission.models import AdmittedModel
from api.admission.places import Place
from api.conversations import History, history_of, record_answer
from api.schemas import AskRequest
from api.service import Service
from generate.answer import answer
from generate.parts import AnswerParts
from generate.render import Format, answer_json, rendered
from generate.types import Citation, Sentence, Usage
from index.types import Actor

Emit = Callable[[Sentence, tuple[Citation, ...]], None]

SEARCH_TOKENS = 500.0
"""What the computing of a search costs in the fair queue, in tokens of a prompt."""
COMPLETION_WEIGHT = 2.0
"""A written token costs as much as so many read ones, as in the paper of the queue."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, by whom, after what."""

    service: Service
    actor: Actor
    text: str
    history: History
    filters: Mapping[str, Any] | None
    form: Format | None = None
    """A format for people that the answer is rendered in besides its JSON."""

    @classmethod
    def ask(cls, service: Service, actor: Actor, body: AskRequest) -> Self:
        """Read the history first, so that a conversation that is not there is refused at once."""
        history = history_of(service.database, actor, body.conversation_id)
        form = None if body.format == "json" else body.format
        return cls(service, actor, body.question, history, body.filters, form)


def answer_question(question: Question, place: Place, emit: Emit | None = None) -> dict[str, Any]:
    """Answer, store the answer, and return its JSON with ``answer_id``; the place is given up."""
    service = question.service
    try:
        given = answer(
            question.text,
            question.actor.scope,
            _parts(question, place),
            history=question.history.turns,
            emit=emit,
            filters=question.filters,
        )
        place.leave(tokens_of(given.usage))
    finally:
        place.leave()
    service.metrics.stages(given.timings)
    service.metrics.answer(given.status)
    service.note_read(question.actor, "ask", given.documents)
    answer_id = record_answer(
        service.database, question.actor, question.text, given, question.history
    )
    service.live.offer(answer_id, given)
    shown = {"rendered": rendered(given, question.form)} if question.form else {}
    return {**answer_json(given), **shown, "answer_id": answer_id}


def tokens_of(usage: Usage) -> float:
    """Return an answer's cost in the fair queue."""
    return SEARCH_TOKENS + usage.prompt_tokens + COMPLETION_WEIGHT * usage.completion_tokens


def _parts(question: Question, place: Place) -> AnswerParts:
    parts = question.service.parts.answering_for(question.actor.scope.tenant)
    if parts.model is None:
        return parts
    return replace(parts, model=AdmittedModel(parts.model, place.step_aside))
