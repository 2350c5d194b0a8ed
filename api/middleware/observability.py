"""Around every request: an id, a trace, one log line, metrics, security headers, a last net."""

import logging
import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.openai_errors import with_openai_errors
from api.problem_details import problem_response
from api.scim.errors import with_scim_errors
from api.telemetry.json_logging import request_id
from api.telemetry.prometheus import Metrics
from api.telemetry.request_tracing import RequestTracing, known_method, note_response
from index.errors import FootnoteError
from index.tracing import TraceSpan, current_trace_ids

logger = logging.getLogger(__name__)

PAGE_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
"""Content-Security-Policy of everything that does not bring a stricter one."""

_HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Observe:
    """ASGI middleware, the outermost one."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: RequestTracing) -> None:
        self._app = app
        self._metrics = metrics
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, watching its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with self._tracing.request(scope) as step:
            await self._observe(scope, receive, send, step)

    async def _observe(self, scope: Scope, receive: Receive, send: Send, step: TraceSpan) -> None:
        response = _ObservedResponse(
            send, f"req_{step.span_id or secrets.token_hex(8)}", self._metrics,
            api=scope["path"].startswith(("/v1", "/scim")),
        )  # fmt: skip
        step.note({"footnote.request.id": response.id})
        token = request_id.set(response.id)
        self._metrics.request_began()
        send_answer = with_scim_errors(scope, with_openai_errors(scope, response.send))
        try:
            await self._app(scope, receive, send_answer)
        except ClientDisconnect:
            response.status = response.status or 499
        except Exception as error:  # the last resort: a bug is a 500, never a dropped line
            logger.error("request failed", exc_info=error)  # noqa: TRY400
            await self._apologise(response, scope, receive, send_answer)
        finally:
            response.end()
            self._note(scope, response, step)
            request_id.reset(token)

    async def _apologise(
        self, response: "_ObservedResponse", scope: Scope, receive: Receive, send: Send
    ) -> None:
        if response.status == 0:
            await problem_response(FootnoteError())(scope, receive, send)

    def _note(self, scope: Scope, response: "_ObservedResponse", step: TraceSpan) -> None:
        route = getattr(scope.get("route"), "path", "(none)")
        state = scope.get("state", {})
        seconds = time.perf_counter() - response.began
        method = known_method(scope)
        self._metrics.request(method, route, response.status, seconds)
        if code := state.get("problem"):
            self._metrics.refusal(code)
        note_response(step, method, route, response.status, code)
        caller = state.get("caller")
        logger.info(
            "request",
            extra={
                "method": method,
                "route": route,
                "status": response.status,
                "seconds": round(seconds, 4),
                "caller": caller.credential if caller else "",
                "code": code or "",
            },
        )


class _ObservedResponse:
    """A ``send`` that adds headers, remembers the status and counts streams."""

    def __init__(self, send: Send, name: str, metrics: Metrics, *, api: bool) -> None:
        self.id = name
        self.status = 0
        self.began = time.perf_counter()
        self._send = send
        self._metrics = metrics
        self._api = api
        self._is_stream = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.id
            if trace_ids := current_trace_ids():
                headers["X-Trace-Id"] = trace_ids[0]
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if self._api:
                headers.setdefault("Cache-Control", "no-store")
            if headers.get("content-type", "").startswith("text/event-stream"):
                self._is_stream = True
                self._metrics.stream(begins=True)
        await self._send(message)

    def end(self) -> None:
        """Stop counting the response as one that streams."""
        if self._is_stream:
            self._metrics.stream(begins=False)
