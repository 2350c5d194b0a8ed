"""Liveness, readiness and metrics."""

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.auth.dependencies import CurrentAdmin
from api.dependencies import (
    BuiltPipelines,
    CurrentBackground,
    CurrentDatabase,
    CurrentMetrics,
)
from api.errors import NotReadyError, RoleError
from api.openapi.problems import problem_responses
from api.operations.readiness import check_readiness, degradations
from api.problem_details import ProblemResponse, problem

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process runs."""

    status: Literal["ok"] = "ok"


class Checks(BaseModel):
    """Each condition of being ready."""

    database: bool
    index: bool
    embedder: bool
    workers: bool
    disk: bool


class ReasonView(BaseModel):
    """Why something is not as it should be."""

    code: str
    detail: str


class Ready(BaseModel):
    """Every condition holds; degraded where something goes less well than it should."""

    status: Literal["ready", "degraded"]
    checks: Checks
    reasons: list[ReasonView]
    """Why it is degraded."""


@router.get("/livez")
@router.get("/healthz")
def healthz() -> Alive:
    """Answer while the process runs; open to everybody."""
    return Alive()


@router.get(
    "/readyz",
    response_model=Ready,
    responses=problem_responses(NotReadyError),
)
def readyz(
    database: CurrentDatabase, background: CurrentBackground, pipelines: BuiltPipelines
) -> dict[str, Any] | ProblemResponse:
    """Tell whether questions can be answered, and what does not go as well as it should."""
    readiness = check_readiness(database, background)
    checks = asdict(readiness)
    if readiness.is_ready:
        reasons = [asdict(reason) for reason in degradations(database, background, pipelines)]
        status = "degraded" if reasons else "ready"
        return {"status": status, "checks": checks, "reasons": reasons}
    reasons = [asdict(reason) for reason in readiness.reasons]
    waiting = ", ".join(reason["code"] for reason in reasons)
    refusal = problem(NotReadyError(f"Waiting for: {waiting}."))
    body = {**refusal, "checks": checks, "reasons": reasons}
    return ProblemResponse(body, status_code=NotReadyError.status, headers={"Retry-After": "1"})


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {
            "content": {
                media_type: {"schema": {"type": "string"}}
                for media_type in ("text/plain", "application/openmetrics-text")
            }
        },
        **problem_responses(RoleError),
    },
)
def show_metrics(_admin: CurrentAdmin, metrics: CurrentMetrics, request: Request) -> Response:
    """Return the metrics in Prometheus's text format, or as OpenMetrics with exemplars.

    Needs an administrator's key.
    """
    content, media_type = metrics.render(request.headers.get("accept", ""))
    return Response(content, media_type=media_type)
