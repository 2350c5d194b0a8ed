"""Closing an answer: answered, in part, no evidence, or kept back by the policy."""

from collections.abc import Sequence
from dataclasses import dataclass

from generate.draft import Draft
from generate.guarding.watch import Watch
from generate.shortfall import missing, nearest
from generate.types import Answer, Status, Usage
from generate.write import NOT_SAID, Writing
from index.library import Library
from index.types import Scope
from retrieve.types import Passage, Retrieved

NO_EVIDENCE = "Nothing that you may read answers this question."
QUESTION_BLOCKED = "This question was not answered: the policy of this service does not allow it."
ANSWER_BLOCKED = "The answer was kept back: the policy of this service does not let it out."
LEFT_OUT = "The policy of this service kept a part of the answer back."
NEAREST = 5
"""Titles that a ``no_evidence`` answer shows at most."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What an answer is closed with, besides the draft."""

    asked: str
    """The question as it may be kept."""
    alone: str
    """The question as it is understood without the conversation."""
    found: Retrieved
    evidence: Sequence[Passage]
    """What the policy left of the passages."""
    confidence: float
    timings: dict[str, float]


def finish(ending: Ending, draft: Draft, writing: Writing) -> Answer:
    """Close the draft: what is in it, or why there is nothing and what was searched."""
    nothing = not draft.sentences
    status = _status(draft, writing)
    passages = ending.found.passages
    titles = dict.fromkeys(p.chunk.title or p.chunk.filename for p in passages)
    unanswered = status == "no_evidence"
    return Answer(
        status=status,
        text=_text(status, draft),
        sentences=tuple(draft.sentences),
        citations=tuple(draft.citations),
        usage=writing.usage,
        snapshot=ending.found.snapshot,
        model=writing.model,
        timings=ending.timings,
        notice=_notice(status, draft, writing),
        searched=tuple(titles)[:NEAREST] if unanswered else (),
        nearest=nearest(ending.evidence, draft.watch) if unanswered else (),
        missing=missing(ending.alone, draft) if status == "partial" and not nothing else (),
        confidence=round(ending.confidence, 4),
        policy=draft.watch.version,
        guard=tuple(draft.watch.notes),
        asked=ending.asked,
        documents=tuple(dict.fromkeys(p.chunk.document_id for p in passages)),
    )


def blocked(asked: str, watch: Watch, library: Library, scope: Scope) -> Answer:
    """Answer a question that the policy stopped: nothing was searched and no model was asked."""
    with library.read(scope) as reader:
        snapshot = reader.snapshot
    return Answer(
        status="blocked",
        text=QUESTION_BLOCKED,
        sentences=(),
        citations=(),
        usage=Usage(),
        snapshot=snapshot,
        model="none",
        notice=watch.message or QUESTION_BLOCKED,
        policy=watch.version,
        guard=tuple(watch.notes),
        asked=asked,
    )


def _status(draft: Draft, writing: Writing) -> Status:
    if not draft.sentences:
        return "blocked" if draft.stopped else "no_evidence"
    return "partial" if writing.incomplete or draft.stopped else "answered"


def _text(status: Status, draft: Draft) -> str:
    if draft.sentences:
        return draft.text
    return ANSWER_BLOCKED if status == "blocked" else NOT_SAID


def _notice(status: Status, draft: Draft, writing: Writing) -> str | None:
    if status == "no_evidence":
        return NO_EVIDENCE
    if status == "blocked":
        return draft.watch.message or ANSWER_BLOCKED
    return writing.notice or (LEFT_OUT if draft.stopped else None)
