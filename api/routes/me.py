"""The caller: who they are here, and the keys that act as them."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from api.auth.api_keys import KeyView, list_keys
from api.auth.dependencies import CurrentCaller
from api.auth.key_scopes import SCOPES
from api.dependencies import CurrentDatabase, CurrentPublishing
from api.routes.guarded_route import GuardedRoute
from index.audit.own_acts import OwnAct, own_acts
from index.types import Role
from ingest.lifecycle.publishing import PublishingRights, publishing_rights

router = APIRouter(prefix="/v1/me", tags=["me"], route_class=GuardedRoute)


@dataclass(frozen=True, slots=True)
class CallerView:
    """Who the service takes the caller for."""

    user: str
    tenant: str
    groups: list[str]
    role: Role
    credential: str
    """The id of the key or identity that this request came with."""
    scopes: list[str]
    publishing: PublishingRights
    """To whom the caller may publish, besides themselves."""
    keys: list[KeyView]
    """All keys that act as this user: who made each, why, and when it was last used."""


@router.get("")
def show_me(
    caller: CurrentCaller, database: CurrentDatabase, rule: CurrentPublishing
) -> CallerView:
    """Say who you are here, and which keys act as you."""
    actor = caller.actor
    groups = sorted(name for name in actor.scope.principals if name.startswith("group:"))
    of_role = SCOPES if actor.role == "admin" else ("read", "write")
    return CallerView(
        actor.owner, actor.scope.tenant, groups, actor.role, caller.credential,
        [name for name in of_role if name in caller.scopes],
        publishing_rights(database, actor, rule),
        list_keys(database, actor.scope.tenant, user=actor.owner),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnActView(OwnAct):
    """One act, and who made the key that it was done with."""

    made_by: str | None
    """None where it was done with no key of yours, but by an administrator or by a sign-in."""


@dataclass(frozen=True, slots=True)
class OwnActPage:
    """Acts, newest first."""

    items: list[OwnActView]
    next: str | None
    """The value of `until` for the next page; none where this is the last one."""


@router.get("/acts")
def show_own_acts(
    caller: CurrentCaller,
    database: CurrentDatabase,
    until: Annotated[datetime | None, Query(description="Only before this time.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 100,
) -> OwnActPage:
    """List what was read and done in your name, and what administrators did to your account.

    A key that acts as you and that somebody else uses stands out by its `credential` and by who
    made it. Documents that you may not read now are not named.
    """
    actor = caller.actor
    makers = {
        key.key_id: key.made_by for key in list_keys(database, actor.scope.tenant, user=actor.owner)
    }
    acts = own_acts(database, actor.scope, actor.owner, until=until, limit=limit)
    items = [OwnActView(**asdict(act), made_by=makers.get(act.credential)) for act in acts]
    return OwnActPage(items, items[-1].at if len(items) == limit else None)
