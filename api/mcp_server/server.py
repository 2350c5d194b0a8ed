"""The protocol's server for one person, by the official SDK."""

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar

from api.mcp_server import resources
from api.mcp_server.knowledge import Knowledge
from api.mcp_server.refusals import explained, refusal_text
from api.mcp_server.tools import call_tool, described_tools
from index.errors import FootnoteError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import mcp_types
    from mcp.server.lowlevel import Server

INSTRUCTIONS = """\
Footnote answers from the documents that the signed-in person may read. Use `ask` for a question: \
every sentence of its answer carries a checked citation. Use `search` and `fetch` to look into the \
documents yourself. What `search` does not find may be there for others: say that you found \
nothing, not that it does not exist."""

Result = TypeVar("Result")


def mcp_server(knowledge: Knowledge) -> "Server[Any]":
    """Return a server that does everything as the person whose knowledge this is."""
    from mcp.server.lowlevel import Server
    from mcp_types import ListToolsResult

    async def on_list_tools(_context: Any, _params: Any) -> "mcp_types.ListToolsResult":
        return ListToolsResult(tools=described_tools())

    async def on_call_tool(
        _context: Any, params: "mcp_types.CallToolRequestParams"
    ) -> "mcp_types.CallToolResult":
        return await call_tool(knowledge, params.name, params.arguments or {})

    async def on_list_resources(
        _context: Any, params: "mcp_types.PaginatedRequestParams | None"
    ) -> "mcp_types.ListResourcesResult":
        cursor = None if params is None else params.cursor
        return await _or_error(resources.list_resources(knowledge, cursor))

    async def on_templates(_context: Any, _params: Any) -> "mcp_types.ListResourceTemplatesResult":
        return resources.list_templates()

    async def on_read_resource(
        _context: Any, params: "mcp_types.ReadResourceRequestParams"
    ) -> "mcp_types.ReadResourceResult":
        return await _or_error(resources.read_resource(knowledge, str(params.uri)))

    async def on_list_prompts(_context: Any, _params: Any) -> "mcp_types.ListPromptsResult":
        return resources.list_prompts()

    async def on_get_prompt(
        _context: Any, params: "mcp_types.GetPromptRequestParams"
    ) -> "mcp_types.GetPromptResult":
        return await _or_error(_prompt(params.name, params.arguments or {}))

    return Server(
        "footnote",
        title="Footnote",
        version=version("footnote"),
        instructions=INSTRUCTIONS,
        on_list_tools=on_list_tools,
        on_call_tool=on_call_tool,
        on_list_resources=on_list_resources,
        on_list_resource_templates=on_templates,
        on_read_resource=on_read_resource,
        on_list_prompts=on_list_prompts,
        on_get_prompt=on_get_prompt,
    )


async def _prompt(name: str, arguments: dict[str, str]) -> "mcp_types.GetPromptResult":
    return resources.get_prompt(name, arguments)


async def _or_error(work: "Awaitable[Result]") -> Result:
    """Return what the work returns; a refusal becomes the protocol's error.

    Raises:
        MCPError: the work was refused; it says why.

    """
    from mcp.shared.exceptions import MCPError
    from mcp_types import INTERNAL_ERROR, INVALID_PARAMS

    try:
        with explained():
            return await work
    except FootnoteError as error:
        is_request_at_fault = error.status < 500  # noqa: PLR2004
        code = INVALID_PARAMS if is_request_at_fault else INTERNAL_ERROR
        raise MCPError(code, refusal_text(error)) from error
