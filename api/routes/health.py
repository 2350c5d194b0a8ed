"""Liveness, readiness and metrics."""

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from api.auth.dependencies import CurrentAdmin
from api.dependencies import CurrentBackground, CurrentDatabase, CurrentMetrics
from api.errors import NotReadyError, RoleError
from api.openapi.problems import problem_responses
from api.operations.readiness import check_readiness
from api.problem_details import ProblemResponse, problem
from api.telemetry.prometheus import CONTENT_TYPE

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


class Ready(BaseModel):
    """Every condition holds."""

    status: Literal["ready"]
    checks: Checks


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
    database: CurrentDatabase, background: CurrentBackground
) -> dict[str, Any] | ProblemResponse:
    """Tell whether questions can be answered: database, index, embedder, workers, disk."""
    readiness = check_readiness(database, background)
    checks = asdict(readiness)
    if readiness.is_ready:
        return {"status": "ready", "checks": checks}
    waiting = ", ".join(name for name, holds in checks.items() if not holds)
    body = {**problem(NotReadyError(f"Waiting for: {waiting}.")), "checks": checks}
    return ProblemResponse(body, status_code=NotReadyError.status, headers={"Retry-After": "1"})


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **problem_responses(RoleError),
    },
)
def show_metrics(_admin: CurrentAdmin, metrics: CurrentMetrics) -> Response:
    """Return the metrics in Prometheus's text format; needs an administrator's key."""
    return Response(metrics.render(), media_type=CONTENT_TYPE)
