"""Checks before every route: the host, the caller, the rate, the body's type and size.

Everything under ``/v1`` needs a caller, so a new route is closed until it says otherwise.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import anyio
from fastapi import HTTPException
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.api_keys import Caller
from api.auth.authenticator import Authenticator
from api.errors import (
    BodyTooLargeError,
    HostNotAllowedError,
    StoreUnavailableError,
    UnsupportedMediaError,
)
from api.middleware.body_limits import DRAIN_SECONDS, FORM_OVERHEAD, JSON_LIMIT
from api.middleware.rate_limiter import RateLimiter
from api.problem_details import DATABASE_FAILURES, problem_response
from api.questions.dependencies import QuestionDependencies
from api.settings import LOOPBACK, Settings
from generate.llm.circuit_breaker import Health
from generate.llm.registry import Tier
from index.errors import FootnoteError
from index.types import Actor

QUEUED = frozenset({"/v1/ask", "/v1/search"})
"""Routes that need a slot. Where there is none, the request is refused before its body is read."""

STORE_REST_SECONDS = 2.0
"""How long a database that failed is left alone; then one request tries it."""


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """The limits that the gate enforces."""

    hosts: tuple[str, ...]
    """Host names that are served; none means any."""
    upload_bytes: int
    terms: Callable[[str], Tier]
    """Returns a tenant's tier: how many requests a minute it may send."""
    check_room: Callable[[Actor], None]
    """Refuses an ask or a search for which there is no slot."""

    @classmethod
    def of(cls, settings: Settings, questions: QuestionDependencies) -> "RequestLimits":
        """Return the configured limits; on loopback the host is always checked."""

        def check_room(actor: Actor) -> None:
            questions.admission.check_room(questions.asker(actor))

        own = (*LOOPBACK, settings.host) if settings.on_loopback else ()
        size = settings.upload_limit + FORM_OVERHEAD
        return cls((*own, *settings.allowed_hosts), size, questions.registry.terms, check_room)


class Gate:
    """ASGI middleware that refuses before any work is done."""

    def __init__(
        self,
        app: ASGIApp,
        authenticator: Authenticator,
        limiter: RateLimiter,
        limits: RequestLimits,
    ) -> None:
        self._app = app
        self._authenticator = authenticator
        self._limiter = limiter
        self._limits = limits
        self._store = Health(rest_s=STORE_REST_SECONDS, stuck_s=math.inf)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer with the problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            check_host(headers.get("host", ""), self._limits.hosts)
            if scope["path"].startswith("/v1/") or scope["path"] == "/metrics":
                receive = await self._admit(scope, headers, receive)
        except FootnoteError as error:
            scope.setdefault("state", {})["problem"] = error.code
            await drain(headers, receive)
            await problem_response(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope, headers: Headers, receive: Receive) -> Receive:
        caller = await run_in_threadpool(self._authenticate, headers.get("authorization", ""))
        scope.setdefault("state", {})["caller"] = caller
        self._limiter.admit(caller.credential, self._rates(caller.actor))
        if not _has_body(headers):
            return receive
        upload = _is_upload(scope["method"], scope["path"])
        check_content_type(headers, "multipart/form-data" if upload else "application/json")
        limit = self._limits.upload_bytes if upload else JSON_LIMIT
        if int(headers.get("content-length", "0")) > limit:
            raise BodyTooLargeError(f"The request may have at most {limit} bytes.")
        if scope["path"] in QUEUED and "idempotency-key" not in headers:  # a repeat needs no slot
            self._limits.check_room(caller.actor)
        return receive if upload else _counted(receive, limit)

    def _rates(self, actor: Actor) -> dict[str, int]:
        """Return what the user and the tenant may send a minute, whatever their keys."""
        tenant, terms = actor.scope.tenant, self._limits.terms(actor.scope.tenant)
        user = f"user {tenant} {actor.owner}"
        return {user: terms.user_requests, f"tenant {tenant}": terms.tenant_requests}

    def _authenticate(self, header: str) -> Caller:
        """Ask the store who this is, unless the store has just failed several times in a row.

        Raises:
            UnauthorizedError: nobody.
            StoreUnavailableError: the database does not answer, or is left alone for a moment.

        """
        if not self._store.enter():
            raise StoreUnavailableError("The database does not answer.")
        failed: bool | None = None
        try:
            caller = self._authenticator.authenticate(header)
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


def check_host(header: str, allowed: Sequence[str]) -> None:
    """Refuse a Host header that names somebody else.

    Raises:
        HostNotAllowedError: the name is not on the list.

    """
    name = header.lower()
    name = name[1:].split("]", 1)[0] if name.startswith("[") else name.rsplit(":", 1)[0]
    if allowed and name not in allowed:
        raise HostNotAllowedError(
            "Use localhost or 127.0.0.1, or add the name to FOOTNOTE_ALLOWED_HOSTS."
        )


def check_content_type(headers: Headers, wanted: str) -> None:
    """Refuse a body of another type.

    Raises:
        UnsupportedMediaError: it names the type that is wanted.

    """
    found = headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if found != wanted:
        raise UnsupportedMediaError(f"Send {wanted}.")


async def drain(headers: Headers, receive: Receive) -> None:
    """Read and drop a refused body for a moment; a client told to wait for us sends none."""
    if not _has_body(headers) or headers.get("expect"):
        return
    with anyio.move_on_after(DRAIN_SECONDS):
        while (await receive()).get("more_body", False):
            pass


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _is_upload(method: str, path: str) -> bool:
    if method == "POST":
        return path == "/v1/documents"
    return method == "PUT" and path.startswith("/v1/documents/") and path.endswith("/content")


def _counted(receive: Receive, limit: int) -> Receive:
    """Count the bytes as they come; a missing or false Content-Length helps nobody."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(BodyTooLargeError.status, f"At most {limit} bytes are read.")
        return message

    return counted
