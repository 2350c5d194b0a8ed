"""The queue keeps one contract on SQLite and PostgreSQL."""

import threading
from collections import Counter
from datetime import timedelta
from time import monotonic, sleep

import pytest
from sqlalchemy import create_engine, func, select, update

from index.db.database import next_value
from index.db.tables.base import utc_now
from index.db.tables.documents import ChunkRow, Document, Vector, Version
from index.db.tables.jobs import Job
from index.db.tables.store import ChangeLogEntry
from index.documents import get_document
from index.errors import NotFoundError
from index.types import Actor, Scope
from ingest.chunking.chunker import ChunkingConfig
from ingest.errors import (
    ChunksTooLongError,
    IdempotencyConflictError,
    JobNotRunnableError,
    PriorityError,
    SandboxUnprovenError,
    UnsupportedTypeError,
)
from ingest.lifecycle.management import delete_document
from ingest.lifecycle.reingestion import reingest_outdated
from ingest.pipeline import IngestDependencies, ingest
from ingest.queue.administration import dead_letters, pause_queue, requeue, resume_queue, show_queue
from ingest.queue.fair_scheduling import WHOLE_QUEUE
from ingest.queue.jobs import cancel_job, get_job, list_jobs, retry_job
from ingest.queue.leases import MAX_ATTEMPTS, MAX_LEASES, give_back, lease_next
from ingest.upload import Upload, accept
from ingest.worker import Worker
from tests.fakes.parsers import FailingParser, PlainParser
from tests.fakes.store import Shelf


@pytest.fixture(params=["sqlite", "postgresql"])
def shelf(request, tmp_path):
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    shelf = Shelf(tmp_path, url=url)
    yield shelf
    shelf.database.engine.dispose()


def actor(name="ann", role="reader", tenant="default"):
    return Actor(Scope.of(tenant, [f"user:{name}"]), f"user:{name}", role)


def upload(shelf, text="The lamp is lit at dusk.", who=None, key=None, **options):
    options = {"filename": "note.txt", **options}
    body = Upload(blocks=[text.encode()], **options)
    return accept(shelf.library, who or actor(), body, limit_bytes=1 << 20, idempotency_key=key)


def dependencies_of(shelf, parser=None, chunking=None, embedder=None):
    return IngestDependencies(
        embedder or shelf.embedder, parser or PlainParser(), chunking or ChunkingConfig()
    )


class Watching:
    """The shelf's embedder, which tells each time it is used."""

    def __init__(self, shelf, report):
        self._inner, self._report = shelf.embedder, report
        self.name, self.dimension = shelf.embedder.name, shelf.embedder.dimension
        self.max_tokens, self.count_tokens = shelf.embedder.max_tokens, shelf.embedder.count_tokens

    def embed(self, texts):
        self._report()
        return self._inner.embed(texts)


def until(reached):
    """Wait for what another thread does."""
    end = monotonic() + 20
    while not reached():
        assert monotonic() < end
        sleep(0.01)


def work(shelf, parser=None):
    Worker(shelf.library, dependencies_of(shelf, parser)).run_until_idle(threads=1)


def count(shelf, table):
    with shelf.database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def search_texts(shelf, who=None, words="lamp"):
    with shelf.library.read((who or actor()).scope) as reader:
        return reader.chunks([hit.chunk for hit in reader.lexical(words.split(), 50)])


def served(shelf, how_many):
    """Take jobs and return whose they were."""
    keys = [lease_next(shelf.library).job_key for _ in range(how_many)]
    with shelf.database.read() as session:
        owners = {job.key: (job.tenant, job.submitter) for job in session.scalars(select(Job))}
    return [owners[key] for key in keys]


def due_now(shelf):
    with shelf.database.write() as session:
        session.execute(update(Job).values(run_after=utc_now() - timedelta(seconds=1)))


# Turns


def test_a_tenant_with_many_uploads_does_not_starve_one_with_a_single_upload(shelf):
    for number in range(30):
        upload(shelf, filename=f"{number}.txt", who=actor(tenant="busy"))
    assert {tenant for tenant, _ in served(shelf, 5)} == {"busy"}
    upload(shelf, who=actor("bob", tenant="quiet"))
    assert "quiet" in {tenant for tenant, _ in served(shelf, 2)}


