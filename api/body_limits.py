"""How many bytes a request body may have, and what becomes of a refused one."""

import anyio
from starlette.datastructures import Headers
from starlette.types import Receive

JSON_LIMIT = 1 << 20
"""Bytes of a JSON body; questions are far shorter."""


FORM_OVERHEAD = 1 << 20
"""Bytes an upload may have besides the file: fields and part headers."""


DRAIN_SECONDS = 2.0
"""How long a refused body is read and thrown away, so that the sender gets to read why."""


async def drain(headers: Headers, receive: Receive) -> None:
    """Read and drop a refused body for a moment; a client told to wait for us sends none."""
    if not has_body(headers) or headers.get("expect"):
        return
    with anyio.move_on_after(DRAIN_SECONDS):
        while (await receive()).get("more_body", False):
            pass


def has_body(headers: Headers) -> bool:
    """Tell whether a request comes with a body."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
