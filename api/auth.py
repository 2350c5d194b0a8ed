"""From a request's credentials to the caller, and from the caller to what a route may ask."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param

from api.errors import RoleError, UnauthorizedError
from api.keys import Caller, find_caller
from api.oidc import TokenVerifier, find_identity
from index.db.database import Database
from index.types import Actor

_bearer = HTTPBearer(
    auto_error=False, description="An API key, or an OIDC token where that is configured."
)


class Authenticator:
    """Knows every way to say who one is."""

    def __init__(self, database: Database, verifier: TokenVerifier | None) -> None:
        self._database = database
        self._verifier = verifier

    def authenticate(self, header: str) -> Caller:
        """Return the caller named by an ``Authorization`` header; nothing is cached.

        Raises:
            UnauthorizedError: there is no valid credential; the message never says which part
                of a credential was wrong.

        """
        kind, token = get_authorization_scheme_param(header)
        if kind.lower() != "bearer" or not token:
            raise UnauthorizedError("Send your key as `Authorization: Bearer <key>`.")
        caller = find_caller(self._database, token) or self._external(token)
        if caller is None:
            raise UnauthorizedError("The key is not valid.")
        return caller

    def _external(self, token: str) -> Caller | None:
        if self._verifier is None or token.count(".") != 2:  # noqa: PLR2004 - header.payload.signature
            return None
        return find_identity(self._database, *self._verifier.subject(token))


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
    if actor.role not in {"curator", "admin"}:
        raise RoleError("This needs a curator's or an administrator's key.")
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor)]
CurrentCaller = Annotated[Caller, Depends(current_caller)]
CurrentAdmin = Annotated[Actor, Depends(current_admin)]
CurrentCurator = Annotated[Actor, Depends(current_curator)]
