"""People, for administrators: suspended and resumed. None of it shows content."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path

from api.auth.dependencies import CurrentAdmin
from api.auth.people import resume_person, suspend_person
from api.dependencies import CurrentDatabase
from api.errors import RoleError
from api.openapi.problems import problem_responses
from api.routes.guarded_route import GuardedRoute
from index.errors import InvalidPrincipalError

router = APIRouter(
    prefix="/v1/admin/people",
    tags=["admin"],
    route_class=GuardedRoute,
    responses=problem_responses(RoleError, InvalidPrincipalError),
)

UserId = Annotated[str, Path(max_length=200, examples=["ann"])]


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person, and whether anything opens for them."""

    user: str
    suspended: bool


@router.post("/{user}/suspend")
def suspend(actor: CurrentAdmin, database: CurrentDatabase, user: UserId) -> PersonView:
    """Refuse a person's keys and tokens, and end their sessions and streams."""
    principal = suspend_person(database, actor.scope.tenant, user, author=actor.author)
    return PersonView(principal, suspended=True)


@router.post("/{user}/resume")
def resume(actor: CurrentAdmin, database: CurrentDatabase, user: UserId) -> PersonView:
    """End a person's suspension."""
    principal = resume_person(database, actor.scope.tenant, user, author=actor.author)
    return PersonView(principal, suspended=False)
