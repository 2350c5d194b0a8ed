"""Settings of a store as rows, written so that processes that start at once do not collide."""

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from index.db.tables.store import StoreSetting

BACKFILL = "backfill:"
"""The names of settings that say that a migration's columns are still to be filled begin so."""


def setting(session: Session, name: str) -> str | None:
    """Return the value of a setting; none where it was never written."""
    return session.scalar(select(StoreSetting.value).where(StoreSetting.name == name))


def has_settings(session: Session, prefix: str) -> bool:
    """Tell whether there is a setting whose name begins so."""
    statement = select(StoreSetting.name).where(StoreSetting.name.startswith(prefix)).limit(1)
    return session.scalar(statement) is not None


def put_setting(session: Session, name: str, value: str) -> None:
    """Write a setting, over what is there."""
    insert = _insert(session, name, value)
    session.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def put_setting_once(session: Session, name: str, value: str) -> None:
    """Write a setting only where there is none: of two processes at once, the first one wins."""
    session.execute(_insert(session, name, value).on_conflict_do_nothing())


def drop_setting(session: Session, name: str) -> None:
    """Remove a setting; one that is not there is fine."""
    session.execute(delete(StoreSetting).where(StoreSetting.name == name))


def _insert(session: Session, name: str, value: str) -> "postgresql.Insert | sqlite.Insert":
    is_sqlite = session.connection().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    return insert(StoreSetting).values(name=name, value=value)
