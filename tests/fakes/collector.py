"""A collector of traces on loopback: takes OTLP over HTTP and keeps what comes."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as ProtoSpan

from tests.fakes.threaded_server import answering_with


@dataclass(frozen=True)
class ReceivedSpan:
    """A span as it went over the wire."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    start: int
    end: int
    has_failed: bool
    events: int
    links: tuple[str, ...]


@dataclass(frozen=True)
class ReceivedEvent:
    """An event, as a log record with a name."""

    name: str
    trace_id: str
    attributes: dict[str, Any]


@dataclass
class Collector:
    """The batches that came, and the statuses with which the next ones are answered."""

    url: str = ""
    spans: list[ReceivedSpan] = field(default_factory=list)
    events: list[ReceivedEvent] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    """Statuses of the next answers."""

    def take(self, path: str, body: bytes) -> None:
        self.bodies.append(body)
        if path == "/v1/traces":
            for batch in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resources.append(plain(batch.resource.attributes))
                self.spans += [span_of(s) for scope in batch.scope_spans for s in scope.spans]
        if path == "/v1/logs":
            for batch in ExportLogsServiceRequest.FromString(body).resource_logs:
                self.events += [
                    ReceivedEvent(r.event_name, r.trace_id.hex(), plain(r.attributes))
                    for scope in batch.scope_logs
                    for r in scope.log_records
                ]

    def of(self, name: str) -> list[ReceivedSpan]:
        return [span for span in self.spans if span.name == name]


def plain(attributes) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


def span_of(span) -> ReceivedSpan:
    return ReceivedSpan(
        span.name,
        ProtoSpan.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(),
        plain(span.attributes), span.start_time_unix_nano, span.end_time_unix_nano,
        span.status.code == 2, len(span.events), tuple(link.trace_id.hex() for link in span.links),
    )  # fmt: skip


@contextmanager
def running_collector() -> Iterator[Collector]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.headers.append(dict(self.headers))
            status = collector.refusals.pop(0) if collector.refusals else 200
            if status == 200:
                collector.take(self.path, gzip.decompress(body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with answering_with(Handler) as port:
        collector.url = f"http://127.0.0.1:{port}"
        yield collector
