"""Everything an asker gets to see, with generated ids, snapshot names and times left out."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from api.openai_compatible.file_search import place_of, results_at
from api.openai_compatible.response_events import ResponseEvents
from api.openai_compatible.response_json import ResponseHead, request_echo
from api.openai_compatible.response_schemas import FileSearchTool, ResponseRequest
from generate.answer import answer
from generate.config import AnswerConfig
from generate.dependencies import AnswerDependencies
from generate.guardrails.policy_reload import PolicySource
from generate.quoting.quoter import Quoter
from generate.rendering.render import answer_json, sentence_json
from generate.types import Answer, Turn
from generate.verification.verifier import AlignmentVerifier
from index.documents import list_documents
from index.embedding.embedder import Embedder
from index.errors import FootnoteError
from index.library import Library
from index.types import Scope
from retrieve.config import RetrievalConfig
from retrieve.retrieve import RetrievalDependencies, retrieve
from retrieve.types import Passage, Retrieved
from tests.proofs.surfaces import Assisted, assisted, searched_store

TOP = 4
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
GENERATED = {
    "document_id", "chunk_id", "document_key", "key", "snapshot", "timings", "documents",
    "created_at", "updated_at", "accepted_at", "published_at", "file_id",
}  # fmt: skip


POLICY = PolicySource()
"""The default one, read once for all."""


class Asking:
    """One configuration of asking, for any library over the same embedder."""

    def __init__(self, embedder: Embedder, *, candidates: int, confidence: float) -> None:
        self.embedder = embedder
        self.config = RetrievalConfig(candidates=candidates)
        self.answering = AnswerConfig(confidence=confidence)

    def outcome(
        self,
        library: Library,
        scope: Scope,
        question: str,
        filters: dict[str, Any] | None,
        before: str | None = None,
    ) -> dict[str, Any]:
        """Search, ask and list; an error is an outcome too. Scores are kept to the last bit.

        ``before`` is the question of the turn before, where there was one.
        """
        history = [Turn("user", before), Turn("assistant", "Perhaps.")] if before else []
        found = RetrievalDependencies(library, self.embedder, self.config)
        parts = AnswerDependencies(
            retrieval=found,
            model=None,
            verifier=AlignmentVerifier(self.embedder),
            quoter=Quoter(self.embedder, self.answering.quoting),
            config=self.answering,
            policy=POLICY,
        )
        emitted: list[Any] = []
        answers: list[Answer] = []

        results: list[Retrieved] = []

        def search() -> list[dict[str, Any]]:
            results.append(retrieve(question, scope, found, top_k=TOP, filters=filters))
            return [_passage(passage) for passage in results[0].passages]

        def ask() -> dict[str, Any]:
            given = answer(
                question, scope, parts, filters=filters, history=history,
                emit=lambda *released: emitted.append(sentence_json(*released)),
            )  # fmt: skip
            answers.append(given)
            return _answered(given)

        def respond() -> list[dict[str, Any]]:
            is_answered = results and answers
            return _events(question, scope, answers[0], library, results[0]) if is_answered else []

        def search_in_store() -> dict[str, Any]:
            return searched_store(found, scope, question, only_new=filters is not None)

        def assist() -> dict[str, Any]:
            if not results:
                return {}
            knowledge = Assisted(library, scope, results[0], answers[0] if answers else None)
            return assisted(knowledge, question)

        return _plain(
            {
                "search": _tried(search),
                "ask": _tried(ask),
                "emitted": emitted,
                "response": _tried(respond),
                "vector store": _tried(search_in_store),
                "assistant": _tried(assist),
                "list": _listed(library, scope),
            }
        )


def _passage(passage: Passage) -> dict[str, Any]:
    return asdict(passage)


def _answered(given: Answer) -> dict[str, Any]:
    return {**answer_json(given), "drawn_on": len(given.documents)}


def _events(
    question: str, scope: Scope, given: Answer, library: Library, found: Retrieved
) -> list[dict[str, Any]]:
    """Return the events of a response with the results of its file search."""
    body = ResponseRequest(input=question, tools=[FileSearchTool(type="file_search")])
    head = ResponseHead("resp_0", request_echo(body), question, LONG_AGO)
    results = results_at(library, scope, [place_of(passage) for passage in found.passages])
    return ResponseEvents(head, results).replay({**answer_json(given), "answer_id": ""}, LONG_AGO)


def _listed(library: Library, scope: Scope) -> list[Any]:
    """List what is readable, in an order that arrival does not decide."""
    items = [_plain(asdict(view)) for view in list_documents(library, scope, limit=500).items]
    return sorted(items, key=json.dumps)


def _tried(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except FootnoteError as error:
        return {"error": error.code, "message": str(error)}


def _plain(value: Any) -> Any:
    """Return JSON values without what is generated."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in sorted(value.items()) if k not in GENERATED}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.hex() if isinstance(value, float) else value
