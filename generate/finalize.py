"""Closing an answer: answered, in part, no evidence, or kept back by the policy."""

from collections.abc import Sequence
from dataclasses import replace

from generate.draft import AnswerDraft
from generate.evidence import Evidence
from generate.gaps import missing, nearest
from generate.guardrails.session import GuardrailSession
from generate.types import Answer, Conflict, ReviewNote, Status, Usage
from generate.writer import NOT_SAID, Writing
from index.library import Library
from index.types import Scope
from retrieve.types import Passage

NO_EVIDENCE = "Nothing that you may read answers this question."
NOT_TOLD = "Nothing that you may read tells of this: {things}."
QUESTION_BLOCKED = "This question was not answered: the policy of this service does not allow it."
ANSWER_BLOCKED = "The answer was kept back: the policy of this service does not let it out."
LEFT_OUT = "The policy of this service kept a part of the answer back."
BESIDE = "What the documents say here may not be what was asked for."
DISAGREE = "The documents disagree: {sides}. Check who published them, and when."
WAITS = (
    "{what} waits for a review ({id}). Once it is approved, ask the same question again; without a "
    "decision by {until} it is denied."
)
DENIED = "{what} was not let through by a reviewer ({id}); that holds until {until}."
NEAREST = 5
"""Titles that a ``no_evidence`` answer shows at most."""


def finish(evidence: Evidence, draft: AnswerDraft, writing: Writing) -> Answer:
    """Close the draft: what is in it, or why there is nothing and what was searched.

    Closing may still ask a guard, so what the answer cost is not known before.
    """
    if draft.guardrails.held_replies:
        return _close_held(evidence, draft.guardrails, writing)
    draft.emit_waiting()
    status = _status(draft, writing)
    passages = evidence.retrieved.passages
    is_unanswered = status == "no_evidence"
    return Answer(
        status=status,
        text=_text(status, draft),
        sentences=tuple(draft.sentences),
        citations=tuple(draft.citations),
        usage=Usage(),
        snapshot=evidence.retrieved.snapshot,
        model=writing.model,
        timings=evidence.timings,
        notice=_notice(status, draft, writing),
        searched=_searched(passages, draft.guardrails) if is_unanswered else (),
        nearest=nearest(evidence.passages, draft.guardrails) if is_unanswered else (),
        missing=writing.missing or _missing(evidence, draft, status),
        confidence=round(writing.answerability, 4),
        policy=draft.guardrails.version,
        guard=tuple(draft.guardrails.notes),
        stored_question=evidence.question,
        blocks=draft.layout.finished(),
        conflicts=writing.conflicts,
        documents=_documents(passages),
    )


def _missing(evidence: Evidence, draft: AnswerDraft, status: Status) -> tuple[str, ...]:
    """Return the words that a partial answer does not cover."""
    if status != "partial" or not draft.sentences:
        return ()
    return missing(evidence.standalone_question, draft)


def _searched(passages: Sequence[Passage], guardrails: GuardrailSession) -> tuple[str, ...]:
    """Return the first titles of what was found, as far as the policy shows them."""
    shown_passages = filter(None, map(guardrails.with_allowed_name, passages))
    return tuple(dict.fromkeys(passage.chunk.title for passage in shown_passages))[:NEAREST]


def _close_held(evidence: Evidence, guardrails: GuardrailSession, writing: Writing) -> Answer:
    """Close an answer that a person is to decide on: nothing of it goes out."""
    documents = _documents(evidence.retrieved.passages)
    wording = ("The answer", ANSWER_BLOCKED)
    outcome = _withhold(
        evidence.question, guardrails, evidence.retrieved.snapshot, wording, documents
    )
    return replace(outcome, model=writing.model, timings=evidence.timings)


def _withhold(
    question: str,
    guardrails: GuardrailSession,
    snapshot: str,
    wording: tuple[str, str],
    documents: tuple[str, ...] = (),
) -> Answer:
    """Answer with nothing but why; ``wording`` names what waits, then what is said otherwise."""
    what, otherwise = wording
    review = guardrails.file(documents)
    notice = _review_notice(what, review, guardrails)
    return Answer(
        status="blocked",
        text=notice or otherwise,
        sentences=(),
        citations=(),
        usage=Usage(),
        snapshot=snapshot,
        model="none",
        notice=notice or guardrails.message or otherwise,
        policy=guardrails.version,
        guard=tuple(guardrails.notes),
        review=review,
        stored_question=question,
        documents=documents,
    )


def _documents(passages: Sequence[Passage]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p.chunk.document_id for p in passages))


def _review_notice(
    what: str, review: ReviewNote | None, guardrails: GuardrailSession
) -> str | None:
    if review is None:
        return None
    template = WAITS if review.state == "pending" else DENIED
    until = f"{review.until[:16].replace('T', ' ')} UTC"
    notice = template.format(what=what, id=review.id, until=until)
    return f"{guardrails.message} {notice}" if guardrails.message else notice


def blocked(question: str, guardrails: GuardrailSession, library: Library, scope: Scope) -> Answer:
    """Answer a question that the policy stopped: nothing was searched and no model was asked."""
    with library.read(scope) as reader:
        snapshot = reader.snapshot
    return _withhold(question, guardrails, snapshot, ("The question", QUESTION_BLOCKED))


def _status(draft: AnswerDraft, writing: Writing) -> Status:
    if not draft.sentences:
        return "blocked" if draft.blocked_sentences else "no_evidence"
    is_short = writing.is_incomplete or writing.is_beside_question or draft.blocked_sentences
    return "partial" if is_short else "answered"


def _text(status: Status, draft: AnswerDraft) -> str:
    if draft.sentences:
        return draft.text
    return ANSWER_BLOCKED if status == "blocked" else NOT_SAID


def _notice(status: Status, draft: AnswerDraft, writing: Writing) -> str | None:
    disagreement = " ".join(map(_disagreement, writing.conflicts)) if draft.sentences else ""
    return " ".join(filter(None, (disagreement, _shortfall(status, draft, writing)))) or None


def _disagreement(conflict: Conflict) -> str:
    """Say which values stand where."""
    sides = "; ".join(
        f"{side.value} [{side.marker}]{' (authoritative)' if side.authoritative else ''}"
        for side in conflict.sides
    )
    return DISAGREE.format(sides=sides)


def _shortfall(status: Status, draft: AnswerDraft, writing: Writing) -> str | None:
    not_told = NOT_TOLD.format(things=", ".join(writing.missing)) if writing.missing else None
    if status == "no_evidence":
        of_model = None if writing.is_quoted else writing.notice
        return " ".join(filter(None, (not_told or NO_EVIDENCE, of_model)))
    if not_told:
        return not_told
    if status == "blocked":
        return draft.guardrails.message or ANSWER_BLOCKED
    beside = BESIDE if writing.is_beside_question else None
    return writing.notice or (LEFT_OUT if draft.blocked_sentences else beside)
