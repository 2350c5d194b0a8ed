"""Collections over HTTP: what one sees of them, and searches, asks and evaluations in them."""

import time

import pytest

LAMP = "The lamp burns rape oil. It is lit at dusk."
BOAT = "The boat burns diesel oil. It comes on Tuesdays."


@pytest.fixture
def cora(house):
    return house.person("cora", "hr/all", role="curator")


def make(person, **fields):
    response = person.post("/v1/collections", json={"name": "Rules", **fields})
    assert response.status_code == 201, response.text
    return response.json()["collection_id"]


def add(person, collection, *documents, **fields):
    response = person.post(
        f"/v1/collections/{collection}/documents", json={"documents": documents, **fields}
    )
    assert response.status_code == 204, response.text


def found(person, **body):
    passages = person.post("/v1/search", json={"query": "oil", **body}).json()["passages"]
    return {passage["document_id"] for passage in passages}


def test_a_collection_is_made_changed_and_deleted(ann):
    made = ann.post("/v1/collections", json={"name": "Rules", "labels": ["a"]})
    collection = made.json()["collection_id"]
    path = f"/v1/collections/{collection}"
    shown = ann.get(path)
    assert shown.json() == made.json()
    tag = shown.headers["etag"]
    assert ann.get(path, headers={"If-None-Match": tag}).status_code == 304
    change = {"name": "Laws", "document_quota": 3}
    changed = ann.request("PATCH", path, json=change, headers={"If-Match": tag})
    assert (changed.json()["name"], changed.json()["document_quota"]) == ("Laws", 3)
    for method, body in (("PATCH", {"json": {"name": "x"}}), ("DELETE", {})):
        late = ann.request(method, path, headers={"If-Match": tag}, **body)
        assert (late.status_code, late.json()["code"]) == (412, "precondition-failed")
    assert (
        ann.request("PATCH", path, json={"document_quota": None}).json()["document_quota"] is None
    )
    assert ann.get("/v1/collections", params={"label": "a"}).json()["items"][0]["name"] == "Laws"
    assert ann.get("/v1/collections", params={"label": "b"}).json()["items"] == []
    assert ann.request("DELETE", path).status_code == 204
    assert ann.get(path).status_code == 404


def test_what_one_does_not_see_and_what_does_not_exist_are_the_same_bytes(ann, bob):
    hidden, missing = make(ann), "col_0123456789abcdef01234567"
    own = bob.add(LAMP)
    calls = [
        ("GET", "{}", {}), ("PATCH", "{}", {"json": {"name": "x"}}), ("DELETE", "{}", {}),
        ("GET", "{}/documents", {}), ("POST", "{}/documents", {"json": {"documents": [own]}}),
        ("DELETE", f"{{}}/documents/{own}", {}),
    ]  # fmt: skip
    for method, path, content in calls:
        answers = [
            bob.request(method, f"/v1/collections/{path.format(each)}", **content)
            for each in (hidden, missing)
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].content == answers[1].content
    for route, body in (
        ("/v1/search", {"query": "oil"}),
        ("/v1/ask", {"question": "What oil?"}),
        ("/v1/evaluations", {"dataset": "generated"}),
        ("/v1/collections", {"name": "x"}),
    ):
        field = "parent_id" if route == "/v1/collections" else "collections"
        answers = [
            bob.post(route, json=body | {field: each if field == "parent_id" else [each]})
            for each in (hidden, missing)
        ]
        assert {answer.status_code for answer in answers} == {404}, route
        assert answers[0].content == answers[1].content


def test_a_search_and_an_ask_stay_in_the_collections(ann):
    lamp, boat = ann.add(LAMP), ann.add(BOAT, filename="boat.txt")
    collection = make(ann)
    add(ann, collection, lamp)
    assert found(ann) == {lamp, boat}
    assert found(ann, collections=[collection]) == {lamp}
    assert found(ann, collections=[collection], documents=[boat]) == {lamp, boat}
    assert found(ann, collections=[make(ann)]) == set()
    assert found(ann, collections=[collection], filters={"filename": "boat.txt"}) == set()
    ask = {"question": "When does the boat come?"}
    answer = ann.post("/v1/ask", json=ask | {"collections": [collection]}).json()
    assert answer["status"] == "no_evidence"
    add(ann, collection, boat)
    answer = ann.post("/v1/ask", json=ask | {"collections": [collection]}).json()
    assert {each["document_id"] for each in answer["citations"]} == {boat}


