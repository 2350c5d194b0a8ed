"""A question's way from evidence to a checked, cited answer."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from generate.dependencies import AnswerDependencies
from generate.draft import Emit, ignore
from generate.finalize import Ending, blocked, finish
from generate.llm.metering import Meter, counting
from generate.types import Answer, Turn
from generate.writer import Writing, quote_instead, write
from index.types import Scope
from retrieve.retrieve import retrieve

__all__ = ["AnswerDependencies", "answer"]


def answer(
    question: str,
    scope: Scope,
    parts: AnswerDependencies,
    *,
    history: Sequence[Turn] = (),
    emit: Emit | None = None,
    filters: Mapping[str, Any] | None = None,
) -> Answer:
    """Answer from what the scope may read, or say that the documents do not.

    Args:
        question: as the asker wrote it.
        scope: who asks.
        parts: the collaborators.
        history: earlier turns, oldest first.
        emit: called with each sentence and its citations as soon as they are checked.
        filters: what narrows the search, as in ``Library.read``.

    Raises:
        EmptyQuestionError, QuestionTooLongError: the question cannot be asked.
        FootnoteError: the search failed; a failing model is answered by quoting instead.

    """
    with counting(Meter(parts.price)) as spent:
        given = _answered(question, scope, parts, history, emit or ignore, filters)
    return replace(given, usage=spent.total)


def _answered(
    question: str,
    scope: Scope,
    parts: AnswerDependencies,
    history: Sequence[Turn],
    emit: Emit,
    filters: Mapping[str, Any] | None,
) -> Answer:
    began = time.perf_counter()
    watch = parts.watch()
    asked = watch.question(question, parts.config.question_characters)
    if watch.stopped:
        return blocked(asked, watch, parts.retrieval.library, scope)
    alone = parts.rewriter.rewrite(asked, history)
    found = retrieve(alone, scope, parts.retrieval, top_k=parts.config.passages, filters=filters)
    searched = time.perf_counter()
    evidence = watch.evidence(found.passages)
    best = parts.quoter.select(alone, evidence)
    selected = time.perf_counter()
    draft = parts.draft(scope, emit, watch)
    writing = Writing()
    if best.confidence >= parts.config.confidence:
        writing = write(asked, evidence, history, parts, draft)
        if not (draft.sentences or writing.abstained or watch.held):
            writing = quote_instead(best, draft, writing)
    sure = best.confidence
    if draft.sentences and writing.model != "quote":
        sure = parts.quoter.sure_of(alone, draft.quotes)
        writing.beside = sure < parts.config.confidence_after
    timings = found.timings | {
        "retrieve": searched - began,
        "select": selected - searched,
        "write": time.perf_counter() - selected,
        "verify": draft.verifying,
    }
    ending = Ending(asked, alone, found, evidence, sure, timings)
    return finish(ending, draft, writing)
