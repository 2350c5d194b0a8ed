"""The chain of the audit log: whoever changes it behind our back is found, on both databases."""

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from index.audit.query import AuditFilter, export_lines, list_acts
from index.audit.read_log import ReadLog
from index.audit.retention import prune_audit
from index.audit.verification import parse_head, tenants_with_audit, verify_chain
from index.author import Author
from index.db.audit_chain import MOST_DETAILS, record_act
from index.db.database import Database
from index.db.tables.access import Tenant
from index.db.tables.base import utc_now
from index.types import Actor, Scope

ANN = Author("user:ann", "key_1", "ticket 7")
EXCHANGE = (
    "update audit_rows set sequence = case sequence when 2 then -3 else -2 end "
    "where sequence in (2, 3); update audit_rows set sequence = -sequence where sequence < 0"
)
ONE_MORE = (
    "insert into audit_rows select tenant, 7, at, actor, credential, act, object, reason, "
    "details, previous, digest from audit_rows where sequence = 6"
)
FALSE_RETENTION = (
    "update audit_heads set pruned = 2, anchor = (select digest from audit_rows where "
    "sequence = 2); delete from audit_rows where sequence <= 2"
)
TAMPERING = {
    "a changed actor": ("update audit_rows set actor = 'user:bob' where sequence = 3", "3 was"),
    "a changed reason": ("update audit_rows set reason = '' where sequence = 3", "3 was changed"),
    "changed details": ("update audit_rows set details = '{}' where sequence = 3", "3 was changed"),
    "a changed time": ("update audit_rows set at = '2020' where sequence = 3", "3 was changed"),
    "a changed digest": ("update audit_rows set digest = 'x' where sequence = 3", "3 was changed"),
    "a row removed in the middle": ("delete from audit_rows where sequence = 3", "3 to 3 are miss"),
    "the first row removed": ("delete from audit_rows where sequence = 1", "1 to 1 are missing"),
    "the last rows removed": ("delete from audit_rows where sequence > 4", "5 to 6 are missing at"),
    "all rows removed": ("delete from audit_rows", "1 to 6 are missing at the end"),
    "two rows exchanged": (EXCHANGE, "2 does not follow"),
    "a row put after the end": (ONE_MORE, "7 does not follow"),
    "the head removed": ("delete from audit_heads", "head of the chain is missing"),
    "the beginning removed as if by retention": (FALSE_RETENTION, "no checkpoint row"),
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    postgres = request.param == "postgresql"
    database = (
        Database(request.getfixturevalue("postgres_url"))
        if postgres
        else Database.in_folder(tmp_path)
    )
    database.create()
    yield database
    database.engine.dispose()


def act(database, number, tenant="lamp"):
    with database.write(ANN) as session:
        record_act(session, tenant, "group-add", f"group:hr/{number}", member="user:bob")


def fail_after_an_act(database):
    with database.write(ANN) as session:
        session.add(Tenant(id="lamp"))
        record_act(session, "lamp", "tenant-make")
        _ = 1 / 0


def change(database, statements):
    with database.write() as session:
        for statement in statements.split(";"):
            session.execute(text(statement))


def test_an_act_is_a_row_with_its_author_and_every_chain_is_intact(database):
    for number in range(3):
        act(database, number)
    act(database, 9, "sea")
    newest = list_acts(database, "lamp")[0]
    assert (newest.sequence, newest.actor, newest.credential) == (3, "user:ann", "key_1")
    assert (newest.act, newest.object) == ("group-add", "group:hr/2")
    assert (newest.reason, newest.details) == ("ticket 7", {"member": "user:bob"})
    assert tenants_with_audit(database) == ["lamp", "sea"]
    assert all(verify_chain(database, name).is_intact for name in ("lamp", "sea"))


def test_an_act_that_fails_leaves_no_row_and_a_row_never_stands_without_its_act(database):
    with pytest.raises(ZeroDivisionError):
        fail_after_an_act(database)
    with database.read() as session:
        assert session.get(Tenant, "lamp") is None
    assert list_acts(database, "lamp") == []


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_found(database, name):
    for number in range(6):
        act(database, number)
    statements, finding = TAMPERING[name]
    change(database, statements)
    assert any(finding in each for each in verify_chain(database, "lamp").problems)


def test_a_chain_that_was_cut_off_together_with_its_head_does_not_fit_the_exported_head(database):
    for number in range(6):
        act(database, number)
    *rows, last = export_lines(database, "lamp")
    head = parse_head(json.loads(last)["head"])
    act(database, 6)
    assert (len(rows), head.count) == (6, 6)
    assert verify_chain(database, "lamp", expected=head).is_intact
    change(
        database,
        "delete from audit_rows where sequence > 4; update audit_heads set count = 4, "
        "digest = (select digest from audit_rows where sequence = 4)",
    )
    assert verify_chain(database, "lamp").is_intact
    problems = verify_chain(database, "lamp", expected=head).problems
    assert problems == ["The chain ends before row 6, the head you gave."]
    for number in range(3):
        act(database, number)
    problems = verify_chain(database, "lamp", expected=head).problems
    assert problems == ["Row 6 is not the head you gave."]


def test_writers_at_the_same_time_make_one_chain_without_a_fork(database):
    def work(name):
        for number in range(15):
            with database.write(Author(name)) as session:
                for tenant in ("sea", "lamp") if number % 2 else ("lamp", "sea"):
                    record_act(session, tenant, "group-add", str(number))

    threads = [threading.Thread(target=work, args=(f"user:{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for tenant in ("lamp", "sea"):
        report = verify_chain(database, tenant)
        assert (report.rows, report.problems) == (60, [])


def test_rows_are_found_by_actor_act_object_and_time_page_by_page(database):
    for number in range(5):
        act(database, number)
    log, bob = ReadLog(database), Actor(Scope.of("lamp", ["user:bob"]), "user:bob", "reader", "k")
    log.record(bob, "ask", ["doc_1", "doc_2"], subject="ans_1")
    log.close()

    def sequences(**fields):
        return [row.sequence for row in list_acts(database, "lamp", AuditFilter(**fields))]

    assert sequences(actor="user:bob") == sequences(act="ask") == [6]
    assert sequences(object="doc_2") == sequences(object="ans_1") == [6]
    assert sequences(object="group:hr/3") == [4]
    assert sequences(object="doc_") == []
    assert sequences(since=utc_now() + timedelta(hours=1)) == []
    assert sequences(until=utc_now() + timedelta(hours=1)) == [6, 5, 4, 3, 2, 1]
    assert [row.sequence for row in list_acts(database, "lamp", before=4, limit=2)] == [3, 2]


def test_what_retention_deletes_leaves_a_checkpoint_and_the_rest_stays_verifiable(database):
    for number in range(4):
        act(database, number)
    later = utc_now() + timedelta(days=31)
    assert prune_audit(database, 0, now=later) == 0
    assert prune_audit(database, 60, now=later) == 0
    assert prune_audit(database, 30, now=later) == 4
    for number in range(2):
        act(database, number)
    report = verify_chain(database, "lamp")
    assert (report.rows, report.first, report.problems) == (3, 5, [])
    checkpoint = list_acts(database, "lamp", AuditFilter(act="audit-prune"))[0]
    assert (checkpoint.actor, checkpoint.details["through"]) == ("service", 4)
    change(database, "delete from audit_rows where sequence = 5")
    assert not verify_chain(database, "lamp").is_intact


def test_every_read_is_written_once_with_its_credential(database):
    log = ReadLog(database)
    ann = Actor(Scope.of("default", ["user:ann"]), "user:ann", "reader", "key_1")
    for number in range(300):
        log.record(ann, "text", [f"doc_{number}"])
    log.close()
    rows = list_acts(database, "default", limit=1000)
    assert [row.object for row in reversed(rows)] == [f"doc_{number}" for number in range(300)]
    assert {(row.actor, row.credential, row.act) for row in rows} == {("user:ann", "key_1", "text")}
    assert verify_chain(database, "default").is_intact


def test_hostile_and_long_text_is_made_fit_and_bounded(database):
    with database.write(Author("user:ann", "key_1", "\x1b[2J\x00\ud800" + "x" * 900)) as session:
        record_act(session, "lamp", "group-add", "g" * 5000, members=["user:ann"] * MOST_DETAILS)
    row = list_acts(database, "lamp")[0]
    assert (len(row.reason), len(row.object)) == (500, 1200)
    assert row.reason.startswith("?[2J??x")
    assert list(row.details) == ["too_long"]
    assert verify_chain(database, "lamp").is_intact
