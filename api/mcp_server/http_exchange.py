"""One HTTP request of the protocol, with a server of its own that ends with it."""

from fastapi import Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive, Scope, Send

from api.body_limits import JSON_LIMIT
from api.mcp_server.knowledge import Knowledge


class McpExchange(Response):
    """The reply to one message of a client."""

    def __init__(self, knowledge: Knowledge, body: bytes) -> None:
        super().__init__()
        self._knowledge = knowledge
        self._message = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the SDK answer; nothing is kept for the next request."""
        await run_in_threadpool(_import_sdk)
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        from api.mcp_server.server import mcp_server

        manager = StreamableHTTPSessionManager(
            mcp_server(self._knowledge),
            json_response=True,
            stateless=True,
            max_request_body_size=JSON_LIMIT,
        )
        async with manager.run():
            await manager.handle_request(scope, _replayed(self._message, receive), send)


def _import_sdk() -> None:
    """Import what takes a second the first time, so that other requests do not wait for it."""
    from mcp.server import streamable_http_manager  # noqa: F401


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return the body that was read already, then what comes after it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again
