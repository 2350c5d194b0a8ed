"""Answers the responses that wait, in threads of the service, under their owners' rights.

A request that was accepted is a row. What a process leaves when it dies is answered by the next
one: a response is written at least once and stored once.
"""

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from api.admission.waiting import result_for
from api.auth.api_keys import Caller
from api.auth.delegation import actor_now
from api.errors import OverloadedError
from api.openai_compatible.responder import admitted_response, check_response_request
from api.openai_compatible.response_json import ResponseHead, request_echo
from api.openai_compatible.response_schemas import ResponseRequest
from api.openai_compatible.response_store import (
    WaitingResponse,
    claim_response,
    fail_response,
    give_back,
    is_still_wanted,
    responses_are_due,
)
from api.questions.dependencies import QuestionDependencies
from generate.llm.cancellation import AskerGoneError
from index.db.tables.questions import StoredResponse
from index.errors import FootnoteError
from index.tracing import Tracing, traced, traced_by

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""Between two looks for a response that waits, or that is not wanted any more."""
AT_ONCE = 2
"""Responses that a process answers in the background at the same time."""
JOIN_SECONDS = 10


@contextmanager
def answering_in_background(
    questions: QuestionDependencies, ready: threading.Event, tracing: Tracing | None = None
) -> Iterator[None]:
    """Answer the responses that wait for the length of the block, once the service is ready."""
    stop = threading.Event()
    questions.database.signals.conditions["responses"] = responses_are_due
    threads = [
        threading.Thread(
            target=work_responses, args=(questions, ready, stop, tracing),
            name=f"responses-{number}", daemon=True,
        )
        for number in range(AT_ONCE)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        questions.database.signals.send()
        for thread in threads:
            thread.join(JOIN_SECONDS)


def work_responses(
    questions: QuestionDependencies,
    ready: threading.Event,
    stop: threading.Event,
    tracing: Tracing | None = None,
) -> None:
    """Answer one response after the other until told to stop."""
    signals = questions.database.signals
    while not stop.is_set():
        count = signals.count("responses")
        try:
            waiting = claim_response(questions.database) if ready.is_set() else None
        except Exception:  # a database that fails for a moment must not end the thread
            logger.exception("waiting responses could not be looked for")
            waiting = None
        with traced_by(tracing):
            is_done = waiting is not None and answer_waiting(questions, waiting, stop)
        if not is_done:
            signals.wait("responses", count, stop, seconds=LOOK_SECONDS)


def answer_waiting(
    questions: QuestionDependencies, waiting: WaitingResponse, stop: threading.Event
) -> bool:
    """Answer a response, or note why it has no answer; tell whether it is done with."""
    database = questions.database
    try:
        with traced("response", kind="consumer"):
            asyncio.run(_answer(questions, waiting, stop))
    except (ClientDisconnect, AskerGoneError, OverloadedError):
        give_back(database, waiting.id)  # it was cancelled, or its turn comes again
        return False
    except FootnoteError as error:
        fail_response(database, waiting.id, str(error) or error.title)
    except Exception:  # one response that fails must not end the others; the log has the place
        logger.exception("a response failed")
        fail_response(database, waiting.id, "It failed; the log says where.")
    return True


async def _answer(
    questions: QuestionDependencies, waiting: WaitingResponse, stop: threading.Event
) -> None:
    actor = await run_in_threadpool(
        actor_now, questions.database, waiting.tenant, waiting.owner, waiting.credential
    )
    caller = Caller(actor, waiting.credential)
    body = ResponseRequest.model_validate(waiting.request)
    head = ResponseHead(waiting.id, request_echo(body), check_response_request(body).question)
    receive = _until_unwanted(questions, waiting.id, stop)

    def find_row(session: Session) -> StoredResponse:
        row = session.get(StoredResponse, waiting.id, with_for_update=True)
        if row is None or row.state != "in_progress":
            raise AskerGoneError
        return row

    async with admitted_response(questions, caller, receive, body, head, find_row) as responder:
        await result_for(receive, questions.threads, responder.write)


def _until_unwanted(
    questions: QuestionDependencies, response_id: str, stop: threading.Event
) -> Receive:
    """Return what tells, like a client that hangs up, that nobody wants the response any more."""

    async def receive() -> Message:
        while not stop.is_set() and await run_in_threadpool(  # noqa: ASYNC110 - waits for a row
            is_still_wanted, questions.database, response_id
        ):
            await asyncio.sleep(LOOK_SECONDS)
        return {"type": "http.disconnect"}

    return receive
