"""One question on its way through the service: answered at once, or as server-sent events."""

import json
import logging
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from api.conversations import History, history_of, record_answer
from api.problems import problem
from api.schemas import AskRequest
from api.service import Service
from generate.answer import answer
from generate.render import Format, answer_json, rendered, sentence_json
from generate.types import Citation, Sentence
from index.errors import FootnoteError
from index.types import Actor

logger = logging.getLogger(__name__)

Emit = Callable[[Sentence, tuple[Citation, ...]], None]
Event = tuple[str, dict[str, Any]]
"""Name and data of a server-sent event."""

KEEP_ALIVE_SECONDS = 15.0


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


class AskerGoneError(Exception):
    """Nobody reads the stream any more; the answer is given up."""


def answer_now(
    question: Question, emit: Emit = lambda _sentence, _citations: None
) -> dict[str, Any]:
    """Answer, store the answer, and return its JSON with ``answer_id``."""
    service = question.service
    given = answer(
        question.text,
        question.actor.scope,
        service.parts.answering_for(question.actor.scope.tenant),
        history=question.history.turns,
        emit=emit,
        filters=question.filters,
    )
    service.metrics.stages(given.timings)
    service.metrics.answer(given.status)
    service.note_read(question.actor, "ask", given.documents)
    answer_id = record_answer(
        service.database, question.actor, question.text, given, question.history
    )
    service.live.offer(answer_id, given)
    shown = {"rendered": rendered(given, question.form)} if question.form else {}
    return {**answer_json(given), **shown, "answer_id": answer_id}


def answer_events(question: Question) -> Iterator[str]:
    """Yield ``sentence`` events as sentences pass their checks, then ``done`` or ``error``.

    Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
    """
    events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
    gone = threading.Event()
    thread = threading.Thread(target=_produce, args=(question, events, gone), name="ask")
    thread.start()
    try:
        while (event := _next(events)) is not None:
            yield _render(*event) if event else ": still working\n\n"
    finally:
        gone.set()


def _produce(
    question: Question, events: "queue.SimpleQueue[Event | None]", gone: threading.Event
) -> None:
    def emit(sentence: Sentence, citations: tuple[Citation, ...]) -> None:
        if gone.is_set():
            raise AskerGoneError
        events.put(("sentence", sentence_json(sentence, citations)))

    try:
        events.put(("done", answer_now(question, emit)))
    except AskerGoneError:
        logger.info("the asker left")
    except FootnoteError as error:
        events.put(("error", problem(error)))
    except Exception:  # the stream must end with an event; what went wrong is in the log alone
        logger.exception("answer failed")
        events.put(("error", problem(FootnoteError())))
    finally:
        events.put(None)


def _next(events: "queue.SimpleQueue[Event | None]") -> Event | tuple[()] | None:
    try:
        return events.get(timeout=KEEP_ALIVE_SECONDS)
    except queue.Empty:
        return ()


def _render(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
