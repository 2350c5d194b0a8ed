"""One question's way through the service: admit, recall or answer, record."""

import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive

from api.admission.controller import Slot
from api.admission.waiting import granted_slot
from api.errors import BudgetSpentError
from api.questions.answer_cache import AnswerCache, CacheableQuestion
from api.questions.answer_store import History, record_answer
from api.questions.conversations import history_of
from api.questions.dependencies import QuestionDependencies
from api.questions.idempotency import EarlierAnswer, KeyReservation, answering
from api.questions.schemas import AskRequest
from api.questions.token_budget import admitted, check_ask_quota, open_account, spent_budget
from api.questions.usage import Bill, add_bill
from api.telemetry.evaluation_events import note_support
from generate.answer import answer
from generate.answer_form import AnswerForm
from generate.dependencies import AnswerDependencies
from generate.draft import Emit
from generate.guardrails.review_queue import ReviewQueue
from generate.rendering.render import Format, answer_json, released, rendered
from generate.types import Answer, BlockPlace, Citation, Sentence, Usage
from generate.visible_text import check_question
from index.access.tenants import check_active
from index.collections import Narrowing
from index.db.database import Database
from index.db.tables.base import utc_now
from index.tracing import trace_wait
from index.types import Actor
from retrieve.retrieve import retrieve
from retrieve.types import Retrieved

SEARCH_TOKENS = 500.0
"""The cost of a search in the fair queue, in tokens of a prompt."""
RECALL_TOKENS = 20.0
"""The cost of a cached answer in the fair queue."""
COMPLETION_WEIGHT = 2.0
"""A written token costs as much as so many read ones, as in the paper of the queue."""

LoadHistory = Callable[[QuestionDependencies, Actor], History]
"""Returns the turns before a question, under the asker's rights of this moment."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that has its slot: the text, its asker, the conversation before it."""

    actor: Actor
    text: str
    history: History
    filters: Mapping[str, Any] | None
    slot: Slot
    form: Format | None = None
    """A format for people that the answer is rendered in besides its JSON."""
    reservation: KeyReservation | None = None
    """The idempotency key that it holds."""
    over_budget: BudgetSpentError | None = None
    """Why no model writes the answer: a token budget is used up."""
    is_kept: bool = True
    """Whether the answer is stored; its bill and the audit log's row always are."""
    on_record: Callable[[Session, str], None] | None = None
    """Called with the answer's id in the transaction that stores the answer."""
    answer_form: AnswerForm | None = None
    """Named values that are to be the answer."""


@asynccontextmanager
async def admitted_search(
    questions: QuestionDependencies, actor: Actor, receive: Receive, cost: float | None = None
) -> AsyncIterator[Slot]:
    """Hold a slot for the length of the block; wait for it first.

    Raises:
        OverloadedError: there is none in time.
        ClientDisconnect: the asker left while waiting.

    """
    asker = questions.asker(actor)
    async with granted_slot(questions.admission, asker, receive, cost) as slot:
        questions.metrics.waited(slot.wait_s)
        trace_wait("admission", utc_now() - timedelta(seconds=slot.wait_s))
        yield slot


@asynccontextmanager
async def admitted_question(
    questions: QuestionDependencies,
    actor: Actor,
    receive: Receive,
    body: AskRequest,
    reservation: KeyReservation | None,
    load_history: LoadHistory | None = None,
) -> AsyncIterator[Question]:
    """Check a question and its asker's budget, and hold a slot for the length of the block.

    ``load_history`` returns the turns before the question; by default its conversation's.

    Raises:
        AskQuotaError: the tenant's asks of the day are used up.
        BudgetSpentError: a budget is used up, and the tenant's tier refuses.
        NotFoundError: there is no such conversation, or it is somebody else's; or a collection
            is not there for the asker.
        OverloadedError: there is no slot in time.
        ClientDisconnect: the asker left while waiting.

    """
    check_question(body.question, len(body.question))  # before it takes a slot
    over_budget = await run_in_threadpool(_check_budget, questions, actor)
    async with admitted_search(questions, actor, receive) as slot:
        history = await run_in_threadpool(
            load_history or _conversation(body.conversation_id), questions, actor
        )
        filters = await run_in_threadpool(body.narrowing.resolve, questions.database, actor.scope)
        form = requested_form(body)
        yield Question(actor, body.question, history, filters, slot, form, reservation, over_budget)


