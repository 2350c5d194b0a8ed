"""Works the evaluation runs of a service, one after the other, under their owners' rights."""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from api.auth.delegation import actor_now
from api.evaluations.run_store import claim_run, end_run, note_progress
from api.evaluations.store_datasets import feedback_samples, readable_corpus
from api.questions.token_budget import on_account
from evaluate.authoring.generator import generate_questions
from evaluate.datasets.loading import Dataset
from evaluate.datasets.schema import Sample
from evaluate.errors import EmptyEvaluationError
from evaluate.reports.report import report_json
from evaluate.reports.report_types import ReportJson
from evaluate.runners.answers import answering_config, answers_report, ask
from evaluate.scoring.judging import Judges, judged_result
from evaluate.scoring.results import Result
from generate.dependencies import AnswerDependencies
from generate.llm.cancellation import AskerGoneError, CancellationToken, cancelled_by
from generate.llm.registry import Registry
from index.collections import Narrowing
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.evaluations import EvaluationRun
from index.errors import FootnoteError
from index.library import Library
from index.types import EVERYONE, Actor

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""Between two looks for a run that waits."""
MOST_QUESTIONS = 500
CREDENTIAL_SECONDS = 0.4
"""Between two looks at the credential of a run that is worked."""
RUNS_AT_ONCE = 2
"""Runs that are worked at the same time, of different people: a long one does not stop all."""


@dataclass(frozen=True, slots=True)
class RunDependencies:
    """The collaborators of an evaluation run."""

    database: Database
    registry: Registry
    """The tenants' budgets, and the prices of the models."""
    answering: Callable[[str], AnswerDependencies]
    """Returns what an answer needs, with the models of a tenant's tier."""


def work_runs(needs: RunDependencies, stop: threading.Event) -> None:
    """Work the runs that wait until told to stop; an interrupted run is begun again later."""
    signals = needs.database.signals
    while not stop.is_set():
        count = signals.count("runs")
        evaluation_id = claim_run(needs.database)
        if evaluation_id is None:
            signals.wait("runs", count, stop, seconds=LOOK_SECONDS)
            continue
        try:
            report = run_one(needs, evaluation_id, stop)
        except FootnoteError as error:
            end_run(needs.database, evaluation_id, {}, reason=str(error) or error.title)
        except Exception:  # one run that fails must not end the others; the log has the place
            logger.exception("evaluation failed")
            end_run(needs.database, evaluation_id, {}, reason="It failed; the log says where.")
        else:
            if report is not None:
                end_run(needs.database, evaluation_id, report)


def run_one(needs: RunDependencies, evaluation_id: str, stop: threading.Event) -> ReportJson | None:
    """Ask every question of a run and return its report.

    None where the service stops, or the run was cancelled.
    """
    started, clock = utc_now(), time.monotonic()
    with needs.database.read() as session:
        row = session.get_one(EvaluationRun, evaluation_id)
        tenant, owner, request = row.tenant, row.owner, dict(row.request)

    def owner_now() -> Actor:
        return actor_now(needs.database, tenant, owner, str(request.get("credential")))

    answering = needs.answering(tenant)
    library, embedder = answering.retrieval.library, answering.retrieval.embedder
    samples = questions_of(needs.database, library, owner_now(), request)
    judges = Judges(answering.verifier, embedder)
    results: list[Result] = []
    with cancelled_when_refused(owner_now):
        for sample in samples:
            if stop.is_set():
                return None
            results.append(_judged(needs, owner_now(), sample, request, answering, judges))
            if not note_progress(needs.database, evaluation_id, len(results)):
                return None
    shown_request = {name: request[name] for name in ("dataset", "limit")}
    report = answers_report(
        _dataset(request["dataset"], samples),
        results,
        config={**answering_config(answering), "judges": judges.names, "request": shown_request},
        started=started,
        seconds=time.monotonic() - clock,
    )
    return report_json(report)


@contextmanager
def cancelled_when_refused(owner_now: Callable[[], Actor]) -> Iterator[None]:
    """Cancel the work of the block where its owner's credential is cut, also within a question.

    Raises:
        FootnoteError: the refusal, as a request with that credential would get it.

    """
    token, is_over = CancellationToken(), threading.Event()
    refusals: list[FootnoteError] = []

    def look() -> None:
        while not is_over.wait(CREDENTIAL_SECONDS) and not refusals:
            try:
                owner_now()
            except FootnoteError as error:
                refusals.append(error)
                token.cancel()
            except SQLAlchemyError:
                logger.exception("the credential of an evaluation could not be looked up")

    watcher = threading.Thread(target=look, name="credential-watch", daemon=True)
    watcher.start()
    try:
        with cancelled_by(token):
            yield
    except AskerGoneError:
        if not refusals:
            raise
        raise refusals[0] from None
    finally:
        is_over.set()
        watcher.join()


def _judged(
    needs: RunDependencies,
    actor: Actor,
    sample: Sample,
    request: dict[str, Any],
    answering: AnswerDependencies,
    judges: Judges,
) -> Result:
    """Ask one question at its owner's cost; return its scores with the documents they rest on."""
    with on_account(needs.database, actor, needs.registry, answering) as dependencies:
        filters = _narrowing(request).resolve(needs.database, actor.scope)
        output = ask(sample, dependencies, actor.scope, filters)
        result = judged_result(sample, output, judges)
    documents = {citation.document for citation in output.citations}
    documents.update(passage.document for passage in output.passages)
    documents.update(output.documents)
    if request["dataset"] != "questions":  # the question and the known answer come out of these
        documents.update((*sample.gold, *sample.drawn_from))
    facts = {**result.facts, "documents": sorted(documents)}
    return Result(result.id, result.question, result.scores, facts)


def _narrowing(request: dict[str, Any]) -> Narrowing:
    """Return the documents and collections that a run asks."""
    return Narrowing(None, request.get("documents"), request.get("collections"))


def _dataset(name: str, samples: Sequence[Sample]) -> Dataset:
    content = json.dumps([sample.model_dump(mode="json") for sample in samples])
    digest = hashlib.sha256(content.encode()).hexdigest()
    return Dataset(name, (), tuple(samples), digest, digest)


def questions_of(
    database: Database, library: Library, actor: Actor, request: dict[str, Any]
) -> Sequence[Sample]:
    """Return a run's questions, out of the documents that the actor may read now.

    Raises:
        EmptyEvaluationError: there is none.
        NotFoundError: a collection is not there for the actor any more.

    """
    match request["dataset"]:
        case "questions":
            samples = [Sample.model_validate(each) for each in request["questions"]]
        case "feedback":
            samples, _ = feedback_samples(database, actor)
        case _:
            principals = sorted(actor.scope.principals - {EVERYONE})
            chosen_ids = _narrowing(request).document_ids(database, actor.scope)
            corpus = readable_corpus(library, actor, chosen_ids)
            samples = list(generate_questions(corpus, [principals], per_document=2).samples)
    if not samples:
        raise EmptyEvaluationError("There is no question to ask: nothing fits this data set yet.")
    return samples[: request.get("limit") or MOST_QUESTIONS]
