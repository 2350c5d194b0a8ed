"""New SQLite stores in milliseconds: copies of one that the migrations made, with own secrets."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import delete

from index.db.database import Database
from index.db.tables.store import Secret


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
    database = Database.in_folder(folder)
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
