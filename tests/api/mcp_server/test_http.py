"""The official client over streamable HTTP, in the newest protocol and in the one before."""

import json
import sys
import time
from contextlib import asynccontextmanager

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from api.auth.api_keys import KeyTerms, create_key
from tests.api.conftest import Person
from tests.api.mcp_server.conftest import HANDBOOK, SALARIES

URL = "http://localhost/mcp"
EARNS = "What does the keeper of the lamp earn?"
MADE_UP = "doc_0123456789abcdef01234567"
ERAS = ["legacy", "auto"]


@asynccontextmanager
async def connected(house, person, era):
    transport = httpx2.ASGITransport(app=house.app)
    headers = {"Authorization": f"Bearer {person.key}"}
    async with (
        httpx2.AsyncClient(transport=transport, headers=headers) as http,
        Client(streamable_http_client(URL, http_client=http), mode=era) as client,
    ):
        yield client


def with_client(house, person, act, era="auto"):
    async def run():
        async with connected(house, person, era) as client:
            return await act(client)

    return anyio.run(run)


def call(house, person, tool, era="auto", **arguments):
    return with_client(house, person, lambda client: client.call_tool(tool, arguments), era)


def words(result):
    return "".join(part.text for part in result.content)


def rpc(person, method, params):
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return person.post("/mcp", json=body)


@pytest.mark.parametrize("era", ERAS)
def test_the_tools_are_search_fetch_and_ask_and_only_read(house, ann, era):
    listed = with_client(house, ann, lambda client: client.list_tools(), era).tools
    assert [tool.name for tool in listed] == ["search", "fetch", "ask"]
    assert all(tool.annotations.read_only_hint for tool in listed)
    assert listed[0].input_schema["required"] == ["query"]
    assert listed[1].input_schema["required"] == ["id"]


@pytest.mark.parametrize("era", ERAS)
def test_search_and_fetch_are_as_connectors_expect_them(house, ann, handbook, era):
    found = call(house, ann, "search", era, query="annual leave")
    (result,) = found.structured_content["results"]
    assert json.loads(words(found)) == found.structured_content
    assert (result["id"], result["title"]) == (handbook, "handbook")
    assert result["url"] == f"http://localhost/v1/documents/{handbook}/text"
    fetched = call(house, ann, "fetch", era, id=handbook).structured_content
    assert set(fetched) == {"id", "title", "text", "url", "metadata"}
    assert fetched["text"] == ann.get(f"/v1/documents/{handbook}/text").text
    assert fetched["metadata"]["filename"] == "handbook.txt"


@pytest.mark.parametrize("era", ERAS)
def test_an_answer_has_numbered_citations_and_our_own_json(house, ann, handbook, era):
    answer = call(house, ann, "ask", era, question="How many days of annual leave do we have?")
    assert "28 days of annual leave" in words(answer)
    assert words(answer).startswith("Everybody has 28 days of annual leave. [1]")
    source = f"[1] handbook (http://localhost/v1/documents/{handbook}/text): \u201cEverybody has"
    assert source in words(answer)
    assert answer.structured_content["status"] == "answered"
    citation = answer.structured_content["citations"][0]
    assert citation["document_id"] == handbook
    assert HANDBOOK[citation["start"] : citation["end"]] == citation["quote"]


@pytest.mark.parametrize("era", ERAS)
def test_each_person_gets_what_that_person_may_read(house, ann, bob, handbook, salaries, era):
    async def everything(client):
        listed = await client.list_resources()
        results = [
            await client.call_tool("search", {"query": EARNS}),
            await client.call_tool("ask", {"question": EARNS}),
        ]
        return {str(each.uri) for each in listed.resources}, str(results)

    of_ann, shown_to_ann = with_client(house, ann, everything, era)
    of_bob, shown_to_bob = with_client(house, bob, everything, era)
    public, secret = (f"footnote://documents/{each}" for each in (handbook, salaries))
    assert (of_ann, of_bob) == ({public, secret}, {public})
    assert "900" in shown_to_ann
    assert "900 crowns" not in shown_to_bob
    assert salaries not in shown_to_bob


@pytest.mark.parametrize("era", ERAS)
def test_what_is_hidden_answers_as_what_does_not_exist(house, ann, bob, salaries, era):
    hidden, missing = (call(house, bob, "fetch", era, id=each) for each in (salaries, MADE_UP))
    assert hidden.is_error
    assert words(hidden) == words(missing)
    assert SALARIES in str(call(house, ann, "fetch", era, id=salaries))
    messages = []
    for document_id in (salaries, MADE_UP):
        uri = f"footnote://documents/{document_id}"
        with pytest.raises(BaseException) as refusal:
            with_client(house, bob, lambda client, uri=uri: client.read_resource(uri), era)
        error = innermost(refusal.value)
        messages.append((error.code, error.message))
    assert messages[0] == messages[1]


