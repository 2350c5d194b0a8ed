"""A store that an earlier version made is brought to this one with all that is in it."""

from datetime import UTC, date, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import column, inspect, select, table, text

from api.composition.store import open_store
from api.settings import Settings
from index.db.alembic_runner import config
from index.db.backfills import finish_backfills, pending_backfills
from index.db.database import REVISION, Database
from index.db.row_seals import is_intact
from index.db.tables.access import Tenant
from index.db.tables.base import Base
from index.db.tables.documents import ChunkRow, Document, FindingRow, Vector, Version
from index.db.tables.openai_files import FilePart, PartialFile
from index.db.tables.questions import DailyUsage
from index.db.tables.reviews import ReviewItem
from index.errors import DatabaseTooOldError
from index.integrity.damage import Throttle
from index.integrity.row_check import check_versions
from index.types import Actor, Scope
from ingest.embed import digest
from ingest.queue.jobs import get_job
from ingest.queue.leases import lease_next
from tests.fakes.database import new_database
from tests.fakes.store import Shelf

WAITING = """
insert into jobs (id, tenant, submitter, document_key, document_id, version, state, done, total,
                  attempts, fence, run_after, created_at, updated_at)
values ('job_1', 'default', 'user:ann', 1, 'doc_1', 1, 'queued', 0, 0, 0, 0,
        '2026-01-01 00:00:00', '2026-01-01 00:00:00', '2026-01-01 00:00:00')
"""

AT = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = {
    "0005": {
        "tenants": {"id": "lamp", "created_at": AT},
        "access_classes": {"key": 1, "tenant": "lamp", "fingerprint": "f", "changed_seq": 0},
        "documents": {
            "key": 1, "id": "doc_1", "tenant": "lamp", "owner": "user:ann", "class_key": 1,
            "filename": "lamp_v2.txt", "title": "The L\u0430mp", "title_given": False,
            "attributes": {}, "version": 1, "latest_version": 1, "created_at": AT,
            "updated_at": AT,
        },
        "versions": {
            "key": 1, "document_key": 1, "number": 1, "blob": "b", "sha256": "s", "size": 9,
            "provenance": {}, "created_at": AT, "text": "It is lit.",
        },
        "chunks": {
            "key": 1, "id": "chk_1", "document_key": 1, "version_key": 1, "ordinal": 0,
            "context": "Lamp", "text": "It is lit.", "start": 0, "end": 10, "tokens": 3,
            "headings": [],
        },
    },
    "0006": {
        "daily_usage": {
            "tenant": "lamp", "day": AT.date(), "principal": "user:ann", "model": "m", "asks": 1,
            "cached": 0, "prompt_tokens": 2**40, "completion_tokens": 5, "cost": 0.1,
        },
    },
    "0007": {
        "findings": {
            "key": 1, "document_key": 1, "version_key": 1, "kind": "secret", "rule": "aws-key",
            "detector": "rules", "action": "keep", "start": 0, "end": 2,
        },
    },
    "0008": {
        "reviews": {
            "key": 1, "id": "rev_1", "tenant": "lamp", "asker": "user:ann", "stage": "after",
            "rules": ["keys"], "policy": "1", "reason": "", "question": "", "text": "",
            "asked": "h", "marks": [], "documents": [], "state": "pending", "expires_at": AT,
            "note": "", "created_at": AT,
        },
    },
    "0009": {},
    "0010": {
        "api_keys": {
            "id": "key_1", "hash": "h", "tenant": "lamp", "user": "user:ann", "groups": [],
            "role": "admin", "created_at": AT,
        },
    },
    "0011": {},
    "0012": {},
    "0013": {},
    "0014": {},
    "0015": {},
    "0016": {},
    "0017": {
        "partial_files": {
            "id": "upload_1", "tenant": "lamp", "owner": "user:ann", "filename": "a.txt",
            "purpose": "user_data", "size": 9, "state": "pending", "created_at": AT,
            "expires_at": AT,
        },
        "file_parts": {
            "id": "part_1", "tenant": "lamp", "partial_file_id": "upload_1", "blob": "p",
            "size": 4, "created_at": AT,
        },
    },
    "0018": {
        "identities": {
            "issuer": "https://i", "subject": "1", "tenant": "lamp", "user": "user:ann",
        },
    },
    "0019": {},
    "0020": {},
    "0021": {},
    "0022": {},
    "0023": {
        "webhooks": {
            "id": "wh_1", "tenant": "lamp", "owner": "user:ann", "credential": "key_1",
            "url": "https://hooks.example/in", "events": ["document.ready"], "secret": "s",
            "failures": 0, "disabled_reason": "", "created_at": AT,
        },
    },
    "0024": {},
    "0025": {},
    "0026": {},
    "0027": {},
}  # fmt: skip
"""Rows that are put in at each revision: one for each table that later ones make or change."""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    return request.getfixturevalue("empty_postgres_url") if request.param == "postgresql" else None


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
    job = get_job(shelf.database, ann, "job_1")
    assert (job.kind, job.priority, job.state) == ("ingest", "normal", "queued")
    assert lease_next(shelf.library).kind == "ingest"
    shelf.database.engine.dispose()


