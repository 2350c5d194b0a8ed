"""Whether a service is ready to answer questions."""

import logging
from dataclasses import asdict, dataclass

from sqlalchemy import text

from api.operations.background_tasks import BackgroundTasks
from index.db.database import Database

logger = logging.getLogger(__name__)


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


def _answers(database: Database) -> bool:
    try:
        with database.read() as session:
            session.execute(text("select 1"))
    except Exception:  # whatever the driver raises, the database does not answer
        logger.exception("database does not answer")
        return False
    return True
