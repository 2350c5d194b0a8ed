"""Errors as the official client's exceptions."""

import json

import openai
import pytest

from api.auth.api_keys import KeyTerms, create_key
from api.openai_errors import openai_error, spell_field
from api.problem_details import problem
from index.errors import FootnoteError
from tests.api.conftest import Person

QUESTION = [{"role": "user", "content": "When is the lamp lit?"}]


def ask(client, **parameters):
    parameters = {"model": "footnote", "messages": QUESTION, **parameters}
    return client.chat.completions.create(**parameters)


def test_a_wrong_key_is_an_authentication_error(house, client_of):
    with pytest.raises(openai.AuthenticationError) as refusal:
        ask(client_of(Person(house.client, "fn_wrong")))
    assert (refusal.value.code, refusal.value.type) == ("invalid_api_key", "authentication_error")
    assert refusal.value.request_id.startswith("req_")


def test_a_key_without_the_scope_is_refused_permission(house, client_of):
    key, _ = create_key(
        house.service.database, "default", "ann", terms=KeyTerms(frozenset({"write"}))
    )
    with pytest.raises(openai.PermissionDeniedError) as refusal:
        ask(client_of(Person(house.client, key)))
    assert refusal.value.code == "scope_not_enough"


def test_a_key_that_only_reads_may_ask(house, client_of):
    key, _ = create_key(
        house.service.database, "default", "ann", terms=KeyTerms(frozenset({"read"}))
    )
    assert ask(client_of(Person(house.client, key))).choices


def test_a_model_that_is_not_there_is_not_found(ann_client):
    with pytest.raises(openai.NotFoundError) as refusal:
        ask(ann_client, model="gpt-9")
    assert refusal.value.code == "model_not_found"


def test_too_many_requests_are_a_rate_limit_error(make_house, client_of):
    client = client_of(make_house(rate_limit=1).person("ann"))
    client.models.list()
    with pytest.raises(openai.RateLimitError) as refusal:
        client.models.list()
    assert refusal.value.code == "rate_limit_exceeded"
    assert int(refusal.value.response.headers["retry-after"]) > 0


def test_a_missing_parameter_is_named(ann):
    response = ann.post("/v1/chat/completions", json={"model": "footnote"})
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["param"], error["code"]) == ("messages", "missing_required_parameter")
    assert response.headers["content-type"] == "application/json"


def test_a_body_that_is_no_json_is_a_bad_request(ann):
    for content, kind in ((b"{", "application/json"), (b"x", "text/plain")):
        response = ann.post("/v1/chat/completions", content=content, headers={"Content-Type": kind})
        assert (response.status_code, response.json().keys()) == (400, {"error"})


def test_a_method_that_is_not_there_says_which_ones_are(ann):
    response = ann.request("PUT", "/v1/chat/completions")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert response.json()["error"]["code"] == "method_not_allowed"


def test_our_own_routes_keep_their_problems(ann):
    response = ann.post("/v1/ask", json={})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_an_internal_error_says_nothing_of_its_cause():
    error = openai_error(problem(FootnoteError("secret words")))["error"]
    assert error["type"] == "server_error"
    assert "secret" not in json.dumps(error)


@pytest.mark.parametrize(
    ("location", "spelled"),
    [
        (("body", "messages", 0, "content", "str"), "messages[0].content"),
        (("body", "messages", 0, "content", "list[ChatTextPart]", 1, "text"),
         "messages[0].content[1].text"),
        (("query", "starting_after"), "starting_after"),
        (("body",), None),
        (("input",), "input"),
    ],
)  # fmt: skip
def test_a_fields_place_is_spelled_as_in_the_request(location, spelled):
    assert spell_field(location) == spelled