def test_a_store_that_lacks_columns_alone_is_too_old_and_is_migrated_when_it_is_opened(tmp_path):
    database = Database.in_folder(tmp_path)
    command.upgrade(config(database.engine), "0009")
    with pytest.raises(DatabaseTooOldError, match="migration 0009"):
        database.check()
    database.engine.dispose()
    with open_store(Settings(data=tmp_path, database_url=None, blobs=None)) as store:
        store.database.check()


def test_the_newest_migration_is_the_one_that_the_code_expects(tmp_path):
    database = Database.in_folder(tmp_path)
    assert ScriptDirectory.from_config(config(database.engine)).get_current_head() == REVISION
    database.engine.dispose()


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """Return a SQLite store as it is at each revision, with rows that were put in on the way."""
    folder = tmp_path_factory.mktemp("steps")
    database, stores = Database.in_folder(folder), {}
    for revision, rows in STEPS.items():
        command.upgrade(config(database.engine), revision)
        fill(database, rows)
        database.engine.dispose()  # all of it is in one file now
        stores[revision] = (folder / "footnote.db").read_bytes()
    return stores


def restored(copy, folder):
    """Return the database of a data folder that holds a copy."""
    folder.mkdir(exist_ok=True)
    (folder / "footnote.db").write_bytes(copy)
    return Database.in_folder(folder)


def test_a_store_with_rows_comes_step_by_step_to_the_tables_that_the_code_declares(
    url, tmp_path, copies
):
    database = Database(url) if url else restored(copies[REVISION], tmp_path)
    for revision, rows in STEPS.items() if url else ():
        command.upgrade(config(database.engine), revision)
        fill(database, rows)
    assert differences(database) == []
    finish_backfills(database)
    with database.read() as session:
        kinds = (Tenant, Document, Version, ChunkRow, DailyUsage, FindingRow, ReviewItem)
        tenant, document, version, chunk, usage, finding, review = (
            session.scalars(select(kind)).one() for kind in kinds
        )
        assert (tenant.state, tenant.document_quota, tenant.deletion) == ("active", None, {})
        assert (tenant.screening, document.masked_at, version.quarantined_at) == ({}, None, None)
        assert (document.title_key, document.filename_key) == ("thelamp", "lamp")
        assert chunk.digest == digest("Lamp\nIt is lit.")
        assert version.text_digest == digest("It is lit.")
        assert all(map(is_intact, (document, version, chunk)))
        assert (usage.day, usage.prompt_tokens, usage.cost) == (date(2026, 1, 1), 2**40, 0.1)
        assert (finding.rule, finding.ordinal) == ("aws-key", None)
        assert (review.rules, review.expires_at) == (["keys"], AT)
        partial_file = session.scalars(select(PartialFile)).one()
        part = session.scalars(select(FilePart)).one()
        assert (partial_file.allow, partial_file.deny, part.sha256) == ([], [], "")
    database.engine.dispose()


