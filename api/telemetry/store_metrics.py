"""Metrics that are read from the store whenever somebody asks: the same in every process."""

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.pool import QueuePool

from index.db.database import Database, head_value
from index.db.tables.base import utc_now
from index.db.tables.jobs import Job
from index.db.tables.reviews import ReviewItem
from index.library import Library
from ingest.queue.fair_scheduling import longest_wait


class QueueCollector(Collector):
    """Queue depth, age and outcomes, counted in the database: true for every process's work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Name the metrics without a query, so that registering costs nothing."""
        yield from _queue_families(0, 0.0)
        yield _jobs_family()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Count the jobs."""
        with self._database.read() as session:
            rows = session.execute(
                select(Job.state, Job.code, func.count()).group_by(Job.state, Job.code)
            ).all()
            wait = longest_wait(session)
        depth = sum(count for state, _, count in rows if state in {"queued", "running"})
        yield from _queue_families(depth, wait.total_seconds() if wait else 0.0)
        jobs = _jobs_family()
        for state, code, count in rows:
            jobs.add_metric([state, code or ""], count)
        yield jobs


def _queue_families(depth: int, oldest_s: float) -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily("footnote_queue_depth", "Jobs that wait or run.", value=depth)
    yield GaugeMetricFamily(
        "footnote_queue_oldest_seconds",
        "How long the job has waited that could have been taken first; 0 where none waits.",
        value=oldest_s,
        unit="seconds",
    )


def _jobs_family() -> GaugeMetricFamily:
    return GaugeMetricFamily(
        "footnote_jobs",
        "Jobs by state and code of their last failure.",
        labels=["state", "code"],
    )


class ReviewCollector(Collector):
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
            unit="seconds",
        )


class DatabaseCollector(Collector):
    """The connections that this process has to the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Name the metric."""
        yield self._family()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Count the connections of the pool."""
        family, pool = self._family(), self._database.engine.pool
        if isinstance(pool, QueuePool):
            family.add_metric(["in_use"], pool.checkedout())
            family.add_metric(["idle"], pool.checkedin())
        yield family

    @staticmethod
    def _family() -> GaugeMetricFamily:
        return GaugeMetricFamily(
            "footnote_database_connections",
            "Connections of this process to the database, in use or idle.",
            labels=["state"],
        )


class IndexCollector(Collector):
    """The size of this process's index, and how far it is behind the change log."""

    def __init__(self, database: Database, library: Callable[[], Library | None]) -> None:
        """Watch the library that ``library`` returns; none while it is being loaded."""
        self._database = database
        self._library = library

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Name the metrics."""
        return iter(self._families())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Measure the newest view of the index."""
        families = self._families()
        library = self._library()
        if library is not None:
            view = library.index.newest
            with self._database.read() as session:
                lag = max(0, head_value(session, "changes") - view.seq)
            for family, value in zip(families, (view.rows, len(view.segments), lag), strict=True):
                family.add_metric([], value)
        yield from families

    @staticmethod
    def _families() -> tuple[GaugeMetricFamily, ...]:
        texts = (
            ("footnote_index_chunks", "Chunks that can be found."),
            ("footnote_index_segments", "Segments that a search goes through."),
            (
                "footnote_index_lag_changes",
                "Entries of the change log that the next read takes in first.",
            ),
        )
        return tuple(GaugeMetricFamily(name, text, labels=[]) for name, text in texts)
