"""The gate where there is no place: said at once, before a body is read, and not to repeats."""

import pytest

from index.types import Actor, Scope

BOB = Actor(Scope.of("default", ["user:bob"]), "user:bob", "reader")
TEXT = "The ferry to Ardal leaves the north pier at nine. A ticket costs four crowns."
ASKED = {"question": "When does the ferry to Ardal leave?"}


@pytest.fixture
def house(make_house):
    house = make_house(ask_workers=1, ask_places=1, ask_queue=0)
    house.person("ann").add(TEXT, allow=["tenant:all"])
    return house


@pytest.fixture
def full(house):
    """Somebody else has the only place."""
    place = house.service.questions.admission.enter(house.service.questions.asker(BOB))
    assert place.grant.done()
    return place


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search"])
def test_a_refusal_does_not_wait_for_the_body_to_be_read(house, full, path):
    ann = house.person("ann")
    response = ann.post(path, content=b"{not json", headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (429, "overloaded")
    assert int(response.headers["Retry-After"]) >= 1
    full.leave()
    accepted_response = ann.post(
        path, content=b"{not json", headers={"Content-Type": "application/json"}
    )
    assert accepted_response.status_code != 429


def test_an_answer_that_is_asked_for_again_needs_no_place(house):
    ann, key = house.person("ann"), {"Idempotency-Key": "one"}
    first = ann.post("/v1/ask", json=ASKED, headers=key)
    place = house.service.questions.admission.enter(house.service.questions.asker(BOB))
    again = ann.post("/v1/ask", json=ASKED, headers=key)
    assert again.status_code == 200
    assert again.json()["answer_id"] == first.json()["answer_id"]
    other = ann.post("/v1/ask", json=ASKED, headers={"Idempotency-Key": "two"})
    assert other.status_code == 429
    place.leave()


def test_what_needs_no_place_is_served_while_there_is_none(house, full):
    assert house.person("ann").get("/v1/documents").status_code == 200
