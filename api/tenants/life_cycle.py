"""Make, list, change, suspend and resume tenants. None of it shows what a tenant holds."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.errors import InvalidRequestError, TenantDeletedError, TenantExistsError
from index.access.classes import lock_tenant
from index.access.tenants import OPERATORS, Amounts, quotas_of, set_quotas, usage_of
from index.author import Author
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.access import Tenant
from index.db.tables.jobs import Job
from index.entity_tags import UNCONDITIONAL, Precondition, entity_tag
from index.errors import NotFoundError
from ingest.lifecycle.publishing import Publishing

TenantState = Literal["active", "suspended", "deleting", "deleted"]

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class TenantLine:
    """A tenant as a list shows it."""

    tenant: str
    name: str
    state: TenantState
    created_at: datetime
    quotas: Amounts


@dataclass(frozen=True, slots=True)
class TenantView:
    """A tenant with its usage beside its quotas."""

    tenant: str
    name: str
    state: TenantState
    created_at: datetime
    quotas: Amounts
    usage: Amounts
    publishing: Publishing | None
    """To whom readers may publish; none means as the installation says."""
    deletion: dict[str, Any]
    """The receipt, where the tenant was deleted."""


def create_tenant(
    database: Database,
    tenant: str,
    *,
    name: str = "",
    quotas: Amounts | None = None,
    author: Author | None = None,
) -> TenantView:
    """Make a tenant; its first administrator's key is made by the command line.

    Raises:
        InvalidRequestError: the id is malformed, or the name is too long.
        TenantExistsError: there is one of that id, or there was.

    """
    if not _ID.fullmatch(tenant):
        raise InvalidRequestError(
            "A tenant's id is small letters, digits and hyphens, at most 63, and begins with a "
            "letter or a digit."
        )
    with database.write(author) as session:
        if tenant == OPERATORS or session.get(Tenant, tenant) is not None:
            raise TenantExistsError(f"There is a tenant {tenant}, or there was. Choose another id.")
        row = lock_tenant(session, tenant)
        row.name = _sound_name(name)
        set_quotas(row, quotas or Amounts())
        session.flush()
        record_act(session, tenant, "tenant-create", tenant, quotas=asdict(quotas_of(row)))
        return _view(session, row)


def list_tenants(database: Database) -> list[TenantLine]:
    """Return every tenant in order of id, deleted ones too."""
    with database.read() as session:
        rows = session.scalars(select(Tenant).where(Tenant.id != OPERATORS).order_by(Tenant.id))
        return [
            TenantLine(
                row.id, row.name, cast("TenantState", row.state), row.created_at, quotas_of(row)
            )
            for row in rows
        ]


def find_tenant(database: Database, tenant: str) -> TenantView:
    """Return a tenant with its quotas and how much of them it uses.

    Raises:
        NotFoundError: there is none.

    """
    with database.read() as session:
        return _view(session, require_tenant(session, tenant))


def change_tenant(
    database: Database,
    tenant: str,
    *,
    name: str | None = None,
    quotas: dict[str, int | None] | None = None,
    precondition: Precondition = UNCONDITIONAL,
    author: Author | None = None,
) -> TenantView:
    """Change the name, or some quotas; what is not named stays. A quota of none means no limit.

    What a tenant has beyond a smaller quota stays; nothing is added to it.

    Raises:
        NotFoundError: there is no such tenant.
        InvalidRequestError: the name is too long.
        TenantDeletedError: it is being deleted, or it was deleted.
        PreconditionFailedError: it is in another state than the change is meant for.

    """

    def change(_session: Session, row: Tenant) -> None:
        precondition.check(lambda: tenant_tag(row))
        row.name = row.name if name is None else _sound_name(name)
        set_quotas(row, replace(quotas_of(row), **(quotas or {})))

    return _changed(database, tenant, change, "tenant-change", author)


def suspend_tenant(
    database: Database,
    tenant: str,
    *,
    precondition: Precondition = UNCONDITIONAL,
    author: Author | None = None,
) -> TenantView:
    """Serve a tenant no more, from now on, until it is resumed; nothing of it is deleted.

    Its keys and identities are refused, its jobs and evaluations wait. The jobs that run lose
    their lease, so none of them commits; they are queued again.

    Raises:
        NotFoundError: there is no such tenant.
        TenantDeletedError: it is being deleted, or it was deleted.

    """

    def suspend(session: Session, row: Tenant) -> None:
        precondition.check(lambda: tenant_tag(row))
        row.state = "suspended"
        take_leases(session, tenant)

    return _changed(database, tenant, suspend, "tenant-suspend", author)


def resume_tenant(
    database: Database,
    tenant: str,
    *,
    precondition: Precondition = UNCONDITIONAL,
    author: Author | None = None,
) -> TenantView:
    """End a suspension; to resume an active tenant changes nothing.

    Raises:
        NotFoundError: there is no such tenant.
        TenantDeletedError: it is being deleted, or it was deleted.

    """

    def resume(_session: Session, row: Tenant) -> None:
        precondition.check(lambda: tenant_tag(row))
        row.state = "active"

    return _changed(database, tenant, resume, "tenant-resume", author)


def require_tenant(session: Session, tenant: str, *, is_locked: bool = False) -> Tenant:
    """Return a tenant's row.

    Raises:
        NotFoundError: there is none that can be managed.

    """
    row = session.get(Tenant, tenant)
    if row is None or tenant == OPERATORS:
        raise NotFoundError
    return lock_tenant(session, tenant) if is_locked else row


def require_known(database: Database, tenant: str) -> None:
    """Check that a tenant was made; the operators' own is always there.

    Raises:
        InvalidRequestError: it was not.

    """
    with database.read() as session:
        if tenant != OPERATORS and session.get(Tenant, tenant) is None:
            raise InvalidRequestError(
                f"There is no tenant {tenant}. Make it: `footnote admin tenant create {tenant}`."
            )


def take_leases(session: Session, tenant: str) -> None:
    """Queue the tenant's running jobs again; their workers can commit nothing any more."""
    is_running = (Job.tenant == tenant, Job.state == "running")
    session.execute(update(Job).where(*is_running).values(state="queued", lease_until=None))


def tenant_state(view: TenantView) -> Any:
    """Return what a change of a tenant changes; its usage is none of it."""
    return [view.tenant, view.name, view.state, view.quotas, view.publishing]


def tenant_tag(row: Tenant) -> str:
    """Return the entity tag of a tenant's state."""
    return entity_tag([row.id, row.name, row.state, quotas_of(row), row.publishing])


def _changed(
    database: Database,
    tenant: str,
    change: Callable[[Session, Tenant], None],
    act: str,
    author: Author | None,
) -> TenantView:
    with database.write(author) as session:
        row = require_tenant(session, tenant, is_locked=True)
        if row.state in {"deleting", "deleted"}:
            raise TenantDeletedError("A deletion cannot be undone. Make another tenant.")
        change(session, row)
        session.flush()
        record_act(session, tenant, act, tenant, quotas=asdict(quotas_of(row)))
        return _view(session, row)


def _sound_name(name: str) -> str:
    if len(name) > 200 or not name.isprintable():  # noqa: PLR2004 - the column's length
        raise InvalidRequestError("A tenant's name has at most 200 characters, all printable.")
    return name


def _view(session: Session, row: Tenant) -> TenantView:
    return TenantView(
        row.id, row.name, cast("TenantState", row.state), row.created_at, quotas_of(row),
        usage_of(session, row.id), cast("Publishing | None", row.publishing), dict(row.deletion),
    )  # fmt: skip
