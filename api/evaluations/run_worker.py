"""Works the evaluation runs of a service: one after the other, under their owners' rights."""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from api.auth.delegation import actor_now
from api.evaluations.run_store import claim_run, end_run, note_progress
from api.evaluations.store_datasets import feedback_samples, readable_corpus
from api.questions.usage import on_account
from evaluate.authoring.generator import generate_questions
from evaluate.datasets.loading import Dataset
from evaluate.datasets.schema import Sample
from evaluate.errors import EmptyEvaluationError
from evaluate.reports.report import report_json
from evaluate.runners.answers import answering_config, answers_report, ask
from evaluate.scoring.judging import Judges, judged_result
from evaluate.scoring.results import Result
from index.db.tables.base import utc_now
from index.db.tables.evaluations import EvaluationRun
from index.errors import FootnoteError
from index.types import EVERYONE, Actor

if TYPE_CHECKING:
    from api.composition.container import Parts

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
MOST_QUESTIONS = 500


def work_runs(parts: "Parts", stop: threading.Event) -> None:
    """Run what waits until told to stop; a run that is broken off is begun again later."""
    while not stop.is_set():
        evaluation_id = claim_run(parts.database)
        if evaluation_id is None:
            stop.wait(LOOK_SECONDS)
            continue
        try:
            report = run_one(parts, evaluation_id, stop)
        except FootnoteError as error:
            end_run(parts.database, evaluation_id, {}, reason=str(error) or error.title)
        except Exception:  # one run that fails must not end the others; the log has the place
            logger.exception("evaluation failed")
            end_run(parts.database, evaluation_id, {}, reason="It failed; the log says where.")
        else:
            if report is not None:
                end_run(parts.database, evaluation_id, report)


def run_one(parts: "Parts", evaluation_id: str, stop: threading.Event) -> dict[str, Any] | None:
    """Ask every question of a run and return its report; none where the service stops."""
    started, clock = utc_now(), time.monotonic()
    with parts.database.read() as session:
        row = session.get_one(EvaluationRun, evaluation_id)
        owner, request = row.owner, dict(row.request)
        tenant = row.tenant
    credential = str(request.get("credential"))
    samples = questions_of(parts, actor_now(parts.database, tenant, owner, credential), request)
    answering = parts.answering_for(tenant)
    judges = Judges(parts.verifier, parts.embedder)
    results: list[Result] = []
    for sample in samples:
        if stop.is_set():
            return None
        actor = actor_now(parts.database, tenant, owner, credential)
        with on_account(parts.database, actor, parts.registry, answering) as paid:
            output = ask(sample, paid, actor.scope)
            result = judged_result(sample, output, judges)
        named = {place.document for place in output.citations}
        named.update(passage.document for passage in output.passages)
        named.update(output.documents)
        if request["dataset"] != "questions":  # what is asked and known is out of these
            named.update((*sample.gold, *sample.drawn_from))
        facts = {**result.facts, "documents": sorted(named)}
        results.append(Result(result.id, result.question, result.scores, facts))
        note_progress(parts.database, evaluation_id, len(results))
    told = {name: request[name] for name in ("dataset", "limit")}
    digest = hashlib.sha256(
        json.dumps([sample.model_dump(mode="json") for sample in samples]).encode()
    ).hexdigest()
    dataset = Dataset(request["dataset"], (), tuple(samples), digest, digest)
    report = answers_report(
        dataset,
        results,
        config={**answering_config(answering), "judges": judges.names, "request": told},
        started=started,
        seconds=time.monotonic() - clock,
    )
    return report_json(report)


def questions_of(parts: "Parts", actor: Actor, request: dict[str, Any]) -> Sequence[Sample]:
    """Return a run's questions, out of what the actor may read now.

    Raises:
        EmptyEvaluationError: there is none.

    """
    match request["dataset"]:
        case "questions":
            samples = [Sample.model_validate(each) for each in request["questions"]]
        case "feedback":
            samples, _ = feedback_samples(parts.database, actor)
        case _:
            held = sorted(actor.scope.principals - {EVERYONE})
            corpus = readable_corpus(parts.library, actor)
            made = generate_questions(corpus, [held], per_document=2)
            samples = list(made.samples)
    if not samples:
        raise EmptyEvaluationError("There is no question to ask: nothing fits this data set yet.")
    return samples[: request.get("limit") or MOST_QUESTIONS]
