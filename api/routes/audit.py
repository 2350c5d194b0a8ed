"""The audit log, for administrators of a tenant: who did and read what. It shows no content."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from api.auth.dependencies import CurrentAdmin
from api.dependencies import CurrentDatabase
from api.errors import InvalidRequestError, RoleError
from api.openapi.problems import problem_responses
from api.routes.guarded_route import GuardedRoute
from api.schemas import Moment
from index.audit.query import AuditFilter, AuditView, export_lines, list_acts
from index.audit.verification import ChainReport, parse_head, verify_chain

router = APIRouter(
    prefix="/v1/admin/audit",
    tags=["admin"],
    route_class=GuardedRoute,
    responses=problem_responses(RoleError),
)


class AuditPage(BaseModel):
    """Rows, newest first."""

    items: list[AuditView]
    next: int | None
    """The value of `before` for the next page; none where this is the last one."""


async def chosen_acts(
    actor_name: Annotated[str | None, Query(alias="actor", max_length=200)] = None,
    act: Annotated[str | None, Query(max_length=60)] = None,
    subject: Annotated[
        str | None,
        Query(
            alias="object",
            max_length=1200,
            description="What was acted on, or a document among those that were read.",
        ),
    ] = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> AuditFilter:
    """Return the rows that the query asks for."""
    return AuditFilter(actor_name, act, subject, since, until)


RowFilter = Annotated[AuditFilter, Depends(chosen_acts)]


@router.get("")
def show(
    actor: CurrentAdmin,
    database: CurrentDatabase,
    row_filter: RowFilter,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AuditPage:
    """List who did and read what in your tenant, newest first."""
    items = list_acts(database, actor.scope.tenant, row_filter, before=before, limit=limit)
    return AuditPage(items=items, next=items[-1].sequence if len(items) == limit else None)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/jsonl": {"schema": {"type": "string"}}}}},
)
def export(
    actor: CurrentAdmin, database: CurrentDatabase, row_filter: RowFilter
) -> StreamingResponse:
    """Return all rows as JSON lines, oldest first; the last line is the chain's head."""
    return StreamingResponse(
        export_lines(database, actor.scope.tenant, row_filter), media_type="application/jsonl"
    )


@router.get("/verification")
def verify(
    actor: CurrentAdmin,
    database: CurrentDatabase,
    head: Annotated[
        str | None, Query(max_length=100, description="A head that you keep: COUNT:DIGEST.")
    ] = None,
) -> ChainReport:
    """Say whether a row was changed, removed or moved since it was written."""
    try:
        expected = None if head is None else parse_head(head)
    except ValueError as error:
        raise InvalidRequestError("A head is COUNT:DIGEST, as an export ends with.") from error
    return verify_chain(database, actor.scope.tenant, expected=expected)
