"""A run judged by RAGAS: which metrics ran, on how much, what the judge said and what it cost."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluate.datasets.loading import load_questions
from evaluate.errors import EmptyEvaluationError, InvalidDatasetError, UnknownRunError
from evaluate.metrics.score import Score, judged_values
from evaluate.ragas.judge import Judge
from evaluate.ragas.rows import fields_of, why_missing
from evaluate.ragas.session import RagasProcess, RagasTask
from evaluate.ragas.worker import METRICS
from evaluate.runners.common import SEED, draw, versions
from evaluate.scoring.results import Measure, Report, Result, average
from index.db.tables.base import utc_now

_NO_JUDGE = "no judge is named (--judge)"
_SHOWN = ("answerable", "answer", "citations", "passages", "references", "gold", "tags")


def evaluate_ragas(
    run: Report,
    ragas: RagasProcess,
    judge: Judge | None,
    *,
    dataset: Path | None = None,
    metrics: Sequence[str] = (),
    limit: int | None = None,
    progress: bool = True,
) -> Report:
    """Compute RAGAS' metrics over the answers that a run has recorded.

    ``dataset`` is the run's question set, for the texts of its gold documents. ``metrics`` are
    some of ``METRICS``; none means all. Metrics that ask a model need ``judge``.

    Raises:
        UnknownRunError: the run has no answers.
        InvalidDatasetError: the question set is not the one that the run was made on.

    """
    started, clock = utc_now(), time.monotonic()
    if run.kind != "answers":
        raise UnknownRunError(f"RAGAS judges answers; this is a run of kind {run.kind!r}.")
    if not run.results:
        raise EmptyEvaluationError("The run has no answers.")
    texts = _gold_texts(run, dataset)
    names = tuple(metrics) or tuple(METRICS)
    samples = list(draw(run.results, limit))
    scores, jobs = _plan_tasks(samples, names, texts, judge)
    for job, score in zip(jobs, ragas.score(jobs, judge, progress=progress), strict=True):
        scores[job.sample][job.metric] = score
    results = [
        Result(r.id, r.question, scores[r.id], {n: r.facts[n] for n in _SHOWN if n in r.facts})
        for r in samples
    ]
    figures = {name: _figure(name, results, judge) for name in names}
    return Report(
        kind="ragas",
        dataset=run.dataset,
        fingerprint=run.fingerprint,
        headline=_headline(figures),
        measures={**figures, **_spending(judge)},
        results=tuple(results),
        config=_config(run, ragas, judge),
        counts={"questions": len(results), **_ran(figures)},
        started_at=started,
        seconds=time.monotonic() - clock,
        warnings=tuple(_warnings_of(figures)),
    )


def _gold_texts(run: Report, folder: Path | None) -> dict[str, str]:
    if folder is None:
        return {}
    dataset = load_questions(folder)
    if dataset.fingerprint != run.fingerprint:
        raise InvalidDatasetError(f"{folder} is not the question set that the run was made on.")
    return {document.id: document.text for document in dataset.corpus}


def _plan_tasks(
    results: Sequence[Result], names: Sequence[str], texts: Mapping[str, str], judge: Judge | None
) -> tuple[dict[str, dict[str, Score]], list[RagasTask]]:
    """Return what RAGAS is to score, and for all else the reason why it is not."""
    scores: dict[str, dict[str, Score]] = {result.id: {} for result in results}
    jobs = []
    for result in results:
        fields = fields_of(result, texts)
        for name in names:
            metric = METRICS[name]
            missing = next((need for need in metric.needs if need not in fields), None)
            if "llm" in metric.asks and judge is None:
                scores[result.id][name] = Score.unjudged(_NO_JUDGE)
            elif missing:
                scores[result.id][name] = Score.unjudged(why_missing(result, missing))
            else:
                jobs.append(
                    RagasTask(result.id, name, {need: fields[need] for need in metric.needs})
                )
    return scores, jobs


def _figure(name: str, results: Sequence[Result], judge: Judge | None) -> Measure:
    """Average one metric; where nothing could be judged, say why, by the commonest reason."""
    measure = average(results, [name])[name]
    if measure.score.value is not None:
        by = f", judged by {judge.name}" if judge and "llm" in METRICS[name].asks else ""
        return Measure(Score(measure.score.value, measure.score.reason + by), measure.interval)
    reasons = [result.scores[name].reason for result in results]
    return Measure(Score.unjudged(max(reasons, key=reasons.count)))


def _headline(figures: Mapping[str, Measure]) -> str:
    """Return the first metric that ran; the order puts the judged ones first."""
    ran = (name for name, measure in figures.items() if measure.score.value is not None)
    return next(ran, next(iter(figures)))


def _ran(figures: Mapping[str, Measure]) -> dict[str, int]:
    ran = len(judged_values(measure.score for measure in figures.values()))
    return {"metrics that ran": ran, "metrics that could not": len(figures) - ran}


def _warnings_of(figures: Mapping[str, Measure]) -> list[str]:
    return [
        f"{name} could not be computed: {measure.score.reason}."
        for name, measure in figures.items()
        if measure.score.value is None
    ]


def _spending(judge: Judge | None) -> dict[str, Measure]:
    if judge is None:
        return {}
    spending, cost = judge.spending, judge.cost
    calls = (
        f"{spending.calls} calls, {spending.failures} without a reply; "
        f"{spending.cached} from the cache"
    )
    unpriced = Score.unjudged(f"{judge.name} has no price in the list of models")
    return {
        "judge_calls": Measure(Score(float(spending.calls), calls)),
        "judge_prompt_tokens": Measure(Score(float(spending.usage.prompt_tokens), "in all")),
        "judge_completion_tokens": Measure(
            Score(float(spending.usage.completion_tokens), "in all")
        ),
        "judge_cost": Measure(unpriced if cost is None else Score(cost, "in all, as priced")),
    }


def _config(run: Report, ragas: RagasProcess, judge: Judge | None) -> dict[str, Any]:
    return {
        "ragas": ragas.version,
        "judge": judge.name if judge else None,
        "embeddings": ragas.embeddings,
        "judged run": {"started_at": run.started_at.isoformat(), "config": dict(run.config)},
        "seed": SEED,
        "versions": versions(),
    }
