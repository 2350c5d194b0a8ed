"""Tenants: whether one is served, its quotas, and how much of them it uses."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from index.db.tables.access import Tenant
from index.db.tables.base import utc_now
from index.db.tables.documents import Document, Version
from index.db.tables.evaluations import EvaluationRun
from index.db.tables.jobs import Job
from index.db.tables.questions import DailyUsage
from index.errors import TenantSuspendedError

OPERATORS = "operators"
"""The tenant of operators' keys; it has nothing else, and nobody manages it but who has the data
folder."""

IS_ACTIVE = Tenant.state == "active"
"""The condition that a tenant is served."""

UNDER_WAY = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Quota:
    """One quota: the column that has it, and the name that a refusal uses."""

    column: InstrumentedAttribute[int | None]
    name: str

    def of(self, session: Session, tenant: str) -> int | None:
        """Return the tenant's quota; none means no limit of its own."""
        return session.scalar(select(self.column).where(Tenant.id == tenant))


JOBS = Quota(Tenant.job_quota, "jobs under way")
EVALUATIONS = Quota(Tenant.evaluation_quota, "evaluations under way")
ASKS = Quota(Tenant.ask_quota, "asks a day")


@dataclass(frozen=True, slots=True)
class Amounts:
    """Quotas, or how much of them is used; none means no limit."""

    documents: int | None = None
    bytes: int | None = None
    """Of original files, older versions too."""
    jobs: int | None = None
    """That wait or run."""
    asks: int | None = None
    """A day (UTC); answers from the cache count."""
    evaluations: int | None = None
    """That wait or run."""


def quotas_of(tenant: Tenant) -> Amounts:
    """Return a tenant's quotas."""
    return Amounts(
        tenant.document_quota, tenant.disk_quota, tenant.job_quota, tenant.ask_quota,
        tenant.evaluation_quota,
    )  # fmt: skip


def set_quotas(tenant: Tenant, quotas: Amounts) -> None:
    """Give a tenant these quotas, all of them."""
    tenant.document_quota, tenant.disk_quota = quotas.documents, quotas.bytes
    tenant.job_quota, tenant.ask_quota = quotas.jobs, quotas.asks
    tenant.evaluation_quota = quotas.evaluations


def usage_of(session: Session, tenant: str) -> Amounts:
    """Return how much of each quota a tenant uses now."""
    jobs = select(func.count()).where(Job.tenant == tenant, Job.state.in_(UNDER_WAY))
    runs = select(func.count()).where(
        EvaluationRun.tenant == tenant, EvaluationRun.state.in_(UNDER_WAY)
    )
    return Amounts(
        documents=count_documents(session, tenant),
        bytes=sum_bytes(session, tenant),
        jobs=session.scalar(jobs) or 0,
        asks=count_asks(session, tenant, utc_now().date()),
        evaluations=session.scalar(runs) or 0,
    )


def count_documents(session: Session, tenant: str) -> int:
    """Count the documents that a tenant has, those that wait to be read too."""
    return session.scalar(select(func.count()).where(Document.tenant == tenant)) or 0


def sum_bytes(session: Session, tenant: str) -> int:
    """Add up the bytes of a tenant's original files."""
    total = session.scalar(
        select(func.coalesce(func.sum(Version.size), 0))
        .join(Document, Document.key == Version.document_key)
        .where(Document.tenant == tenant)
    )
    return int(total or 0)


def count_asks(session: Session, tenant: str, day: date) -> int:
    """Count the asks of a tenant that were answered on a day (UTC)."""
    total = session.scalar(
        select(func.sum(DailyUsage.asks)).where(DailyUsage.tenant == tenant, DailyUsage.day == day)
    )
    return int(total or 0)


def check_active(session: Session, tenant: str) -> None:
    """Check that a tenant is served; one that has no row yet is.

    Raises:
        TenantSuspendedError: it is suspended, or it is being deleted.

    """
    check_state(session.connection().execute(_STATE, {"tenant": tenant}).scalar() or "active")


def check_state(state: str) -> None:
    """Check that a tenant in this state is served.

    Raises:
        TenantSuspendedError: it is not.

    """
    if state == "suspended":
        raise TenantSuspendedError("Your tenant is suspended. Ask the operator of this service.")
    if state != "active":
        raise TenantSuspendedError("Your tenant is being deleted, or it was deleted.")


def check_not_deleted(session: Session, tenant: str) -> None:
    """Check that a tenant is there to stay; a suspended one is.

    Raises:
        TenantSuspendedError: it is being deleted, or it was deleted.

    """
    state = session.connection().execute(_STATE, {"tenant": tenant}).scalar()
    if state in {"deleting", "deleted"}:
        check_state(state)


_STATE = select(Tenant.state).where(Tenant.id == bindparam("tenant"))
