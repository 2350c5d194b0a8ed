"""The step of a trace that one HTTP request is, and what of a caller's trace is believed.

A ``traceparent`` that a caller sends may ask for a recording and so for cost. By default it is
ignored; ``FOOTNOTE_TRACE_PARENTS`` lets it be linked to, or followed where a gateway of one's own
sets it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from starlette.datastructures import Headers
from starlette.types import Scope

from index.tracing import Attributes, TraceSpan, Tracing, traced, traced_by, valid_traceparent

Parents = Literal["ignore", "link", "follow"]

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD = "_OTHER"
"""The name of every other method, by the convention: a caller may send any word."""

_NOT_TRACED = ("/livez", "/healthz", "/readyz", "/metrics", "/static/", "/docs")
"""Beginnings of paths that probes, scrapers and the page ask for: they would drown the rest."""


@dataclass(frozen=True, slots=True)
class RequestTracing:
    """How requests are traced."""

    tracing: Tracing | None = None
    parents: Parents = "ignore"

    @contextmanager
    def request(self, scope: Scope) -> Iterator[TraceSpan]:
        """Trace the block as one request."""
        path: str = scope["path"]
        if self.tracing is None or path.startswith(_NOT_TRACED):
            yield TraceSpan()
            return
        incoming = None
        if self.parents != "ignore":
            incoming = valid_traceparent(Headers(scope=scope).get("traceparent"))
        parent = incoming if self.parents == "follow" else None
        link = incoming if self.parents == "link" else None
        method = known_method(scope)
        with (
            traced_by(self.tracing, parent),
            traced(method, _facts(scope, method), kind="server", link=link) as step,
        ):
            step.note_content("url.path", lambda: path)
            yield step


def known_method(scope: Scope) -> str:
    """Return the request's method, or one name for all that HTTP does not have."""
    method: str = scope["method"]
    return method if method in METHODS else OTHER_METHOD


def note_response(step: TraceSpan, method: str, route: str, status: int, code: str | None) -> None:
    """Name a request's step by its route and note how it ended; only a 5xx is a failure."""
    if not step.is_traced:
        return
    step.rename(f"{method} {route}")
    step.note({"http.route": route, "http.response.status_code": status})
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        step.note_failure(code or str(status))
    elif code:
        step.note({"error.type": code})


def _facts(scope: Scope, method: str) -> Attributes:
    facts: dict[str, str | int] = {
        "http.request.method": method,
        "url.scheme": scope.get("scheme", "http"),
        "network.protocol.version": scope.get("http_version", "1.1"),
    }
    server = scope.get("server")
    if server and server[1]:
        facts |= {"server.address": server[0], "server.port": server[1]}
    return facts
