"""Answers a response: at once, as a stream, or in the background; all three in the same way."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive

from api.auth.api_keys import Caller
from api.errors import ParameterError
from api.openai_compatible.asking import (
    SentHistory,
    ask_request,
    check_answering_model,
    question_of,
)
from api.openai_compatible.file_search import find_places, narrowing, results_at
from api.openai_compatible.reply_forms import check_form, in_form
from api.openai_compatible.response_events import ResponseEvents
from api.openai_compatible.response_json import FORMAT, ResponseHead, new_response_id, request_echo
from api.openai_compatible.response_schemas import RESULTS, ResponseRequest
from api.openai_compatible.response_store import new_row, response_history
from api.questions.answer_store import History
from api.questions.conversations import history_of
from api.questions.dependencies import QuestionDependencies
from api.questions.schemas import AskRequest
from api.questions.service import Question, admitted_question, answer_question
from generate.draft import Emit
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.questions import StoredResponse
from index.types import Actor

FindRow = Callable[[Session], StoredResponse]
"""Returns the row that a response is stored in, inside the transaction that stores its answer."""


def check_response_request(body: ResponseRequest) -> AskRequest:
    """Return a response's question as ``POST /v1/ask`` takes it.

    Raises:
        UnknownModelError: there is no such model.
        ParameterError: parameters do not fit together.
        EmptyQuestionError, QuestionTooLongError: the question cannot be asked.

    """
    check_answering_model(body.model)
    if body.conversation_id and body.previous_response_id:
        raise ParameterError(
            "A response goes on with a conversation or with a response, not with both.",
            "previous_response_id",
        )
    if body.background and body.store is False:
        raise ParameterError("What is answered in the background is stored.", "store")
    if body.tools and body.tool_choice == "none":
        raise ParameterError("An answer without a search would have no citation.", "tool_choice")
    question = question_of(body.messages, "input")
    return ask_request(
        question, conversation_id=body.conversation_id, narrowing=narrowing(body.file_search)
    )


def check_response_form(questions: QuestionDependencies, actor: Actor, head: ResponseHead) -> None:
    """Check that a response in its form can be written for the actor.

    Raises:
        ParameterError: as ``check_form``.

    """
    if head.form is not None:
        check_form(head.form, questions, actor, *FORMAT)


def new_head(body: ResponseRequest, ask: AskRequest) -> ResponseHead:
    """Return the head of a response that begins now."""
    return ResponseHead(new_response_id(), request_echo(body), ask.question)


@dataclass(slots=True)
class Responder:
    """Writes one response; its question has its slot."""

    questions: QuestionDependencies
    body: ResponseRequest
    events: ResponseEvents
    question: Question
    history: SentHistory
    find_row: FindRow
    completed_at: datetime = field(default_factory=utc_now)

    def write(self, emit: Emit | None = None) -> dict[str, Any]:
        """Search where results are asked for, answer, store both, and return the answer's JSON."""
        tool, actor = self.body.file_search, self.question.actor
        places: list[dict[str, Any]] = []
        if tool is not None and RESULTS in (self.body.include or ()):
            places = find_places(self.questions, actor, self.question.text, tool)
            library = self.questions.retrieval().library
            self.events.results = results_at(library, actor.scope, places)
        question = replace(
            self.question,
            is_kept=self.body.store is not False,
            on_record=partial(self._store, places),
        )
        return answer_question(self.questions, question, emit)

    def _store(self, places: list[dict[str, Any]], session: Session, answer_id: str) -> None:
        self.completed_at = utc_now()
        if self.body.store is False:
            return
        row = self.find_row(session)
        row.state, row.answer_id, row.completed_at = "completed", answer_id, self.completed_at
        row.messages, row.places, row.request = self.history.readable, places, {}
        row.echo = self._kept_echo()
        session.add(row)

    def _kept_echo(self) -> dict[str, Any]:
        """Return what the response repeats, as the policy lets it be kept."""
        echo = self.events.head.echo
        if not echo["instructions"]:
            return echo
        tenant = self.question.actor.scope.tenant
        rules = self.questions.answering(tenant).start_guardrails().rules
        return {**echo, "instructions": rules.rule("before", echo["instructions"]).text}


@asynccontextmanager
async def admitted_response(
    questions: QuestionDependencies,
    caller: Caller,
    receive: Receive,
    body: ResponseRequest,
    head: ResponseHead,
    find_row: FindRow | None = None,
) -> AsyncIterator[Responder]:
    """Hold a slot for a response for the length of the block; the errors are those of an ask."""
    ask = check_response_request(body)
    await run_in_threadpool(check_response_form, questions, caller.actor, head)
    history = SentHistory(body.messages[:-1], _stored_turns(body))
    async with admitted_question(
        questions, caller.actor, receive, ask, None, history.load
    ) as question:
        yield Responder(
            questions, body, ResponseEvents(head), in_form(question, head.form), history,
            find_row or (lambda _session: new_row(caller, head)),
        )  # fmt: skip


def _stored_turns(body: ResponseRequest) -> Callable[[Database, Actor], History]:
    if body.previous_response_id is not None:
        previous_id = body.previous_response_id
        return lambda database, actor: response_history(database, actor, previous_id)
    return lambda database, actor: history_of(database, actor, body.conversation_id)
