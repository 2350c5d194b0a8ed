"""Collections that expire when nobody uses them for some days."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update

from index.access.classes import visible
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.collections import Collection
from index.types import Scope

COARSE = timedelta(hours=1)
"""The last use is noted to this long, so that searches seldom write."""


def expiry_of(row: Collection) -> datetime | None:
    """Return when a collection expires if it is not used before; none means never."""
    if row.idle_days is None:
        return None
    return row.last_active_at + timedelta(days=row.idle_days)


def is_expired(row: Collection) -> bool:
    """Tell whether a collection was not used for as long as it may stay unused."""
    expires_at = expiry_of(row)
    return expires_at is not None and expires_at <= utc_now()


def note_use(database: Database, scope: Scope, collection_ids: Iterable[str]) -> None:
    """Note that collections are used now, those that expire and were not used lately."""
    now = utc_now()
    is_due = (
        Collection.id.in_(list(collection_ids))
        & Collection.idle_days.is_not(None)
        & (Collection.last_active_at < now - COARSE)
        & visible(scope)
    )
    with database.read() as session:
        keys = [
            row.key
            for row in session.scalars(select(Collection).where(is_due))
            if not is_expired(row)
        ]
    if keys:
        with database.write() as session:
            session.execute(
                update(Collection).where(Collection.key.in_(keys)).values(last_active_at=now)
            )
