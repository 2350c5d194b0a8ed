"""Live scores: a sampled share of the answers is judged in the background.

Scores are stored with the answer and share its fate: deleted with its conversation, withheld with
its documents. Trends are over one's own answers alone; an operator sees the service's figures in
the metrics, which carry numbers and no content.
"""

import hashlib
import logging
import queue
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from api.questions.answer_store import shown_answers
from api.telemetry.evaluation_events import note_score
from api.telemetry.prometheus import Metrics
from evaluate.datasets.recorded_outputs import output_of
from evaluate.metrics.grounding import groundedness
from evaluate.scoring.judging import cited_sentences
from generate.types import Answer
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.questions import AnswerRow
from index.tracing import current_traceparent
from index.types import Actor

if TYPE_CHECKING:
    from generate.verification.verifier import Verifier

logger = logging.getLogger(__name__)

WAITING = 256
"""Answers that wait for their scores; what comes on top is not scored."""
_PARTS = 1 << 32


@dataclass(frozen=True, slots=True)
class TrendDay:
    """One day's means over the answers that were scored; none where there is nothing to say."""

    day: str
    answers: int
    groundedness: float | None
    abstained: float
    confidence: float
    seconds: float
    tokens: float
    cost: float | None = None
    """Mean price of an answer; none where no model that answered has one."""


@dataclass(frozen=True, slots=True)
class Trends:
    """Live scores by day, oldest day first."""

    days: list[TrendDay]


class LiveScores:
    """Judges a share of the answers on a thread of its own."""

    def __init__(self, database: Database, metrics: Metrics, share: float) -> None:
        self._database = database
        self._metrics = metrics
        self._share = share
        self._waiting: queue.Queue[tuple[str, Answer, str | None]] = queue.Queue(WAITING)

    def offer(self, answer_id: str, answer: Answer) -> None:
        """Take an answer where it is in the sample, which its id alone decides."""
        draw = int.from_bytes(hashlib.sha256(answer_id.encode()).digest()[:4], "big") / _PARTS
        if draw >= self._share:
            return
        try:
            self._waiting.put_nowait((answer_id, answer, current_traceparent()))
        except queue.Full:
            self._metrics.live_skipped()

    def work(self, verifier: "Verifier", stop: threading.Event) -> None:
        """Score what waits until told to stop."""
        while not stop.is_set():
            try:
                answer_id, answer, traceparent = self._waiting.get(timeout=0.5)
            except queue.Empty:
                continue
            try:
                self.score(answer_id, answer, verifier, traceparent)
            except Exception:  # scoring is never worth a service; the log has the place
                logger.exception("live score failed")

    def score(
        self,
        answer_id: str,
        answer: Answer,
        verifier: "Verifier",
        traceparent: str | None = None,
    ) -> dict[str, Any]:
        """Judge one answer, store its scores, count them, and log and trace an event for each."""
        scores = scores_of(answer, verifier)
        with self._database.write() as session:
            row = session.scalar(select(AnswerRow).where(AnswerRow.id == answer_id))
            if row is not None:
                row.scores = scores
        for name, value in scores.items():
            if value is not None:
                self._metrics.live_score(name, value)
                note_score(answer_id, name, value, traceparent)
                logger.info(
                    "gen_ai.evaluation.result", extra={"evaluation": name, "score": round(value, 4)}
                )
        return scores


def scores_of(answer: Answer, verifier: "Verifier") -> dict[str, float | None]:
    """Return an answer's live scores: support, abstention, confidence, seconds, tokens, cost."""
    output = output_of("live", answer, live=True)
    sentences = cited_sentences(output)
    grounded = groundedness(sentences, (), verifier) if sentences else None
    usage = answer.usage
    return {
        "groundedness": grounded.value if grounded else None,
        "abstained": float(answer.status == "no_evidence"),
        "confidence": answer.confidence,
        "seconds": sum(answer.timings.get(name, 0.0) for name in ("retrieve", "select", "write")),
        "tokens": float(usage.prompt_tokens + usage.completion_tokens),
        "cost": output.cost,
    }


def live_trends(database: Database, actor: Actor, days: int) -> Trends:
    """Average the scores of the actor's own answers that are not withheld now, day by day."""
    since = utc_now() - timedelta(days=days)
    with database.read() as session:
        rows = session.scalars(
            select(AnswerRow)
            .where(
                AnswerRow.tenant == actor.scope.tenant,
                AnswerRow.asker == actor.owner,
                AnswerRow.created_at >= since,
            )
            .order_by(AnswerRow.key)
        ).all()
        by_day: dict[str, list[dict[str, Any]]] = {}
        for row in shown_answers(session, actor, rows):
            if row.scores:
                by_day.setdefault(f"{row.created_at:%Y-%m-%d}", []).append(row.scores)
    return Trends([_day(day, day_scores) for day, day_scores in sorted(by_day.items())])


def _day(day: str, day_scores: list[dict[str, Any]]) -> TrendDay:
    def mean(name: str) -> float | None:
        values = [scores[name] for scores in day_scores if scores.get(name) is not None]
        return sum(values) / len(values) if values else None

    return TrendDay(
        day=day,
        answers=len(day_scores),
        groundedness=mean("groundedness"),
        abstained=mean("abstained") or 0.0,
        confidence=mean("confidence") or 0.0,
        seconds=mean("seconds") or 0.0,
        tokens=mean("tokens") or 0.0,
        cost=mean("cost"),
    )