def test_tenants_and_the_submitters_within_them_take_turns(shelf):
    for number in range(6):
        for tenant, name in (("a", "ann"), ("a", "abe"), ("b", "bob")):
            upload(shelf, filename=f"{number}.txt", who=actor(name, tenant=tenant))
    order = served(shelf, 12)
    assert Counter(tenant for tenant, _ in order) == {"a": 6, "b": 6}
    assert Counter(order) == {("a", "user:ann"): 3, ("a", "user:abe"): 3, ("b", "user:bob"): 6}
    assert order == [("a", "user:abe"), ("b", "user:bob"), ("a", "user:ann"), ("b", "user:bob")] * 3


def test_a_submitters_own_jobs_go_in_order_of_arrival(shelf):
    accepted = [upload(shelf, filename=f"{number}.txt").job_id for number in range(4)]
    keys = [lease_next(shelf.library).job_key for _ in accepted]
    assert keys == sorted(keys)
    assert lease_next(shelf.library) is None


def test_a_high_priority_goes_first_within_its_tenant_and_not_before_another_tenant(shelf):
    for number in range(3):
        upload(shelf, filename=f"{number}.txt")
    low = upload(shelf, filename="low.txt", priority="low")
    high = upload(shelf, filename="high.txt", who=actor("bea", "curator"), priority="high")
    upload(shelf, who=actor("cleo", tenant="zoo"))
    order = served(shelf, 2)
    assert order == [("default", "user:bea"), ("zoo", "user:cleo")]
    assert get_job(shelf.database, actor("bea"), high.job_id).priority == "high"
    assert served(shelf, 3) == [("default", "user:ann")] * 3
    assert get_job(shelf.database, actor(), low.job_id).state == "queued"


def test_readers_may_not_ask_for_high_priority(shelf):
    with pytest.raises(PriorityError):
        upload(shelf, priority="high")
    assert count(shelf, Document) == 0
    assert shelf.library.blobs.names() == []


def test_many_workers_take_each_job_once(shelf):
    for number in range(12):
        upload(shelf, f"Lamp number {number}.", filename=f"{number}.txt")
    leases = []

    def take():
        while lease := lease_next(shelf.library):
            leases.append(lease.job_key)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(leases) == len(set(leases)) == 12


def test_an_idle_worker_takes_no_write_lock(shelf):
    upload(shelf)
    worker = Worker(shelf.library, dependencies_of(shelf))
    assert [worker.run_once(), worker.run_once()] == [True, False]
    with shelf.database.write() as session:
        next_value(session, "queue")
        assert worker.run_once() is False


def test_a_poisonous_job_does_not_hide_those_behind_it(shelf):
    bad = upload(shelf, filename="bad.txt")
    for _ in range(MAX_LEASES):
        assert lease_next(shelf.library, "w")
        give_back(shelf.library, "w")
    good = upload(shelf, filename="good.txt")
    work(shelf)
    assert get_job(shelf.database, actor(), bad.job_id).code == "worker-died"
    assert get_job(shelf.database, actor(), good.job_id).state == "succeeded"


# Cancelling and trying again


def test_a_queued_job_is_cancelled_at_once_and_can_be_tried_again(shelf):
    accepted = upload(shelf)
    view = cancel_job(shelf.database, actor(), accepted.job_id)
    assert (view.state, view.reason) == ("cancelled", "It was cancelled.")
    assert cancel_job(shelf.database, actor(), accepted.job_id) == view
    work(shelf)
    assert count(shelf, ChunkRow) == 0
    assert retry_job(shelf.database, actor(), accepted.job_id).state == "queued"
    work(shelf)
    assert len(search_texts(shelf)) == 1


def test_a_running_job_that_is_cancelled_leaves_nothing_half_done(shelf):
    upload(shelf, "The lamp is old.")
    work(shelf)
    document_id = search_texts(shelf)[0].document_id
    accepted = upload(shelf, "The beacon is new.", document_id=document_id)
    lease = lease_next(shelf.library)
    cancel_job(shelf.database, actor(), accepted.job_id)
    with pytest.raises(JobNotRunnableError):
        ingest(shelf.library, dependencies_of(shelf), lease)
    assert search_texts(shelf, words="beacon") == []
    assert len(search_texts(shelf, words="lamp")) == 1
    assert count(shelf, ChangeLogEntry) == count(shelf, ChunkRow) == count(shelf, Vector) == 1
    view = get_document(shelf.library, actor().scope, document_id)
    assert (view.version, view.state) == (1, "ready")


def test_a_job_that_is_cancelled_while_its_file_is_read_ends_as_cancelled(shelf):
    accepted = upload(shelf)

    class Cancelling(PlainParser):
        def parse(self, path, filename):
            cancel_job(shelf.database, actor(), accepted.job_id)
            return super().parse(path, filename)

    events = []
    assert Worker(shelf.library, dependencies_of(shelf, Cancelling()), events.append).run_once()
    assert events == ["lost"]
    assert get_job(shelf.database, actor(), accepted.job_id).state == "cancelled"
    assert count(shelf, ChunkRow) == 0


