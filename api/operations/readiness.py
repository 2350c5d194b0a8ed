"""Whether a service is ready to answer questions, and what does not go as well as it should."""

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import text

from api.composition.pipelines import Pipelines
from api.operations.background_tasks import BackgroundTasks
from index.db.database import Database
from index.db.tables.jobs import QueuePause
from ingest.queue.fair_scheduling import WHOLE_QUEUE, longest_wait

logger = logging.getLogger(__name__)

SLOW_QUEUE = timedelta(minutes=10)
"""How long a job that could be taken may wait before the service counts as degraded."""
LOW_DISK_BYTES = 1 << 30
"""Room below which the service counts as degraded; far above where it stops to take uploads."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the service is not ready, or degraded. Anybody may read it: it names nobody."""

    code: str
    """A stable word."""
    detail: str


_NOT_READY = {
    "database": "The database does not answer.",
    "index": "The index is being loaded.",
    "embedder": "The embedding model is being loaded.",
    "workers": "An ingestion worker does not run.",
    "disk": "A disk has no room to write.",
}
"""A sentence on each condition that may not hold."""

MODEL_UNAVAILABLE = Reason(
    "model-unavailable", "A language model fails; another one answers, or documents are quoted."
)
DISK_LOW = Reason("disk-low", "A disk has less than 1 GiB of room.")
QUEUE_PAUSED = Reason("queue-paused", "The operator has paused the queue: no upload is read.")
QUEUE_SLOW = Reason("queue-slow", "An upload waits for more than 10 minutes.")
POLICY_REJECTED = Reason(
    "policy-rejected", "The policy's file does not fit; the policy before it stays in force."
)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Each condition of being ready, by name."""

    database: bool
    index: bool
    embedder: bool
    workers: bool
    disk: bool
    """There is room to write."""

    @property
    def is_ready(self) -> bool:
        """Tell whether all of them hold."""
        return all(asdict(self).values())

    @property
    def reasons(self) -> list[Reason]:
        """Return why the service is not ready."""
        return [Reason(name, _NOT_READY[name]) for name, holds in asdict(self).items() if not holds]


def check_readiness(database: Database, background: BackgroundTasks) -> Readiness:
    """Check the database, the index, the embedding model, the workers and the disk."""
    is_warm = background.is_warm
    return Readiness(
        database=_answers(database),
        index=is_warm,
        embedder=is_warm,
        workers=is_warm and background.workers_are_alive,
        disk=background.disk.has_room,
    )


def degradations(
    database: Database, background: BackgroundTasks, pipelines: Pipelines | None
) -> Iterator[Reason]:
    """Yield what a service that is ready does less well than it should."""
    if pipelines is not None:
        chain = pipelines.models.chain
        routes = chain.routes if chain else ()
        if any(route.health.state != "closed" or route.health.stuck for route in routes):
            yield MODEL_UNAVAILABLE
        if pipelines.answering.policy.state.error:
            yield POLICY_REJECTED
    free_bytes = background.disk.least_free_bytes
    if free_bytes is not None and free_bytes < LOW_DISK_BYTES:
        yield DISK_LOW
    yield from _of_queue(database)


def _of_queue(database: Database) -> Iterator[Reason]:
    with database.read() as session:
        if session.get(QueuePause, WHOLE_QUEUE) is not None:
            yield QUEUE_PAUSED
            return
        wait = longest_wait(session)
    if wait is not None and wait > SLOW_QUEUE:
        yield QUEUE_SLOW


def _answers(database: Database) -> bool:
    try:
        with database.read() as session:
            session.execute(text("select 1"))
    except Exception:  # whatever the driver raises, the database does not answer
        logger.exception("database does not answer")
        return False
    return True
