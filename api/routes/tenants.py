"""Tenants, for operators; and for administrators their own. No content is shown."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.auth.dependencies import CurrentAdmin, CurrentOperator
from api.dependencies import CurrentDatabase
from api.errors import RoleError, TenantDeletedError, TenantExistsError
from api.openapi.problems import problem_responses
from api.routes.guarded_route import GuardedRoute
from api.tenants.life_cycle import (
    TenantView,
    change_tenant,
    create_tenant,
    find_tenant,
    list_tenants,
    resume_tenant,
    suspend_tenant,
)
from api.tenants.schemas import OwnTenantChange, TenantChange, TenantList, TenantRequest
from index.access.tenants import Amounts
from ingest.lifecycle.publishing import set_publishing

router = APIRouter(
    prefix="/v1/admin",
    tags=["admin"],
    route_class=GuardedRoute,
    responses=problem_responses(RoleError),
)

TenantId = Annotated[str, Path(max_length=64)]
_DELETED = problem_responses(TenantDeletedError)


@router.get("/tenant")
def show_own(actor: CurrentAdmin, database: CurrentDatabase) -> TenantView:
    """Show your own tenant, its quotas and how much of them it uses."""
    return find_tenant(database, actor.scope.tenant)


@router.patch("/tenant", responses=_DELETED)
def change_own(actor: CurrentAdmin, database: CurrentDatabase, body: OwnTenantChange) -> TenantView:
    """Say to whom the readers of your tenant may publish; what was published stays."""
    set_publishing(database, actor.scope.tenant, body.publishing, author=actor.author)
    return find_tenant(database, actor.scope.tenant)


@router.get("/tenants")
def show_all(_caller: CurrentOperator, database: CurrentDatabase) -> TenantList:
    """List the tenants; for operators."""
    return TenantList(items=list_tenants(database))


@router.post("/tenants", status_code=201, responses=problem_responses(TenantExistsError))
def make(caller: CurrentOperator, database: CurrentDatabase, body: TenantRequest) -> TenantView:
    """Make a tenant; for operators. The command line makes its first administrator's key."""
    quotas = Amounts(**body.quotas.model_dump())
    return create_tenant(
        database, body.tenant, name=body.name, quotas=quotas, author=caller.actor.author
    )


@router.get("/tenants/{tenant}")
def show(_caller: CurrentOperator, database: CurrentDatabase, tenant: TenantId) -> TenantView:
    """Show a tenant, its quotas and how much of them it uses; for operators."""
    return find_tenant(database, tenant)


@router.patch("/tenants/{tenant}", responses=_DELETED)
def change(
    caller: CurrentOperator, database: CurrentDatabase, tenant: TenantId, body: TenantChange
) -> TenantView:
    """Change a tenant's name or some of its quotas; for operators."""
    quotas = body.quotas.model_dump(exclude_unset=True)
    return change_tenant(
        database, tenant, name=body.name, quotas=quotas, author=caller.actor.author
    )


@router.post("/tenants/{tenant}/suspend", responses=_DELETED)
def suspend(caller: CurrentOperator, database: CurrentDatabase, tenant: TenantId) -> TenantView:
    """Serve a tenant no more until it is resumed; for operators. Nothing is deleted."""
    return suspend_tenant(database, tenant, author=caller.actor.author)


@router.post("/tenants/{tenant}/resume", responses=_DELETED)
def resume(caller: CurrentOperator, database: CurrentDatabase, tenant: TenantId) -> TenantView:
    """End a suspension; for operators."""
    return resume_tenant(database, tenant, author=caller.actor.author)
