"""Stored evaluation runs: what was measured and what came out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from index.database import Database
from index.errors import NotFoundError
from index.tables import EvaluationRun
from index.types import Actor


@dataclass(frozen=True, slots=True)
class RunView:
    """One evaluation run."""

    evaluation_id: str
    kind: str
    owner: str
    report: dict[str, Any]
    created_at: datetime


def list_runs(database: Database, actor: Actor, limit: int) -> list[RunView]:
    """Return the tenant's runs, newest first."""
    with database.read() as session:
        rows = session.scalars(
            select(EvaluationRun)
            .where(EvaluationRun.tenant == actor.scope.tenant)
            .order_by(EvaluationRun.created_at.desc(), EvaluationRun.id)
            .limit(limit)
        )
        return [_view(row) for row in rows]


def get_run(database: Database, actor: Actor, evaluation_id: str) -> RunView:
    """Return one run.

    Raises:
        NotFoundError: the tenant has no such run.

    """
    with database.read() as session:
        row = session.get(EvaluationRun, evaluation_id)
        if row is None or row.tenant != actor.scope.tenant:
            raise NotFoundError
        return _view(row)


def _view(row: EvaluationRun) -> RunView:
    return RunView(row.id, row.kind, row.owner, row.report, row.created_at)
