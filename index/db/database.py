"""The connection to the truth, and the only place that commits."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    bindparam,
    create_engine,
    event,
    select,
    text,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from index.author import Author
from index.db.audit_chain import append_pending, set_author
from index.db.sqlite_driver import WAL_RESET_FIXED, driver, version_numbers
from index.db.tables.access import Tenant
from index.db.tables.base import Base
from index.db.tables.reviews import ReviewItem
from index.db.tables.store import Head, Secret
from index.db.work_signals import WorkSignals, committed_work
from index.errors import DatabaseTooOldError
from index.types import DEFAULT_TENANT

HEADS = ("changes", "access", "queue", "erasure")
"""The names of the counters; the last one to be made comes last."""

REVISION = "0027"
"""The newest migration; a store at an older one is migrated before it is used."""

_CREATION_LOCK = 0x666F6F746E6F7465
"""The number of PostgreSQL's advisory lock under which tables are made: "footnote"."""


class Database:
    """One store's database: SQLite by default, PostgreSQL by URL, the same code for both.

    Reads run in a snapshot of one moment. Writes take the write lock first, so that none fails
    halfway for want of it, and are durable when ``write()`` returns.
    """

    def __init__(self, url: str, *, connections: int = 10) -> None:
        self.url = make_url(url)
        self._connections = connections
        self.signals = WorkSignals()
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self.make_engine()
        if self.sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """Open the SQLite database of a data folder, making the folder where needed."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(f"sqlite:///{folder / 'footnote.db'}")

    def make_engine(self) -> Engine:
        """Make the engine that all sessions use."""
        return create_engine(self.url, **self._options())

    def _options(self) -> dict[str, object]:
        if self.sqlite:
            arguments = {"timeout": 60, "check_same_thread": False}
            return {"connect_args": arguments, "module": driver()}
        pool = {"pool_size": self._connections, "max_overflow": self._connections}
        return {"isolation_level": "REPEATABLE READ", "pool_pre_ping": True, **pool}

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that sees one moment and writes nothing."""
        with Session(self.engine, autoflush=False) as session:
            yield session
            session.rollback()

    def finds(self, statement: Select[Any]) -> bool:
        """Tell whether a statement finds a row now.

        Whoever looks every minute for what is due looks so first: a write that changes nothing
        takes the write lock all the same.
        """
        with self.read() as session:
            return session.execute(statement.limit(1)).first() is not None

    @contextmanager
    def write(self, author: Author | None = None) -> Iterator[Session]:
        """Yield a session that holds the write lock; commit when the block ends without error.

        What the block records as an act is the author's; without one, the service's own.
        """
        with Session(self._writer(), expire_on_commit=False) as session:
            set_author(session, author)
            yield session
            append_pending(session)
            session.commit()
            if kinds := committed_work(session):
                self.signals.send(*kinds)

    def _writer(self) -> Engine:
        if self.sqlite:
            return self.engine.execution_options(footnote_write=True)
        return self.engine.execution_options(isolation_level="READ COMMITTED")

    def create(self) -> None:
        """Bring the tables to this version through the migrations.

        Makes the store's secrets and the default tenant where they are not there.

        Processes that start at once on a new database do so one after the other.
        """
        with self._creation_lock():
            if not self._is_new_enough():
                from index.db.alembic_runner import upgrade

                upgrade(self.engine)
            with self.write() as session:
                for name in ("snapshot", "reviews"):
                    if session.get(Secret, name) is None:
                        session.add(Secret(name=name, value=secrets.token_bytes(32)))
                for name in HEADS:
                    if session.get(Head, name) is None:
                        session.add(Head(name=name, value=0))
                if session.get(Tenant, DEFAULT_TENANT) is None:
                    session.add(Tenant(id=DEFAULT_TENANT, name="Default"))

    @contextmanager
    def _creation_lock(self) -> Iterator[None]:
        """Hold a lock of PostgreSQL's for the block; SQLite's write lock does without."""
        if self.sqlite:
            yield
            return
        engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": _CREATION_LOCK})
            try:
                yield
            finally:
                connection.execute(
                    text("select pg_advisory_unlock(:lock)"), {"lock": _CREATION_LOCK}
                )

    def check(self) -> None:
        """Check that the tables are there and belong to this version.

        Raises:
            DatabaseTooOldError: a table or a column is missing; the message names the command that
                helps.

        """
        if self._is_new_enough():
            return
        revision, missing = self._state()
        state = f"is at migration {revision or 'none'} of {REVISION}"
        lack = f" and lacks {', '.join(sorted(missing))}" if missing else ""
        raise DatabaseTooOldError(f"The database {state}{lack}. Run `footnote doctor --migrate`.")

    def _is_new_enough(self) -> bool:
        """Tell whether all that this version needs is there; a newer version may have added more.

        So an old process and a new one work side by side while the service is brought up to date.
        """
        revision, missing = self._state()
        return revision >= REVISION and not missing

    def _state(self) -> tuple[str, set[str]]:
        """Return the migration that the database is at ("" for none) and the tables it lacks."""
        with self.engine.connect() as connection:
            names = set(self.engine.dialect.get_table_names(connection))
            revision = connection.scalar(_AT_REVISION) if "alembic_version" in names else None
            missing = {*Base.metadata.tables, ReviewItem.__tablename__} - names
            if not missing and connection.scalar(_HEAD, {"name": HEADS[-1]}) is None:
                missing = {"its counters"}  # whoever made the tables died before the next step
        return str(revision or ""), missing

    def warnings(self) -> list[str]:
        """List what an operator should know about this database build."""
        if not self.sqlite:
            return []
        with self.engine.connect() as connection:
            version = str(connection.scalar(text("select sqlite_version()")))
        if version_numbers(version) >= WAL_RESET_FIXED:
            return []
        warning = (
            f"SQLite {version} is older than 3.51.3 and has the WAL-reset bug (rare corruption "
            "when several processes write and checkpoint at once). Run one process, or use "
            "PostgreSQL."
        )
        return [warning]


def next_value(session: Session, name: str) -> int:
    """Advance a named counter; the row lock is held to commit, so no follower skips a late one."""
    return session.connection().execute(_ADVANCE, {"head": name}).scalar_one()


def head_value(session: Session, name: str) -> int:
    """Read a named counter as of this session's moment."""
    return session.scalars(_HEAD, {"name": name}).one()


def head_values(session: Session, names: Sequence[str]) -> dict[str, int]:
    """Read named counters as of this session's moment, in one look."""
    return dict(session.execute(_HEADS, {"names": list(names)}).all())


_AT_REVISION = text("select version_num from alembic_version")

_HEAD = select(Head.value).where(Head.name == bindparam("name"))

_HEADS = select(Head.name, Head.value).where(Head.name.in_(bindparam("names", expanding=True)))

_ADVANCE = (
    update(Head)
    .where(Head.name == bindparam("head"))
    .values(value=Head.value + 1)
    .returning(Head.value)
)


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we send BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=60000",
        "cache_size=-65536",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("footnote_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
