"""Asks the database whether it is whole, and compares its numbers with each other."""

from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from index.access.classes import access_list_of, fingerprint
from index.db.database import Database, head_value
from index.db.tables.access import AccessClass, ClassPrincipal
from index.db.tables.documents import Document, Version
from index.db.tables.store import ChangeLogEntry
from index.integrity.damage import Damage

STEPS = 200_000
"""SQLite instructions after which an interrupt is noticed during the integrity check."""

SHOWN = 100
"""Lines of the database's own report that are kept."""


def database_damage(database: Database) -> Iterator[Damage]:
    """Yield the damage that the database finds in itself, and that shows in its numbers.

    Raises:
        KeyboardInterrupt: somebody stopped it; SQLite's check is left at once.

    """
    try:
        yield from _sqlite_damage(database) if database.sqlite else _postgresql_notes(database)
        with database.read() as session:
            yield from _class_damage(session)
            yield from _number_damage(session)
    except (SQLAlchemyError, ValueError) as error:
        yield unreadable(error)


def unreadable(error: Exception) -> Damage:
    """Return the damage that a failure to read the database is."""
    reason = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
    return Damage("database", "footnote.db", f"it cannot be read: {reason}")


def _sqlite_damage(database: Database) -> Iterator[Damage]:
    with database.engine.connect() as connection:
        driver_connection = connection.connection.driver_connection
        assert driver_connection is not None
        driver_connection.set_progress_handler(lambda: 0, STEPS)  # lets Python see a signal
        try:
            lines = connection.exec_driver_sql(f"PRAGMA integrity_check({SHOWN})").scalars().all()
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        except SQLAlchemyError as error:
            if "interrupted" in str(error):
                raise KeyboardInterrupt from None
            raise
        finally:
            with suppress(Exception):  # a connection that failed has no handler to take away
                driver_connection.set_progress_handler(None, STEPS)
    if list(lines) != ["ok"]:
        for line in lines:
            yield Damage("database", "integrity", str(line)[:200])
    for table, row, parent, _ in orphans[:SHOWN]:
        yield Damage(
            "database", f"{table} {row}", f"it refers to a row of {parent} that is not there"
        )


def _postgresql_notes(database: Database) -> Iterator[Damage]:
    with database.engine.connect() as connection:
        if connection.scalar(text("show data_checksums")) != "on":
            yield Damage(
                "database", "data_checksums",
                "PostgreSQL runs without checksums of pages; `pg_checksums --enable` adds them",
                is_note=True,
            )  # fmt: skip


def _class_damage(session: Session) -> Iterator[Damage]:
    """Compare each access list with the fingerprint by which it was made."""
    rows = session.execute(select(AccessClass.key, AccessClass.tenant, AccessClass.fingerprint))
    for row in rows.all():
        is_same = fingerprint(access_list_of(session, row.key)) == row.fingerprint
        tenants = set(
            session.scalars(
                select(ClassPrincipal.tenant).where(ClassPrincipal.class_key == row.key)
            )
        )
        if not is_same or tenants != {row.tenant}:
            yield Damage("rows", f"access class {row.key}", "the access list is not as it was made")


def _number_damage(session: Session) -> Iterator[Damage]:
    head = head_value(session, "changes")
    last = session.scalar(select(func.max(ChangeLogEntry.seq))) or 0
    if head != last:
        yield Damage("database", "change log", f"it ends at {last}, and its head says {head}")
    searchable = select(Document.id).where(Document.version > 0)
    versions = select(Version.key).where(
        Version.document_key == Document.key, Version.number == Document.version
    )
    for document_id in session.scalars(searchable.where(~versions.exists())):
        yield Damage("rows", document_id, "its searchable version is not there")