def test_what_has_ended_cannot_be_cancelled_and_what_succeeded_not_tried_again(shelf):
    accepted = upload(shelf)
    work(shelf)
    for change in (cancel_job, retry_job):
        with pytest.raises(JobNotRunnableError):
            change(shelf.database, actor(), accepted.job_id)
        with pytest.raises(NotFoundError):
            change(shelf.database, actor("bob"), accepted.job_id)
        with pytest.raises(NotFoundError):
            change(shelf.database, actor(tenant="other"), accepted.job_id)


def test_a_job_whose_version_was_replaced_is_not_tried_again(shelf):
    first = upload(shelf)
    cancel_job(shelf.database, actor(), first.job_id)
    upload(shelf, "The beacon is new.", document_id=first.document_id)
    with pytest.raises(JobNotRunnableError):
        retry_job(shelf.database, actor(), first.job_id)


def test_a_superseded_job_ends_instead_of_being_tried_for_ever(shelf):
    first = upload(shelf, "The lamp is old.")
    upload(shelf, "The beacon is new.", document_id=first.document_id)
    old, new = lease_next(shelf.library, "w"), lease_next(shelf.library)
    ingest(shelf.library, dependencies_of(shelf), new)
    give_back(shelf.library, "w")
    assert old.version == 1
    work(shelf)
    job = get_job(shelf.database, actor(), first.job_id)
    assert (job.state, job.reason) == ("cancelled", "The document is gone, or has a later version.")
    assert search_texts(shelf, words="beacon")[0].version == 2


# Pauses


def test_a_paused_tenant_waits_and_others_go_on(shelf):
    mine, other = upload(shelf), upload(shelf, who=actor("bob", tenant="other"))
    pause_queue(shelf.database, "default", by="user:root", reason="audit")
    work(shelf)
    assert get_job(shelf.database, actor(), mine.job_id).state == "queued"
    assert get_job(shelf.database, actor("bob", tenant="other"), other.job_id).state == "succeeded"
    assert show_queue(shelf.database, "default").pause.reason == "audit"
    assert show_queue(shelf.database, "other").pause is None
    assert lease_next(shelf.open()) is None
    assert resume_queue(shelf.database, "default")
    assert not resume_queue(shelf.database, "default")
    work(shelf)
    assert get_job(shelf.database, actor(), mine.job_id).state == "succeeded"


def test_the_whole_queue_can_be_paused_and_what_runs_is_finished(shelf):
    running, waiting = upload(shelf), upload(shelf, "Oil.", who=actor("bob", tenant="other"))
    lease = lease_next(shelf.library)
    pause_queue(shelf.database, WHOLE_QUEUE, by="user:root")
    pause_queue(shelf.database, WHOLE_QUEUE, by="user:root", reason="again")
    assert lease_next(shelf.library) is None
    ingest(shelf.library, dependencies_of(shelf), lease)
    assert get_job(shelf.database, actor(), running.job_id).state == "succeeded"
    assert show_queue(shelf.database, "other").whole_queue_paused
    upload(shelf, "Accepted while it is paused.", filename="new.txt")
    resume_queue(shelf.database, WHOLE_QUEUE)
    work(shelf)
    view = get_job(shelf.database, actor("bob", tenant="other"), waiting.job_id)
    assert view.state == "succeeded"


# Dead letters


def test_dead_letters_are_listed_with_their_reason_and_queued_again(shelf):
    accepted = upload(shelf)
    other = upload(shelf, who=actor("bob", tenant="other"))
    work(shelf, FailingParser(UnsupportedTypeError("Nothing here reads this.")))
    letter = dead_letters(shelf.database, "default")[0]
    assert (letter.job_id, letter.submitter) == (accepted.job_id, "user:ann")
    assert (letter.code, letter.reason) == ("unsupported-type", UnsupportedTypeError.title)
    assert dead_letters(shelf.database, "default", code="broken-document") == []
    assert requeue(shelf.database, "default", job_ids=[other.job_id]) == []
    assert requeue(shelf.database, "default", code="unsupported-type") == [accepted.job_id]
    work(shelf)
    assert len(search_texts(shelf)) == 1
    assert show_queue(shelf.database, "default").failed == 0
    assert show_queue(shelf.database, "other").failed == 1


def test_a_dead_letter_of_a_deleted_document_is_none(shelf):
    accepted = upload(shelf)
    work(shelf, FailingParser())
    delete_document(shelf.library, actor(), accepted.document_id)
    assert dead_letters(shelf.database, "default") == []
    assert requeue(shelf.database, "default") == []


def test_an_unforeseen_failure_is_tried_again_a_bounded_number_of_times(shelf):
    accepted = upload(shelf)
    for _ in range(MAX_ATTEMPTS):
        due_now(shelf)
        work(shelf, FailingParser(RuntimeError("boom")))
    job = get_job(shelf.database, actor(), accepted.job_id)
    assert (job.state, job.code, job.attempts) == ("failed", "internal-error", MAX_ATTEMPTS)


def test_a_machine_that_cannot_confine_parsers_delays_jobs_and_fails_none(shelf):
    accepted = upload(shelf)
    unproven = FailingParser(SandboxUnprovenError("Files are not read here."))
    events = []
    for _ in range(MAX_LEASES + 1):
        due_now(shelf)
        assert Worker(shelf.library, dependencies_of(shelf, unproven), events.append).run_once()
    assert set(events) == {"delayed"}
    job = get_job(shelf.database, actor(), accepted.job_id)
    assert (job.state, job.code) == ("queued", "sandbox-unproven")
    assert job.reason == "Files are not read here."
    due_now(shelf)
    work(shelf)
    job = get_job(shelf.database, actor(), accepted.job_id)
    assert (job.state, job.reason, job.code) == ("succeeded", None, None)


# Progress


def test_progress_is_told_for_each_stage(shelf):
    accepted = upload(shelf)

    def stages():
        views = get_job(shelf.database, actor(), accepted.job_id).stages
        return {view.stage: view.state for view in views}

    assert stages() == dict.fromkeys(("parse", "chunk", "embed", "commit"), "waiting")
    states = []

    class Watched(PlainParser):
        def parse(self, path, filename):
            states.append(stages())
            return super().parse(path, filename)

    def watch():
        until(lambda: stages()["embed"] == "running")
        states.append(stages())

    Worker(
        shelf.library, dependencies_of(shelf, Watched(), embedder=Watching(shelf, watch))
    ).run_once()
    assert states == [
        {"parse": "running", "chunk": "waiting", "embed": "waiting", "commit": "waiting"},
        {"parse": "done", "chunk": "done", "embed": "running", "commit": "waiting"},
    ]
    assert set(stages().values()) == {"done"}
    embed = get_job(shelf.database, actor(), accepted.job_id).stages[2]
    assert (embed.done, embed.total) == (1, 1)
    assert embed.seconds >= 0


def test_a_job_that_is_done_at_once_writes_its_stages_with_its_end(shelf):
    accepted = upload(shelf)
    lease = lease_next(shelf.library)
    before = get_job(shelf.database, actor(), accepted.job_id)
    states = []

    def watch():
        states.append(get_job(shelf.database, actor(), accepted.job_id))

    ingest(shelf.library, dependencies_of(shelf, embedder=Watching(shelf, watch)), lease)
    assert states == [before]
    view = get_job(shelf.database, actor(), accepted.job_id)
    assert {stage.state for stage in view.stages} == {"done"}


def test_a_job_that_fails_at_once_shows_the_stage_it_stopped_in(shelf):
    accepted = upload(shelf)

    def fail():
        raise ChunksTooLongError("Too long.")

    Worker(shelf.library, dependencies_of(shelf, embedder=Watching(shelf, fail))).run_once()
    stages = get_job(shelf.database, actor(), accepted.job_id).stages
    assert [stage.state for stage in stages] == ["done", "done", "stopped", "waiting"]


def test_a_job_outlasts_a_beat_that_fails(shelf, caplog):
    upload(shelf)
    engine = shelf.database.engine
    missing_engine = create_engine(engine.url.set(database="/no/such/store"))

    def cut_connections():
        shelf.database.engine = missing_engine
        until(lambda: "a heartbeat failed" in caplog.text)
        shelf.database.engine = engine

    events = []
    Worker(
        shelf.library,
        dependencies_of(shelf, embedder=Watching(shelf, cut_connections)),
        events.append,
    ).run_once()
    assert events == ["succeeded"]


def test_a_cancelled_job_stops_at_the_report_after_a_beat(shelf):
    accepted = upload(shelf, "\n\n".join(f"Lamp {n} burns oil." for n in range(200)))
    texts = []

    def cancel():
        texts.append(1)
        cancel_job(shelf.database, actor(), accepted.job_id)
        until(lambda: "heartbeat" not in {thread.name for thread in threading.enumerate()})

    events = []
    small = ChunkingConfig(max_tokens=8)
    dependencies = dependencies_of(shelf, chunking=small, embedder=Watching(shelf, cancel))
    Worker(shelf.library, dependencies, events.append).run_once()
    assert (events, texts) == (["lost"], [1])
    assert count(shelf, ChunkRow) == 0


