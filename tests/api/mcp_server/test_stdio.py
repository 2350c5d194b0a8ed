"""The official client over stdio: ``footnote mcp`` on a data folder and on a running service."""

import json
import subprocess
import sys

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from api.cli import main
from api.cli.http_client import Remote
from api.cli.mcp_knowledge import RemoteKnowledge
from api.mcp_server.server import mcp_server
from tests.api.mcp_server.conftest import HANDBOOK, SALARIES

EARNS = "What does the keeper of the lamp earn?"
MADE_UP = "doc_0123456789abcdef01234567"


async def visit(client, hidden_id):
    """Do all that an assistant can, and return it as text."""
    outcomes = [
        await client.list_tools(),
        await client.list_resources(),
        await client.call_tool("search", {"query": EARNS}),
        await client.call_tool("ask", {"question": EARNS}),
        await client.call_tool("fetch", {"id": hidden_id}),
        await client.call_tool("fetch", {"id": MADE_UP}),
    ]
    return outcomes, " ".join(each.model_dump_json() for each in outcomes[1:])


def words(result):
    return "".join(part.text for part in result.content)


def check_what_each_sees(of_ann, of_bob):
    outcomes, text = of_ann
    assert [tool.name for tool in outcomes[0].tools] == ["search", "fetch", "ask"]
    assert "900 crowns" in words(outcomes[3])
    assert "[1]" in words(outcomes[3])
    assert SALARIES in outcomes[4].structured_content["text"]
    outcomes, text = of_bob
    assert "900 crowns" not in text
    assert "handbook" in text
    assert outcomes[4].is_error
    assert words(outcomes[4]) == words(outcomes[5])


def test_on_a_data_folder_each_person_gets_what_that_person_may_read(tmp_path, capsys):
    data = ["--data", str(tmp_path / "data")]
    for name, text, reader in (
        ("handbook.txt", HANDBOOK, "tenant:all"), ("salaries.txt", SALARIES, "user:ann"),
    ):  # fmt: skip
        (tmp_path / name).write_text(text)
        ingest = ["ingest", str(tmp_path / name), "--as", "user:ann", "--allow", reader]
        assert main([*ingest, *data]) == 0
    capsys.readouterr()
    assert main(["search", "keeper earns crowns", "--as", "user:ann", "--json", *data]) == 0
    passages = json.loads(capsys.readouterr().out)["passages"]
    salaries = next(each["document_id"] for each in passages if each["title"] == "salaries")

    async def as_user(user):
        arguments = ["-m", "api.cli", "mcp", "--as", user, *data]
        parameters = StdioServerParameters(command=sys.executable, args=arguments)
        async with Client(stdio_client(parameters), read_timeout_seconds=240) as client:
            return await visit(client, salaries)

    check_what_each_sees(anyio.run(as_user, "user:ann"), anyio.run(as_user, "user:bob"))


@pytest.mark.parametrize("era", ["legacy", "auto"])
def test_a_running_service_answers_the_owner_of_the_key(house, ann, bob, handbook, salaries, era):
    async def with_key(key):
        knowledge = RemoteKnowledge(
            Remote("http://localhost", key, _Forwarding(house.client)), "http://localhost"
        )
        async with Client(mcp_server(knowledge), mode=era) as client:
            return await visit(client, salaries)

    check_what_each_sees(anyio.run(with_key, ann.key), anyio.run(with_key, bob.key))


class _Forwarding(httpx.BaseTransport):
    """Sends the command line's requests to the service in this process."""

    def __init__(self, client):
        self._client = client

    def handle_request(self, request):
        answered = self._client.request(
            request.method, str(request.url), content=request.read(), headers=dict(request.headers)
        )
        return httpx.Response(
            answered.status_code, headers=answered.headers, content=answered.content
        )


def test_a_key_goes_with_a_server_and_a_person_with_a_data_folder(capsys):
    assert main(["mcp", "--key", "k"]) == 2
    assert main(["mcp", "--server", "http://localhost", "--key", "k", "--as", "user:ann"]) == 2
    assert "--as works on a local data folder" in capsys.readouterr().err


def test_the_sdk_is_not_imported_by_other_commands():
    code = "import sys, api.cli, api.cli.ask, api.cli.mcp_stdio; print('mcp' in sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == "False"