def test_an_answer_is_not_recalled_for_another_collection(make_house):
    ann = make_house(answer_cache=10).person("ann")
    lamp, boat = ann.add(LAMP), ann.add(BOAT, filename="boat.txt")
    collection = make(ann)
    add(ann, collection, lamp)
    ask = {"question": "When does the boat come?", "collections": [collection]}
    assert ann.post("/v1/ask", json=ask).json()["status"] == "no_evidence"
    add(ann, collection, boat)
    assert ann.post("/v1/ask", json=ask).json()["citations"][0]["document_id"] == boat


def test_an_evaluation_asks_in_the_collections(ann):
    lamp, boat = ann.add(LAMP), ann.add(BOAT, filename="boat.txt")
    collection = make(ann)
    add(ann, collection, lamp)
    question = {"id": "q", "question": "When does the boat come?", "answerable": True}
    body = {"dataset": "questions", "questions": [question]}
    for chosen, documents in (({}, {boat, lamp}), ({"collections": [collection]}, {lamp})):
        run = ann.post("/v1/evaluations", json=body | chosen).json()
        until = time.monotonic() + 60
        while run["state"] in {"queued", "running"} and time.monotonic() < until:
            time.sleep(0.05)
            run = ann.get(f"/v1/evaluations/{run['evaluation_id']}").json()
        assert run["state"] == "succeeded", run
        assert set(run["report"]["results"][0]["documents"]) == documents


def test_a_reader_of_a_collection_is_told_of_what_that_one_may_read_alone(ann, bob, cora, house):
    dave = house.person("dave", "hr/all")
    hidden, shared = cora.add(LAMP), cora.add(BOAT, allow="group:hr/all")
    collection = make(cora, allow=["group:hr/all"])
    add(cora, collection, hidden, shared)
    path = f"/v1/collections/{collection}"
    assert (cora.get(path).json()["documents"], dave.get(path).json()["documents"]) == (2, 1)
    assert dave.get(path).json()["bytes"] == len(BOAT)
    listed = dave.get(f"{path}/documents").json()["items"]
    assert [item["document"]["document_id"] for item in listed] == [shared]
    assert found(dave, collections=[collection]) == {shared}
    refused = dave.request("PATCH", path, json={"name": "Mine"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert dave.request("DELETE", f"{path}/documents/{shared}").status_code == 403
    assert cora.request("DELETE", f"{path}/documents/{hidden}").status_code == 204
    assert bob.get(path).status_code == 404


def test_inherited_access_is_given_and_taken_with_the_list_of_the_collection(cora, house):
    dave = house.person("dave", "hr/all")
    note, collection = cora.add(LAMP), make(cora)
    add(cora, collection, note, inherit=True)
    path = f"/v1/collections/{collection}"
    assert dave.get(f"/v1/documents/{note}").status_code == 404
    cora.request("PATCH", path, json={"allow": ["group:hr/all"]})
    assert dave.get(f"/v1/documents/{note}").json()["allow"] == ["group:hr/all"]
    assert found(dave) == {note}
    cora.request("PATCH", path, json={"allow": ["user:cora"]})
    assert dave.get(f"/v1/documents/{note}").status_code == 404
    assert found(dave) == set()


def test_a_change_after_which_one_does_not_see_the_collection_has_no_body(ann):
    path = f"/v1/collections/{make(ann, allow=['user:ann', 'user:bob'])}"
    assert ann.request("PATCH", path, json={"allow": ["user:bob"]}).status_code == 204
    assert ann.get(path).status_code == 404


def test_what_does_not_fit_is_refused_with_a_code(ann):
    chain = make(ann)
    for body, code in (
        ({"name": ""}, "invalid-request"),
        ({"name": "x", "allow": ["ann"]}, "invalid-principal"),
        ({"name": "x", "document_quota": 0}, "invalid-request"),
        ({"name": "x", "unknown": 1}, "invalid-request"),
    ):
        assert ann.post("/v1/collections", json=body).json()["code"] == code
    circle = ann.request("PATCH", f"/v1/collections/{chain}", json={"parent_id": chain})
    assert circle.json()["code"] == "collection-tree"
    note, small = ann.add(LAMP), make(ann, byte_quota=3)
    full = ann.post(f"/v1/collections/{small}/documents", json={"documents": [note]})
    assert (full.status_code, full.json()["code"]) == (413, "quota-exceeded")