def test_the_data_of_every_revision_is_brought_to_this_one_at_the_start(tmp_path, copies):
    newest = {name: set(table.columns.keys()) for name, table in Base.metadata.tables.items()}
    for revision, copy in copies.items():
        database = restored(copy, tmp_path / revision)
        columns = columns_of(database)
        database.engine.dispose()
        assert all(columns[name] <= newest[name] for name in columns), "an old process reads these"
        settings = Settings(data=tmp_path / revision, database_url=None, blobs=None)
        with open_store(settings) as store, store.database.read() as session:
            store.database.check()
            chunk = session.scalars(select(ChunkRow)).one()
            assert is_intact(chunk)
            assert chunk.digest == digest("Lamp\nIt is lit.")
            assert pending_backfills(store.database) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_old_process_writes_after_a_new_one_has_migrated(kind, request, tmp_path):
    if kind == "postgresql":
        database = Database(request.getfixturevalue("postgres_url"))
    else:
        new_database(tmp_path)
        database = Database.in_folder(tmp_path)
    for rows in STEPS.values():
        fill(database, rows)  # with the columns that there were at each revision, and no others
    with database.read() as session:
        assert session.scalars(select(Tenant.state).where(Tenant.id == "lamp")).one() == "active"
        assert session.scalars(select(FindingRow)).one().rule == "aws-key"
    database.engine.dispose()


def test_an_old_process_starts_on_the_store_of_a_newer_version(tmp_path):
    new_database(tmp_path)
    database = Database.in_folder(tmp_path)
    with database.write() as session:
        session.execute(text("update alembic_version set version_num = '9999'"))
    database.check()
    database.create()
    database.engine.dispose()


def test_a_backfill_that_a_dead_process_left_goes_on_at_the_next_start(tmp_path, copies):
    database = restored(copies["0008"], tmp_path)
    database.create()
    assert pending_backfills(database) == ["digests", "seals", "names", "whole-seals"]
    assert verified(database) == []
    database.engine.dispose()
    with open_store(Settings(data=tmp_path, database_url=None, blobs=None)) as store:
        assert pending_backfills(store.database) == []
        assert verified(store.database) == []
        with store.database.write() as session:
            session.execute(text("update chunks set seal = null"))
        assert "seal" in verified(store.database)[0].detail


def verified(database):
    """Return the damage that `footnote verify` finds in the rows."""
    return [one for rows in check_versions(database, Throttle()) for one in rows.damage]


def columns_of(database):
    """Return the names of each table's columns, Alembic's own aside."""
    with database.engine.connect() as connection:
        tables = inspect(connection)
        return {
            name: {column["name"] for column in tables.get_columns(name)}
            for name in tables.get_table_names()
            if name != "alembic_version"
        }


def fill(database, rows):
    """Put a row into each of these tables, with these columns alone."""
    with database.write() as session:
        for name, row in rows.items():
            columns = Base.metadata.tables[name].c
            insert_into = table(name, *(column(key, columns[key].type) for key in row)).insert()
            session.execute(insert_into, row)


def differences(database):
    """Return where the database is not as declared."""
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        keys = inspect(connection)
        return differences + [
            (name, primary)
            for name, table in Base.metadata.tables.items()
            if (primary := keys.get_pk_constraint(name)["constrained_columns"])
            != list(table.primary_key.columns.keys())
        ]


def test_rows_from_before_are_sealed_as_the_mapper_seals_new_ones(url, tmp_path):
    shelf = Shelf(tmp_path, url=url)
    for number in range(3):
        shelf.put("The lamp is lit.", "Oil.", attributes={"year": number, "who": "Zo\u00eb"})
    seals = every_seal(shelf.database)
    assert None not in seals
    command.downgrade(config(shelf.database.engine), "0009")
    command.upgrade(config(shelf.database.engine), "head")
    finish_backfills(shelf.database)
    assert every_seal(shelf.database) == seals
    shelf.database.engine.dispose()


def every_seal(database):
    with database.read() as session:
        return [
            row.seal
            for kind in (Document, Version, ChunkRow, Vector)
            for row in session.scalars(select(kind).order_by(*kind.__table__.primary_key))
        ]


def test_chunks_from_before_are_found_by_their_hash_after_the_migration(url, tmp_path):
    shelf = Shelf(tmp_path, url=url)
    shelf.put("The lamp is lit.", "Oil comes monthly.", context="Lamp")
    shelf.put("The log is kept.")
    command.downgrade(config(shelf.database.engine), "0005")
    command.upgrade(config(shelf.database.engine), "head")
    finish_backfills(shelf.database)
    with shelf.database.read() as session:
        digests = session.scalars(select(ChunkRow.digest).order_by(ChunkRow.key)).all()
    assert digests == [
        digest("Lamp\nThe lamp is lit."), digest("Lamp\nOil comes monthly."),
        digest("The log is kept."),
    ]  # fmt: skip
    shelf.database.engine.dispose()
