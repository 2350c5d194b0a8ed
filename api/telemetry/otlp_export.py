"""Spans and events to the operator's collector, over HTTP and the one way out.

OpenTelemetry's own exporter has a client of its own, which follows redirects and asks the proxies
of the environment; its encoder is used, its client is not (decision 0010).

Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

import gzip
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import httpx
import stamina
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

if TYPE_CHECKING:
    from opentelemetry.sdk._logs import ReadableLogRecord
    from opentelemetry.sdk.trace import ReadableSpan

logger = logging.getLogger(__name__)

ATTEMPTS = 3
"""Requests for one batch at most; a batch that no attempt delivers is lost."""
CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 5.0

_BUSY = frozenset({429, 502, 503, 504})
"""Statuses after which a batch may be sent again, by the specification."""


class CollectorBusyError(Exception):
    """The collector cannot take a batch now. Nobody sees it but the log."""


class CollectorClient:
    """Sends batches to a collector; what it does not take is lost, and the log says so once."""

    def __init__(self, url: str, headers: Mapping[str, str], client: httpx.Client) -> None:
        """Prepare to send; ``url`` is the base address, without ``/v1/traces``."""
        self._url = url.rstrip("/")
        self._headers = {
            **headers,
            "Content-Type": "application/x-protobuf",
            "Content-Encoding": "gzip",
        }
        self._client = client
        self._has_failed = False

    def send(self, path: str, batch: bytes) -> bool:
        """Send a batch to a path below the base address; tell whether the collector took it."""
        try:
            self._post(path, gzip.compress(batch))
        except (httpx.HTTPError, httpx.InvalidURL, CollectorBusyError) as error:
            if not self._has_failed:
                logger.warning("the collector takes no traces: %s", type(error).__name__)
            self._has_failed = True
            return False
        if self._has_failed:
            logger.warning("the collector takes traces again")
        self._has_failed = False
        return True

    def _post(self, path: str, body: bytes) -> None:
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        for attempt in stamina.retry_context(
            on=(httpx.TransportError, CollectorBusyError), attempts=ATTEMPTS, wait_initial=0.2
        ):
            with attempt:
                response = self._client.post(
                    f"{self._url}{path}", content=body, headers=self._headers, timeout=timeout
                )
                if response.status_code in _BUSY:
                    raise CollectorBusyError(str(response.status_code))
                response.raise_for_status()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class CollectorSpans(SpanExporter):
    """Sends spans."""

    def __init__(self, collector: CollectorClient) -> None:
        self._collector = collector

    def export(self, spans: "Sequence[ReadableSpan]") -> SpanExportResult:
        """Send a batch."""
        batch = encode_spans(spans).SerializeToString()
        is_sent = self._collector.send("/v1/traces", batch)
        return SpanExportResult.SUCCESS if is_sent else SpanExportResult.FAILURE


class CollectorEvents(LogRecordExporter):
    """Sends events, which are log records with a name."""

    def __init__(self, collector: CollectorClient) -> None:
        self._collector = collector

    def export(self, batch: "Sequence[ReadableLogRecord]") -> LogRecordExportResult:
        """Send a batch."""
        is_sent = self._collector.send("/v1/logs", encode_logs(batch).SerializeToString())
        return LogRecordExportResult.SUCCESS if is_sent else LogRecordExportResult.FAILURE

    def shutdown(self) -> None:
        """Do nothing: the collector's client is closed by who opened it."""

    def force_flush(self, timeout_millis: int = 10_000) -> bool:  # noqa: ARG002 - of the port
        """Return that nothing waits: a batch is sent when it comes."""
        return True
