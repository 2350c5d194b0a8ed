"""Texts with stored vectors are not embedded again; only the submitter's own texts count."""

import pytest
from sqlalchemy import select, update

from index.db.tables.base import utc_now
from index.db.tables.documents import ChunkRow, Vector
from index.db.tables.jobs import Job
from index.types import Actor, Scope
from ingest.chunking.chunker import ChunkingConfig
from ingest.embed import digest
from ingest.lifecycle.document_edits import DocumentEdit, edit_document
from ingest.lifecycle.management import delete_document
from ingest.lifecycle.reingestion import reingest_outdated
from ingest.pipeline import IngestDependencies
from ingest.queue.jobs import get_job
from ingest.upload import Upload, accept
from ingest.worker import Worker
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.embedding_server import remote_at, running_embedding_server
from tests.fakes.parsers import PlainParser
from tests.fakes.store import Shelf


class Counting(FakeEmbedder):
    """Remembers what it was asked for."""

    def __init__(self):
        super().__init__()
        self.texts = []

    def embed(self, texts):
        self.texts += texts
        return super().embed(texts)


PARAGRAPHS = [f"Paragraph {i}. " + f"The lamp of tower {i} is lit at dusk. " * 20 for i in range(6)]
TEXT = "\n\n".join(PARAGRAPHS)


def actor(name="ann", role="reader", tenant="default"):
    return Actor(Scope.of(tenant, [f"user:{name}"]), f"user:{name}", role)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path, embedder=Counting())


def add(shelf, text=TEXT, who=None, **options):
    """Upload and ingest; return the document and what was embedded for it."""
    who = who or actor()
    allow = options.pop("allow", [who.owner])
    body = Upload(blocks=[text.encode()], filename="note.txt", allow=allow, **options)
    accepted = accept(shelf.library, who, body, limit_bytes=1 << 20, publishing="open")
    shelf.embedder.texts.clear()
    work(shelf)
    return accepted.document_id, list(shelf.embedder.texts)


def work(shelf):
    dependencies = IngestDependencies(shelf.embedder, PlainParser(), ChunkingConfig())
    Worker(shelf.library, dependencies).run_until_idle(threads=1)


def stored_rows(shelf, document_id=None):
    """Return text and vector of each chunk, in order."""
    with shelf.database.read() as session:
        rows = session.execute(
            select(ChunkRow, Vector.data)
            .join(Vector, Vector.chunk_key == ChunkRow.key)
            .order_by(ChunkRow.document_key, ChunkRow.ordinal)
        ).all()
        return [(row[0].context, row[0].text, row[0].digest, row[1]) for row in rows]


def test_a_reingestion_embeds_nothing_and_changes_no_bit(shelf):
    _, texts = add(shelf)
    before = stored_rows(shelf)
    assert len(texts) == len(before) > 3
    shelf.embedder.texts.clear()
    reingest_outdated(
        shelf.library, "default", ChunkingConfig(), submitter="user:root", everything=True
    )
    work(shelf)
    assert shelf.embedder.texts == []
    assert stored_rows(shelf) == before


def test_a_hit_has_the_bits_that_the_model_gives(shelf):
    add(shelf)
    add(shelf, allow=["user:ann", "user:bob"])
    for context, text, name, data in stored_rows(shelf):
        whole = f"{context}\n{text}"
        assert name == digest(whole)
        assert data == FakeEmbedder().embed([whole])[0].astype("<f2").tobytes()


def test_a_new_version_embeds_what_has_changed(shelf):
    document_id, texts = add(shelf)
    changed_text = TEXT.replace(PARAGRAPHS[3], "Something else is said here. " * 20)
    _, again = add(shelf, changed_text, document_id=document_id)
    assert 0 < len(again) < len(texts)
    assert set(again).isdisjoint(texts)


def test_the_same_text_uploaded_again_with_other_readers_is_not_embedded(shelf):
    add(shelf)
    assert add(shelf, allow=["tenant:all"])[1] == []


def test_what_stands_twice_in_a_document_is_embedded_once(shelf):
    _, texts = add(shelf, "\n\n".join([PARAGRAPHS[0]] * 5), title="Lamp")
    assert len(texts) == len(set(texts)) < len(stored_rows(shelf))


@pytest.mark.parametrize("allow", [["user:ann"], ["user:ann", "user:bob"], ["tenant:all"]])
def test_what_others_uploaded_is_embedded_again_also_where_it_may_be_read(shelf, allow):
    _, texts = add(shelf, allow=allow)
    assert add(shelf, who=actor("bob"))[1] == texts
    assert add(shelf, who=actor("ann", tenant="elsewhere"))[1] == texts


def test_what_its_owner_may_not_read_any_more_is_embedded_again(shelf):
    document_id, texts = add(shelf)
    curator = actor("ann", "curator")
    edit_document(shelf.library, curator, document_id, DocumentEdit(allow=["group:hr/all"]))
    assert add(shelf)[1] == texts


def test_a_new_version_by_a_curator_does_not_look_into_the_owner_s_other_documents(shelf):
    add(shelf)
    document_id, _ = add(shelf, "The log is kept.", allow=["user:ann", "user:cora"])
    _, texts = add(shelf, who=actor("cora", "curator"), document_id=document_id)
    assert len(texts) > 3


def test_another_model_s_vectors_are_not_taken(shelf):
    _, texts = add(shelf)
    with shelf.database.write() as session:
        for vector in session.scalars(select(Vector)):
            vector.model = "older"
    assert add(shelf, allow=["tenant:all"])[1] == texts


def test_it_goes_with_the_last_document_that_has_it(shelf):
    document_id, texts = add(shelf)
    delete_document(shelf.library, actor(), document_id)
    assert stored_rows(shelf) == []
    assert add(shelf)[1] == texts


def test_a_server_that_is_away_delays_a_document_and_uses_up_no_attempt(tmp_path):
    with running_embedding_server() as server:
        shelf = Shelf(tmp_path, embedder=remote_at(server, dimension=64, attempts=2))
        server.failures = 1000
        body = Upload(blocks=[TEXT.encode()], filename="note.txt")
        accepted = accept(shelf.library, actor(), body, limit_bytes=1 << 20, publishing="open")
        work(shelf)
        job = get_job(shelf.database, actor(), accepted.job_id)
        assert (job.state, job.attempts, job.code) == ("queued", 0, "embedder-unavailable")
        server.failures = 0
        with shelf.database.write() as session:
            session.execute(update(Job).values(run_after=utc_now()))
        work(shelf)
        assert get_job(shelf.database, actor(), accepted.job_id).state == "succeeded"
        inputs = {body["input"][0] for body in server.requests}
        assert inputs == {f"{context}\n{text}" for context, text, _, _ in stored_rows(shelf)}
