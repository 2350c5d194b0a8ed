"""The caller: who they are here, and the keys that act as them."""

from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Query

from api.auth.api_keys import Caller, KeyView, list_keys
from api.auth.dependencies import CurrentCaller
from api.auth.key_scopes import SCOPES
from api.auth.rights import Right, rights_of
from api.dependencies import (
    CurrentDatabase,
    CurrentPublishing,
    CurrentQuestions,
    CurrentSettings,
    CurrentStartQuestions,
)
from api.evaluations.run_store import EVALUATORS
from api.operations.demo import StartQuestion
from api.routes.guarded_route import GuardedRoute
from api.schemas import Moment
from api.settings import Settings
from generate.llm.registry import Tier
from index.audit.own_acts import OwnAct, own_acts
from index.types import DEFAULT_TENANT, Role
from ingest.lifecycle.publishing import PublishingRights, publishing_rights

router = APIRouter(prefix="/v1/me", tags=["me"], route_class=GuardedRoute)


@dataclass(frozen=True, slots=True)
class CallerLimits:
    """How much the caller may send and have; none means no limit of this kind."""

    upload_bytes: int
    """Of one file."""
    requests_per_minute: int | None
    """With this credential."""
    user_requests_per_minute: int | None
    """With all credentials of this user."""
    uploads_waiting: int | None
    evaluations_waiting: int | None


@dataclass(frozen=True, slots=True)
class CallerView:
    """Who the service takes the caller for."""

    user: str
    name: str
    """As the issuer gives it, for people to read; else the id."""
    tenant: str
    groups: list[str]
    role: Role
    credential: str
    """The id of the key or identity that this request came with."""
    scopes: list[str]
    rights: list[Right]
    """The rights that role and scopes give the caller."""
    limits: CallerLimits
    publishing: PublishingRights
    """To whom the caller may publish, besides themselves."""
    keys: list[KeyView]
    """All keys that act as this user: who made each, why, and when it was last used."""
    start_questions: list[StartQuestion]
    """For people of the samples to begin with; nobody else has any."""


@router.get("")
def show_me(
    caller: CurrentCaller,
    database: CurrentDatabase,
    rule: CurrentPublishing,
    settings: CurrentSettings,
    questions: CurrentQuestions,
    start_questions: CurrentStartQuestions,
) -> CallerView:
    """Say who you are here, and which keys act as you."""
    actor = caller.actor
    groups = sorted(name for name in actor.scope.principals if name.startswith("group:"))
    of_role = SCOPES if actor.role == "admin" else ("read", "write")
    return CallerView(
        actor.owner, caller.name or actor.owner.partition(":")[2], actor.scope.tenant, groups,
        actor.role, caller.credential,
        [name for name in of_role if name in caller.scopes],
        rights_of(caller), _limits(caller, settings, questions.registry.terms(actor.scope.tenant)),
        publishing_rights(database, actor, rule),
        list_keys(database, actor.scope.tenant, user=actor.owner),
        start_questions.get(actor.owner, []) if actor.scope.tenant == DEFAULT_TENANT else [],
    )  # fmt: skip


def _limits(caller: Caller, settings: Settings, terms: Tier) -> CallerLimits:
    has_cap = caller.actor.role not in EVALUATORS
    return CallerLimits(
        upload_bytes=settings.upload_limit,
        requests_per_minute=settings.rate_limit or None,
        user_requests_per_minute=terms.user_requests or None,
        uploads_waiting=settings.jobs_per_person or None,
        evaluations_waiting=(settings.evaluations_per_person or None) if has_cap else None,
    )


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
    until: Annotated[Moment | None, Query(description="Only before this time.")] = None,
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