def innermost(error):
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, MCPError)
    return error


@pytest.mark.parametrize("era", ERAS)
def test_a_document_is_a_resource_and_the_prompt_asks_for_citations(house, ann, handbook, era):
    async def read(client):
        resource = await client.read_resource(f"footnote://documents/{handbook}")
        templates = await client.list_resource_templates()
        prompt = await client.get_prompt("answer-with-citations", {"question": "Who is ill?"})
        return resource.contents[0].text, templates, prompt.messages[0].content.text

    text, templates, prompt = with_client(house, ann, read, era)
    assert HANDBOOK in text
    assert templates.resource_templates[0].uri_template == "footnote://documents/{id}"
    assert "Who is ill?" in prompt


def test_arguments_that_do_not_fit_are_told_to_the_model(house, ann):
    for tool, arguments in (("search", {}), ("ask", {"question": ""}), ("ask", {"question": " "})):
        refused = call(house, ann, tool, **arguments)
        assert refused.is_error, (tool, arguments)
        assert words(refused)
    assert "search, fetch, ask" in words(call(house, ann, "delete"))


def test_the_sdk_is_there_before_the_first_request(make_house, monkeypatch):
    name = "mcp.server.streamable_http_manager"
    monkeypatch.delitem(sys.modules, name, raising=False)
    make_house()
    until = time.monotonic() + 60
    while name not in sys.modules and time.monotonic() < until:
        time.sleep(0.01)
    assert name in sys.modules


def test_a_read_is_in_the_audit_log_as_over_our_own_routes(house, ann, handbook):
    root = house.person("root", role="admin")
    call(house, ann, "fetch", id=handbook)
    call(house, ann, "search", query="annual leave")
    house.service.reads.flush()
    rows = root.get("/v1/admin/audit").json()["items"]
    acts = {row["act"] for row in rows if handbook in json.dumps(row)}
    assert {"text", "search"} <= acts


def test_nobody_gets_in_without_a_key(house, ann):
    for method in ("POST", "GET", "DELETE"):
        refused = house.client.request(method, "/mcp")
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == 'Bearer realm="footnote"'
    assert house.client.get("/.well-known/oauth-protected-resource").status_code == 404
    listening = ann.get("/mcp")
    assert (listening.status_code, listening.headers["allow"]) == (405, "POST")


def test_a_client_is_told_where_to_sign_in(make_house, tmp_path):
    keys = tmp_path / "jwks.json"
    keys.write_text('{"keys": [{"kty": "oct", "k": "AAAA", "kid": "a", "alg": "HS256"}]}')
    house = make_house(
        oidc_issuer="https://id.example.org", oidc_audience="footnote", oidc_jwks=str(keys)
    )
    refused = house.client.post("/mcp", json={})
    assert refused.status_code == 401
    address = refused.headers["www-authenticate"].partition('resource_metadata="')[2].rstrip('"')
    assert address == "http://localhost/.well-known/oauth-protected-resource/mcp"
    for path in (address, "/.well-known/oauth-protected-resource"):
        metadata = house.client.get(path).json()
        assert metadata["resource"] == URL
        assert metadata["authorization_servers"] == ["https://id.example.org"]
    elsewhere = house.client.get("/v1/documents")
    assert elsewhere.headers["www-authenticate"] == 'Bearer realm="footnote"'


def test_the_rate_limit_and_the_size_limit_are_those_of_every_route(house, make_house, ann):
    json_type = {"Content-Type": "application/json"}
    assert ann.post("/mcp", content=b" " * 2_000_000, headers=json_type).status_code == 413
    assert (
        ann.post("/mcp", content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    )
    limited = make_house(rate_limit=2).person("ann")
    statuses = [rpc(limited, "tools/list", {}).status_code for _ in range(3)]
    assert (statuses[0], statuses[-1]) == (200, 429)


def test_a_key_that_only_reads_may_ask_and_one_that_cannot_read_may_not(house, handbook):
    for scope, status in (("read", 200), ("write", 403)):
        key, _ = create_key(
            house.service.database, "default", "ann", terms=KeyTerms(frozenset({scope}))
        )
        answered = rpc(Person(house.client, key), "tools/list", {})
        assert answered.status_code == status
