"""The evidence for one question: what was searched, found, let through and chosen."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from generate.dependencies import AnswerDependencies
from generate.guardrails.session import GuardrailSession
from generate.prompting.question_parts import question_parts, without_instructions
from generate.quoting.quoter import Selection
from generate.quoting.statement_terms import spell_out
from generate.quoting.summary import (
    asks_for_changes,
    asks_for_summary,
    change_claims,
    is_named_by,
    lead_claims,
    names_nothing,
)
from generate.types import Turn
from index.tracing import traced
from index.types import Scope
from retrieve.retrieve import retrieve
from retrieve.types import Passage, Retrieved
from retrieve.whole_documents import read_documents

_SUMMARISED = 3
"""Documents that one summary takes in."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The passages and sentences that an answer rests on, before a word of it is written."""

    question: str
    """The question as it may be stored."""
    standalone_question: str
    """The question as it is understood without the conversation."""
    retrieved: Retrieved
    passages: Sequence[Passage]
    """The retrieved passages, as far as the policy lets them through."""
    selection: Selection = field(default_factory=lambda: Selection((), 0.0))
    """The sentences that answer best, and how likely the passages answer at all."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds by stage."""


def gather_evidence(
    question: str,
    history: Sequence[Turn],
    scope: Scope,
    dependencies: AnswerDependencies,
    guardrails: GuardrailSession,
    filters: Mapping[str, Any] | None,
) -> Evidence:
    """Make the question stand alone, search for each of its parts, and choose sentences.

    Words that tell a writer how to answer are not searched for.
    """
    began = time.perf_counter()
    standalone_question = dependencies.rewriter.rewrite(question, history)
    questions = question_parts(spell_out(without_instructions(standalone_question)))
    evidence = Evidence(question, standalone_question, Retrieved((), ""), ())
    retrievals = [_search(part, scope, dependencies, filters) for part in questions]
    searched = time.perf_counter()
    evidence = replace(evidence, retrieved=_join(retrievals))
    with traced("select") as step:
        if asks_for_summary(standalone_question) or asks_for_changes(standalone_question):
            evidence = _summary(evidence, scope, dependencies, guardrails, is_chosen=bool(filters))
        if not evidence.passages:
            evidence = _select(evidence, questions, retrievals, dependencies, guardrails)
        step.note({"footnote.passages": len(evidence.passages)})
    timings = {"retrieve": searched - began, "select": time.perf_counter() - searched}
    return replace(evidence, timings=evidence.retrieved.timings | timings)


def _search(
    part: str,
    scope: Scope,
    dependencies: AnswerDependencies,
    filters: Mapping[str, Any] | None,
) -> Retrieved:
    top_k = dependencies.config.passages
    return retrieve(part, scope, dependencies.retrieval, top_k=top_k, filters=filters)


def _join(retrievals: Sequence[Retrieved]) -> Retrieved:
    """Join what was found for the parts; a passage that several have found counts once.

    Parts that were searched at different moments get a snapshot of their own name.
    """
    passages = {(p.chunk.key, p.start): p for each in reversed(retrievals) for p in each.passages}
    order = dict.fromkeys((p.chunk.key, p.start) for each in retrievals for p in each.passages)
    timings: Counter[str] = Counter()
    for each in retrievals:
        timings.update(each.timings)
    snapshot = ".".join(dict.fromkeys(each.snapshot for each in retrievals))
    return Retrieved(tuple(passages[key] for key in order), snapshot, dict(timings))


def _select(
    evidence: Evidence,
    questions: Sequence[str],
    retrievals: Sequence[Retrieved],
    dependencies: AnswerDependencies,
    guardrails: GuardrailSession,
) -> Evidence:
    """Choose sentences for each part from the passages that were found for it."""
    passages = tuple(guardrails.evidence(evidence.retrieved.passages))
    if len(questions) == 1:
        selection = dependencies.quoter.select(questions[0], passages)
        return replace(evidence, passages=passages, selection=selection)
    selections = [
        (part, dependencies.quoter.select(part, guardrails.evidence(each.passages)))
        for part, each in zip(questions, retrievals, strict=True)
    ]
    selection = Selection.of_parts(selections, dependencies.config.confidence)
    return replace(evidence, passages=passages, selection=selection)


def _summary(
    evidence: Evidence,
    scope: Scope,
    dependencies: AnswerDependencies,
    guardrails: GuardrailSession,
    *,
    is_chosen: bool,
) -> Evidence:
    """Take the lead sentences of the chosen documents, or of the one that the question names.

    What has changed is what they say of changes. Where they say nothing of it, nothing is quoted,
    and a model reads them all the same.
    """
    question, passages = evidence.standalone_question, evidence.retrieved.passages
    are_changes = asks_for_changes(question)
    if not is_chosen or (are_changes and not names_nothing(question)):
        passages = tuple(p for p in passages if is_named_by(question, p))
    library = dependencies.retrieval.library
    sections = guardrails.evidence(read_documents(passages, scope, library, most=_SUMMARISED))
    claims = change_claims(sections) if are_changes else lead_claims(sections)
    if not claims and not (are_changes and sections):
        return evidence
    confidence = 1.0 if claims else dependencies.config.off_topic_confidence
    return replace(evidence, passages=sections, selection=Selection(claims, confidence))
