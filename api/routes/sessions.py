"""The caller's sessions: the one of this browser, each, and all of them."""

from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel

from api.auth.api_keys import Caller
from api.auth.browser_cookies import SESSION, drop_cookie
from api.auth.dependencies import CurrentCaller
from api.auth.sessions import (
    SessionView,
    end_all_sessions,
    end_session,
    list_sessions,
    show_session,
)
from api.dependencies import CurrentDatabase
from api.openapi.problems import problem_responses
from api.routes.guarded_route import GuardedRoute
from index.db.database import Database
from index.errors import NotFoundError

router = APIRouter(prefix="/v1/me", tags=["me"], route_class=GuardedRoute)

SessionId = Annotated[str, Path(max_length=40, examples=["ses_0123456789abcdef01234567"])]

_NO_SESSION = problem_responses(NotFoundError)


@dataclass(frozen=True, slots=True)
class OwnSession(SessionView):
    """The session of this request."""

    csrf_token: str
    """The page sends it as `X-CSRF-Token` with everything that is not a GET."""


class SessionList(BaseModel):
    """The caller's open sessions, newest first."""

    items: list[SessionView]


@router.get("/session", responses=_NO_SESSION)
def show_own_session(caller: CurrentCaller, database: CurrentDatabase) -> OwnSession:
    """Return the session that this request came with; with a key there is none."""
    if not caller.csrf_token:
        raise NotFoundError
    view = show_session(database, caller.credential)
    return OwnSession(**asdict(view), csrf_token=caller.csrf_token)


@router.delete("/session", status_code=204, responses=_NO_SESSION)
def sign_out(
    caller: CurrentCaller, database: CurrentDatabase, request: Request, response: Response
) -> None:
    """Sign out: end the session that this request came with."""
    if not caller.csrf_token:
        raise NotFoundError
    _end(caller, database, caller.credential)
    drop_cookie(request, response, SESSION)


@router.get("/sessions")
def show_own_sessions(caller: CurrentCaller, database: CurrentDatabase) -> SessionList:
    """List your open sessions, newest first."""
    actor = caller.actor
    return SessionList(items=list_sessions(database, actor.scope.tenant, actor.owner))


@router.delete("/sessions/{session_id}", status_code=204, responses=_NO_SESSION)
def sign_out_elsewhere(
    caller: CurrentCaller,
    database: CurrentDatabase,
    session_id: SessionId,
    request: Request,
    response: Response,
) -> None:
    """End one of your sessions: sign out in another browser, or in this one."""
    _end(caller, database, session_id)
    if session_id == caller.credential:
        drop_cookie(request, response, SESSION)


@router.delete("/sessions", status_code=204)
def sign_out_everywhere(
    caller: CurrentCaller, database: CurrentDatabase, request: Request, response: Response
) -> None:
    """Sign out everywhere: end all your sessions, this one too."""
    actor = caller.actor
    end_all_sessions(database, actor.scope.tenant, actor.owner, author=actor.author)
    drop_cookie(request, response, SESSION)


def _end(caller: Caller, database: Database, session_id: str) -> None:
    actor = caller.actor
    end_session(database, actor.scope.tenant, actor.owner, session_id, author=actor.author)
