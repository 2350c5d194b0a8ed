"""Checks before every route: the host, the caller, the rate.

Everything under ``/v1`` and ``/scim`` needs a caller, so a new route is closed until it says
otherwise. The body is checked by the route, which says what it takes:
``api/routes/guarded_route.py``.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth.api_keys import Caller
from api.auth.authenticator import Authenticator, Credentials
from api.auth.browser_cookies import SESSION, read_cookie, require_own_page
from api.auth.key_scopes import require_scope, required_scope
from api.auth.protected_resource import MCP_PATH, sign_in_challenge
from api.body_limits import drain, timed_receive
from api.errors import (
    HostNotAllowedError,
    MalformedBodyError,
    StoreUnavailableError,
    UnauthorizedError,
)
from api.middleware.rate_limiter import RateLimiter
from api.middleware.stream_guard import StreamGuard
from api.problem_details import DATABASE_FAILURES, problem_response
from api.public_address import base_url
from api.settings import LOOPBACK, Settings
from generate.llm.circuit_breaker import Health
from generate.llm.registry import Registry, Tier
from index.errors import FootnoteError, NotFoundError, UnsoundInputError
from index.types import Actor

STORE_REST_SECONDS = 2.0
"""How long a database that failed is left alone; then one request tries it."""


REASON_HEADER = "Audit-Reason"
"""Why the caller does this, as percent-encoded UTF-8; it goes into the audit log."""

CLOSED = frozenset({"/metrics", MCP_PATH})
"""Paths besides those under ``/v1`` and ``/scim`` that need a caller."""

PROBES = frozenset({"/livez", "/healthz", "/readyz"})
"""Paths that a supervisor asks by the address of the machine; they hold nobody's data."""

SIGN_IN_PREFIX = "/auth/"

_HOST = re.compile(r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::[0-9]{1,5})?")
"""A Host header in small letters (RFC 9110, section 7.2); names in other scripts come as xn--."""


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """The limits that the gate enforces."""

    hosts: tuple[str, ...]
    """Host names that are served; none means any."""
    terms: Callable[[str], Tier]
    """Returns a tenant's tier: how many requests a minute it may send."""
    body_seconds: float
    """How long a body may take to come, besides what its size needs."""
    has_sign_in: bool = False
    """Whether people may sign in by OIDC."""
    are_probes_open: bool = False
    """Whether probes may use any host name: where others than this machine reach the service."""

    @classmethod
    def of(cls, settings: Settings, registry: Registry) -> "RequestLimits":
        """Return the configured limits; on loopback the host is always checked."""
        own = (*LOOPBACK, settings.host) if settings.on_loopback else ()
        return cls(
            (*own, *settings.allowed_hosts),
            registry.terms,
            settings.body_seconds,
            settings.has_oidc,
            are_probes_open=not settings.on_loopback,
        )


class Gate:
    """ASGI middleware that refuses before any work is done."""

    def __init__(
        self,
        app: ASGIApp,
        authenticator: Authenticator,
        limiter: RateLimiter,
        limits: RequestLimits,
        streams: StreamGuard,
    ) -> None:
        self._app = app
        self._authenticator = authenticator
        self._limiter = limiter
        self._limits = limits
        self._streams = streams
        self._store = Health(rest_s=STORE_REST_SECONDS, stuck_s=math.inf)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer with the problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        receive = timed_receive(receive, self._limits.body_seconds)
        try:
            if len(headers.getlist("host")) > 1:
                raise MalformedBodyError("The request has several Host headers. Send one.")
            is_probe = self._limits.are_probes_open and scope["path"] in PROBES
            check_host(headers.get("host", ""), () if is_probe else self._limits.hosts)
            _check_address(scope)
            if scope["path"].startswith(("/v1/", "/scim/")) or scope["path"] in CLOSED:
                await self._admit(scope, headers)
            elif scope["path"].startswith(SIGN_IN_PREFIX):
                self._limiter.admit(f"address {(scope.get('client') or ('',))[0]}")
        except FootnoteError as error:
            scope.setdefault("state", {})["problem"] = error.code
            await drain(headers, receive)
            await self._refusal(error, scope)(scope, receive, send)
            return
        await self._streams.serve(self._app, scope, receive, send)

    def _refusal(self, error: FootnoteError, scope: Scope) -> Response:
        """Return the problem; an assistant without credentials is told where to sign in."""
        response = problem_response(error)
        is_nobody = isinstance(error, UnauthorizedError)
        if is_nobody and scope["path"] == MCP_PATH and self._limits.has_sign_in:
            challenge = sign_in_challenge(base_url(Request(scope)))
            response.headers["WWW-Authenticate"] = challenge
        return response

    async def _admit(self, scope: Scope, headers: Headers) -> None:
        credentials = Credentials(headers.get("authorization", ""), read_cookie(headers, SESSION))
        caller = await run_in_threadpool(self._authenticate, credentials)
        if caller.csrf_token:
            require_own_page(scope, caller.csrf_token)
        if reason := unquote(headers.get(REASON_HEADER, "")):
            caller = replace(caller, actor=replace(caller.actor, reason=reason))
        scope.setdefault("state", {})["caller"] = caller
        self._limiter.admit(caller.credential, self._rates(caller.actor))
        require_scope(caller.scopes, required_scope(scope["method"], scope["path"]))

    def _rates(self, actor: Actor) -> dict[str, int]:
        """Return what the user and the tenant may send a minute, whatever their keys."""
        tenant, terms = actor.scope.tenant, self._limits.terms(actor.scope.tenant)
        user = f"user {tenant} {actor.owner}"
        return {user: terms.user_requests, f"tenant {tenant}": terms.tenant_requests}

    def _authenticate(self, credentials: Credentials) -> Caller:
        """Ask the store who this is, unless the store has just failed several times in a row.

        Raises:
            UnauthorizedError: nobody.
            StoreUnavailableError: the database does not answer, or is left alone for a moment.

        """
        if not self._store.enter():
            raise StoreUnavailableError("The database does not answer.")
        failed: bool | None = None
        try:
            caller = self._authenticator.authenticate(credentials)
            failed = False
        except FootnoteError:
            failed = False
            raise
        except DATABASE_FAILURES as error:
            failed = True
            raise StoreUnavailableError("The database does not answer.") from error
        finally:
            self._store.leave(failed=failed)
        return caller


def check_host(header: str, allowed_hosts: Sequence[str]) -> None:
    """Refuse a Host header that names somebody else.

    Raises:
        HostNotAllowedError: the name is not on the list, or the header is no name and port.

    """
    form = _HOST.fullmatch(header.lower())
    if header and form is None:
        raise HostNotAllowedError("The Host header is not a name with or without a port.")
    name = "" if form is None else form["address"] or form["name"]
    if allowed_hosts and name not in allowed_hosts:
        raise HostNotAllowedError(
            "Use localhost or 127.0.0.1, or add the name to FOOTNOTE_ALLOWED_HOSTS."
        )


def _check_address(scope: Scope) -> None:
    """Refuse what no id or name has; a database may not even compare it.

    Raises:
        NotFoundError: the path has a NUL character or is no text.
        UnsoundInputError: the query has a NUL character.

    """
    if any(sign in scope["path"] for sign in ("\x00", "\ufffd")):
        raise NotFoundError
    if b"%00" in scope["query_string"]:
        raise UnsoundInputError("The address holds a NUL character. Remove it and try again.")
