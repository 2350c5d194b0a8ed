"""Whether answers are right, cited from the right place, and withheld where there is none.

Every question goes through ``answer()``, the function that the service uses.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from evaluate.corpus import CorpusParts, open_corpus, store_key
from evaluate.datasets import load_questions
from evaluate.fill import corpus_id
from evaluate.metrics import citations, curves, text
from evaluate.results import Curve, Measure, Report, Result, area_measure, average
from evaluate.runs import at_once, draw, scope_of, side_by_side, versions
from evaluate.samples import Sample
from evaluate.score import Score
from generate.answer import AnswerParts, answer
from generate.types import Answer, Turn
from index.library import Library
from index.tables import utc_now

ABSTAINED = "no_evidence"
_AVERAGED = (
    "answer_in_quote@1",
    "answer_in_quote@2",
    "answer_in_quote@3",
    "citation_precision",
    "citation_recall",
    "evidence_precision",
    "evidence_recall",
    "exact_match",
    "token_f1",
)
_MARKER = re.compile(r"\s*\[\d+\]")


@dataclass(frozen=True, slots=True)
class Asked:
    """A sample, what came back, how long it took in seconds, and the scores."""

    sample: Sample
    answer: Answer
    seconds: float
    scores: Mapping[str, Score]

    @property
    def abstained(self) -> bool:
        """Tell whether the answer says that there is none."""
        return self.answer.status == ABSTAINED


def evaluate_answers(
    folder: Path,
    parts: CorpusParts,
    answering: Callable[[Library], AnswerParts],
    *,
    limit: int | None = None,
    progress: bool = True,
) -> Report:
    """Measure answers, citations and abstention on a question set.

    ``answering`` makes the answering parts over the corpus' store, as the service has them.
    ``limit`` asks that many questions, drawn with a fixed seed.

    Raises:
        EvaluationError: the data set is not usable, or its corpus could not be ingested.

    """
    started, clock = utc_now(), time.monotonic()
    dataset = load_questions(folder)
    answers = answering(open_corpus(dataset, parts, progress=progress))
    samples = draw(dataset.samples, limit)
    asked = side_by_side(lambda s: ask(s, answers), samples, label="ask", progress=progress)
    results = tuple(map(_result, asked))
    headline = "citation_recall" if any(s.evidence for s in samples) else "answer_in_quote@2"
    return Report(
        kind="answers",
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        headline=headline,
        measures={**average(results, _AVERAGED), **_abstention(asked), **_latency(asked)},
        results=results,
        config={
            "store": store_key(dataset, parts),
            "retrieval": asdict(answers.retrieval.config),
            "answering": asdict(answers.config),
            "model": answers.model.name if answers.model else "quote",
            "versions": versions(),
        },
        counts={
            "documents": len(dataset.corpus),
            "questions": len(samples),
            "unanswerable": sum(not sample.answerable for sample in samples),
            "abstentions": sum(item.abstained for item in asked),
        },
        started_at=started,
        seconds=time.monotonic() - clock,
        curves=_risk(asked, headline),
        warnings=dataset.warnings,
    )


def ask(sample: Sample, parts: AnswerParts) -> Asked:
    """Ask one question as the sample's principals, after its earlier turns."""
    history = tuple(
        Turn("user" if turn.speaker.casefold() == "user" else "assistant", turn.text)
        for turn in sample.turns
    )
    clock = time.monotonic()
    given = answer(sample.question, scope_of(sample), parts, history=history)
    seconds = time.monotonic() - clock
    return Asked(sample, given, seconds, judge_answer(sample, given))


def judge_answer(sample: Sample, given: Answer) -> dict[str, Score]:
    """Score one answer against what is known about the right one."""
    if not sample.answerable:
        return dict.fromkeys(_AVERAGED, Score.unjudged("the corpus does not answer the question"))
    places = _cited_places(given)
    quotes = [quote for _, quote in places]
    documents = [document for document, _ in places]
    plain = _MARKER.sub("", given.text) if given.citations else ""
    return {
        **{
            f"answer_in_quote@{n}": citations.answer_in_quote(quotes, sample.answers, n)
            for n in (1, 2, 3)
        },
        "citation_precision": citations.citation_precision(documents, sample.gold),
        "citation_recall": citations.citation_recall(documents, sample.gold),
        "evidence_precision": citations.evidence_precision(quotes, sample.evidence),
        "evidence_recall": citations.evidence_recall(quotes, sample.evidence),
        "exact_match": text.exact_match(plain, sample.answers),
        "token_f1": text.token_f1(plain, sample.answers),
    }


def _cited_places(given: Answer) -> list[tuple[str, str]]:
    """Return (corpus id, quote) of each cited place, once, in the order of the answer."""
    ordered = sorted(given.citations, key=lambda c: (c.answer_start, c.marker))
    places = {(c.document_id, c.start, c.end): (corpus_id(c.filename), c.quote) for c in ordered}
    return list(places.values())


def _result(asked: Asked) -> Result:
    given = asked.answer
    facts = {
        "answerable": asked.sample.answerable,
        "status": given.status,
        "confidence": round(given.confidence, 4),
        "answer": given.text,
        "citations": [[corpus_id(c.filename), c.quote, c.verdict] for c in given.citations],
        "references": list(asked.sample.answers[:5]),
        "gold": list(asked.sample.gold[:20]),
        "seconds": round(asked.seconds, 4),
    }
    return Result(asked.sample.id, asked.sample.question, asked.scores, facts)


def _abstention(asked: Sequence[Asked]) -> dict[str, Measure]:
    """Measure the decision to say nothing, and the confidence that it rests on."""
    unanswerable = [not item.sample.answerable for item in asked]
    doubt = [1 - item.answer.confidence for item in asked]
    precision, recall, f1 = curves.f1_at(unanswerable, [item.abstained for item in asked])
    return {
        "abstention_auroc": area_measure(unanswerable, doubt),
        "abstention_precision": Measure(precision),
        "abstention_recall": Measure(recall),
        "abstention_f1": Measure(f1),
        "abstention_best_f1": Measure(curves.best_f1(unanswerable, doubt)[0]),
    }


def _latency(asked: Sequence[Asked]) -> dict[str, Measure]:
    times = np.array([item.seconds for item in asked]) * 1000
    reason = f"of {len(asked)} questions, {at_once()} at once"
    return {
        f"latency_p{share}_ms": Measure(Score(float(np.percentile(times, share)), reason))
        for share in (50, 95)
    }


def _risk(asked: Sequence[Asked], headline: str) -> tuple[Curve, ...]:
    """Draw how often an answer is wrong when only the most confident share is answered."""
    judged = [
        item
        for item in asked
        if not item.sample.answerable or item.scores[headline].value is not None
    ]
    if not judged:
        return ()
    right = [bool(item.scores[headline].value) for item in judged]
    points = curves.risk_coverage(right, [item.answer.confidence for item in judged])
    title = "Share of wrong answers, most confident questions first"
    drawn = tuple((point.coverage, point.risk) for point in points)
    return (Curve(title, "share of questions answered", "share wrong", drawn),)
