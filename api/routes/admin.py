"""Keys, groups and usage, for administrators. They manage access; they read no content by role."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from api.auth.access_report import AccessView, show_access
from api.auth.api_keys import (
    Caller,
    KeyTerms,
    KeyView,
    as_user,
    create_key,
    find_key,
    list_keys,
    revoke_key,
    rotate_key,
)
from api.auth.dependencies import CurrentAdmin, CurrentCaller
from api.auth.groups import MemberView, join_group, leave_group, list_members
from api.auth.key_scopes import granted_scopes, require_scope
from api.auth.schemas import ContributorRequest, KeyRequest, MemberRequest, RotationRequest
from api.dependencies import CurrentAnswers, CurrentDatabase, CurrentLibrary
from api.documents.deletion_report import ReceiptView, show_receipt
from api.errors import RoleError
from api.openapi.problems import problem_responses
from api.questions.usage import Grouping, UsageReport, usage_report
from api.routes.entity_tags import NOT_MODIFIED, CurrentPrecondition, CurrentTagged
from api.routes.guarded_route import GuardedRoute
from index.db.audit_chain import record_act
from index.errors import InvalidPrincipalError, NotFoundError, PreconditionFailedError
from ingest.errors import InvalidAudienceError
from ingest.lifecycle.publishing import (
    ContributorView,
    add_contributor,
    list_contributors,
    remove_contributor,
)

router = APIRouter(
    prefix="/v1/admin",
    tags=["admin"],
    route_class=GuardedRoute,
    responses=problem_responses(RoleError),
)


class NewKey(BaseModel):
    """A key, shown once."""

    key: str
    key_id: str


class KeyList(BaseModel):
    """The tenant's keys, oldest first, without the keys themselves."""

    items: list[KeyView]


class MemberList(BaseModel):
    """Who was registered in which group."""

    items: list[MemberView]


class ContributorList(BaseModel):
    """Who may publish to which audience without being in it."""

    items: list[ContributorView]


@router.post("/keys", status_code=201, responses=problem_responses(InvalidPrincipalError))
def make_key(
    actor: CurrentAdmin, caller: CurrentCaller, database: CurrentDatabase, body: KeyRequest
) -> NewKey:
    """Make a key; it is shown in this answer and never again.

    A key for somebody else needs the scope `impersonate`, and that person sees it at `/v1/me`.
    """
    _check_impersonation(caller, as_user(body.user))
    scopes = granted_scopes(body.scopes, caller.scopes)
    token, view = create_key(
        database, actor.scope.tenant, body.user, groups=body.groups, role=body.role,
        terms=KeyTerms(scopes, body.expires_at), author=actor.author,
    )  # fmt: skip
    return NewKey(key=token, key_id=view.key_id)


@router.get("/keys")
def show_keys(actor: CurrentAdmin, database: CurrentDatabase) -> KeyList:
    """List the keys, revoked ones too."""
    return KeyList(items=list_keys(database, actor.scope.tenant))


@router.delete("/keys/{key_id}")
def remove_key(
    actor: CurrentAdmin, database: CurrentDatabase, key_id: Annotated[str, Path(max_length=40)]
) -> KeyView:
    """Revoke a key; the next request with it is refused."""
    return revoke_key(database, actor.scope.tenant, key_id, author=actor.author)


@router.post("/keys/{key_id}/rotate", status_code=201)
def renew_key(
    actor: CurrentAdmin,
    caller: CurrentCaller,
    database: CurrentDatabase,
    key_id: Annotated[str, Path(max_length=40)],
    body: RotationRequest | None = None,
) -> NewKey:
    """Make a new key in the place of one, which stays valid for the grace; it is shown once."""
    tenant, body = actor.scope.tenant, body or RotationRequest()
    old = find_key(database, tenant, key_id)
    _check_impersonation(caller, old.user)
    granted_scopes(old.scopes, caller.scopes)
    token, view = rotate_key(
        database, tenant, key_id, grace=timedelta(hours=body.grace_hours), author=actor.author
    )
    return NewKey(key=token, key_id=view.key_id)


def _check_impersonation(caller: Caller, user: str) -> None:
    """Refuse a key that acts as somebody else to who may not impersonate."""
    if user != caller.actor.owner:
        require_scope(caller.scopes, "impersonate")


