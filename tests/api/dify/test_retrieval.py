"""Dify's external knowledge API, as two people who see different things."""

import pytest

PATH = "/v1/integrations/dify/retrieval"
EARNS = "What does the keeper of the lamp earn?"


@pytest.fixture
def documents(ann):
    return {
        "handbook": ann.add(
            "Everybody has 28 days of leave. The keeper lights the lamp.",
            filename="handbook.txt", allow=["tenant:all"],
            attributes='{"year": 2026, "kind": "rule"}',
        ),
        "salaries": ann.add(
            "The keeper of the lamp earns 900 crowns.", filename="salaries.txt", allow=["user:ann"]
        ),
    }  # fmt: skip


def ask(person, knowledge="all", *, top_k=5, threshold=0.0, **fields):
    body = {
        "knowledge_id": knowledge, "query": EARNS,
        "retrieval_setting": {"top_k": top_k, "score_threshold": threshold}, **fields,
    }  # fmt: skip
    return person.post(PATH, json=body)


def filenames(reply):
    assert reply.status_code == 200, reply.text
    return {record["metadata"]["filename"] for record in reply.json()["records"]}


def test_each_person_gets_records_of_what_they_may_read(ann, bob, documents):
    assert filenames(ask(ann)) == {"handbook.txt", "salaries.txt"}
    assert filenames(ask(bob)) == {"handbook.txt"}
    best = ask(ann, top_k=1).json()["records"]
    assert len(best) == 1
    assert set(best[0]) == {"content", "score", "title", "metadata"}
    assert "900 crowns" in best[0]["content"]
    assert 0 <= best[0]["score"] <= 1
    text = ann.get(f"/v1/documents/{documents['salaries']}/text").text
    place = best[0]["metadata"]
    assert text[place["start"] : place["end"]] == best[0]["content"]


def test_a_collection_is_a_knowledge_and_one_that_is_hidden_is_not_there(ann, bob, documents):
    body = {"name": "Pay", "allow": ["user:ann"]}
    name = ann.post("/v1/collections", json=body).json()["collection_id"]
    added = {"documents": [documents["salaries"]]}
    ann.post(f"/v1/collections/{name}/documents", json=added)
    assert filenames(ask(ann, name)) == {"salaries.txt"}
    hidden, missing = ask(bob, name), ask(bob, "col_0123456789abcdef01234567")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.json() == missing.json()


def test_the_threshold_leaves_out_what_fits_less(ann, documents):
    scores = [record["score"] for record in ask(ann).json()["records"]]
    kept = [record["score"] for record in ask(ann, threshold=scores[0]).json()["records"]]
    assert kept == [score for score in scores if score >= scores[0]]
    assert ask(ann, threshold=1.5).status_code == 422


@pytest.mark.parametrize(
    ("sign", "name", "value", "is_found"),
    [
        ("=", "year", "2026", True), ("≠", "year", 2026, False), (">", "year", "2025", True),
        ("≤", "year", 2025, False), ("is", "kind", "rule", True), ("is not", "kind", "rule", False),
        ("in", "kind", ["rule", "x"], True), ("not in", ["kind"], ["rule"], False),
        ("empty", "nobody", None, True), ("not empty", "kind", None, True),
        ("is", "filename", "handbook.txt", True),
    ],
)  # fmt: skip
def test_conditions_on_metadata_are_filters(ann, documents, sign, name, value, is_found):
    condition = {"name": name, "comparison_operator": sign, "value": value}
    conditions = {"logical_operator": "and", "conditions": [condition]}
    found = filenames(ask(ann, metadata_condition=conditions))
    assert ("handbook.txt" in found) is is_found


def test_what_is_not_offered_says_so_and_what_is_new_is_ignored(ann, documents):
    condition = {"name": "kind", "comparison_operator": "contains", "value": "ru"}
    refused = ask(ann, metadata_condition={"conditions": [condition]})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-filter")
    assert ask(ann, a_later_field=True, metadata_condition=None).status_code == 200
    assert ask(ann, metadata_condition={"conditions": []}).status_code == 200


@pytest.mark.own_service
def test_a_key_that_only_reads_is_enough(house, documents):
    from api.auth.api_keys import KeyTerms, create_key
    from tests.api.conftest import Person

    key, _ = create_key(
        house.service.database, "default", "carl", terms=KeyTerms(frozenset({"read"}))
    )
    assert filenames(ask(Person(house.client, key))) == {"handbook.txt"}
    assert house.client.post(PATH, json={}).status_code == 401
