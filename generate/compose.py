"""Filling a draft: a model decides whether the evidence answers, or the documents are quoted."""

import time
from collections.abc import Sequence

from generate.conflicts import show_conflicts
from generate.dependencies import AnswerDependencies
from generate.draft import AnswerDraft
from generate.evidence import Evidence
from generate.types import Turn
from generate.writer import Writing, quote_instead, write

TAKEN_BACK = "What the model wrote does not answer it."


def compose(
    evidence: Evidence,
    history: Sequence[Turn],
    dependencies: AnswerDependencies,
    draft: AnswerDraft,
) -> Writing:
    """Write or quote into the draft; nothing where the evidence is about something else.

    Quotes take a model's place only where it gave no reply, and by the rule of quoting: the
    estimate reaches ``config.confidence``. What a model has written is estimated once more, by
    what it cites; what a small model has written beside the question is taken back.
    """
    began = time.perf_counter()
    config, selection = dependencies.config, evidence.selection
    writing = Writing()
    may_quote = selection.is_answer and selection.confidence >= config.confidence
    may_write = selection.confidence >= config.off_topic_confidence
    may_answer = may_quote if dependencies.model is None else may_write
    if may_answer:
        writing = write(evidence.question, evidence.passages, history, dependencies, draft)
        if writing.is_unreachable and may_quote:
            writing = quote_instead(selection, draft, writing)
    if draft.sentences and not draft.guardrails.held_replies:
        writing.conflicts = show_conflicts(selection.disagreements, draft)
    writing.answerability = selection.confidence
    if writing.model == "quote" and selection.missing:
        writing.missing, writing.is_beside_question = selection.missing, bool(draft.sentences)
    if draft.sentences and writing.model != "quote":
        question = evidence.standalone_question
        writing.answerability = dependencies.quoter.estimate_answerability(question, draft.quotes)
        is_beside = writing.answerability < config.confidence_after
        if is_beside and config.is_model_small and not draft.guardrails.held_replies:
            draft.take_back()
            writing.notice = TAKEN_BACK
        writing.is_beside_question = is_beside and bool(draft.sentences)
    evidence.timings.update(write=time.perf_counter() - began, verify=draft.verifying)
    return writing
