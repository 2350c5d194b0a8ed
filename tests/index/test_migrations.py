"""A store that an earlier version made is brought to this one with all that is in it."""

import pytest
from alembic import command
from sqlalchemy import inspect, select, text

from index.database import Database
from index.errors import DatabaseTooOldError
from index.migrate import config
from index.tables import ChunkRow, Table
from index.types import Actor, Scope
from ingest.embedding import digest
from ingest.jobs import get_job
from ingest.leases import lease_next
from tests.fakes.store import Shelf

WAITING = """
insert into jobs (id, tenant, submitter, document_key, document_id, version, state, done, total,
                  attempts, fence, run_after, created_at, updated_at)
values ('job_1', 'default', 'user:ann', 1, 'doc_1', 1, 'queued', 0, 0, 0, 0,
        '2026-01-01 00:00:00', '2026-01-01 00:00:00', '2026-01-01 00:00:00')
"""


def test_a_job_that_waited_before_the_queue_was_fair_is_taken_after_the_migration(tmp_path):
    database = Database.in_folder(tmp_path)
    command.upgrade(config(database.engine), "0001")
    with database.write() as session:
        session.execute(
            text("insert into tenants (id, created_at) values ('default', '2026-01-01')")
        )
        session.execute(text(WAITING))
    with pytest.raises(DatabaseTooOldError, match="queue_turns"):
        database.check()
    database.engine.dispose()

    shelf = Shelf(tmp_path)
    ann = Actor(Scope.of("default", ["user:ann"]), "user:ann")
    job = get_job(shelf.library, ann, "job_1")
    assert (job.kind, job.priority, job.state) == ("ingest", "normal", "queued")
    assert lease_next(shelf.library).kind == "ingest"
    shelf.database.engine.dispose()


def test_migrations_end_in_the_tables_that_the_code_declares(tmp_path):
    database = Database.in_folder(tmp_path)
    database.create()
    found = inspect(database.engine)
    for name, table in Table.metadata.tables.items():
        assert {c["name"] for c in found.get_columns(name)} == set(table.columns.keys()), name
        indexed = {index["name"] for index in found.get_indexes(name)}
        assert {index.name for index in table.indexes} <= indexed, name
    database.engine.dispose()


def test_chunks_from_before_are_found_by_their_hash_after_the_migration(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put("The lamp is lit.", "Oil comes monthly.", context="Lamp")
    shelf.put("The log is kept.")
    command.downgrade(config(shelf.database.engine), "0008")
    command.upgrade(config(shelf.database.engine), "head")
    with shelf.database.read() as session:
        found = session.scalars(select(ChunkRow.digest).order_by(ChunkRow.key)).all()
    assert found == [
        digest("Lamp\nThe lamp is lit."), digest("Lamp\nOil comes monthly."),
        digest("The log is kept."),
    ]  # fmt: skip
    shelf.database.engine.dispose()
