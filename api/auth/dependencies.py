"""From a request's credentials to the caller, and from the caller to what a route may ask."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from api.auth.api_keys import Caller
from api.errors import RoleError
from index.types import Actor

_bearer = HTTPBearer(
    auto_error=False, description="An API key, or an OIDC token where that is configured."
)


# Dependencies that only look something up are coroutines: FastAPI would run functions in a thread.


async def current_actor(
    request: Request, _shown: Annotated[object, Security(_bearer)] = None
) -> Actor:
    """Return the actor the gate has put into the request; it lets nobody in without one."""
    caller: Caller = request.state.caller
    return caller.actor


async def current_caller(
    request: Request, _shown: Annotated[object, Security(_bearer)] = None
) -> Caller:
    """Return the actor with the name of its credential."""
    caller: Caller = request.state.caller
    return caller


async def current_admin(actor: Annotated[Actor, Depends(current_actor)]) -> Actor:
    """Return the actor where it is an administrator."""
    if actor.role != "admin":
        raise RoleError("This needs an administrator's key.")
    return actor


async def current_curator(actor: Annotated[Actor, Depends(current_actor)]) -> Actor:
    """Return the actor where it is a curator or an administrator."""
    if not actor.is_curator:
        raise RoleError("This needs a curator's or an administrator's key.")
    return actor


async def current_operator(caller: Annotated[Caller, Depends(current_caller)]) -> Caller:
    """Return the caller where it is an operator, who manages tenants."""
    if not caller.is_operator:
        raise RoleError("This needs an operator's key, which the command line makes.")
    return caller


CurrentActor = Annotated[Actor, Depends(current_actor)]
CurrentCaller = Annotated[Caller, Depends(current_caller)]
CurrentAdmin = Annotated[Actor, Depends(current_admin)]
CurrentOperator = Annotated[Caller, Depends(current_operator)]
CurrentCurator = Annotated[Actor, Depends(current_curator)]
