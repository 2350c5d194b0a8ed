"""Evaluation runs: started by whom, seen by whom."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from api.auth.dependencies import CurrentActor, CurrentCaller
from api.dependencies import CurrentDatabase, CurrentEvaluationCaps
from api.errors import EvaluationEndedError, InvalidRequestError
from api.evaluations.live_scoring import Trends, live_trends
from api.evaluations.run_store import (
    RunView,
    cancel_run,
    get_run,
    list_runs,
    report_page,
    start_run,
)
from api.evaluations.run_worker import MOST_QUESTIONS
from api.evaluations.trend_charts import TrendPictures, trend_pictures
from api.openapi.problems import problem_responses
from api.questions.schemas import COLLECTIONS, DOCUMENTS
from api.routes.guarded_route import GuardedRoute
from evaluate.datasets.schema import Sample
from index.collections import Narrowing
from index.errors import CollectionExpiredError, NotFoundError, QueueFullError

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
"""For a report that a browser opens all the same: its own style and nothing else."""

router = APIRouter(prefix="/v1/evaluations", tags=["evaluations"], route_class=GuardedRoute)


class RunList(BaseModel):
    """The caller's own runs, newest first, without their questions."""

    items: list[RunView]


class EvaluationRequest(BaseModel):
    """An evaluation to run, on documents that the caller may read."""

    dataset: Literal["questions", "feedback", "generated"]
    """The questions sent along, the caller's own good feedback, or questions made from documents
    the caller may read."""
    questions: list[Sample] = Field(default=[], max_length=MOST_QUESTIONS)
    limit: int | None = Field(default=None, ge=1, le=MOST_QUESTIONS)
    documents: list[str] | None = DOCUMENTS
    collections: list[str] | None = COLLECTIONS


@router.get("")
def show_runs(
    actor: CurrentActor,
    database: CurrentDatabase,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> RunList:
    """List your own evaluation runs, newest first."""
    return RunList(items=list_runs(database, actor, limit))


@router.post(
    "",
    status_code=202,
    responses=problem_responses(NotFoundError, CollectionExpiredError, QueueFullError),
)
def begin_run(
    caller: CurrentCaller,
    database: CurrentDatabase,
    caps: CurrentEvaluationCaps,
    body: EvaluationRequest,
) -> RunView:
    """Start an evaluation of the answers that you get; it runs in the background."""
    if (body.dataset == "questions") != bool(body.questions):
        raise InvalidRequestError("Send questions with the data set `questions`, and only there.")
    if any(sample.principals for sample in body.questions):
        raise InvalidRequestError("Questions are asked as you; leave `principals` out.")
    narrowing = Narrowing(None, body.documents, body.collections)
    narrowing.document_ids(database, caller.actor.scope)  # refuses a collection that is not there
    request: dict[str, Any] = {
        "dataset": body.dataset,
        "limit": body.limit,
        "documents": body.documents,
        "collections": body.collections,
        "questions": [sample.model_dump(mode="json") for sample in body.questions],
    }
    return start_run(database, caller, request, len(body.questions), caps=caps)


@router.get("/live")
def show_live(
    actor: CurrentActor,
    database: CurrentDatabase,
    days: Annotated[int, Query(ge=1, le=366)] = 30,
) -> Trends:
    """Return what the live scores of your own answers say, day by day."""
    return live_trends(database, actor, days)


@router.get("/live/pictures")
def show_live_pictures(
    actor: CurrentActor,
    database: CurrentDatabase,
    days: Annotated[int, Query(ge=1, le=366)] = 30,
) -> TrendPictures:
    """Return the live scores of your own answers as pictures, in SVG."""
    return trend_pictures(live_trends(database, actor, days))


@router.get("/{evaluation_id}")
def show_run(
    actor: CurrentActor,
    database: CurrentDatabase,
    evaluation_id: Annotated[str, Path(max_length=40)],
) -> RunView:
    """Return one of your own evaluation runs with its report."""
    return get_run(database, actor, evaluation_id)


@router.post("/{evaluation_id}/cancel", responses=problem_responses(EvaluationEndedError))
def stop_run(
    actor: CurrentActor,
    database: CurrentDatabase,
    evaluation_id: Annotated[str, Path(max_length=40)],
) -> RunView:
    """Cancel one of your own evaluation runs; one that runs stops after a question."""
    return cancel_run(database, actor, evaluation_id)


@router.get("/{evaluation_id}/report.html", response_class=HTMLResponse)
def save_report(
    actor: CurrentActor,
    database: CurrentDatabase,
    evaluation_id: Annotated[str, Path(max_length=40)],
) -> HTMLResponse:
    """Return the report of one of your own evaluation runs as one file to keep and print."""
    page = report_page(database, actor, evaluation_id)
    headers = {
        "Content-Disposition": 'attachment; filename="report.html"',
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(page, headers=headers)
