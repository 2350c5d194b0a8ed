"""Vector stores by the official client: a vector store is a collection of ours."""

from datetime import timedelta

import openai
import pytest
from sqlalchemy import update

from api.auth.api_keys import KeyTerms, create_key
from index.db.tables.base import utc_now
from index.db.tables.collections import Collection
from tests.api.conftest import Person

TEXTS = {
    "lamp.txt": "The lamp burns rape oil. It is lit at dusk.",
    "boat.txt": "The boat burns diesel oil. It comes on Tuesdays.",
    "stove.txt": "The stove burns peat and no oil.",
    "engine.txt": "The engine burns petrol and motor oil.",
    "kitchen.txt": "The kitchen uses olive oil.",
}
MADE_UP = "0123456789abcdef01234567"


@pytest.fixture
def files(ann_client):
    """Upload five files and return their ids by name."""
    return {
        name: ann_client.files.create(file=(name, text.encode()), purpose="assistants").id
        for name, text in TEXTS.items()
    }


def wait(client, store, file_id):
    return client.vector_stores.files.poll(file_id, vector_store_id=store.id, poll_interval_ms=50)


def names(page):
    return {result.filename for result in page}


def test_five_files_in_a_batch_are_searched_with_nested_filters(ann_client, files):
    store = ann_client.vector_stores.create(name="Oil", metadata={"team": "harbour"})
    assert (store.object, store.status, store.file_counts.total) == ("vector_store", "completed", 0)
    batch = ann_client.vector_stores.file_batches.create(
        store.id,
        files=[
            {"file_id": file_id, "attributes": {"year": 2020 + n, "wet": n % 2 == 0, "name": name}}
            for n, (name, file_id) in enumerate(files.items())
        ],
    )
    batch = ann_client.vector_stores.file_batches.poll(
        batch.id, vector_store_id=store.id, poll_interval_ms=50
    )
    assert (batch.status, batch.file_counts.completed, batch.file_counts.total) == (
        "completed", 5, 5,
    )  # fmt: skip
    store = ann_client.vector_stores.retrieve(store.id)
    assert (store.file_counts.completed, store.usage_bytes) == (5, sum(map(len, TEXTS.values())))
    assert store.metadata == {"team": "harbour"}

    def search(filters=None, **fields):
        return ann_client.vector_stores.search(
            store.id, query="oil", **({"filters": filters} if filters else {}), **fields
        )

    def is_(key, kind, value):
        return {"key": key, "type": kind, "value": value}

    assert names(search()) == set(TEXTS)
    recent = {"type": "and", "filters": [is_("year", "gte", 2022), is_("wet", "eq", True)]}
    assert names(search(recent)) == {"stove.txt", "kitchen.txt"}
    either = {"type": "or", "filters": [recent, is_("name", "in", ["boat.txt"])]}
    assert names(search(either)) == {"stove.txt", "kitchen.txt", "boat.txt"}
    for kind, value, years in (
        ("ne", 2020, {1, 2, 3, 4}), ("gt", 2022, {3, 4}), ("lt", 2021, {0}),
        ("lte", 2021, {0, 1}), ("nin", [2020, 2021], {2, 3, 4}), ("eq", 2024, {4}),
    ):  # fmt: skip
        page = search(is_("year", kind, value))
        assert {int(result.attributes["year"]) - 2020 for result in page} == years, kind
    best = search(max_num_results=1).data
    assert len(best) == 1
    assert (best[0].content[0].type, best[0].content[0].text) == ("text", TEXTS[best[0].filename])
    assert best[0].file_id == files[best[0].filename]
    few = search(ranking_options={"score_threshold": best[0].score, "ranker": "none"})
    assert all(result.score >= best[0].score for result in few)


def test_a_filtered_search_equals_that_of_a_store_with_these_files_alone(ann_client, files):
    chosen = ["lamp.txt", "boat.txt"]
    whole = ann_client.vector_stores.create(file_ids=list(files.values()))
    alone = ann_client.vector_stores.create(file_ids=[files[name] for name in chosen])
    for name, file_id in files.items():
        wait(ann_client, whole, file_id)
        ann_client.vector_stores.files.update(
            file_id, vector_store_id=whole.id, attributes={"chosen": name in chosen}
        )
    condition = {"key": "chosen", "type": "eq", "value": True}
    query = ["oil that burns", "Tuesdays"]
    filtered = ann_client.vector_stores.search(whole.id, query=query, filters=condition).data
    expected = ann_client.vector_stores.search(alone.id, query=query).data
    assert [(each.file_id, each.score) for each in filtered] == [
        (each.file_id, each.score) for each in expected
    ]
    assert names(filtered) == set(chosen)


