"""Alembic from code: migrations live beside the tables and need no configuration file."""

from pathlib import Path

import stamina
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's code where a lock was not got in time."""

PATIENCE_SECONDS = 600.0
"""How long a migration is tried again while long reads, such as backups, keep its table."""


def config(engine: Engine) -> Config:
    """Return an Alembic configuration bound to one engine."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["engine"] = engine
    return settings


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision; harmless when it is there already."""
    for attempt in stamina.retry_context(
        on=_is_lock_timeout, attempts=None, timeout=PATIENCE_SECONDS, wait_initial=0.1, wait_max=2.0
    ):
        with attempt:
            command.upgrade(config(engine), "head")


def _is_lock_timeout(error: Exception) -> bool:
    if not isinstance(error, OperationalError):
        return False
    return getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE
