"""From an upload to searchable: nothing is lost, nothing is done twice."""

import threading
from datetime import timedelta
from time import time

import pytest
from sqlalchemy import func, select, update

from index.access.audit_log import access_changes
from index.db.tables.access import Tenant
from index.db.tables.base import utc_now
from index.db.tables.documents import ChunkRow, Document, Vector, Version
from index.db.tables.jobs import Job
from index.db.tables.store import ChangeLogEntry
from index.documents import get_document, get_text, list_documents, open_content
from index.errors import ForbiddenError, NotFoundError
from index.types import Actor, Scope
from ingest.chunking.chunker import ChunkingConfig
from ingest.errors import (
    EmptyFileError,
    IdempotencyConflictError,
    JobNotRunnableError,
    QuotaError,
    TooLargeError,
)
from ingest.lifecycle.document_edits import DocumentEdit, edit_document
from ingest.lifecycle.management import delete_document
from ingest.lifecycle.orphan_blobs import GRACE, sweep_orphans
from ingest.pipeline import IngestDependencies, ingest
from ingest.queue.jobs import get_job, queue_depth
from ingest.queue.leases import LEASE, MAX_ATTEMPTS, MAX_LEASES, give_back, lease_next
from ingest.upload import Upload, accept, clean_filename
from ingest.worker import Worker
from tests.fakes.parsers import FailingParser, PlainParser
from tests.fakes.store import Shelf

LIMIT = 1 << 20


def actor(name="ann", role="reader", groups=()):
    return Actor(Scope.of("default", [f"user:{name}", *groups]), f"user:{name}", role)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


def dependencies_of(shelf, parser=None):
    return IngestDependencies(shelf.embedder, parser or PlainParser(), ChunkingConfig())


def upload(shelf, text="The lamp is lit at dusk.", who=None, **options):
    options = {"filename": "note.txt", **options}
    key = options.pop("idempotency_key", None)
    body = Upload(blocks=[text.encode()], **options)
    return accept(
        shelf.library, who or actor(), body, limit_bytes=LIMIT, idempotency_key=key,
        publishing="open",
    )  # fmt: skip


def work(shelf, parser=None):
    Worker(shelf.library, dependencies_of(shelf, parser)).run_until_idle(threads=1)


def search_texts(shelf, who, words="lamp"):
    with shelf.library.read(who.scope) as reader:
        hits = reader.lexical(words.split(), 10)
        return reader.chunks([hit.chunk for hit in hits])


def count(shelf, table):
    with shelf.database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_an_upload_becomes_searchable_for_its_uploader_alone(shelf):
    accepted = upload(shelf)
    assert get_job(shelf.database, actor(), accepted.job_id).state == "queued"
    assert search_texts(shelf, actor()) == []
    work(shelf)
    job = get_job(shelf.database, actor(), accepted.job_id)
    assert (job.state, job.reason) == ("succeeded", None)
    chunk = search_texts(shelf, actor())[0]
    assert (
        chunk.text
        == get_text(shelf.library, actor().scope, chunk.document_id)[chunk.start : chunk.end]
    )
    assert search_texts(shelf, actor("bob")) == []
    with pytest.raises(NotFoundError):
        get_document(shelf.library, actor("bob").scope, accepted.document_id)
    with pytest.raises(NotFoundError):
        get_job(shelf.database, actor("bob"), accepted.job_id)


def test_the_original_comes_back_byte_for_byte(shelf):
    accepted = upload(shelf, "Lamp \u00fc")
    view, file = open_content(shelf.library, actor().scope, accepted.document_id)
    with file:
        assert file.read() == "Lamp \u00fc".encode()
    assert view.state == "processing"


@pytest.mark.parametrize("content", [b"The lamp is lit at dawn.", b"The lamp", None])
def test_a_damaged_original_is_not_read_in_and_its_job_says_so(shelf, content, caplog):
    accepted = upload(shelf)
    (path,) = (shelf.folder / "blobs").glob("??/*")
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    work(shelf)
    job = get_job(shelf.database, actor(), accepted.job_id)
    assert (job.state, job.code) == ("failed", "original-damaged")
    assert search_texts(shelf, actor()) == []
    assert "an original file is damaged and was not served" in caplog.messages


def test_the_same_bytes_are_recognised_and_others_are_not(shelf):
    first = upload(shelf)
    assert upload(shelf) == first
    work(shelf)
    assert upload(shelf) == first
    assert upload(shelf, filename="other.txt") != first
    assert upload(shelf, allow=["tenant:all"]) != first
    assert upload(shelf, who=actor("bob")) != first
    assert len(shelf.library.blobs.names()) == 4


def test_an_idempotency_key_answers_the_same_once_and_refuses_another_body(shelf):
    first = upload(shelf, idempotency_key="k1")
    assert upload(shelf, idempotency_key="k1") == first
    with pytest.raises(IdempotencyConflictError):
        upload(shelf, "other words", idempotency_key="k1")
    assert upload(shelf, "other words", who=actor("bob"), idempotency_key="k1") != first


@pytest.mark.parametrize(
    ("text", "limit", "error"), [("", LIMIT, EmptyFileError), ("x" * 100, 99, TooLargeError)]
)
def test_a_refused_upload_leaves_nothing_behind(shelf, text, limit, error):
    with pytest.raises(error):
        accept(shelf.library, actor(), Upload("a.txt", [text.encode()]), limit_bytes=limit)
    assert shelf.library.blobs.names() == []
    assert count(shelf, Document) == 0


def test_a_quota_is_enforced_and_leaves_nothing_behind(shelf):
    upload(shelf, "x" * 60)
    with shelf.database.write() as session:
        session.execute(update(Tenant).values(disk_quota=100))
    with pytest.raises(QuotaError):
        upload(shelf, "y" * 60, filename="b.txt")
    assert len(shelf.library.blobs.names()) == 1


def test_a_new_version_replaces_the_old_one_at_once(shelf):
    first = upload(shelf, "The lamp is old.")
    work(shelf)
    second = upload(shelf, "The beacon is new.", document_id=first.document_id)
    assert second.version == 2
    assert len(search_texts(shelf, actor(), "lamp")) == 1
    work(shelf)
    assert search_texts(shelf, actor(), "lamp") == []
    assert search_texts(shelf, actor(), "beacon")[0].version == 2
    assert count(shelf, Version) == 1
    assert len(shelf.library.blobs.names()) == 1


def test_versions_finishing_out_of_order_leave_the_newest(shelf):
    first = upload(shelf, "The lamp is old.")
    upload(shelf, "The beacon is new.", document_id=first.document_id)
    old, new = lease_next(shelf.library), lease_next(shelf.library)
    ingest(shelf.library, dependencies_of(shelf), new)
    with pytest.raises(JobNotRunnableError):
        ingest(shelf.library, dependencies_of(shelf), old)
    assert search_texts(shelf, actor(), "lamp") == []
    assert len(search_texts(shelf, actor(), "beacon")) == 1


def test_a_worker_that_lost_its_lease_changes_nothing(shelf):
    upload(shelf)
    stale = lease_next(shelf.library)
    with shelf.database.write() as session:
        session.execute(update(Job).values(lease_until=utc_now() - LEASE))
    fresh = lease_next(shelf.library)
    assert fresh.fence == stale.fence + 1
    with pytest.raises(JobNotRunnableError):
        ingest(shelf.library, dependencies_of(shelf), stale)
    assert count(shelf, ChunkRow) == 0
    ingest(shelf.library, dependencies_of(shelf), fresh)
    assert count(shelf, ChangeLogEntry) == 1


def test_a_crashing_parser_is_retried_and_then_given_up_with_a_reason(shelf):
    accepted = upload(shelf)
    for _ in range(MAX_ATTEMPTS):
        with shelf.database.write() as session:
            session.execute(update(Job).values(run_after=utc_now()))
        assert Worker(
            shelf.library, dependencies_of(shelf, FailingParser(RuntimeError("boom")))
        ).run_once()
    job = get_job(shelf.database, actor(), accepted.job_id)
    assert (job.state, job.code) == ("failed", "internal-error")
    assert "unexpected" in job.reason
    assert get_document(shelf.library, actor().scope, accepted.document_id).state == "failed"


def test_a_file_that_cannot_be_read_fails_at_once_and_others_go_on(shelf):
    bad = upload(shelf, "\x00\x01", filename="bad.bin")
    good = upload(shelf)
    work(shelf)
    assert get_job(shelf.database, actor(), bad.job_id).state == "failed"
    assert get_job(shelf.database, actor(), bad.job_id).reason
    assert get_job(shelf.database, actor(), good.job_id).state == "succeeded"
    assert queue_depth(shelf.database) == 0


def test_many_workers_do_each_job_once(shelf):
    for number in range(12):
        upload(shelf, f"Lamp number {number}.", filename=f"{number}.txt")
    workers = [Worker(shelf.open(), dependencies_of(shelf)) for _ in range(4)]
    threads = [threading.Thread(target=w.run_until_idle, kwargs={"threads": 1}) for w in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(shelf, ChangeLogEntry) == 12
    assert count(shelf, ChunkRow) == count(shelf, Vector) == 12
    assert len(search_texts(shelf, actor(), "lamp")) == 10


def test_access_is_changed_by_owners_and_curators_only(shelf):
    accepted = upload(shelf, allow=["user:ann", "user:bob", "user:cleo"])
    work(shelf)
    only_bob = DocumentEdit(allow=["user:bob"])
    with pytest.raises(ForbiddenError):
        edit_document(shelf.library, actor("bob"), accepted.document_id, only_bob)
    with pytest.raises(NotFoundError):
        edit_document(shelf.library, actor("dan", "curator"), accepted.document_id, only_bob)
    edit_document(shelf.library, actor("cleo", "curator"), accepted.document_id, only_bob)
    assert search_texts(shelf, actor("ann")) == []
    assert len(search_texts(shelf, actor("bob"))) == 1


def test_an_owner_denied_by_name_sees_nothing_to_change(shelf):
    accepted = upload(shelf, allow=["tenant:all"], deny=["user:ann"])
    with pytest.raises(NotFoundError):
        edit_document(shelf.library, actor("ann"), accepted.document_id, DocumentEdit(title="Mine"))


def test_a_deleted_document_leaves_no_rows_and_no_bytes(shelf):
    accepted = upload(shelf)
    work(shelf)
    with pytest.raises(NotFoundError):
        delete_document(shelf.library, actor("bob"), accepted.document_id)
    receipt = delete_document(shelf.library, actor(), accepted.document_id)
    assert receipt.document_id == accepted.document_id
    assert search_texts(shelf, actor()) == []
    assert [count(shelf, table) for table in (Document, Version, ChunkRow, Vector)] == [0] * 4
    assert shelf.library.blobs.names() == []


def test_deleting_cancels_what_is_queued(shelf):
    accepted = upload(shelf)
    delete_document(shelf.library, actor(), accepted.document_id)
    work(shelf)
    assert get_job(shelf.database, actor(), accepted.job_id).state == "cancelled"


def test_listing_pages_through_what_is_readable(shelf):
    for number in range(5):
        upload(shelf, f"Lamp {number}", filename=f"{number}.txt", allow=["group:sea/all"])
    upload(shelf, "hidden", filename="hidden.txt", who=actor("bob"))
    sailor = Scope.of("default", ["group:sea/all"])
    first = list_documents(shelf.library, sailor, limit=3)
    rest = list_documents(shelf.library, sailor, limit=3, after=first.next)
    names = [item.filename for item in first.items + rest.items]
    assert names == ["4.txt", "3.txt", "2.txt", "1.txt", "0.txt"]
    assert rest.next is None


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.txt", "y.txt"),
        ("a\x00b\n.txt", "ab.txt"),
        ("", "unnamed"),
    ],
)
def test_a_file_name_is_data_never_a_path(filename, expected):
    assert clean_filename(filename) == expected


def test_jobs_of_a_dead_worker_are_taken_over_at_once(shelf):
    accepted = upload(shelf)
    killed = Worker(shelf.library, dependencies_of(shelf))
    lease_next(shelf.library, killed._presence.token)
    assert Worker(shelf.open(), dependencies_of(shelf)).run_once() is False
    killed._presence._file.close()  # the kernel does this when a process dies
    work(shelf)
    assert get_job(shelf.database, actor(), accepted.job_id).state == "succeeded"


def test_a_file_that_kills_its_workers_is_given_up_with_a_reason(shelf):
    accepted = upload(shelf)
    for _ in range(MAX_LEASES):
        assert lease_next(shelf.library, "w")
        give_back(shelf.library, "w")
    assert lease_next(shelf.library, "w") is None
    job = get_job(shelf.database, actor(), accepted.job_id)
    assert (job.state, job.code) == ("failed", "worker-died")


def test_a_history_of_access_outlives_its_document(shelf):
    accepted = upload(shelf)
    edit_document(
        shelf.library, actor(), accepted.document_id, DocumentEdit(allow=["tenant:all"]),
        publishing="open",
    )  # fmt: skip
    delete_document(shelf.library, actor(), accepted.document_id)
    with shelf.database.read() as session:
        history = access_changes(session, "default", accepted.document_id)
    assert [event.action for event in history] == ["upload", "access", "delete"]
    assert history[1].before == {"allow": ["user:ann"], "deny": []}
    assert history[1].after == {"allow": ["tenant:all"], "deny": []}


def test_only_old_bytes_that_nobody_owns_are_swept(shelf):
    upload(shelf)
    orphan = shelf.library.blobs.put([b"half a story"])
    blobs = shelf.library.blobs
    assert blobs.names(older_than=time() - GRACE.total_seconds()) == []
    assert sweep_orphans(shelf.database, blobs, grace=timedelta(seconds=-1)).moved == 1
    assert orphan not in shelf.library.blobs.names()
    assert len(shelf.library.blobs.names()) == 1


def test_uploads_that_race_are_recognised_on_postgresql_too(tmp_path, postgres_url):
    shelf = Shelf(tmp_path, url=postgres_url)
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(upload(shelf, idempotency_key="k")))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6
    assert len(set(results)) == 1
    assert len(shelf.library.blobs.names()) == 1
    work(shelf)
    assert len(search_texts(shelf, actor())) == 1
    shelf.database.engine.dispose()