def answer_question(
    questions: QuestionDependencies, question: Question, emit: Emit | None = None
) -> dict[str, Any]:
    """Recall or write the answer, record it with its bill, and return its JSON.

    Raises:
        TenantSuspendedError: the tenant was suspended meanwhile; no further sentence is released
            and the answer is not stored.

    """
    actor, price = question.actor, questions.registry.cost
    emit = emit and _while_active(questions.database, actor.scope.tenant, emit)
    with (
        answering(question.reservation),
        question.slot,
        open_account(questions.database, actor, price, questions.metrics.spent) as account,
    ):
        cacheable = _cacheable(questions, question)
        reply = _recall(questions, cacheable, emit)
        is_recalled = reply is not None
        if reply is None:
            reply = _write(questions, question, cacheable, emit)
        question.slot.leave(RECALL_TOKENS if is_recalled else queue_cost(reply.usage))
        bill = Bill(reply.model, account.meter.usages, is_recalled)
        answer_id = _record(questions, question, reply, bill)
        account.is_billed = True
    _note(questions, question, answer_id, reply)
    return _body(reply, question.form, answer_id)


def search(
    questions: QuestionDependencies,
    actor: Actor,
    query: str,
    *,
    top_k: int,
    narrowing: Narrowing,
    is_reranked: bool = True,
) -> Retrieved:
    """Return the passages that fit a query best, out of those that the actor may read.

    Without ``is_reranked``, a reranker that the service has is left out.

    Raises:
        NotFoundError: a collection is not there for the actor.

    """
    filters = narrowing.resolve(questions.database, actor.scope)
    retrieval = questions.retrieval()
    if not is_reranked:
        retrieval = replace(retrieval, reranker=None)
    results = retrieve(query, actor.scope, retrieval, top_k=top_k, filters=filters)
    questions.metrics.stages(results.timings)
    documents = {passage.chunk.document_id for passage in results.passages}
    questions.reads.record(actor, "search", sorted(documents))
    return results


def repeated_answer(
    questions: QuestionDependencies, actor: Actor, earlier: EarlierAnswer, body: AskRequest
) -> dict[str, Any]:
    """Return the JSON of an earlier answer, as it was the first time."""
    documents = sorted(set(earlier.documents))
    questions.reads.record(actor, "ask", documents, subject=earlier.answer_id)
    return _body(earlier.answer, requested_form(body), earlier.answer_id)


def requested_form(body: AskRequest) -> Format | None:
    """Return the format for people that is requested, if one is."""
    return None if body.format == "json" else body.format


def queue_cost(usage: Usage) -> float:
    """Return an answer's cost in the fair queue."""
    return SEARCH_TOKENS + usage.prompt_tokens + COMPLETION_WEIGHT * usage.completion_tokens


def recall(cache: AnswerCache, question: CacheableQuestion, emit: Emit | None) -> Answer | None:
    """Return the answer that the cache holds for a question at this moment, at no cost."""
    began = time.perf_counter()
    with question.answering.retrieval.library.read(question.scope) as reader:
        snapshot = reader.snapshot
    key = question.key(snapshot, question.answering.policy.rules.policy.name)
    cached = cache.get(question.scope.tenant, key)
    if cached is None:
        return None
    if emit is not None:
        for sentence in released(cached):
            emit(*sentence)
    return replace(cached, usage=Usage(), timings={"recall": time.perf_counter() - began})


