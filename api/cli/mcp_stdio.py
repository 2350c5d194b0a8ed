"""``footnote mcp``: the Model Context Protocol over stdin and stdout."""

from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.command_group import command_group
from api.cli.local_store import open_local_answering
from api.cli.options import ApiKey, DataFolder, Principals, ServerUrl, connect

if TYPE_CHECKING:
    from api.mcp_server.knowledge import Knowledge

app = command_group()


@app.command("mcp")
def mcp_command(
    *,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
) -> int:
    """Serve an assistant on this machine over stdin and stdout (Model Context Protocol)."""
    from api.cli.mcp_knowledge import RemoteKnowledge

    if remote := connect(server, key, principals):
        _serve(RemoteKnowledge(remote, str(server).rstrip("/")))
    else:
        _serve_locally(data, principals)
    return 0


def _serve_locally(data: Path | None, principals: list[str]) -> None:
    from api.cli.mcp_knowledge import LocalKnowledge

    with open_local_answering(data) as answering:
        _serve(LocalKnowledge(answering, principals, data))


def _serve(knowledge: "Knowledge") -> None:
    """Answer until stdin ends."""
    import anyio
    from mcp.server.stdio import stdio_server

    from api.mcp_server.server import mcp_server

    async def serve() -> None:
        server = mcp_server(knowledge)
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    anyio.run(serve)
