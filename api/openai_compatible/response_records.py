"""Stored responses as they are shown: whole, as their events, as their input."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool

from api.openai_compatible.file_search import results_at
from api.openai_compatible.response_events import ResponseEvent, ResponseEvents, events_text
from api.openai_compatible.response_json import ResponseOutcome, response_json
from api.openai_compatible.response_schemas import RESULTS, Include
from api.openai_compatible.response_store import ResponseRecord, get_response
from api.questions.dependencies import QuestionDependencies
from index.access.tenants import check_active
from index.errors import FootnoteError
from index.types import Actor

FOLLOW_SECONDS = 0.25
"""Between two looks at a response that is followed."""
LOOKS_PER_SIGN = 60
"""Looks without an event after which a comment says that the stream is alive."""


def shown_response(
    questions: QuestionDependencies,
    actor: Actor,
    record: ResponseRecord,
    include: Sequence[Include] = (),
) -> dict[str, Any]:
    """Return a stored response; the search's results are read once more, under today's rights."""
    if record.answer is None:
        error = {"code": "server_error", "message": record.error} if record.error else None
        outcome = ResponseOutcome(record.state, error=error, completed_at=record.completed_at)
        return response_json(record.head, outcome)
    response: dict[str, Any] = record_events(questions, actor, record, include)[-1]["response"]
    return response


def record_events(
    questions: QuestionDependencies,
    actor: Actor,
    record: ResponseRecord,
    include: Sequence[Include] = (),
) -> list[ResponseEvent]:
    """Return the events of a stored response so far."""
    events = ResponseEvents(record.head)
    if RESULTS in include:
        library = questions.retrieval().library
        events.results = results_at(library, actor.scope, record.places)
    if record.answer is not None and record.completed_at is not None:
        return events.replay(record.answer, record.completed_at)
    opening = events.opening()
    if record.state in {"failed", "cancelled"}:
        return [*opening, events.failure(record.error or "It was cancelled.", record.state)]
    return opening[:2] if record.state == "queued" else opening


def ended(events: Sequence[ResponseEvent]) -> bool:
    """Tell whether no event follows."""
    kinds = {"response.completed", "response.incomplete", "response.failed"}
    return events[-1]["type"] in kinds


async def followed(
    questions: QuestionDependencies,
    actor: Actor,
    response_id: str,
    starting_after: int,
    include: Sequence[Include],
) -> AsyncIterator[str]:
    """Yield the events after a number until the response has ended.

    Rights are looked at before each look: a response that leaves the actor's sight ends here.
    """

    def look() -> list[ResponseEvent]:
        with questions.database.read() as session:
            check_active(session, actor.scope.tenant)
        record = get_response(questions.database, actor, response_id)
        return record_events(questions, actor, record, include)

    looks = 0
    while True:
        try:
            events = await run_in_threadpool(look)
        except FootnoteError as error:
            yield events_text([_error_event(error, starting_after + 1)])
            return
        news = [event for event in events if event["sequence_number"] > starting_after]
        if news:
            starting_after = news[-1]["sequence_number"]
            yield events_text(news)
        elif looks % LOOKS_PER_SIGN == LOOKS_PER_SIGN - 1:
            yield ": still working\n\n"
        if ended(events):
            return
        looks += 1
        await asyncio.sleep(FOLLOW_SECONDS)


def input_messages(record: ResponseRecord) -> list[dict[str, Any]]:
    """Return the messages that a response's request brought, oldest first."""
    messages = [*record.messages, {"role": "user", "text": record.head.question}]
    return [
        {
            "id": f"{record.head.message_id}{number:04x}",
            "type": "message",
            "role": message["role"],
            "status": "completed",
            "content": [
                {
                    "type": "output_text" if message["role"] == "assistant" else "input_text",
                    "text": message["text"],
                }
            ],
        }
        for number, message in enumerate(messages)
        if message["text"]
    ]


def _error_event(error: FootnoteError, number: int) -> ResponseEvent:
    return {
        "type": "error", "code": error.code.replace("-", "_"), "param": None,
        "message": str(error) or error.title, "sequence_number": number,
    }  # fmt: skip
