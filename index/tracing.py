"""Trace spans: the steps of a request or a job, for the operator's collector of traces.

A tracer surrounds the work, as a meter does (``generate/llm/metering.py``). Where none does,
nothing is recorded and nothing is imported: a step costs one look at a context variable.

A span never holds an error's message, which may quote a document. It holds content only where the
operator has turned that on.

Sources: https://opentelemetry.io/docs/specs/semconv/ for the names,
https://www.w3.org/TR/trace-context/ for ``traceparent``.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from index.errors import FootnoteError

if TYPE_CHECKING:
    from opentelemetry._logs import Logger
    from opentelemetry.context import Context
    from opentelemetry.trace import Link, Span, Tracer

AttributeValue = str | bool | int | float | Sequence[str]
Attributes = Mapping[str, AttributeValue]
SpanKind = Literal["internal", "server", "client", "producer", "consumer"]

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
CONTENT_CHARACTERS = 8_000
"""Characters of one piece of content in a span, at most."""


@dataclass(frozen=True, slots=True)
class Tracing:
    """Where spans and events go."""

    tracer: "Tracer"
    events: "Logger"
    shows_content: bool = False
    """Whether spans hold questions, passages and answers, too."""


class TraceSpan:
    """A step while it goes on; without a span of OpenTelemetry's, notes lead nowhere."""

    __slots__ = ("_shows_content", "_span")

    def __init__(self, span: "Span | None" = None, *, shows_content: bool = False) -> None:
        self._span = span
        self._shows_content = shows_content

    @property
    def span_id(self) -> str | None:
        """Return the id, as 16 hexadecimal digits; none where nothing is traced."""
        return None if self._span is None else f"{self._span.get_span_context().span_id:016x}"

    @property
    def is_traced(self) -> bool:
        """Tell whether somebody traces this step."""
        return self._span is not None

    def note(self, attributes: Attributes) -> None:
        """Add facts that are known only now."""
        if self._span is not None:
            self._span.set_attributes(dict(attributes))

    def note_content(self, name: str, content: Callable[[], str]) -> None:
        """Add a text, where the operator wants content; ``content`` is called only then."""
        if self._span is not None and self._shows_content and self._span.is_recording():
            self._span.set_attribute(name, content()[:CONTENT_CHARACTERS])

    def rename(self, name: str) -> None:
        """Give it a better name."""
        if self._span is not None:
            self._span.update_name(name)

    def note_failure(self, error_type: str) -> None:
        """Say that it failed, by a code or the name of a class."""
        if self._span is not None:
            from opentelemetry.trace import StatusCode

            self._span.set_attribute("error.type", error_type)
            self._span.set_status(StatusCode.ERROR)


_NOT_TRACED = TraceSpan()

_tracing: ContextVar[Tracing | None] = ContextVar("tracing", default=None)


@contextmanager
def traced_by(tracing: Tracing | None, traceparent: str | None = None) -> Iterator[None]:
    """Trace the steps inside the block, below the step that ``traceparent`` names, if any."""
    token = _tracing.set(tracing)
    try:
        with _below(traceparent if tracing else None):
            yield
    finally:
        _tracing.reset(token)


@contextmanager
def continued(traceparent: str | None) -> Iterator[None]:
    """Let the steps inside the block belong to an earlier step; the tracer stays the same."""
    with _below(traceparent if _tracing.get() else None):
        yield


@contextmanager
def traced(
    name: str,
    attributes: Attributes | None = None,
    *,
    kind: SpanKind = "internal",
    link: str | None = None,
    is_current: bool = True,
) -> Iterator[TraceSpan]:
    """Trace the block as one step.

    Args:
        name: one of few names, never content.
        attributes: facts that are known at the beginning.
        kind: the step's part in a conversation between services.
        link: traceparent of a step elsewhere that caused it and is not its parent.
        is_current: steps inside the block are below it; false where the block is a generator, whose
            reader's steps are its own.

    """
    tracing = _tracing.get()
    if tracing is None:
        yield _NOT_TRACED
        return
    from opentelemetry import trace

    span = tracing.tracer.start_span(
        name, kind=trace.SpanKind[kind.upper()], attributes=attributes, links=_links(link)
    )
    step = TraceSpan(span, shows_content=tracing.shows_content)
    try:
        if is_current:
            with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                yield step
        else:
            yield step
    except GeneratorExit:  # the reader has enough, which is no failure
        raise
    except BaseException as error:  # noted and raised again, whatever it is
        step.note_failure(_error_type(error))
        raise
    finally:
        span.end()


def trace_wait(name: str, began: datetime, attributes: Attributes | None = None) -> None:
    """Trace a step that began earlier, in another process perhaps, and ends now."""
    tracing = _tracing.get()
    if tracing is None:
        return
    start = min(int(began.timestamp() * 1e9), time.time_ns())
    tracing.tracer.start_span(name, attributes=attributes, start_time=start).end()


def trace_event(name: str, attributes: Attributes, traceparent: str | None = None) -> None:
    """Send an event that belongs to the current step, or to the one that ``traceparent`` names."""
    tracing = _tracing.get()
    if tracing is None:
        return
    from opentelemetry._logs import SeverityNumber

    tracing.events.emit(
        event_name=name,
        attributes=dict(attributes),
        context=_context_of(traceparent) if traceparent else None,
        severity_number=SeverityNumber.INFO,
        timestamp=time.time_ns(),
    )


def current_traceparent() -> str | None:
    """Return the W3C traceparent of the current step; none where nothing is traced."""
    context = _current_context()
    if context is None:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def current_trace_ids() -> tuple[str, str] | None:
    """Return the ids of the current trace and step in hexadecimal; none where there are none."""
    context = _current_context()
    return context and (f"{context.trace_id:032x}", f"{context.span_id:016x}")


def sampled_trace_id() -> str | None:
    """Return the id of the current trace, where it is recorded and so can be found."""
    context = _current_context()
    return f"{context.trace_id:032x}" if context and context.trace_flags.sampled else None


def valid_traceparent(text: str | None) -> str | None:
    """Return a traceparent as it is; none where it is not one of version 00."""
    return text if text and _TRACEPARENT.fullmatch(text) else None


def _current_context() -> Any:
    if _tracing.get() is None:
        return None
    from opentelemetry.trace import get_current_span

    context = get_current_span().get_span_context()
    return context if context.is_valid else None


@contextmanager
def _below(traceparent: str | None) -> Iterator[None]:
    if valid_traceparent(traceparent) is None:
        yield
        return
    from opentelemetry.context import attach, detach

    assert traceparent is not None
    token = attach(_context_of(traceparent))
    try:
        yield
    finally:
        detach(token)


def _context_of(traceparent: str) -> "Context":
    from opentelemetry.trace import NonRecordingSpan, set_span_in_context

    return set_span_in_context(NonRecordingSpan(_remote(traceparent)))


def _links(traceparent: str | None) -> "list[Link] | None":
    if valid_traceparent(traceparent) is None:
        return None
    from opentelemetry.trace import Link

    assert traceparent is not None
    return [Link(_remote(traceparent))]


def _remote(traceparent: str) -> Any:
    from opentelemetry.trace import SpanContext, TraceFlags

    _, trace_id, span_id, flags = traceparent.split("-")
    return SpanContext(
        int(trace_id, 16), int(span_id, 16), is_remote=True,
        trace_flags=TraceFlags(int(flags, 16) & TraceFlags.SAMPLED),
    )  # fmt: skip


def _error_type(error: BaseException) -> str:
    return error.code if isinstance(error, FootnoteError) else type(error).__name__
