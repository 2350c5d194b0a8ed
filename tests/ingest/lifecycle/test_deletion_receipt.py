"""A deleted document is gone, and a receipt says from where."""

import pytest

from index.db.tables.questions import AnswerRow
from index.errors import NotFoundError
from index.types import Actor, Scope
from ingest.chunking.chunker import ChunkingConfig
from ingest.lifecycle.deletion_receipt import deletion_receipt
from ingest.lifecycle.management import delete_document
from ingest.lifecycle.reembedding import reembed
from ingest.pipeline import IngestDependencies
from ingest.upload import Upload, accept
from ingest.worker import Worker
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.parsers import PlainParser
from tests.fakes.store import Shelf

ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann", "curator")
SECRET = "zanzibar"


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


def upload(shelf, name, text):
    accepted = accept(
        shelf.library, ANN, Upload(name, [text.encode()]), limit_bytes=10_000
    )  # fmt: skip
    Worker(
        shelf.library, IngestDependencies(shelf.embedder, PlainParser(), ChunkingConfig())
    ).run_until_idle()
    return accepted.document_id


def test_a_receipt_says_that_a_document_is_gone_and_compaction_erases_it(shelf):
    for n in range(8):
        upload(shelf, f"{n}.txt", f"The lamp number {n}.")
    doomed = upload(shelf, "doomed.txt", f"The {SECRET} lamp.")
    shelf.library.compact()
    delete_document(shelf.library, ANN, doomed)
    receipt = deletion_receipt(shelf.library, ANN.scope, doomed)
    assert receipt.is_gone
    assert not receipt.is_erased
    assert (receipt.searchable, receipt.published, receipt.buried) == (0, 1, 1)
    receipt = deletion_receipt(shelf.library, ANN.scope, doomed, compact=True)
    assert receipt.is_erased
    assert receipt.originals == receipt.rows == receipt.answers == 0
    assert deletion_receipt(shelf.open(), ANN.scope, doomed).is_erased


def test_snapshots_of_other_models_are_erased_too(shelf):
    kept_id, doomed = upload(shelf, "a.txt", "A lamp."), upload(shelf, "b.txt", f"A {SECRET}.")
    other = FakeEmbedder(dimension=16)
    beside = shelf.library.beside(other.name, other.dimension)
    reembed(shelf.library, other)
    assert beside.prepare()
    delete_document(shelf.library, ANN, doomed)
    shelf.library.save()
    assert deletion_receipt(shelf.library, ANN.scope, doomed).published == 1
    assert deletion_receipt(shelf.library, ANN.scope, doomed, compact=True).is_erased
    assert shelf.library.index.newest.rows == 1
    assert kept_id


def test_answers_that_drew_on_the_document_are_counted(shelf):
    doomed = upload(shelf, "a.txt", "A lamp.")
    with shelf.database.write() as session:
        session.add(
            AnswerRow(id="ans_1", tenant="default", asker="user:ann", question="?",
                      answer={}, documents=[doomed])
        )  # fmt: skip
    delete_document(shelf.library, ANN, doomed)
    assert deletion_receipt(shelf.library, ANN.scope, doomed).answers == 1


def test_what_was_not_deleted_has_no_receipt(shelf):
    standing = upload(shelf, "a.txt", "A lamp.")
    deleted_id = upload(shelf, "b.txt", "A bell.")
    delete_document(shelf.library, ANN, deleted_id)
    for scope, document_id in (
        (ANN.scope, standing),
        (ANN.scope, "doc_none"),
        (Scope.of("south", ["user:ann"]), deleted_id),
    ):
        with pytest.raises(NotFoundError):
            deletion_receipt(shelf.library, scope, document_id)


def test_a_key_that_was_given_again_hides_nothing(shelf):
    for n in range(8):
        upload(shelf, f"{n}.txt", f"The bell number {n}.")
    deleted_id = upload(shelf, "b.txt", f"A {SECRET} lamp.")
    shelf.library.compact()
    delete_document(shelf.library, ANN, deleted_id)
    upload(shelf, "c.txt", "A third lamp.")  # SQLite gives it the key of b.txt
    receipt = deletion_receipt(shelf.library, ANN.scope, deleted_id)
    assert receipt.is_gone
    assert not receipt.is_erased
    assert deletion_receipt(shelf.library, ANN.scope, deleted_id, compact=True).is_erased
    assert shelf.library.index.newest.rows == 9
