"""The OpenAPI description: every answer has a form, every error is a problem."""

import pytest

from api.openai_errors import openai_status, speaks_openai
from index.errors import FootnoteError

PROBLEM = "application/problem+json"
OPEN = {"/healthz", "/livez", "/readyz"}
STATES = {
    "JobView": {
        "state": ["queued", "running", "succeeded", "failed", "cancelled"],
        "priority": ["low", "normal", "high"],
        "kind": ["ingest", "reingest"],
    },
    "DocumentView": {"state": ["processing", "ready", "failed", "quarantined"]},
    "StageView": {"state": ["waiting", "running", "done", "stopped"]},
    "KeyView": {"role": ["reader", "evaluator", "contributor", "curator", "admin", "operator"]},
    "RunView": {"state": ["queued", "running", "succeeded", "failed", "cancelled"]},
    "ReviewView": {"state": ["pending", "approved", "denied", "expired"]},
}


def operations(description):
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def codes():
    """Return the status of every error's code."""
    kinds, known = [FootnoteError], {}
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
        known[kind.code] = kind.status
    return known


def test_every_success_has_a_form_or_a_media_type(description):
    for name, operation in operations(description):
        answers = {s: r for s, r in operation["responses"].items() if s.startswith("2")}
        assert answers, name
        for status, answer in answers.items():
            if status == "204":
                assert "content" not in answer, name
                continue
            assert answer["content"], (name, status)
            for media_type, content in answer["content"].items():
                if media_type == "application/json":
                    assert "$ref" in content["schema"], (name, status)


def test_every_error_is_a_problem_with_an_example_of_each_code(description):
    known = codes()
    for name, operation in operations(description):
        for status, answer in operation["responses"].items():
            if status.startswith(("2", "3")) or speaks_openai(name.split()[1]):
                continue
            assert list(answer["content"]) == [PROBLEM], (name, status)
            content = answer["content"][PROBLEM]
            assert content["schema"]["$ref"].startswith("#/components/schemas/"), (name, status)
            assert content["examples"], (name, status)
            for code, example in content["examples"].items():
                assert example["value"]["status"] == known[code] == int(status), (name, code)


def test_every_error_of_openais_routes_is_one_of_its_kind_with_an_example_of_each_code(description):
    statuses = {openai_status(status) for status in codes().values()}
    described = [(n, o) for n, o in operations(description) if speaks_openai(n.split()[1])]
    assert described
    for name, operation in described:
        for status, answer in operation["responses"].items():
            if status.startswith(("2", "3")):
                continue
            assert list(answer["content"]) == ["application/json"], (name, status)
            content = answer["content"]["application/json"]
            assert content["schema"]["$ref"].endswith("/OpenAiErrorBody"), (name, status)
            assert int(status) in statuses, (name, status)
            for code, example in content["examples"].items():
                error = example["value"]["error"]
                assert error.keys() == {"message", "type", "param", "code"}, (name, code)


def test_a_route_that_takes_a_body_says_how_it_refuses_one(description):
    for name, operation in operations(description):
        with_body = "requestBody" in operation
        refusals = ("400", "413") if speaks_openai(name.split()[1]) else ("400", "413", "415")
        for status in refusals:
            assert not with_body or status in operation["responses"], (name, status)


def test_only_an_open_route_does_not_say_that_it_needs_a_key(description):
    for name, operation in operations(description):
        is_open = name.split()[1] in OPEN
        assert ("401" in operation["responses"]) is not is_open, name
        assert ("security" in operation) is not is_open, name


def test_retry_after_is_described_where_it_is_sent(description):
    for name, operation in operations(description):
        for status in {"429", "503"} & operation["responses"].keys():
            assert "Retry-After" in operation["responses"][status]["headers"], (name, status)


@pytest.mark.parametrize("view", STATES)
def test_states_are_lists_of_words(description, view):
    properties = description["components"]["schemas"][view]["properties"]
    for name, words in STATES[view].items():
        assert properties[name]["enum"] == words


def test_the_description_refers_to_nothing_that_it_lacks(description):
    schemas = description["components"]["schemas"]

    def references(value):
        if isinstance(value, dict):
            if isinstance(target := value.get("$ref"), str):
                yield target
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    for target in set(references(description)):
        assert target.removeprefix("#/components/schemas/") in schemas, target


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/documents", "GET, POST"),
        ("PUT", "/v1/documents/doc_1", "DELETE, GET, PATCH"),
        ("GET", "/v1/ask", "POST"),
        ("POST", "/healthz", "GET"),
        ("POST", "/docs", "GET"),
    ],
)
def test_a_method_that_is_not_allowed_is_told_which_ones_are(ann, method, path, allowed):
    response = ann.request(method, path)
    assert (response.status_code, response.json()["code"]) == (405, "method-not-allowed")
    assert response.headers["allow"] == allowed
    assert response.headers["content-type"] == PROBLEM


def test_the_docs_page_comes_from_here_alone(house):
    page = house.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "http://" not in page.text
    assert "https://" not in page.text
    for path in ("/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/docs/docs.js"):
        assert house.client.get(path).status_code == 200, path


def test_an_answer_in_a_conversation_has_the_form_of_a_stored_answer(description):
    schemas = description["components"]["schemas"]
    reference, nothing = schemas["TurnView"]["properties"]["answer"]["anyOf"]
    assert reference == {"$ref": "#/components/schemas/StoredAnswer"}
    assert nothing == {"type": "null"}
    assert schemas["StoredAnswer"]["properties"].keys() < schemas["AnswerView"]["properties"].keys()
