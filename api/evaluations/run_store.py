"""Stored evaluation runs: started on the live store, seen by whoever started them.

A run's figures are computed from documents and questions, so they are its owner's alone: shown to
somebody who may read less, they would tell of what that one may not read. What an owner may not
read any more leaves the run, its figures too.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from api.auth.api_keys import Caller
from api.errors import EvaluationEndedError
from evaluate.reports.html_page import render_page
from evaluate.reports.report import report_json
from evaluate.reports.report_types import ReportJson
from evaluate.reports.run_files import report_from
from evaluate.runners.answers import measured_anew
from index.access.classes import lock_tenant, readable
from index.access.tenants import EVALUATIONS, IS_ACTIVE, check_state
from index.db.batched import batched
from index.db.database import Database
from index.db.tables.access import Tenant
from index.db.tables.base import Utc, utc_now
from index.db.tables.documents import Document
from index.db.tables.evaluations import EvaluationRun
from index.db.work_signals import signal_work
from index.errors import NotFoundError
from index.queue_caps import UNCAPPED, QueueCaps
from index.queue_claims import has_died
from index.types import Actor
from index.webhooks.outbox import announce

QUEUED_OR_RUNNING = ("queued", "running")

GIVEN_UP = timedelta(minutes=10)
"""After so long without a sign of life another process takes a run over."""
_PARAMETERS = 10_000

EVALUATORS = frozenset({"evaluator", "admin"})
"""Roles for which the tenant's cap on evaluations counts, and the person's does not."""

RunState = Literal["queued", "running", "succeeded", "failed", "cancelled"]

CANCELLED = "It was cancelled."


@dataclass(frozen=True, slots=True)
class RunView:
    """One evaluation run."""

    evaluation_id: str
    kind: str
    owner: str
    state: RunState
    reason: str | None
    done: int
    """Questions asked so far."""
    total: int
    report: ReportJson
    """Empty until the run has ended."""
    withheld: int
    """Questions left out because the owner may not read their documents any more."""
    created_at: datetime


def list_runs(database: Database, actor: Actor, limit: int) -> list[RunView]:
    """Return the actor's own runs without their questions, newest first."""
    with database.read() as session:
        rows = session.scalars(
            select(EvaluationRun)
            .where(EvaluationRun.tenant == actor.scope.tenant, EvaluationRun.owner == actor.owner)
            .order_by(EvaluationRun.created_at.desc(), EvaluationRun.id)
            .limit(limit)
        ).all()
        return [_without_questions(_view(session, actor, row)) for row in rows]


def get_run(database: Database, actor: Actor, evaluation_id: str) -> RunView:
    """Return one of the actor's own runs.

    Raises:
        NotFoundError: there is none, or it is somebody else's.

    """
    with database.read() as session:
        row = session.get(EvaluationRun, evaluation_id)
        if row is None or (row.tenant, row.owner) != (actor.scope.tenant, actor.owner):
            raise NotFoundError
        return _view(session, actor, row)


def report_page(database: Database, actor: Actor, evaluation_id: str) -> str:
    """Return the report of one of the actor's own runs as a page of HTML that needs nothing else.

    Raises:
        NotFoundError: there is no such run, it is somebody else's, or it has no report yet.

    """
    report = get_run(database, actor, evaluation_id).report
    if not report.get("results"):
        raise NotFoundError
    return render_page(report_from(report))


def start_run(
    database: Database,
    caller: Caller,
    request: dict[str, Any],
    total: int,
    *,
    caps: QueueCaps = UNCAPPED,
) -> RunView:
    """Store what is to be run, and by which credential; it is durable when this returns.

    Raises:
        QueueFullError: too many runs of the caller, or of the tenant, wait or run already.
        TenantSuspendedError: the tenant is suspended.

    """
    actor = caller.actor
    if actor.role in EVALUATORS:
        caps = replace(caps, person=0)
    row = EvaluationRun(
        id=f"run_{secrets.token_hex(12)}",
        tenant=actor.scope.tenant,
        owner=actor.owner,
        kind="answers",
        report={},
        state="queued",
        request={**request, "credential": caller.credential},
        total=total,
    )
    with database.write() as session:
        tenant = lock_tenant(session, actor.scope.tenant)  # so that no two count at once
        check_state(tenant.state)
        caps.check(
            session, actor, EvaluationRun, EvaluationRun.owner,
            EvaluationRun.state.in_(QUEUED_OR_RUNNING), quota=EVALUATIONS, remedy=_REMEDY,
        )  # fmt: skip
        session.add(row)
        session.flush()
        signal_work(session, "runs")
        return _view(session, actor, row)


_REMEDY = "Wait until an evaluation has ended, or cancel one: POST .../evaluations/{id}/cancel."


def cancel_run(database: Database, actor: Actor, evaluation_id: str) -> RunView:
    """Cancel one of the actor's own runs; one that runs stops after the question it is at.

    To cancel again changes nothing.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
        EvaluationEndedError: it has ended already.

    """
    with database.write() as session:
        row = session.get(EvaluationRun, evaluation_id, with_for_update=True)
        if row is None or (row.tenant, row.owner) != (actor.scope.tenant, actor.owner):
            raise NotFoundError
        if row.state in {"succeeded", "failed"}:
            raise EvaluationEndedError(f"The evaluation has {row.state} already.")
        if row.state != "cancelled":
            row.state, row.reason = "cancelled", CANCELLED
            _announce_end(session, row)
        return _view(session, actor, row)


