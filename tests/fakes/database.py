"""New SQLite stores in milliseconds: copies of one that the migrations made, with own secrets.

All of a process share what they compile: SQLAlchemy compiles each statement again for each engine,
and that took a third of the time of a test's service.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, create_engine, delete

from index.db.database import Database
from index.db.sqlite_driver import driver
from index.db.tables.store import Secret


class QuickDatabase(Database):
    """A database whose statements are compiled once for all databases of its kind."""

    def make_engine(self) -> Engine:
        engine = super().make_engine()
        if self.sqlite:
            shared = _compiling_engine()
            engine.dialect = engine.pool._dialect = shared.dialect
            engine._compiled_cache = shared._compiled_cache
        return engine


@cache
def _compiling_engine() -> Engine:
    """Return an engine that has met its SQLite: from then on, its dialect changes no more."""
    engine = create_engine("sqlite://", module=driver())
    engine.connect().close()
    return engine


def new_database(folder: Path) -> None:
    """Make a data folder with a migrated database; one that has a database is left alone.

    The migrations take most of the time that a store needs to open, and do the same each time.
    ``tests/index/db/test_migrations.py`` runs them for themselves.
    """
    path = folder / "footnote.db"
    if path.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_template())
    database = QuickDatabase.in_folder(folder)
    database.create()  # finds the newest revision there, and gives the store secrets of its own
    database.engine.dispose()


@cache
def _template() -> bytes:
    with TemporaryDirectory() as folder:
        migrate(Database.in_folder(Path(folder)))
        assert [path.name for path in Path(folder).iterdir()] == ["footnote.db"]
        return (Path(folder) / "footnote.db").read_bytes()


def migrate(database: Database) -> None:
    """Make the tables of a database that others are copied from: no secrets, and nobody in it."""
    database.create()
    with database.write() as session:
        session.execute(delete(Secret))
    database.engine.dispose()
