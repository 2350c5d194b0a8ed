"""The figures of a service that a person looks at first, out of its metrics.

Rates and latencies are those between two looks at the metrics, or since the start where there was
one look.
"""

import math
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from api.telemetry.prometheus import SUCCESS

Labels = Mapping[str, str]

ASK_ROUTES = ("/v1/ask", "/v1/chat/completions", "/v1/responses")


@dataclass(frozen=True, slots=True)
class Look:
    """The metrics at one moment."""

    samples: Mapping[str, list[tuple[Labels, float]]]
    at: float
    """Seconds of the Unix epoch."""

    @classmethod
    def of(cls, text: str, at: float | None = None) -> "Look":
        """Read Prometheus's text format.

        Raises:
            ValueError: it is none.

        """
        samples: dict[str, list[tuple[Labels, float]]] = defaultdict(list)
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                samples[sample.name].append((sample.labels, sample.value))
        return cls(samples, time.time() if at is None else at)

    def total(self, name: str, **labels: str) -> float:
        """Add up the values of a metric, of those with these labels."""
        return sum(value for _, value in self._of(name, labels))

    def value(self, name: str, **labels: str) -> float | None:
        """Return a metric's value; none where it is not there."""
        return next((value for _, value in self._of(name, labels)), None)

    def by(self, name: str, label: str, **labels: str) -> dict[str, float]:
        """Add up a metric's values for each value of a label."""
        sums: dict[str, float] = defaultdict(float)
        for found_labels, value in self._of(name, labels):
            sums[found_labels[label]] += value
        return dict(sums)

    def buckets(self, name: str, labels: Labels) -> dict[float, float]:
        """Return how many observations of a histogram lie below each bound."""
        of_bounds = self.by(f"{name}_bucket", "le", **labels)
        return {float(bound): count for bound, count in of_bounds.items()}

    def _of(self, name: str, labels: Labels) -> Iterable[tuple[Labels, float]]:
        return (
            pair
            for pair in self.samples.get(name, ())
            if all(pair[0].get(label) == value for label, value in labels.items())
        )


@dataclass(frozen=True, slots=True)
class Period:
    """From one look to the next; without a first one, since the process began."""

    now: Look
    before: Look | None = None

    @property
    def seconds(self) -> float:
        """Return its length."""
        if self.before is not None:
            return max(1e-3, self.now.at - self.before.at)
        began = self.now.value("process_start_time_seconds")
        return max(1e-3, self.now.at - (began if began is not None else self.now.at))

    def rate(self, name: str, **labels: str) -> float:
        """Return by how much a counter grew in a second."""
        earlier = self.before.total(name, **labels) if self.before else 0.0
        return max(0.0, self.now.total(name, **labels) - earlier) / self.seconds

    def quantile(self, share: float, name: str, **labels: str) -> float | None:
        """Estimate a quantile of a histogram; none where nothing was observed.

        Within a bucket it is interpolated; above the last bound it is that bound.
        """
        counts = self.now.buckets(name, labels)
        earlier = self.before.buckets(name, labels) if self.before else {}
        below = sorted((bound, n - earlier.get(bound, 0.0)) for bound, n in counts.items())
        total = below[-1][1] if below else 0.0
        if total <= 0:
            return None
        low, lower_count = 0.0, 0.0
        for bound, count in below:
            if count >= share * total:
                if math.isinf(bound):
                    return low
                inside = count - lower_count
                part = (share * total - lower_count) / inside if inside else 1.0
                return low + (bound - low) * part
            low, lower_count = bound, count
        return low


def figures_of(period: Period) -> dict[str, Any]:
    """Return the figures of a period, as one JSON object."""
    return {
        "seconds": round(period.seconds, 3),
        "since_start": period.before is None,
        "queue": _queue(period),
        "asks": _asks(period),
        "requests": _requests(period),
        "models": _models(period),
        "process": _process(period),
    }


def _queue(period: Period) -> dict[str, Any]:
    now = period.now
    return {
        "depth": now.value("footnote_queue_depth"),
        "oldest_seconds": now.value("footnote_queue_oldest_seconds"),
        "jobs": now.by("footnote_jobs", "state"),
        "workers": now.by("footnote_workers", "state"),
        "attempts_per_second": period.rate("footnote_job_attempts_total"),
        "reviews_waiting": now.value("footnote_reviews_waiting"),
    }


def _asks(period: Period) -> dict[str, Any]:
    now = period.now
    return {
        "waiting": now.value("footnote_admission_waiting"),
        "under_way": now.value("footnote_admission_under_way"),
        "streams_open": now.value("footnote_streams_open"),
        "per_second": period.rate("footnote_answers_total"),
        "answers": now.by("footnote_answers_total", "status"),
        "verdicts": now.by("footnote_verdicts_total", "verdict"),
        "refused": now.by("footnote_refusals_total", "code"),
        "latency": {
            route: {
                "p50_s": period.quantile(0.5, "footnote_request_seconds", route=route),
                "p95_s": period.quantile(0.95, "footnote_request_seconds", route=route),
            }
            for route in ASK_ROUTES
        },
    }


def _requests(period: Period) -> dict[str, Any]:
    statuses = period.now.by("footnote_request_seconds_count", "status")
    failures = sum(
        period.rate("footnote_request_seconds_count", status=status)
        for status in statuses
        if status.startswith("5")
    )
    return {
        "open": period.now.value("footnote_requests_open"),
        "per_second": period.rate("footnote_request_seconds_count"),
        "failures_per_second": failures,
        "p95_s": period.quantile(0.95, "footnote_request_seconds"),
    }


def _models(period: Period) -> dict[str, Any]:
    now = period.now
    names = {*now.by("footnote_model_seconds_count", "model")}
    names |= {*now.by("footnote_model_circuit_open", "model")}
    return {
        name: {
            "requests": now.total("footnote_model_seconds_count", model=name),
            "failures": now.total("footnote_model_seconds_count", model=name)
            - now.total("footnote_model_seconds_count", model=name, outcome=SUCCESS),
            "first_token_p95_s": period.quantile(
                0.95, "footnote_model_first_token_seconds", model=name
            ),
            "tokens_per_second": period.rate("footnote_model_tokens_total", model=name),
            "cost": now.total("footnote_model_cost_total", model=name),
            "is_passed_over": bool(now.value("footnote_model_circuit_open", model=name)),
        }
        for name in sorted(names)
    }


def _process(period: Period) -> dict[str, Any]:
    now = period.now
    return {
        "memory_bytes": now.value("process_resident_memory_bytes"),
        "cpu_cores": period.rate("process_cpu_seconds_total"),
        "event_loop_lag_p99_s": period.quantile(0.99, "footnote_event_loop_lag_seconds"),
        "index_chunks": now.value("footnote_index_chunks"),
        "index_lag_changes": now.value("footnote_index_lag_changes"),
        "database_connections": now.by("footnote_database_connections", "state"),
        "disk_free_bytes": now.value("footnote_disk_free_bytes"),
    }