def claim_run(database: Database) -> str | None:
    """Take the run whose turn it is, or that a dead process has left; return its id.

    The tenant that was served longest ago is next, and in it the person; each has one that runs.
    """
    now = utc_now()
    waits = _waits(now)
    with database.read() as session:  # looking often must not take the writers' lock
        if session.scalar(select(EvaluationRun.id).where(waits).limit(1)) is None:
            return None
    with database.write() as session:
        row = session.scalar(
            select(EvaluationRun)
            .where(waits)
            .order_by(
                _last_served(now, of_owner=False),
                _last_served(now, of_owner=True),
                EvaluationRun.created_at,
                EvaluationRun.id,
            )
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return None
        row.state, row.claimed_at, row.done = "running", now, 0
        return row.id


def runs_are_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition that ``claim_run`` may find a run."""
    return select(EvaluationRun.id).where(_waits(now)).exists()


def _waits(now: datetime) -> ColumnElement[bool]:
    is_lost = has_died(EvaluationRun.claimed_at, now, GIVEN_UP)
    return or_(
        (EvaluationRun.state == "queued") & _of_active_tenant() & ~_own_run_is_alive(now),
        (EvaluationRun.state == "running") & is_lost,
    )


def _of_active_tenant() -> ColumnElement[bool]:
    return exists().where(Tenant.id == EvaluationRun.tenant, IS_ACTIVE)


def _own_run_is_alive(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a run's owner has another one that runs."""
    other = aliased(EvaluationRun)
    is_own = (other.tenant == EvaluationRun.tenant) & (other.owner == EvaluationRun.owner)
    is_alive = (other.state == "running") & (other.claimed_at >= now - GIVEN_UP)
    return exists().where(is_own, is_alive)


def _last_served(now: datetime, *, of_owner: bool) -> ColumnElement[datetime]:
    """Return when a run of the same tenant, or of the same owner in it, was last worked on.

    A moment that is still to come was noted before the clock was set back: it does not count.
    """
    other = aliased(EvaluationRun)
    never = literal(datetime.fromtimestamp(0, UTC), type_=Utc())
    is_of_tenant = other.tenant == EvaluationRun.tenant
    last = select(func.max(other.claimed_at)).where(is_of_tenant, other.claimed_at <= now)
    if of_owner:
        last = last.where(other.owner == EvaluationRun.owner)
    return func.coalesce(last.correlate(EvaluationRun).scalar_subquery(), never)


def note_progress(database: Database, evaluation_id: str, questions_done: int) -> bool:
    """Say that a run is alive and how far it is; tell whether it is still wanted."""
    with database.write() as session:
        row = session.get_one(EvaluationRun, evaluation_id, with_for_update=True)
        if row.state != "running":
            return False
        row.claimed_at, row.done = utc_now(), questions_done
        return True


def end_run(
    database: Database, evaluation_id: str, report: ReportJson, *, reason: str | None = None
) -> None:
    """Store the report, or why there is none; a run that was cancelled stays so."""
    with database.write() as session:
        row = session.get_one(EvaluationRun, evaluation_id, with_for_update=True)
        if row.state == "cancelled":
            return
        row.state = "failed" if reason else "succeeded"
        row.reason, row.report = reason, dict(report)
        _announce_end(session, row)


def _announce_end(session: Session, row: EvaluationRun) -> None:
    event = {"evaluation_id": row.id, "state": row.state}
    announce(session, row.tenant, "evaluation.finished", row.id, **event)


def _view(session: Session, actor: Actor, row: EvaluationRun) -> RunView:
    report, withheld = _readable_part(session, actor, cast("ReportJson", row.report))
    return RunView(
        row.id, row.kind, row.owner, cast("RunState", row.state), row.reason, row.done, row.total,
        report, withheld, row.created_at,
    )  # fmt: skip


def _readable_part(session: Session, actor: Actor, report: ReportJson) -> tuple[ReportJson, int]:
    """Leave out every question that drew on a document the actor may not read, and measure anew."""
    results = report.get("results", [])
    document_ids = {name for result in results for name in result.get("documents", ())}
    readable_ids = _readable_ids(session, actor, document_ids)
    readable_results = [
        result for result in results if set(result.get("documents", ())) <= readable_ids
    ]
    withheld = len(results) - len(readable_results)
    if not withheld:
        return report, 0
    readable_report = replace(report_from({**report, "results": readable_results}), warnings=())
    return report_json(measured_anew(readable_report)), withheld


def _readable_ids(session: Session, actor: Actor, names: Iterable[str]) -> set[str]:
    readable_ids: set[str] = set()
    for some in batched(sorted(names), _PARAMETERS):
        statement = select(Document.id).where(Document.id.in_(some), readable(actor.scope))
        readable_ids.update(session.scalars(statement))
    return readable_ids


def _without_questions(run: RunView) -> RunView:
    summary = run.report.copy()
    summary.pop("results", None)
    summary.pop("curves", None)
    return replace(run, report=summary)
