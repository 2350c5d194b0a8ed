"""Builds the way from spans to the collector, where the settings name one."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from api.errors import UsageError
from api.settings import Settings
from index.egress.operator_client import operator_client
from index.tracing import Tracing

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource

NAME = "footnote"


@contextmanager
def open_tracing(settings: Settings) -> Iterator[Tracing | None]:
    """Yield where spans go, none where no collector is set; at the end, send what waits.

    OpenTelemetry's SDK is imported only where a collector is set.

    Raises:
        UsageError: the extra ``otel`` is not installed, or a header is none.

    """
    if not settings.otlp_url:
        yield None
        return
    try:
        from opentelemetry.sdk._logs import LoggerProvider
        from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

        from api.telemetry.otlp_export import CollectorClient, CollectorEvents, CollectorSpans
    except ImportError as error:
        raise UsageError(
            "FOOTNOTE_OTLP_URL is set, and traces need the extra otel: "
            "pip install 'footnote[otel]'."
        ) from error
    collector = CollectorClient(
        settings.otlp_url, headers_of(settings), operator_client(max_connections=2)
    )
    resource = _resource()
    spans = TracerProvider(
        ParentBased(TraceIdRatioBased(settings.trace_share)), resource, shutdown_on_exit=False
    )
    spans.add_span_processor(BatchSpanProcessor(CollectorSpans(collector)))
    events = LoggerProvider(resource, shutdown_on_exit=False)
    events.add_log_record_processor(BatchLogRecordProcessor(CollectorEvents(collector)))
    try:
        yield Tracing(
            spans.get_tracer(NAME, version(NAME)),
            events.get_logger(NAME, version(NAME)),
            settings.trace_content,
        )
    finally:
        spans.shutdown()
        events.shutdown()
        collector.close()


def headers_of(settings: Settings) -> dict[str, str]:
    """Return the headers for the collector, from ``name=value`` pairs with commas between them.

    Raises:
        UsageError: one of them has no ``=``.

    """
    if settings.otlp_headers is None:
        return {}
    pairs = [pair.strip() for pair in settings.otlp_headers.get_secret_value().split(",")]
    headers = dict.fromkeys(filter(None, pairs))
    if any("=" not in pair for pair in headers):
        raise UsageError("FOOTNOTE_OTLP_HEADERS is not NAME=VALUE,NAME=VALUE.")
    return {
        name.strip(): value.strip() for name, _, value in (pair.partition("=") for pair in headers)
    }


def _resource() -> "Resource":
    """Return who sends the spans; ``OTEL_RESOURCE_ATTRIBUTES`` adds to it, as everywhere."""
    from opentelemetry.sdk.resources import Resource

    return Resource.create(
        {
            "service.name": NAME,
            "service.version": version(NAME),
            "service.instance.id": secrets.token_hex(8),
        }
    )
