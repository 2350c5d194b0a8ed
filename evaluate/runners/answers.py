"""Measure how often answers are right, rightly cited, and withheld where nothing supports one.

Every question goes through ``answer()``, the function that the service uses; or the answers of
another system are read from a file.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from evaluate.datasets.access_matrix import access_matrix
from evaluate.datasets.corpus_store import CorpusDependencies, open_corpus, store_key
from evaluate.datasets.loading import Dataset, fingerprint, load_questions
from evaluate.datasets.recorded_outputs import Output, output_of, read_outputs
from evaluate.datasets.sample_conversation import history_of, standalone_question_of
from evaluate.datasets.sample_scope import scope_of
from evaluate.datasets.schema import Sample
from evaluate.errors import EmptyEvaluationError
from evaluate.runners.common import SEED, at_once, draw, refusals, side_by_side, versions
from evaluate.runners.journal import Journal, NoJournal
from evaluate.scoring.aggregates import draw_answers, measure_answers, slices_of
from evaluate.scoring.judging import Judges, judged_result
from evaluate.scoring.results import Report, Result
from generate.answer import AnswerDependencies, answer
from generate.errors import EmptyQuestionError, QuestionTooLongError
from generate.llm.registry import Price
from generate.verification.verifier import AlignmentVerifier, Verifier
from index.db.tables.base import utc_now
from index.library import Library
from index.types import Scope
from retrieve.errors import InvalidQuestionError
from retrieve.retrieve import retrieve

_REFUSALS = (EmptyQuestionError, QuestionTooLongError, InvalidQuestionError)
"""Errors that concern one question only: the run goes on."""


def evaluate_answers(
    folder: Path,
    dependencies: CorpusDependencies,
    answering: Callable[[Library], AnswerDependencies],
    *,
    judge: Verifier | None = None,
    limit: int | None = None,
    journal: Journal | None = None,
    progress: bool = True,
) -> Report:
    """Measure answers, citations and abstention on a question set.

    ``answering`` makes the answering parts over the corpus' store, as the service has them.
    ``judge`` says whether sentences are supported; it is not the answerer's own verifier, so that
    a broken one does not judge itself. The default aligns words and meaning.
    ``limit`` asks that many questions, drawn with a fixed seed. ``journal`` keeps what was
    answered, so that an interrupted run goes on where it stopped.

    Raises:
        EvaluationError: the data set is not usable, or its corpus could not be ingested.

    """
    started, clock = utc_now(), time.monotonic()
    dataset = load_questions(folder)
    answers = answering(open_corpus(dataset, dependencies, progress=progress))
    samples = draw(dataset.samples, limit)
    config = {
        "store": store_key(dataset, dependencies),
        **answering_config(answers),
        "limit": limit,
    }
    records = (journal or NoJournal()).open("answers", dataset.fingerprint, config)
    verifier = judge or AlignmentVerifier(dependencies.embedder)
    judges = Judges(verifier, dependencies.embedder, access_matrix(dataset.corpus))

    def judge_sample(sample: Sample) -> Result:
        output = records.once(sample.id, Output, lambda: ask(sample, answers))
        return judged_result(sample, output, judges)

    results = side_by_side(judge_sample, samples, label="ask", progress=progress)
    records.finish()
    judged_by = {"judges": judges.names, "at once": at_once()}
    seconds = time.monotonic() - clock
    return answers_report(
        dataset, results, config={**config, **judged_by}, started=started, seconds=seconds
    )


def evaluate_outputs(
    folder: Path,
    outputs: Path,
    judges: Judges,
    *,
    limit: int | None = None,
    prices: Mapping[str, Price] | None = None,
    progress: bool = True,
) -> Report:
    """Score answers that some system has written down, on a question set.

    ``prices``, by model, price the tokens of outputs that do not say what they cost.
    Questions without an output are left out, and the report says how many they are.

    Raises:
        EvaluationError: a file is not usable, or no output belongs to a question.

    """
    started, clock = utc_now(), time.monotonic()
    dataset = load_questions(folder, needs_corpus=False)
    by_sample = {key: _with_price(one, prices or {}) for key, one in read_outputs(outputs).items()}
    samples = draw([s for s in dataset.samples if s.id in by_sample], limit)
    if not samples:
        raise EmptyEvaluationError(f"No line of {outputs} has the id of a question in {folder}.")
    cites = any(output.citations for output in by_sample.values())
    complete = replace(judges, access=access_matrix(dataset.corpus), cites=cites)
    results = side_by_side(
        lambda s: judged_result(s, by_sample[s.id], complete),
        samples,
        label="judge",
        progress=progress,
    )
    missing = len(dataset.samples) - len(by_sample.keys() & {s.id for s in dataset.samples})
    warnings = (f"{missing} questions have no output and are not judged.",) if missing else ()
    models = sorted({by_sample[s.id].model for s in samples} - {""})
    config = {"outputs": fingerprint([outputs]), "models": models, "judges": judges.names}
    seconds = time.monotonic() - clock
    report = answers_report(
        dataset, results, config=config, started=started, seconds=seconds, cites=cites
    )
    return replace(report, warnings=(*report.warnings, *warnings))


def _with_price(output: Output, prices: Mapping[str, Price]) -> Output:
    price, prompt, completion = (
        prices.get(output.model), output.prompt_tokens, output.completion_tokens,
    )  # fmt: skip
    if output.cost is not None or price is None or prompt is None or completion is None:
        return output
    return output.model_copy(update={"cost": price.of(prompt, completion)})


def answers_report(
    dataset: Dataset,
    results: Sequence[Result],
    *,
    config: Mapping[str, Any],
    started: datetime,
    seconds: float,
    cites: bool = True,
) -> Report:
    """Put the report of judged answers together; ``cites`` tells whether the system does."""
    sample_ids = {result.id for result in results}
    headline = _headline([s for s in dataset.samples if s.id in sample_ids], cites=cites)
    return Report(
        kind="answers",
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        headline=headline,
        measures=measure_answers(results, headline),
        results=tuple(results),
        config={**config, "seed": SEED, "versions": versions()},
        counts={
            "documents": len(dataset.corpus),
            "questions": len(results),
            "unanswerable": sum(not result.facts["answerable"] for result in results),
            "abstentions": sum(result.facts["abstained"] for result in results),
        },
        started_at=started,
        seconds=seconds,
        curves=draw_answers(results, headline),
        warnings=(*dataset.warnings, *refusals(results)),
        slices=slices_of(results, headline),
    )


def _headline(samples: Sequence[Sample], *, cites: bool) -> str:
    """Return the metric that tells good answers from bad ones, by what is known of the samples."""
    answerable = [sample for sample in samples if sample.answerable]
    has_answers = any(sample.answers for sample in answerable)
    if cites and any(sample.evidence for sample in answerable):
        return "citation_recall"
    if has_answers:
        return "answer_in_quote@2" if cites else "token_f1"
    has_gold = any(sample.gold for sample in answerable)
    if cites and (has_gold or len(answerable) < len(samples)):
        return "citation_recall"
    return "groundedness"


def measured_anew(report: Report) -> Report:
    """Return a report of answers whose figures are computed from the results that it has."""
    counts = {
        **report.counts,
        "questions": len(report.results),
        "unanswerable": sum(not result.facts["answerable"] for result in report.results),
        "abstentions": sum(result.facts["abstained"] for result in report.results),
    }
    return replace(
        report,
        measures=measure_answers(report.results, report.headline),
        curves=draw_answers(report.results, report.headline),
        slices=slices_of(report.results, report.headline),
        counts=counts,
    )


def ask(
    sample: Sample,
    dependencies: AnswerDependencies,
    scope: Scope | None = None,
    filters: Mapping[str, Any] | None = None,
) -> Output:
    """Ask one question after its earlier turns, as the sample's principals.

    With a scope, ask as that one, and call documents by their id in the store. ``filters`` narrow
    the search, as in ``Library.read``.
    """
    asker = scope or scope_of(sample)
    clock = time.monotonic()
    try:
        reply = answer(
            sample.question, asker, dependencies, history=history_of(sample), filters=filters
        )
    except _REFUSALS as error:
        return Output(id=sample.id, abstained=True, status="refused", refused=str(error))
    seconds = time.monotonic() - clock
    question = standalone_question_of(sample, dependencies.rewriter)
    top_k = dependencies.config.passages
    retrieval = retrieve(question, asker, dependencies.retrieval, top_k=top_k, filters=filters)
    output = output_of(sample.id, reply, retrieval.passages, seconds, live=scope is not None)
    return output.model_copy(update={"searched": question if question != sample.question else ""})


def answering_config(dependencies: AnswerDependencies) -> dict[str, Any]:
    """Return everything in the answering parts that figures depend on."""
    reranker = dependencies.retrieval.reranker
    return {
        "retrieval": asdict(dependencies.retrieval.config),
        "reranker": reranker.name if reranker else None,
        "answering": asdict(dependencies.config),
        "model": dependencies.model.name if dependencies.model else "quote",
        "verifier": dependencies.verifier.name,
    }
