"""The gate where there is no place: said at once, before a body is read, and not to repeats."""

import pytest

from api.errors import HostNotAllowedError
from api.middleware.request_guard import PROBES, check_host
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


OWN = ("localhost", "127.0.0.1", "::1")


@pytest.mark.parametrize("header", ["localhost", "LOCALHOST:80", "127.0.0.1:8000", "[::1]:80"])
def test_a_host_that_is_served_may_have_a_port(header):
    check_host(header, OWN)


@pytest.mark.parametrize(
    "header",
    [
        "localhost:80@evil", "evil@localhost", "localhost:", "localhost:x", "localhost:80:80",
        "localhost/x", "localhost evil", "localhost,evil", "[::1", "[::1]evil", "::1", "",
        "localhost:000080", "localhost#", "evil.example",
    ],
)  # fmt: skip
def test_a_host_header_that_is_no_name_and_port_of_ours_is_refused(header):
    with pytest.raises(HostNotAllowedError):
        check_host(header, OWN)


@pytest.mark.parametrize("header", ["a:80@evil", "a b", "a,b"])
def test_what_is_no_host_at_all_is_refused_where_every_name_is_served(header):
    check_host("any.example:443", ())
    with pytest.raises(HostNotAllowedError):
        check_host(header, ())


def test_two_host_headers_are_refused(house):
    headers = [("Host", "localhost"), ("Host", "evil.example")]
    answer = house.client.get("/healthz", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-body")


def test_probes_are_answered_by_any_name_where_others_reach_the_service(make_house):
    house = make_house(host="0.0.0.0", allowed_hosts=["kb.example"])
    by_address = {"Host": "10.1.2.3:8000"}
    for path in PROBES:
        assert house.client.get(path, headers=by_address).status_code in {200, 503}
    for path in ("/", "/v1/documents"):
        refusal = house.client.get(path, headers=by_address)
        assert (refusal.status_code, refusal.json()["code"]) == (421, "host-not-allowed")


def test_on_loopback_a_probe_needs_a_name_of_ours(house):
    refusal = house.client.get("/readyz", headers={"Host": "evil.example"})
    assert refusal.json()["code"] == "host-not-allowed"