def write_answer(
    cache: AnswerCache,
    question: CacheableQuestion,
    dependencies: AnswerDependencies,
    emit: Emit | None,
    *,
    is_judged: bool,
) -> Answer:
    """Answer a question, and cache the answer where it is a lasting one.

    The key has the snapshot and the policy that the answer itself names, not those of the moment:
    after a change in between, the answer is not found.
    """
    reply = answer(
        question.text,
        question.scope,
        dependencies,
        history=question.history,
        emit=emit,
        filters=question.filters,
    )
    if cache.is_on and question.is_lasting(reply, is_judged=is_judged):
        cache.put(question.scope.tenant, question.key(reply.snapshot, reply.policy), reply)
    return reply


def _conversation(conversation_id: str | None) -> LoadHistory:
    return lambda questions, actor: history_of(questions.database, actor, conversation_id)


def _check_budget(questions: QuestionDependencies, actor: Actor) -> BudgetSpentError | None:
    """Return why no model is to write, where a budget is used up and answers are quoted."""
    tenant = actor.scope.tenant
    check_ask_quota(questions.database, tenant)
    terms = questions.registry.terms(tenant)
    over_budget = spent_budget(questions.database, actor, terms)
    if over_budget is not None and terms.over_budget == "refuse":
        raise over_budget
    return over_budget


def _while_active(database: Database, tenant: str, emit: Emit) -> Emit:
    """Return ``emit`` for as long as the tenant is served."""

    def checked(sentence: Sentence, citations: tuple[Citation, ...], place: BlockPlace) -> None:
        with database.read() as session:
            check_active(session, tenant)
        emit(sentence, citations, place)

    return checked


def _cacheable(questions: QuestionDependencies, question: Question) -> CacheableQuestion:
    actor, history = question.actor, question.history
    review_queue = ReviewQueue(questions.database, actor, questions.review_terms, history.documents)
    answering_now = questions.answering(actor.scope.tenant)
    config = replace(answering_now.config, form=question.answer_form)
    dependencies = replace(answering_now, review_queue=review_queue, config=config)
    return CacheableQuestion(
        question.text, actor.scope, history.turns, question.filters, dependencies
    )


def _recall(
    questions: QuestionDependencies, question: CacheableQuestion, emit: Emit | None
) -> Answer | None:
    if not questions.answers.is_on:
        return None
    cached = recall(questions.answers, question, emit)
    questions.metrics.recalled(hit=cached is not None)
    return cached


def _write(
    questions: QuestionDependencies,
    question: Question,
    cacheable: CacheableQuestion,
    emit: Emit | None,
) -> Answer:
    dependencies = admitted(cacheable.answering, question.over_budget, question.slot.without_core)
    return write_answer(
        questions.answers, cacheable, dependencies, emit, is_judged=questions.is_judged
    )


def _record(questions: QuestionDependencies, question: Question, reply: Answer, bill: Bill) -> str:
    """Store the answer, its bill, and what its idempotency key stands for: all or nothing."""

    def bill_and_settle(session: Session, answer_id: str) -> None:
        check_active(session, question.actor.scope.tenant)
        add_bill(session, question.actor, bill)
        if question.reservation is not None:
            question.reservation.settle(session, answer_id)
        if question.on_record is not None:
            question.on_record(session, answer_id)

    if not question.is_kept:
        answer_id = f"ans_{secrets.token_hex(12)}"
        with questions.database.write() as session:
            bill_and_settle(session, answer_id)
        return answer_id
    return record_answer(
        questions.database, question.actor, question.text, reply, question.history, bill_and_settle
    )


def _note(
    questions: QuestionDependencies, question: Question, answer_id: str, reply: Answer
) -> None:
    """Count a recorded answer, log the documents that were read, offer it to the live scores."""
    questions.metrics.stages(reply.timings)
    questions.metrics.answer(reply)
    note_support(answer_id, reply)
    actor, documents = question.actor, sorted(set(reply.documents))
    questions.reads.record(actor, "ask", documents, subject=answer_id)
    if question.is_kept:
        questions.score_later(answer_id, reply)


def _body(reply: Answer, form: Format | None, answer_id: str) -> dict[str, Any]:
    extra = {"rendered": rendered(reply, form)} if form else {}
    return {**answer_json(reply), **extra, "answer_id": answer_id}