def test_two_people_see_what_each_may_read(ann, ann_client, bob_client, files):
    store = ann_client.vector_stores.create(name="Oil", file_ids=list(files.values()))
    shared = files["boat.txt"]
    for file_id in files.values():
        wait(ann_client, store, file_id)
    with pytest.raises(openai.NotFoundError) as hidden:
        bob_client.vector_stores.search(store.id, query="oil")
    with pytest.raises(openai.NotFoundError) as missing:
        bob_client.vector_stores.search(f"col_{MADE_UP}", query="oil")
    assert hidden.value.response.content == missing.value.response.content
    both = {"allow": ["user:ann", "user:bob"]}
    ann.request("PATCH", f"/v1/collections/{store.id}", json=both)
    ann.request("PATCH", f"/v1/documents/{shared}", json=both)
    seen = bob_client.vector_stores.retrieve(store.id)
    assert (seen.file_counts.total, seen.usage_bytes) == (1, len(TEXTS["boat.txt"]))
    assert [each.id for each in bob_client.vector_stores.files.list(store.id)] == [shared]
    assert [each.file_id for each in bob_client.vector_stores.search(store.id, query="oil")] == [
        shared
    ]
    assert seen.last_active_at is None  # it moves with what others do
    for call in (
        lambda: bob_client.vector_stores.update(store.id, name="Mine"),
        lambda: bob_client.vector_stores.files.delete(shared, vector_store_id=store.id),
        lambda: bob_client.vector_stores.delete(store.id),
    ):
        with pytest.raises(openai.PermissionDeniedError):
            call()
    for file_id in (files["lamp.txt"], f"doc_{MADE_UP}"):
        with pytest.raises(openai.NotFoundError):
            bob_client.vector_stores.files.retrieve(file_id, vector_store_id=store.id)


def test_a_file_goes_in_changes_is_read_and_comes_out(ann_client, files):
    store = ann_client.vector_stores.create()
    lamp = files["lamp.txt"]
    placed = ann_client.vector_stores.files.create_and_poll(
        lamp, vector_store_id=store.id, attributes={"year": 2026}, poll_interval_ms=50
    )
    assert (placed.status, placed.attributes, placed.last_error) == (
        "completed", {"year": 2026}, None,
    )  # fmt: skip
    assert placed.chunking_strategy.static.chunk_overlap_tokens == 0
    changed = ann_client.vector_stores.files.update(
        lamp, vector_store_id=store.id, attributes={"kind": "rule"}
    )
    assert changed.attributes == {"kind": "rule"}
    content = ann_client.vector_stores.files.content(lamp, vector_store_id=store.id)
    assert [(part.type, part.text) for part in content] == [("text", TEXTS["lamp.txt"])]
    gone = ann_client.vector_stores.files.delete(lamp, vector_store_id=store.id)
    assert (gone.id, gone.deleted) == (lamp, True)
    assert ann_client.vector_stores.search(store.id, query="oil").data == []
    assert ann_client.files.retrieve(lamp).status == "processed"


def test_a_file_that_cannot_be_read_fails_with_the_reason(ann_client, ann, bob, bob_client):
    store = ann_client.vector_stores.create()
    bad = ann_client.files.create(file=("bad.bin", bytes(range(256)) * 9), purpose="user_data")
    failed = ann_client.vector_stores.files.create_and_poll(
        bad.id, vector_store_id=store.id, poll_interval_ms=50
    )
    assert (failed.status, failed.last_error.code) == ("failed", "unsupported_file")
    assert ann_client.vector_stores.retrieve(store.id).file_counts.failed == 1
    listed = ann_client.vector_stores.files.list(store.id, filter="failed")
    assert [each.id for each in listed] == [bad.id]
    assert ann_client.vector_stores.files.list(store.id, filter="completed").data == []
    both = {"allow": ["user:ann", "user:bob"]}
    ann.request("PATCH", f"/v1/collections/{store.id}", json=both)
    ann.request("PATCH", f"/v1/documents/{bad.id}", json=both)
    told = bob_client.vector_stores.files.retrieve(bad.id, vector_store_id=store.id).last_error
    assert (told.code, told.message) != (failed.last_error.code, failed.last_error.message)


def test_a_batch_that_is_cancelled_before_its_files_are_read_is_not_searched(make_house, client_of):
    client = client_of(make_house(workers=0).person("ann"))
    store = client.vector_stores.create()
    ids = [
        client.files.create(file=(name, text.encode()), purpose="assistants").id
        for name, text in TEXTS.items()
    ]
    batch = client.vector_stores.file_batches.create(store.id, file_ids=ids)
    assert (batch.status, batch.file_counts.in_progress) == ("in_progress", 5)
    assert client.vector_stores.retrieve(store.id).status == "in_progress"
    cancelled = client.vector_stores.file_batches.cancel(batch.id, vector_store_id=store.id)
    assert (cancelled.status, cancelled.file_counts.cancelled) == ("cancelled", 5)
    listed = client.vector_stores.file_batches.list_files(
        batch.id, vector_store_id=store.id, filter="cancelled", limit=2
    )
    assert {each.id for each in listed} == set(ids)
    with pytest.raises(openai.NotFoundError):
        client.vector_stores.file_batches.retrieve(f"vsfb_{MADE_UP}", vector_store_id=store.id)


