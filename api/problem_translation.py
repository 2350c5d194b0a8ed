"""Problems in another API's shape: held back until their body is there, and sent translated."""

import json
from collections.abc import Callable
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

PROBLEM = b"application/problem+json"

Translation = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]
"""Returns the status and the body that stand for a problem."""


class ProblemTranslator:
    """Passes everything on but problems, which it sends in another shape."""

    def __init__(self, send: Send, translate: Translation, media_type: str) -> None:
        self._send = send
        self._translate = translate
        self._media_type = media_type
        self._head: Message | None = None

    async def send(self, message: Message) -> None:
        """Send a message; a problem's body comes in one piece."""
        if message["type"] == "http.response.start" and _is_problem(message):
            self._head = message
        elif self._head is not None and message["type"] == "http.response.body":
            head, self._head = self._head, None
            status, translated = self._translate(json.loads(message.get("body", b"")))
            body = json.dumps(translated, ensure_ascii=False).encode()
            await self._send(self._translated_head(head, status, len(body)))
            await self._send({**message, "body": body})
        else:
            await self._send(message)

    def _translated_head(self, message: Message, status: int, size: int) -> Message:
        head = {**message, "status": status, "headers": list(message["headers"])}
        headers = MutableHeaders(scope=head)
        headers["Content-Type"] = self._media_type
        headers["Content-Length"] = str(size)
        return head


def _is_problem(message: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(PROBLEM)
        for name, value in message["headers"]
    )