@router.get("/members", response_model=MemberList, responses=NOT_MODIFIED)
def show_members(actor: CurrentAdmin, database: CurrentDatabase, tagged: CurrentTagged) -> Any:
    """List who was registered in which group."""
    members = list_members(database, actor.scope.tenant)
    return tagged.answer(MemberList(items=members), members)


@router.post(
    "/members",
    status_code=204,
    responses=problem_responses(InvalidPrincipalError, PreconditionFailedError),
)
def add_to_group(
    actor: CurrentAdmin,
    database: CurrentDatabase,
    precondition: CurrentPrecondition,
    body: MemberRequest,
) -> None:
    """Put a user or a group into a group; the next request sees it."""
    tenant = actor.scope.tenant
    join_group(
        database, tenant, body.member, body.group, precondition=precondition, author=actor.author
    )


@router.delete("/members", status_code=204, responses=problem_responses(PreconditionFailedError))
def take_from_group(
    actor: CurrentAdmin,
    database: CurrentDatabase,
    precondition: CurrentPrecondition,
    member: str,
    group: str,
) -> None:
    """Take a member out of a group; the next request sees it."""
    tenant = actor.scope.tenant
    leave_group(database, tenant, member, group, precondition=precondition, author=actor.author)


@router.get("/contributors", response_model=ContributorList, responses=NOT_MODIFIED)
def show_contributors(actor: CurrentAdmin, database: CurrentDatabase, tagged: CurrentTagged) -> Any:
    """List who may publish to which audience without being in it."""
    contributors = list_contributors(database, actor.scope.tenant)
    return tagged.answer(ContributorList(items=contributors), contributors)


_NO_CONTRIBUTOR = problem_responses(
    InvalidPrincipalError, InvalidAudienceError, PreconditionFailedError
)


@router.post("/contributors", responses=_NO_CONTRIBUTOR)
def let_contribute(
    actor: CurrentAdmin,
    database: CurrentDatabase,
    precondition: CurrentPrecondition,
    body: ContributorRequest,
) -> ContributorView:
    """Let a user or a group publish to an audience; the next upload sees it."""
    return add_contributor(
        database, actor.scope.tenant, body.member, body.audience, precondition=precondition,
        author=actor.author,
    )  # fmt: skip


@router.delete("/contributors", responses=_NO_CONTRIBUTOR)
def end_contributing(
    actor: CurrentAdmin,
    database: CurrentDatabase,
    precondition: CurrentPrecondition,
    member: str,
    audience: str,
) -> ContributorView:
    """Take that right away; what was published stays as it is."""
    return remove_contributor(
        database, actor.scope.tenant, member, audience, precondition=precondition,
        author=actor.author,
    )  # fmt: skip


@router.get("/access", responses=problem_responses(NotFoundError, InvalidPrincipalError))
def explain(
    actor: CurrentAdmin,
    database: CurrentDatabase,
    document_id: Annotated[str, Query(max_length=40)],
    principal: Annotated[str, Query(max_length=1200)],
) -> AccessView:
    """Say why somebody can or cannot read a document, and who changed its access."""
    return show_access(database, actor.scope.tenant, document_id, principal)


@router.get("/usage")
def show_usage(
    actor: CurrentAdmin,
    database: CurrentDatabase,
    by: Grouping = "tenant",
    since: Annotated[date | None, Query(description="Default: since this month began.")] = None,
) -> UsageReport:
    """Add up the asks, tokens and cost of your tenant, by user or by model."""
    return usage_report(database, actor.scope.tenant, by=by, since=since)


@router.get("/receipts/{document_id}")
def receive(
    actor: CurrentAdmin,
    library: CurrentLibrary,
    answers: CurrentAnswers,
    document_id: Annotated[str, Path(max_length=40)],
) -> ReceiptView:
    """Look for what is left of a deleted document, in tables, originals, index and snapshots."""
    receipt = show_receipt(library, actor.scope.tenant, document_id)
    answers.forget([document_id])
    return receipt


@router.post("/receipts/{document_id}/erase")
def erase(
    actor: CurrentAdmin,
    library: CurrentLibrary,
    answers: CurrentAnswers,
    document_id: Annotated[str, Path(max_length=40)],
) -> ReceiptView:
    """Compact the index, so that no byte of a deleted document stays in it; then the receipt."""
    tenant = actor.scope.tenant
    with library.database.write(actor.author) as session:
        record_act(session, tenant, "document-erase", document_id)
    receipt = show_receipt(library, tenant, document_id, erase=True)
    answers.forget([document_id])
    return receipt
