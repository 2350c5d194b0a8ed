"""One question on its way through the service, once it has its place."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.admission.controller import Place
from api.errors import BudgetSpentError
from api.questions.answer_cache import AnswerCache, Asked
from api.questions.answer_store import History, record_answer
from api.questions.conversations import history_of
from api.questions.idempotency import Claim, Earlier
from api.questions.reviews import desk_of
from api.questions.schemas import AskRequest
from api.questions.usage import Bill, add_bill, admitted, charge, spent_budget
from api.service import Service
from api.settings import JUDGE
from generate.answer import answer
from generate.dependencies import AnswerDependencies
from generate.draft import Emit
from generate.llm.metering import Meter, counting
from generate.rendering.render import Format, answer_json, released, rendered
from generate.types import Answer, Usage
from index.types import Actor

SEARCH_TOKENS = 500.0
"""What the computing of a search costs in the fair queue, in tokens of a prompt."""
RECALL_TOKENS = 20.0
"""What an answer costs there that was kept."""
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
    claim: Claim | None = None
    """The idempotency key that it holds."""
    over: BudgetSpentError | None = None
    """Why no model is asked for it: a budget is used up."""

    @classmethod
    def ask(
        cls,
        service: Service,
        actor: Actor,
        body: AskRequest,
        claim: Claim | None = None,
        over: BudgetSpentError | None = None,
    ) -> Self:
        """Read the history first, so that a conversation that is not there is refused at once."""
        history = history_of(service.database, actor, body.conversation_id)
        form = form_of(body)
        return cls(service, actor, body.question, history, body.filters, form, claim, over)


def answer_question(question: Question, place: Place, emit: Emit | None = None) -> dict[str, Any]:
    """Answer, store the answer, and return its JSON with ``answer_id``; the place is given up."""
    claim = question.claim
    if claim is None:
        return _answered(question, place, emit)
    claim.begun = True
    try:
        return _answered(question, place, emit)
    finally:
        claim.release()


def _answered(question: Question, place: Place, emit: Emit | None) -> dict[str, Any]:
    service = question.service
    meter = Meter(service.parts.registry.cost)
    try:
        with counting(meter):
            given, cached = _given(question, place, emit)
        answer_id = _stored(question, given, Bill(given.model, meter.spent, cached))
    except BaseException:  # whatever it is, what a model has cost is counted
        charge(service.database, question.actor, meter)
        raise
    finally:
        place.leave()
        service.metrics.spent(meter.spent.values())
    service.metrics.stages(given.timings)
    service.metrics.answer(given.status)
    service.note_read(question.actor, "ask", given.documents)
    service.live.offer(answer_id, given)
    return _shown(given, question.form, answer_id)


def _given(question: Question, place: Place, emit: Emit | None) -> tuple[Answer, bool]:
    """Return the answer, and whether it is one that was kept."""
    service, scope = question.service, question.actor.scope
    desk = desk_of(service.parts, question.actor, question.history.documents)
    parts = replace(service.parts.answering_for(scope.tenant), desk=desk)
    asked = Asked(question.text, scope, question.history.turns, question.filters, parts)
    cache = service.answers
    if cache.on:
        kept = recall(cache, asked, emit)
        service.metrics.recalled(hit=kept is not None)
        if kept is not None:
            place.leave(RECALL_TOKENS)
            return kept, True
    paid = admitted(parts, question.over, place.aside)
    given = answer_anew(cache, asked, paid, emit, judged=service.settings.verifier == JUDGE)
    place.leave(tokens_of(given.usage))
    return given, False


def _stored(question: Question, given: Answer, bill: Bill) -> str:
    """Store an answer, what it cost, and what its idempotency key stands for: all or nothing."""

    def also(session: Session, answer_id: str) -> None:
        add_bill(session, question.actor, bill)
        if question.claim is not None:
            question.claim.settle(session, answer_id)

    return record_answer(
        question.service.database, question.actor, question.text, given, question.history, also
    )


def repeated(service: Service, actor: Actor, earlier: Earlier, body: AskRequest) -> dict[str, Any]:
    """Return the JSON of an answer that is given again, as it was the first time."""
    service.note_read(actor, "ask", earlier.documents)
    return _shown(earlier.answer, form_of(body), earlier.answer_id)


async def give_back(claim: Claim | None) -> None:
    """Release the idempotency key of an ask that nobody began to answer."""
    if claim is not None and not claim.begun:
        await run_in_threadpool(claim.release)


def form_of(body: AskRequest) -> Format | None:
    """Return the format for people that is asked for, if one is."""
    return None if body.format == "json" else body.format


def _shown(given: Answer, form: Format | None, answer_id: str) -> dict[str, Any]:
    shown = {"rendered": rendered(given, form)} if form else {}
    return {**answer_json(given), **shown, "answer_id": answer_id}


def tokens_of(usage: Usage) -> float:
    """Return an answer's cost in the fair queue."""
    return SEARCH_TOKENS + usage.prompt_tokens + COMPLETION_WEIGHT * usage.completion_tokens


def budget_of(service: Service, actor: Actor) -> BudgetSpentError | None:
    """Return why no model is to be asked, where a budget is used up and answers are quoted.

    Raises:
        BudgetSpentError: a budget is used up, and the tenant's tier refuses.

    """
    terms = service.terms(actor.scope.tenant)
    over = spent_budget(service.database, actor, terms)
    if over is not None and terms.over_budget == "refuse":
        raise over
    return over


def recall(cache: AnswerCache, asked: Asked, emit: Emit | None) -> Answer | None:
    """Return the answer that is kept for a question at this moment; it cost nothing."""
    began = time.perf_counter()
    with asked.parts.retrieval.library.read(asked.scope) as reader:
        snapshot = reader.snapshot
    key = asked.key(snapshot, asked.parts.policy.rules.policy.name)
    kept = cache.get(asked.scope.tenant, key)
    if kept is None:
        return None
    if emit is not None:
        for sentence, citations in released(kept):
            emit(sentence, citations)
    return replace(kept, usage=Usage(), timings={"recall": time.perf_counter() - began})


def answer_anew(
    cache: AnswerCache, asked: Asked, paid: AnswerDependencies, emit: Emit | None, *, judged: bool
) -> Answer:
    """Answer with the parts that are paid for, and keep the answer where it is a lasting one.

    It is kept under the snapshot and the policy that it names itself, not under those of the
    moment: what changed meanwhile has another key.
    """
    given = answer(
        asked.text, asked.scope, paid, history=asked.history, emit=emit, filters=asked.filters
    )
    if cache.on and asked.lasting(given, judged=judged):
        cache.put(asked.scope.tenant, asked.key(given.snapshot, given.policy), given)
    return given
