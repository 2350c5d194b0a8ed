"""Marks of authoritative documents: who may set them, and when they go."""

import pytest
from sqlalchemy import select

from index.db.tables.documents import AuthoritativeMark
from index.documents import get_document
from index.errors import ForbiddenError, NotFoundError
from index.types import Actor, Scope
from ingest.chunking.chunker import ChunkingConfig
from ingest.errors import AuthorityError
from ingest.lifecycle.document_edits import DocumentEdit, edit_document
from ingest.lifecycle.management import delete_document
from ingest.pipeline import IngestDependencies
from ingest.upload import Upload, accept
from ingest.worker import Worker
from tests.fakes.parsers import PlainParser
from tests.fakes.store import Shelf

TEXT = "The lamp is lit at dusk."


def actor(name="owner", role="reader"):
    return Actor(Scope.of("default", [f"user:{name}"]), f"user:{name}", role)


CURATOR = actor("cora", "curator")


@pytest.fixture
def shelf(tmp_path):
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.database.engine.dispose()


def edit(shelf, who, document_id, **fields):
    edit_document(shelf.library, who, document_id, DocumentEdit(**fields), publishing="open")


def is_marked(shelf, document_id):
    return get_document(shelf.library, CURATOR.scope, document_id).authoritative


def snapshot(shelf):
    with shelf.library.read(CURATOR.scope) as reader:
        return reader.snapshot


@pytest.mark.parametrize("role", ["curator", "admin"])
def test_a_curator_marks_a_document_and_takes_the_mark_away(shelf, role):
    document_id = shelf.put(TEXT)
    before = snapshot(shelf)
    edit(shelf, actor("cora", role), document_id, authoritative=True)
    assert is_marked(shelf, document_id)
    assert snapshot(shelf) != before  # so that no cached answer stays
    edit(shelf, actor("cora", role), document_id, authoritative=False)
    assert not is_marked(shelf, document_id)


def test_to_own_a_document_is_not_enough(shelf):
    document_id = shelf.put(TEXT)
    with pytest.raises(AuthorityError, match="Ask one of them"):
        edit(shelf, actor(), document_id, authoritative=True)


def test_a_curator_marks_only_what_the_curator_may_read(shelf):
    document_id = shelf.put(TEXT, allow=["user:owner"])
    with pytest.raises(NotFoundError):
        edit(shelf, CURATOR, document_id, authoritative=True)


@pytest.mark.parametrize("role", ["reader", "curator"])
def test_a_mark_goes_where_a_reader_changes_what_the_curator_has_seen(shelf, role):
    for change in ("title", "content"):
        document_id = shelf.put(TEXT)
        edit(shelf, CURATOR, document_id, authoritative=True)
        if change == "title":
            edit(shelf, actor(role=role), document_id, title="Lamps")
        else:
            upload = Upload("note.txt", [b"It is never lit."], document_id=document_id)
            accept(shelf.library, actor(role=role), upload, limit_bytes=99, publishing="open")
        assert is_marked(shelf, document_id) == (role == "curator"), change


def test_a_version_that_was_on_its_way_when_the_mark_was_set_has_none(shelf):
    document_id = shelf.put(TEXT)
    upload = Upload("note.txt", [b"It is never lit."], document_id=document_id)
    accept(shelf.library, actor(), upload, limit_bytes=99, publishing="open")
    edit(shelf, CURATOR, document_id, authoritative=True)
    assert is_marked(shelf, document_id)
    parts = IngestDependencies(shelf.embedder, PlainParser(), ChunkingConfig())
    Worker(shelf.library, parts).run_until_idle(threads=1)
    assert get_document(shelf.library, CURATOR.scope, document_id).version == 2
    assert not is_marked(shelf, document_id)
    edit(shelf, CURATOR, document_id, authoritative=True)
    upload = Upload("note.txt", [b"It is lit at six."], document_id=document_id)
    accept(shelf.library, actor(role="curator"), upload, limit_bytes=99)
    Worker(shelf.library, parts).run_until_idle(threads=1)
    assert get_document(shelf.library, CURATOR.scope, document_id).version == 3
    assert is_marked(shelf, document_id)


def test_a_change_of_attributes_or_access_leaves_the_mark(shelf):
    document_id = shelf.put(TEXT)
    edit(shelf, CURATOR, document_id, authoritative=True)
    edit(shelf, actor(), document_id, attributes={"year": 2026}, deny=["user:eve"])
    assert is_marked(shelf, document_id)


def test_a_marked_document_can_be_deleted(shelf):
    document_id = shelf.put(TEXT)
    edit(shelf, CURATOR, document_id, authoritative=True)
    delete_document(shelf.library, actor(), document_id)
    with shelf.database.read() as session:
        assert session.scalars(select(AuthoritativeMark)).all() == []


def test_a_reader_of_somebody_elses_document_is_refused(shelf):
    document_id = shelf.put(TEXT)
    with pytest.raises((ForbiddenError, AuthorityError)):
        edit(shelf, actor("bob"), document_id, authoritative=True)
