"""Evaluation runs, for curators and administrators."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from api.auth import CurrentCurator
from api.runs import RunView, get_run, list_runs
from api.service import CurrentService

router = APIRouter(prefix="/v1/evaluations", tags=["evaluations"])


class RunList(BaseModel):
    """The tenant's runs, newest first."""

    items: list[RunView]


@router.get("")
def show_runs(
    service: CurrentService,
    actor: CurrentCurator,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> RunList:
    """List the evaluation runs, newest first."""
    return RunList(items=list_runs(service.database, actor, limit))


@router.get("/{evaluation_id}")
def show_run(
    service: CurrentService,
    actor: CurrentCurator,
    evaluation_id: Annotated[str, Path(max_length=40)],
) -> RunView:
    """Return one evaluation run with its report."""
    return get_run(service.database, actor, evaluation_id)
