"""Prometheus metrics: one registry for each app, so that tests do not share counters."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from api.admission.controller import Admission
from generate.types import Usage
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.jobs import Job
from index.db.tables.reviews import ReviewItem

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)

_SCORES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1.0, 2.5, 10, 100, 1000, 10_000)


class Metrics:
    """The counters of the service. Labels are routes, stages, codes: never names or content."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "footnote_request_seconds",
            "Time from request to the end of the response, by route.",
            ["method", "route", "status"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._stages = Histogram(
            "footnote_stage_seconds",
            "Time spent in one stage of a search or an answer.",
            ["stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._refusals = Counter(
            "footnote_refusals",
            "Requests refused, by the problem's code.",
            ["code"],
            registry=self.registry,
        )
        self._answers = Counter(
            "footnote_answers",
            "Answers given, by status.",
            ["status"],
            registry=self.registry,
        )
        self._tokens = Counter(
            "footnote_model_tokens",
            "Tokens that models have read (prompt) and written (completion) for asks.",
            ["kind"],
            registry=self.registry,
        )
        self._recalls = Counter(
            "footnote_answer_cache",
            "Looks into the cache of answers: hit or miss; none where it is off.",
            ["outcome"],
            registry=self.registry,
        )
        self._waits = Histogram(
            "footnote_admission_wait_seconds",
            "Time that an ask or a search waited for its turn.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._live = Histogram(
            "footnote_live_score",
            "Scores of sampled answers: groundedness, abstained, confidence in [0, 1]; seconds.",
            ["name"],
            buckets=_SCORES,
            registry=self.registry,
        )
        self._live_skipped = Counter(
            "footnote_live_skipped",
            "Sampled answers that were not scored because too many waited.",
            registry=self.registry,
        )

    def live_score(self, name: str, value: float) -> None:
        """Count one score of a sampled answer."""
        self._live.labels(name).observe(value)

    def live_skipped(self) -> None:
        """Count one sampled answer that was not scored."""
        self._live_skipped.inc()

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one finished request."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def stages(self, timings: Mapping[str, float]) -> None:
        """Count the seconds of each stage of one search or answer."""
        for stage, seconds in timings.items():
            self._stages.labels(stage).observe(seconds)

    def refusal(self, code: str) -> None:
        """Count one refused request."""
        self._refusals.labels(code).inc()

    def answer(self, status: str) -> None:
        """Count one answer."""
        self._answers.labels(status).inc()

    def spent(self, usages: Iterable[Usage]) -> None:
        """Count the tokens of one ask."""
        for usage in usages:
            self._tokens.labels("prompt").inc(usage.prompt_tokens)
            self._tokens.labels("completion").inc(usage.completion_tokens)

    def waited(self, seconds: float) -> None:
        """Count one wait for a turn."""
        self._waits.observe(seconds)

    def watch_admission(self, admission: Admission) -> None:
        """Report how many asks wait and are under way whenever the metrics are read."""
        for name, text, value in (
            ("waiting", "Asks and searches that wait for a place.", lambda: admission.waiting),
            ("under_way", "Asks and searches that have a place.", lambda: admission.under_way),
        ):
            gauge = Gauge(f"footnote_admission_{name}", text, registry=self.registry)
            gauge.set_function(value)

    def recalled(self, *, hit: bool) -> None:
        """Count one look into the cache of answers."""
        self._recalls.labels("hit" if hit else "miss").inc()

    def watch_cache(self, cache: Sized) -> None:
        """Report how many answers are kept whenever the metrics are read."""
        gauge = Gauge(
            "footnote_answer_cache_entries",
            "Answers that this process keeps to give them again.",
            registry=self.registry,
        )
        gauge.set_function(lambda: len(cache))

    def watch_queues(self, database: Database) -> None:
        """Report the jobs and the waiting reviews as they stand whenever the metrics are read."""
        self.registry.register(_Jobs(database))
        self.registry.register(_Reviews(database))

    def serve(self, host: str, port: int) -> Callable[[], None]:
        """Serve the metrics openly on a port of their own; return what ends that."""
        server, thread = start_http_server(port, host, self.registry)

        def close() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return close

    def render(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)


class _Jobs(Collector):
    """Queue depth and outcomes, counted in the database: true for every process's work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Name the metrics without a query, so that registering costs nothing."""
        yield GaugeMetricFamily("footnote_queue_depth", "Jobs that wait or run.")
        yield GaugeMetricFamily("footnote_jobs", "Jobs by state and code.")

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Count the jobs."""
        with self._database.read() as session:
            rows = session.execute(
                select(Job.state, Job.code, func.count()).group_by(Job.state, Job.code)
            ).all()
        depth = sum(count for state, _, count in rows if state in {"queued", "running"})
        yield GaugeMetricFamily("footnote_queue_depth", "Jobs that wait or run.", value=depth)
        jobs = GaugeMetricFamily(
            "footnote_jobs",
            "Jobs by state and code of their last failure.",
            labels=["state", "code"],
        )
        for state, code, count in rows:
            jobs.add_metric([state, code or ""], count)
        yield jobs


class _Reviews(Collector):
    """Replies that wait for a person, counted in the database: the same in every process.

    One query by the index of what expires; an item whose time is up does not wait, swept or not.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Name the metrics without a query, so that registering costs nothing."""
        return self._families(0, 0.0)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Count what waits."""
        now = utc_now()
        with self._database.read() as session:
            count, oldest = session.execute(
                select(func.count(), func.min(ReviewItem.created_at)).where(
                    ReviewItem.state == "pending", ReviewItem.expires_at > now
                )
            ).one()
        return self._families(count, (now - oldest).total_seconds() if oldest else 0.0)

    @staticmethod
    def _families(count: int, seconds: float) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(
            "footnote_reviews_waiting", "Replies that wait for a reviewer.", value=count
        )
        yield GaugeMetricFamily(
            "footnote_reviews_oldest_seconds",
            "How long the oldest reply that waits for a reviewer has waited; 0 where none does.",
            value=max(0.0, seconds),
        )
