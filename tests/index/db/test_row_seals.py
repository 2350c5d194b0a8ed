"""Every row that is shown or decides something carries a seal over all of it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import inspect, select, text, update

from index.db.backfills import finish_backfills, note_pending
from index.db.row_seals import (
    FORMER_SEALS,
    former_seal,
    is_former,
    is_intact,
    sealed_columns,
    sealed_tables,
)
from index.db.tables.access import ApiKey, Contributor, GroupMember, Identity
from index.db.tables.base import Base, utc_now
from index.db.tables.collections import Collection, CollectionDocument
from index.db.tables.documents import AuthoritativeMark, ChunkRow, Document, FindingRow, Source
from index.db.tables.people import PersonRow, ProvisionedResource, RemovedGroup
from index.db.tables.questions import AnswerRow, Conversation
from index.integrity.row_check import row_damage
from tests.fakes.store import Shelf

UNSEALED_TABLES = {
    "access_classes": "each has a fingerprint of its list, which the verification compares",
    "access_events": "a journal that decides nothing; the audit log says the same, in a chain",
    "audit_heads": "the audit log is a chain of hashes with a check of its own",
    "audit_rows": "the audit log is a chain of hashes with a check of its own",
    "changes": "compared with its head; the index is compared with the database",
    "class_principals": "under the fingerprint of their access class",
    "daily_usage": "counters that each question changes",
    "evaluation_runs": "reports that are measured again",
    "feedback": "an opinion, which decides nothing",
    "file_batches": "work on its way",
    "file_parts": "uploads on their way; the assembled file is compared with its digest",
    "file_purposes": "a word that OpenAI's clients send and read",
    "heads": "counters, compared with what they count",
    "idempotency_keys": "kept for a day",
    "jobs": "work on its way",
    "partial_files": "uploads on their way; the assembled file is compared with its digest",
    "processes": "what runs now",
    "queue_pauses": "work on its way",
    "queue_turns": "work on its way",
    "responses": "points at answers, which are sealed",
    "reviews": "the release is written to the version, which is sealed",
    "secrets": "a flipped bit makes what it signs invalid",
    "sessions": "a flipped hash opens nothing; rights come from identities, which are sealed",
    "store_settings": "marks of the store, compared with the folder's at each start",
    "webhook_deliveries": "work on its way",
    "webhooks": "written at each delivery; a flipped address gets a signed notice without contents",
}
"""Tables whose rows carry no seal, each with the reason."""


@pytest.fixture(params=["sqlite", "postgresql"])
def shelf(request, tmp_path):
    is_sqlite = request.param == "sqlite"
    url = None if is_sqlite else request.getfixturevalue("empty_postgres_url")
    shelf = Shelf(tmp_path, url=url)
    yield shelf
    shelf.database.engine.dispose()


def fill(shelf):
    """Put at least one row into every sealed table."""
    shelf.put("The lamp is lit.", context="Lamp", attributes={"year": 2020})
    now = utc_now()
    with shelf.database.write() as session:
        document = session.scalars(select(Document)).one()
        chunk = session.scalars(select(ChunkRow)).one()
        document.licence, document.source_path, document.hold = "CC", "a/b", "a case"
        collection = Collection(
            id="col_1", tenant="default", owner="user:ann", class_key=document.class_key, name="Sea"
        )
        session.add_all([
            AuthoritativeMark(document_key=document.key, version=1, curator="user:cleo"),
            FindingRow(
                document_key=document.key, version_key=chunk.version_key, ordinal=0, kind="secret",
                rule="aws-key", detector="rules", action="keep", start=0, end=3, page=None,
            ),
            Source(
                id="src_1", tenant="default", owner="user:ann", kind="url", location="https://a",
                allow=["user:ann"], deny=[],
            ),
            GroupMember(tenant="default", member="user:ann", group="group:sea/all"),
            Contributor(tenant="default", member="user:ann", audience="group:sea/all"),
            ApiKey(
                id="key_1", hash="0" * 64, tenant="default", user="user:ann", groups=["group:sea"],
                role="reader", expires_at=now,
            ),
            Identity(issuer="https://i", subject="1", tenant="default", user="user:ann"),
            PersonRow(tenant="default", user="user:ann", suspended_at=now),
            ProvisionedResource(
                id="scim_1", tenant="default", kind="User", name="ann", principal="user:ann",
                body={"active": True},
            ),
            RemovedGroup(tenant="default", principal="group:old"),
            collection,
            Conversation(id="con_1", tenant="default", owner="user:ann", title="Lamps"),
            AnswerRow(
                id="ans_1", tenant="default", asker="user:ann", question="When?",
                answer={"answer": "At dusk."}, documents=[document.id],
            ),
        ])  # fmt: skip
        session.flush()
        session.add(
            CollectionDocument(
                collection_key=collection.key, document_key=document.key, tenant="default",
                added_by="user:ann",
            )
        )  # fmt: skip


DAMAGE = {
    bool: lambda value: not value,
    int: lambda value: value + 1,
    str: lambda value: value[:-1] + chr(ord(value[-1]) ^ 1) if value else "!",
    bytes: lambda value: bytes([value[0] ^ 1]) + value[1:],
    list: lambda value: [*value, "user:eve"],
    dict: lambda value: {**value, "flipped": 1},
    datetime: lambda value: value + timedelta(microseconds=1),
}
"""By type: another value than the one that was written."""


def test_every_table_carries_seals_or_says_why_not():
    sealed = {str(inspect(kind).local_table) for kind in sealed_tables()}
    assert sealed | set(UNSEALED_TABLES) == set(Base.metadata.tables)
    assert not sealed & set(UNSEALED_TABLES)
    for kind in sealed_tables():
        assert set(kind.UNSEALED) <= set(inspect(kind).column_attrs.keys())


def test_a_change_of_any_column_beside_the_mapper_is_noticed(shelf):
    fill(shelf)
    assert list(row_damage(shelf.database)) == []
    columns = 0
    with shelf.database.read() as session:
        for kind in sealed_tables():
            row = session.scalars(select(kind)).first()
            assert row is not None, f"no row of {kind.__name__} is tried"
            for name in sealed_columns(kind):
                value = getattr(row, name)
                if value is None:
                    continue
                setattr(row, name, DAMAGE[type(value)](value))
                assert not is_intact(row), f"{kind.__name__}.{name}"
                setattr(row, name, value)
                assert is_intact(row), f"{kind.__name__}.{name}"
                columns += 1
        session.rollback()
    assert columns > 100


def test_the_verification_names_a_changed_row_that_belongs_to_no_document(shelf):
    fill(shelf)
    with shelf.database.write() as session:
        session.execute(text("update group_members set member = 'user:eve'"))
        session.execute(text('update answers set answer = \'{"answer": "At dawn."}\''))
    subjects = [one.subject for one in row_damage(shelf.database)]
    assert len(subjects) == 2
    assert subjects[0].startswith("answers (")
    assert subjects[1] == "group_members ('default', 'user:eve', 'group:sea/all')"


def test_two_people_change_columns_of_one_row_and_its_seal_holds(empty_postgres_url, tmp_path):
    shelf = Shelf(tmp_path, url=empty_postgres_url)
    shelf.put("The lamp is lit.")
    with shelf.database.write() as first:
        seen_first = first.scalars(select(Document)).one()
        with shelf.database.write() as second:
            second.scalars(select(Document)).one().title = "Lamps"
        seen_first.licence = "CC"
    with shelf.database.read() as session:
        row = session.scalars(select(Document)).one()
        assert (row.title, row.licence) == ("Lamps", "CC")
        assert is_intact(row)
    shelf.database.engine.dispose()


def seal_as_formerly(shelf):
    """Give rows the seals that they had before revision 0027, and note that they are to be made."""
    with shelf.database.write() as session:
        for kind in sealed_tables():
            table = str(inspect(kind).local_table)
            keys = inspect(kind).primary_key
            for row in session.scalars(select(kind)).all():
                seal = None
                if table in FORMER_SEALS:
                    values = {name: getattr(row, name) for name in FORMER_SEALS[table]}
                    seal = former_seal(table, values)
                at_row = [key == getattr(row, key.name) for key in keys]
                session.connection().execute(
                    update(inspect(kind).local_table).where(*at_row).values(seal=seal)
                )
        note_pending(session.connection(), "whole-seals", "tenants")


def seals(shelf):
    with shelf.database.read() as session:
        return {
            kind: list(session.scalars(select(kind.seal).order_by(*inspect(kind).primary_key)))
            for kind in sealed_tables()
        }


def test_rows_with_former_seals_get_the_seals_of_new_rows(shelf):
    fill(shelf)
    expected = seals(shelf)
    seal_as_formerly(shelf)
    assert seals(shelf) != expected
    assert list(row_damage(shelf.database)) == []
    finish_backfills(shelf.database)
    assert seals(shelf) == expected


def test_a_row_that_was_damaged_before_is_not_sealed_as_it_is(shelf):
    fill(shelf)
    seal_as_formerly(shelf)
    with shelf.database.write() as session:
        session.execute(text("update documents set title = 'Lamqs', title_key = 'lamqs'"))
        if shelf.database.sqlite:
            session.execute(text("update versions set provenance = '{\"'"))
    finish_backfills(shelf.database)
    with shelf.database.read() as session:
        assert is_former(session.scalars(select(Document.seal)).one())
    assert {one.detail for one in row_damage(shelf.database)} >= {
        "a row of documents does not match its seal"
    }
