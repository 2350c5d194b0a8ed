"""A question's way from evidence to a checked, cited answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from generate.compose import compose
from generate.dependencies import AnswerDependencies
from generate.draft import Emit
from generate.evidence import gather_evidence
from generate.finalize import blocked, finish
from generate.llm.metering import Meter, counting
from generate.types import Answer, Turn
from index.tracing import TraceSpan, traced
from index.types import Scope

__all__ = ["AnswerDependencies", "answer"]

ANSWER_STEP = {"gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": "answer"}
"""An answer is a workflow: searches, requests to models, checks."""


def answer(
    question: str,
    scope: Scope,
    dependencies: AnswerDependencies,
    *,
    history: Sequence[Turn] = (),
    emit: Emit | None = None,
    filters: Mapping[str, Any] | None = None,
) -> Answer:
    """Answer from what the scope may read, or say that the documents do not.

    Args:
        question: as the asker wrote it.
        scope: who asks.
        dependencies: the collaborators.
        history: earlier turns, oldest first.
        emit: called with each sentence and its citations as soon as they are checked.
        filters: what narrows the search, as in ``Library.read``.

    Raises:
        EmptyQuestionError, QuestionTooLongError: the question cannot be asked.
        FootnoteError: the search failed; a failing model is answered by quoting instead.

    """
    with counting(Meter(dependencies.price)) as meter, traced("answer", ANSWER_STEP) as step:
        guardrails = dependencies.start_guardrails()
        stored_question = guardrails.question(question, dependencies.config.question_characters)
        if guardrails.stopping_ruling:
            outcome = blocked(stored_question, guardrails, dependencies.retrieval.library, scope)
        else:
            evidence = gather_evidence(
                stored_question, history, scope, dependencies, guardrails, filters
            )
            draft = dependencies.draft(scope, emit, guardrails)
            writing = compose(evidence, history, dependencies, draft)
            outcome = finish(evidence, draft, writing)
        _describe(outcome, step)
    return replace(outcome, usage=meter.total)


def _describe(outcome: Answer, step: TraceSpan) -> None:
    """Note in a trace what became of a question; with content, its words and the answer's."""
    step.note(
        {
            "footnote.answer.status": outcome.status,
            "footnote.answer.sentences": len(outcome.sentences),
            "footnote.answer.citations": len(outcome.citations),
            "footnote.answer.model": outcome.model,
        }
    )
    step.note_content("footnote.question", lambda: outcome.stored_question)
    step.note_content("footnote.answer.text", lambda: outcome.text)