def test_a_failed_job_shows_the_stage_it_stopped_in(shelf):
    accepted = upload(shelf)
    work(shelf, FailingParser())
    stages = get_job(shelf.database, actor(), accepted.job_id).stages
    assert [stage.state for stage in stages] == ["stopped", "waiting", "waiting", "waiting"]


def test_jobs_are_listed_by_state(shelf):
    upload(shelf)
    work(shelf)
    waiting = upload(shelf, filename="other.txt")
    assert [j.job_id for j in list_jobs(shelf.database, actor(), states=["queued"])] == [
        waiting.job_id
    ]
    assert list_jobs(shelf.database, actor("bob")) == []


# The same bytes, keys and versions


def test_the_same_bytes_as_a_new_version_are_recognised(shelf):
    first = upload(shelf)
    assert upload(shelf, document_id=first.document_id) == first
    work(shelf)
    assert upload(shelf, document_id=first.document_id) == first
    assert count(shelf, Version) == 1
    assert upload(shelf, document_id=first.document_id, filename="b.txt").version == 2


def test_an_idempotency_key_belongs_to_its_route(shelf):
    first = upload(shelf, key="k")
    second = upload(shelf, "New words.", document_id=first.document_id, key="k")
    assert second.version == 2
    assert upload(shelf, "New words.", document_id=first.document_id, key="k") == second
    with pytest.raises(IdempotencyConflictError):
        upload(shelf, "Other words.", document_id=first.document_id, key="k")


def test_a_new_version_brings_its_own_file_name_when_it_becomes_searchable(shelf):
    first = upload(shelf, filename="handbook.txt")
    work(shelf)
    upload(shelf, "The beacon.", document_id=first.document_id, filename="handbook.md")
    assert get_document(shelf.library, actor().scope, first.document_id).filename == "handbook.txt"
    work(shelf)
    view = get_document(shelf.library, actor().scope, first.document_id)
    assert (view.filename, view.title) == ("handbook.md", "handbook")


# Reading again


def reingest(shelf, chunking=None, **options):
    config = chunking or ChunkingConfig()
    return reingest_outdated(shelf.library, "default", config, submitter="user:root", **options)


def test_only_documents_of_an_older_chunker_are_read_anew_and_replaced_at_once(shelf):
    accepted = upload(shelf, "\n\n".join(f"Lamp {n} burns oil." for n in range(20)))
    work(shelf)
    before = len(search_texts(shelf))
    assert reingest(shelf) == reingest(shelf)
    assert reingest(shelf).queued == []
    smaller = ChunkingConfig(max_tokens=24)
    result = reingest(shelf, smaller)
    assert (len(result.queued), result.waiting, result.current) == (1, 0, 0)
    assert (reingest(shelf, smaller).queued, reingest(shelf, smaller).waiting) == ([], 1)
    assert len(search_texts(shelf)) == before
    Worker(shelf.library, dependencies_of(shelf, chunking=smaller)).run_until_idle(threads=1)
    assert len(search_texts(shelf)) > before
    assert count(shelf, ChunkRow) == count(shelf, Vector) == len(search_texts(shelf))
    assert reingest(shelf, smaller).current == 1
    view = get_document(shelf.library, actor().scope, accepted.document_id)
    assert (view.version, view.state) == (1, "ready")
    assert len(shelf.library.blobs.names()) == 1


def test_a_document_that_cannot_be_read_anew_stays_as_it_is(shelf):
    accepted = upload(shelf)
    work(shelf)
    reingest(shelf, everything=True)
    work(shelf, FailingParser())
    assert len(search_texts(shelf)) == 1
    assert get_document(shelf.library, actor().scope, accepted.document_id).state == "ready"
    assert upload(shelf) == accepted
    assert [letter.kind for letter in dead_letters(shelf.database, "default")] == ["reingest"]


def test_reading_anew_gives_way_to_uploads_and_to_later_versions(shelf):
    first = upload(shelf)
    work(shelf)
    reingest(shelf, everything=True)
    upload(shelf, "The beacon is new.", document_id=first.document_id)
    work(shelf)
    assert search_texts(shelf, words="beacon")[0].version == 2
    jobs = list_jobs(shelf.database, actor("root"))
    assert [(job.kind, job.state) for job in jobs] == [("reingest", "cancelled")]
    assert count(shelf, Version) == 1
