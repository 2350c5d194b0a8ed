"""The tables of OpenAI's API hold the same on SQLite and on PostgreSQL."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from api.auth.api_keys import Caller
from api.openai_compatible.chunking_strategy import chunking_view
from api.openai_compatible.cursor_pages import PageRequest
from api.openai_compatible.file_batches import cancel_batch, create_batch, files_of_batch
from api.openai_compatible.file_objects import get_file, list_files
from api.openai_compatible.response_json import ResponseHead, new_response_id, request_echo
from api.openai_compatible.response_schemas import ResponseRequest
from api.openai_compatible.response_store import (
    cancel_response,
    claim_response,
    delete_response,
    fail_response,
    get_response,
    give_back,
    queue_response,
)
from api.openai_compatible.store_file_objects import StoreFiles
from api.openai_compatible.store_objects import get_store, list_stores
from api.openai_compatible.store_schemas import StoreFileRequest
from index.errors import NotFoundError, QueueFullError
from index.queue_caps import QueueCaps
from index.types import Actor, Scope
from ingest.lifecycle.collection_edits import (
    CollectionSpec,
    create_collection,
    delete_collection,
)
from ingest.lifecycle.management import delete_document
from ingest.upload import Upload, accept

ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann")
BOB = Actor(Scope.of("default", ["user:bob"]), "user:bob")
EVE = Actor(Scope.of("elsewhere", ["user:eve"]), "user:eve")
ONE = PageRequest(limit=1)


@pytest.fixture
def shelf(module_shelf):
    return module_shelf


def upload(shelf, name, purpose):
    content = Upload(name, [b"The lamp."], purpose=purpose, is_distinct=True)
    return accept(shelf.library, ANN, content, limit_bytes=100).document_id


def test_files_have_a_purpose_and_pages(shelf):
    ids = [upload(shelf, f"{n}.txt", "assistants") for n in range(3)]
    other = upload(shelf, "other.txt", "user_data")
    page = list_files(shelf.database, ANN.scope, ONE, "assistants")
    assert (page.data[0].id, page.has_more) == (ids[2], True)
    page = list_files(shelf.database, ANN.scope, PageRequest(9, "asc", after=ids[0]), "assistants")
    assert [each.id for each in page.data] == ids[1:]
    assert get_file(shelf.database, ANN.scope, other).purpose == "user_data"
    assert list_files(shelf.database, BOB.scope, ONE).data == []
    delete_document(shelf.library, ANN, ids[0])
    with pytest.raises(NotFoundError):
        get_file(shelf.database, ANN.scope, ids[0])


def test_vector_stores_have_batches_that_can_be_cancelled(shelf):
    files = [upload(shelf, f"b{n}.txt", "assistants") for n in range(3)]
    spec = CollectionSpec(name="Lamps", documents=files[:1])
    store = create_collection(shelf.database, ANN, spec).collection_id
    sent = [StoreFileRequest(file_id=each, attributes={"year": 2026}) for each in files[1:]]
    batch = create_batch(shelf.database, ANN, store, sent)
    assert (batch.status, batch.file_counts.in_progress) == ("in_progress", 2)
    assert files_of_batch(shelf.database, ANN, store, batch.id) == files[1:]
    assert cancel_batch(shelf.database, ANN, store, batch.id).file_counts.cancelled == 2
    view = get_store(shelf.database, ANN, store)
    assert (view.file_counts.total, view.file_counts.cancelled) == (3, 2)
    reader = StoreFiles(shelf.database, ANN, chunking_view(100))
    cancelled = reader.list(store, PageRequest(), status="cancelled")
    assert {each.id for each in cancelled.data} == set(files[1:])
    assert cancelled.data[0].attributes == {"year": 2026}
    assert list_stores(shelf.database, ANN, ONE).data[0].id == store
    assert list_stores(shelf.database, BOB, ONE).data == []
    delete_collection(shelf.database, ANN, store)
    with pytest.raises(NotFoundError):
        get_store(shelf.database, ANN, store)


def new_response(shelf, actor=ANN, **caps):
    body = ResponseRequest(input="When is the lamp lit?", background=True)
    head = ResponseHead(new_response_id(), request_echo(body), "When is the lamp lit?")
    request = {"input": "When?"}
    caps = QueueCaps(**caps)
    queue_response(shelf.database, Caller(actor, "key_1"), head, request, caps=caps)
    return head.id


def test_background_responses_have_caps_and_people_take_turns(shelf):
    def claim():
        return claim_response(shelf.database).id

    ids = [new_response(shelf, person=3) for _ in range(3)]
    with pytest.raises(QueueFullError, match="You have 3"):
        new_response(shelf, person=3)
    with pytest.raises(QueueFullError, match="Your tenant has 3"):
        new_response(shelf, BOB, person=3, tenant=3)
    assert claim() == ids[0]
    of_bob, elsewhere = new_response(shelf, BOB, person=3), new_response(shelf, EVE)
    assert [claim(), claim()] == [elsewhere, of_bob]
    give_back(shelf.database, elsewhere)  # it was refused: others come first
    assert claim() == ids[1]
    for response_id, actor in ((of_bob, BOB), (elsewhere, EVE), *((each, ANN) for each in ids)):
        delete_response(shelf.database, actor, response_id)


def test_a_race_for_the_last_place_in_the_queue_is_won_once(shelf):
    barrier = threading.Barrier(4)

    def attempt(_number):
        barrier.wait(10)
        with suppress(QueueFullError):
            return new_response(shelf, person=1)

    with ThreadPoolExecutor(4) as threads:
        accepted = list(filter(None, threads.map(attempt, range(4))))
    assert len(accepted) == 1
    delete_response(shelf.database, ANN, *accepted)


def test_a_waiting_response_is_claimed_by_one_and_given_back_or_ended(shelf):
    ids = [new_response(shelf) for _ in range(2)]
    claims = []
    threads = [
        threading.Thread(target=lambda: claims.append(claim_response(shelf.database)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claim.id for claim in claims if claim) == sorted(ids)
    give_back(shelf.database, ids[0])
    assert claim_response(shelf.database).request == {"input": "When?"}
    fail_response(shelf.database, ids[0], "It failed.")
    assert get_response(shelf.database, ANN, ids[0]).error == "It failed."
    cancel_response(shelf.database, ANN, ids[1])
    assert get_response(shelf.database, ANN, ids[1]).state == "cancelled"
    with pytest.raises(NotFoundError):
        get_response(shelf.database, BOB, ids[0])
    for response_id in ids:
        delete_response(shelf.database, ANN, response_id)
    assert claim_response(shelf.database) is None
