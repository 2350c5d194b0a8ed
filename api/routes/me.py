"""The caller: who they are here, and the keys that act as them."""

from dataclasses import dataclass

from fastapi import APIRouter

from api.auth.api_keys import KeyView, list_keys
from api.auth.dependencies import CurrentCaller
from api.auth.key_scopes import SCOPES
from api.dependencies import CurrentDatabase
from api.routes.guarded_route import GuardedRoute
from index.types import Role

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
    keys: list[KeyView]
    """All keys that act as this user: who made each, why, and when it was last used."""


@router.get("")
def show_me(caller: CurrentCaller, database: CurrentDatabase) -> CallerView:
    """Say who you are here, and which keys act as you."""
    actor = caller.actor
    groups = sorted(name for name in actor.scope.principals if name.startswith("group:"))
    of_role = SCOPES if actor.role == "admin" else ("read", "write")
    return CallerView(
        actor.owner, actor.scope.tenant, groups, actor.role, caller.credential,
        [name for name in of_role if name in caller.scopes],
        list_keys(database, actor.scope.tenant, user=actor.owner),
    )  # fmt: skip