def test_stores_are_listed_changed_and_deleted(ann_client):
    stores = [ann_client.vector_stores.create(name=str(n)) for n in range(3)]
    ids = [store.id for store in stores]
    assert [each.id for each in ann_client.vector_stores.list(limit=2)] == ids[::-1]
    before = ann_client.vector_stores.list(order="asc", before=ids[2], limit=1)
    assert [each.id for each in before.data] == [ids[1]]
    changed = ann_client.vector_stores.update(
        ids[0], name="New", metadata={"a": "b"},
        expires_after={"anchor": "last_active_at", "days": 7},
    )  # fmt: skip
    assert (changed.name, changed.metadata, changed.expires_after.days) == ("New", {"a": "b"}, 7)
    assert changed.expires_at - changed.last_active_at == 7 * 24 * 3600
    kept = ann_client.vector_stores.update(ids[0], name="Newer")
    assert (kept.metadata, kept.expires_after.days) == ({"a": "b"}, 7)
    never = ann_client.vector_stores.update(ids[0], expires_after=None)
    assert (never.expires_after, never.expires_at) == (None, None)
    assert ann_client.vector_stores.delete(ids[0]).deleted is True
    with pytest.raises(openai.NotFoundError):
        ann_client.vector_stores.retrieve(ids[0])


def test_a_store_that_nobody_uses_expires_and_one_in_use_does_not(house, ann_client, files):
    expiry = {"anchor": "last_active_at", "days": 1}
    store = ann_client.vector_stores.create(file_ids=[files["lamp.txt"]], expires_after=expiry)
    wait(ann_client, store, files["lamp.txt"])

    def let_pass(hours):
        with house.service.database.write() as session:
            at = utc_now() - timedelta(hours=hours)
            session.execute(update(Collection).values(last_active_at=at))

    let_pass(23)
    assert len(ann_client.vector_stores.search(store.id, query="oil").data) == 1
    used = ann_client.vector_stores.retrieve(store.id).last_active_at
    assert utc_now().timestamp() - used < 3600
    let_pass(25)
    assert ann_client.vector_stores.retrieve(store.id).status == "expired"
    with pytest.raises(openai.ConflictError) as refusal:
        ann_client.vector_stores.search(store.id, query="oil")
    assert refusal.value.code == "collection_expired"


def test_what_is_not_offered_is_a_bad_request_that_names_the_parameter(ann_client, files):
    sizes = "chunking_strategy.static"
    for strategy, param in (
        ({"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}, "chunk_overlap_tokens"),
        ({"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0}, "max_chunk_size_tokens"),
    ):
        with pytest.raises(openai.BadRequestError) as refusal:
            ann_client.vector_stores.create(
                chunking_strategy={"type": "static", "static": strategy}
            )
        assert refusal.value.param == f"{sizes}.{param}"
    kept = {"max_chunk_size_tokens": 4096, "chunk_overlap_tokens": 0}
    store = ann_client.vector_stores.create(
        file_ids=[files["lamp.txt"]], chunking_strategy={"type": "static", "static": kept}
    )
    for call, param in (
        (lambda: ann_client.vector_stores.search(store.id, query="oil", max_num_results=51),
         "max_num_results"),
        (lambda: ann_client.vector_stores.search(
            store.id, query="oil", filters={"key": "a", "type": "like", "value": 1}), "filters"),
        (lambda: ann_client.vector_stores.create(metadata={"k": "x" * 513}), "metadata.k"),
        (lambda: ann_client.vector_stores.create(extra_body={"shared": True}), "shared"),
    ):  # fmt: skip
        with pytest.raises(openai.BadRequestError) as refusal:
            call()
        assert str(refusal.value.param).startswith(param)
    with pytest.raises(openai.NotFoundError):
        ann_client.vector_stores.create(name="None", file_ids=[f"doc_{MADE_UP}"])
    assert [each.name for each in ann_client.vector_stores.list()] == [""]


@pytest.mark.own_service
def test_a_key_that_only_reads_searches_and_changes_nothing(house, ann_client, files, client_of):
    store = ann_client.vector_stores.create(file_ids=[files["lamp.txt"]])
    wait(ann_client, store, files["lamp.txt"])
    terms = KeyTerms(frozenset({"read"}))
    key, _ = create_key(house.service.database, "default", "ann", terms=terms)
    reader = client_of(Person(house.client, key))
    assert len(reader.vector_stores.search(store.id, query="oil").data) == 1
    with pytest.raises(openai.PermissionDeniedError):
        reader.vector_stores.create(name="Mine")
