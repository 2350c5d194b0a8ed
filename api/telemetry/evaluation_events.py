"""Scores of answers as OpenTelemetry's event ``gen_ai.evaluation.result``.

Source: https://github.com/open-telemetry/semantic-conventions-genai, evaluation event.
"""

from generate.types import Answer, Verdict
from index.tracing import trace_event

EVENT = "gen_ai.evaluation.result"
SUPPORT = "support"
"""The evaluation that every answer has: the share of its sentences that their citations support."""

_VERDICTS: tuple[Verdict, ...] = ("unsupported", "partial", "supported")
"""From the worst to the best."""


def note_support(answer_id: str, answer: Answer) -> None:
    """Send the outcome of an answer's verification; its label is the worst verdict."""
    verdicts = [sentence.verdict for sentence in answer.sentences]
    if not verdicts:
        return
    share = verdicts.count("supported") / len(verdicts)
    worst = min(verdicts, key=_VERDICTS.index)
    trace_event(
        EVENT,
        {
            "gen_ai.evaluation.name": SUPPORT,
            "gen_ai.evaluation.score.value": share,
            "gen_ai.evaluation.score.label": worst,
            "gen_ai.response.id": answer_id,
        },
    )


def note_score(answer_id: str, name: str, value: float, traceparent: str | None) -> None:
    """Send a live score, as part of the trace of its answer."""
    facts: dict[str, str | float] = {
        "gen_ai.evaluation.name": name,
        "gen_ai.evaluation.score.value": value,
        "gen_ai.response.id": answer_id,
    }
    trace_event(EVENT, facts, traceparent)
