"""Signing in to the page by OIDC: the browser goes to the issuer and comes back with a code.

Browsers go here, no programs do, so OpenAPI does not describe these routes. What fails leads back
to the page, which says why.
"""

import logging
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from api.auth.browser_cookies import (
    ATTEMPT,
    SESSION,
    drop_cookie,
    own_origin,
    read_cookie,
    set_cookie,
)
from api.auth.sign_in import SignIn
from api.auth.sign_in_attempt import LIFETIME_SECONDS, SignInAttempt
from api.dependencies import current_sign_in
from api.errors import IssuerUnavailableError, SignInError
from api.routes.guarded_route import GuardedRoute
from index.errors import FootnoteError, NotFoundError, TenantSuspendedError

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/auth", route_class=GuardedRoute, include_in_schema=False)

CALLBACK = "/auth/callback"

_SignIn = Annotated[SignIn | None, Depends(current_sign_in)]
_Bounded = Annotated[str | None, Query(max_length=4000)]


class SignInOptions(BaseModel):
    """The ways to sign in to the page, besides a key."""

    sign_in: bool
    """By OIDC, at `/auth/sign-in`."""


@router.get("/options")
async def show_options(sign_in: _SignIn) -> SignInOptions:
    """Say whether people sign in by OIDC."""
    return SignInOptions(sign_in=sign_in is not None)


@router.get("/sign-in")
def begin(
    request: Request,
    sign_in: _SignIn,
    next_path: Annotated[str, Query(alias="next", max_length=4000)] = "/",
) -> Response:
    """Send the browser to the issuer, with a cookie that only its answer fits."""
    if sign_in is None:
        raise NotFoundError
    attempt = SignInAttempt.begin(next_path)
    try:
        url = sign_in.issuer.authorization_url(attempt, _callback(request))
    except IssuerUnavailableError as error:
        return _failed(request, error)
    response = _to(url)
    set_cookie(request, response, ATTEMPT, attempt.cookie, LIFETIME_SECONDS)
    return response


@router.get("/callback")
def finish(
    request: Request,
    sign_in: _SignIn,
    *,
    state: _Bounded = None,
    code: _Bounded = None,
    iss: _Bounded = None,
) -> Response:
    """Take the issuer's answer, and give the browser a session."""
    if sign_in is None:
        raise NotFoundError
    try:
        attempt = SignInAttempt.of_answer(read_cookie(request.headers, ATTEMPT), state or "")
        token = sign_in.finish(
            attempt, _callback(request), code=code, named_issuer=iss,
            replaced_cookie=read_cookie(request.headers, SESSION),
        )  # fmt: skip
    except (SignInError, IssuerUnavailableError, TenantSuspendedError) as error:
        return _failed(request, error)
    response = _to(attempt.next_path)
    set_cookie(request, response, SESSION, token, sign_in.cookie_seconds)
    drop_cookie(request, response, ATTEMPT)
    return response


def _callback(request: Request) -> str:
    """Return the address at which this service takes the issuer's answer."""
    return own_origin(request.scope) + CALLBACK


def _failed(request: Request, error: FootnoteError) -> Response:
    """Lead back to the page, which says why; the log has the kind of failure, and nobody's name."""
    reason = "suspended" if isinstance(error, TenantSuspendedError) else "unavailable"
    if isinstance(error, SignInError):
        reason = error.reason
    request.state.problem = error.code
    logger.warning("somebody is not signed in", extra={"code": error.code, "cause": str(error)})
    response = _to("/?" + urlencode({"sign-in": reason}))
    drop_cookie(request, response, ATTEMPT)
    return response


def _to(url: str) -> Response:
    return RedirectResponse(url, status_code=303, headers={"Cache-Control": "no-store"})
