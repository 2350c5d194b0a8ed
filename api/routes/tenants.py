"""Tenants, for operators; and for administrators their own. No content is shown."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from api.auth.dependencies import CurrentAdmin, CurrentOperator
from api.dependencies import CurrentDatabase
from api.errors import RoleError, TenantDeletedError, TenantExistsError
from api.openapi.problems import problem_responses
from api.routes.entity_tags import (
    NOT_MODIFIED,
    ChangedTagged,
    CurrentPrecondition,
    CurrentTagged,
    TaggedAnswer,
)
from api.routes.guarded_route import GuardedRoute
from api.tenants.life_cycle import (
    TenantView,
    change_tenant,
    create_tenant,
    find_tenant,
    list_tenants,
    resume_tenant,
    suspend_tenant,
    tenant_state,
    tenant_tag,
)
from api.tenants.schemas import OwnTenantChange, TenantChange, TenantList, TenantRequest
from index.access.tenants import Amounts
from index.errors import PreconditionFailedError
from ingest.lifecycle.publishing import set_publishing

router = APIRouter(
    prefix="/v1/admin",
    tags=["admin"],
    route_class=GuardedRoute,
    responses=problem_responses(RoleError),
)

TenantId = Annotated[str, Path(max_length=64)]
_CHANGED = problem_responses(TenantDeletedError, PreconditionFailedError)


@router.get("/tenant", response_model=TenantView, responses=NOT_MODIFIED)
def show_own(actor: CurrentAdmin, database: CurrentDatabase, tagged: CurrentTagged) -> Any:
    """Show your own tenant, its quotas and how much of them it uses."""
    return _tagged(tagged, find_tenant(database, actor.scope.tenant))


@router.patch("/tenant", response_model=TenantView, responses=_CHANGED)
def change_own(
    actor: CurrentAdmin,
    database: CurrentDatabase,
    precondition: CurrentPrecondition,
    tagged: ChangedTagged,
    body: OwnTenantChange,
) -> Any:
    """Say to whom the readers of your tenant may publish; what was published stays."""
    set_publishing(
        database, actor.scope.tenant, body.publishing,
        check_state=lambda row: precondition.check(lambda: tenant_tag(row)), author=actor.author,
    )  # fmt: skip
    return _tagged(tagged, find_tenant(database, actor.scope.tenant))


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


@router.get("/tenants/{tenant}", response_model=TenantView, responses=NOT_MODIFIED)
def show(
    _caller: CurrentOperator, database: CurrentDatabase, tagged: CurrentTagged, tenant: TenantId
) -> Any:
    """Show a tenant, its quotas and how much of them it uses; for operators."""
    return _tagged(tagged, find_tenant(database, tenant))


@router.patch("/tenants/{tenant}", response_model=TenantView, responses=_CHANGED)
def change(
    caller: CurrentOperator,
    database: CurrentDatabase,
    precondition: CurrentPrecondition,
    tagged: ChangedTagged,
    tenant: TenantId,
    body: TenantChange,
) -> Any:
    """Change a tenant's name or some of its quotas; for operators."""
    quotas = body.quotas.model_dump(exclude_unset=True)
    view = change_tenant(
        database, tenant, name=body.name, quotas=quotas, precondition=precondition,
        author=caller.actor.author,
    )  # fmt: skip
    return _tagged(tagged, view)


@router.post("/tenants/{tenant}/suspend", responses=_CHANGED)
def suspend(
    caller: CurrentOperator,
    database: CurrentDatabase,
    precondition: CurrentPrecondition,
    tenant: TenantId,
) -> TenantView:
    """Serve a tenant no more until it is resumed; for operators. Nothing is deleted."""
    author = caller.actor.author
    return suspend_tenant(database, tenant, precondition=precondition, author=author)


@router.post("/tenants/{tenant}/resume", responses=_CHANGED)
def resume(
    caller: CurrentOperator,
    database: CurrentDatabase,
    precondition: CurrentPrecondition,
    tenant: TenantId,
) -> TenantView:
    """End a suspension; for operators."""
    author = caller.actor.author
    return resume_tenant(database, tenant, precondition=precondition, author=author)


def _tagged(tagged: TaggedAnswer, view: TenantView) -> Any:
    return tagged.answer(view, tenant_state(view))
