"""Is it alive, is it ready, what does it count."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response

from api.auth.dependencies import CurrentAdmin
from api.errors import NotReadyError
from api.problem_details import ProblemResponse, problem
from api.service import CurrentService
from api.telemetry.prometheus import CONTENT_TYPE

router = APIRouter(tags=["health"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Answer while the process runs; open to everybody."""
    return {"status": "ok"}


@router.get("/readyz", response_model=None)
def readyz(service: CurrentService) -> dict[str, Any] | ProblemResponse:
    """Tell whether questions can be answered: database, index, embedder and workers."""
    found = service.readiness()
    if found.ready:
        return {"status": "ready", "checks": asdict(found)}
    waiting = ", ".join(name for name, holds in asdict(found).items() if not holds)
    body = {**problem(NotReadyError(f"Waiting for: {waiting}.")), "checks": asdict(found)}
    return ProblemResponse(body, status_code=NotReadyError.status, headers={"Retry-After": "1"})


@router.get("/metrics", response_class=Response)
def show_metrics(service: CurrentService, _admin: CurrentAdmin) -> Response:
    """Return the metrics in Prometheus's text format; needs an administrator's key."""
    return Response(service.metrics.render(), media_type=CONTENT_TYPE)
