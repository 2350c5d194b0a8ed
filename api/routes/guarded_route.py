"""A route that refuses a body of the wrong type or size before a byte of it is read.

FastAPI reads a body first and calls a route's dependencies afterwards. So a route declares with
``accepts`` which body it takes, and this class checks it around the route's handler.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.types import Message, Receive

from api.auth.dependencies import current_actor
from api.body_limits import FORM_OVERHEAD, JSON_LIMIT, drain, has_body
from api.dependencies import service_state
from api.errors import BodyTooLargeError, UnsupportedMediaError
from api.service import ServiceState
from api.settings import Settings
from index.errors import FootnoteError
from ingest.partial_files import LARGEST_PART

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class BodyRule:
    """The body that a route takes."""

    media_type: str
    size_limit: Callable[[Settings], int]
    """Bytes at most."""
    is_counted: bool = True
    """The bytes are counted as they come; a route that counts them itself says false."""
    other_media_type: str | None = None
    """Taken as well."""
    needs_slot: bool = False
    """Refused while there is no slot; a repeat, which has an Idempotency-Key, needs none."""


JSON = BodyRule("application/json", lambda _settings: JSON_LIMIT)
QUEUED_JSON = BodyRule("application/json", lambda _settings: JSON_LIMIT, needs_slot=True)
SCIM_JSON = BodyRule(
    "application/scim+json", lambda _settings: JSON_LIMIT, other_media_type="application/json"
)
UPLOAD = BodyRule(
    "multipart/form-data",
    lambda settings: settings.upload_limit + FORM_OVERHEAD,
    is_counted=False,
)
UPLOAD_PART = BodyRule(
    "multipart/form-data", lambda _settings: LARGEST_PART + FORM_OVERHEAD, is_counted=False
)


def accepts(rule: BodyRule) -> Callable[[Endpoint], Endpoint]:
    """Declare which body a route takes; without it, a route takes JSON."""

    def declare(endpoint: Endpoint) -> Endpoint:
        endpoint.body_rule = rule  # type: ignore[attr-defined]
        return endpoint

    return declare


class GuardedRoute(APIRoute):
    """A route for callers that the gate has let in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler with the checks before it."""
        handle = super().get_route_handler()
        rule: BodyRule = getattr(self.endpoint, "body_rule", JSON)

        async def guarded(request: Request) -> Response:
            if not has_body(request.headers):
                return await handle(request)
            try:
                limit = await _check(request, rule, await service_state(request))
            except FootnoteError:
                await drain(request.headers, request.receive)
                raise
            if not rule.is_counted:
                return await handle(request)
            return await handle(Request(request.scope, _limited_receive(request.receive, limit)))

        return guarded


async def _check(request: Request, rule: BodyRule, state: ServiceState) -> int:
    """Return how many bytes may come.

    Raises:
        UnsupportedMediaError: the body is of another type.
        BodyTooLargeError: its length is over the limit.
        OverloadedError: the route needs a slot, and there is none.

    """
    check_content_type(request.headers, rule.media_type, rule.other_media_type)
    limit = rule.size_limit(state.settings)
    if int(request.headers.get("content-length", "0")) > limit:
        raise BodyTooLargeError(f"The request may have at most {limit} bytes.")
    if rule.needs_slot and "idempotency-key" not in request.headers:
        questions = state.questions
        questions.admission.check_room(questions.asker(await current_actor(request)))
    return limit


def check_content_type(headers: Headers, content_type: str, other: str | None = None) -> None:
    """Refuse a body of another type.

    Raises:
        UnsupportedMediaError: it names the type that is wanted.

    """
    actual_type = headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if actual_type not in {content_type, other}:
        raise UnsupportedMediaError(f"Send {content_type}.")


def _limited_receive(receive: Receive, limit: int) -> Receive:
    """Count the bytes as they come; a missing or false Content-Length helps nobody."""
    size = 0

    async def receive_limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise HTTPException(BodyTooLargeError.status, f"At most {limit} bytes are read.")
        return message

    return receive_limited
