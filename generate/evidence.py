"""The evidence for one question: what was searched, found, let through and chosen."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generate.dependencies import AnswerDependencies
from generate.guardrails.session import GuardrailSession
from generate.quoting.quoter import Selection
from generate.types import Turn
from index.types import Scope
from retrieve.retrieve import retrieve
from retrieve.types import Passage, Retrieved


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer rests on, before a word of it is written."""

    question: str
    """The question as it may be stored."""
    standalone_question: str
    """The question as it is understood without the conversation."""
    retrieved: Retrieved
    passages: Sequence[Passage]
    """What the policy left of the retrieved passages."""
    selection: Selection = field(default_factory=lambda: Selection((), 0.0))
    """The sentences that answer best, and how likely the passages answer at all."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds by stage."""


def gather_evidence(
    question: str,
    history: Sequence[Turn],
    scope: Scope,
    dependencies: AnswerDependencies,
    guard: GuardrailSession,
    filters: Mapping[str, Any] | None,
) -> Evidence:
    """Make the question stand alone, search, let the policy look, and choose sentences."""
    began = time.perf_counter()
    standalone_question = dependencies.rewriter.rewrite(question, history)
    retrieved = retrieve(
        standalone_question,
        scope,
        dependencies.retrieval,
        top_k=dependencies.config.passages,
        filters=filters,
    )
    searched = time.perf_counter()
    passages = guard.evidence(retrieved.passages)
    selection = dependencies.quoter.select(standalone_question, passages)
    timings = {"retrieve": searched - began, "select": time.perf_counter() - searched}
    return Evidence(
        question,
        standalone_question,
        retrieved,
        passages,
        selection,
        retrieved.timings | timings,
    )
