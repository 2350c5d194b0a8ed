"""Bodies of forms with a file, which FastAPI does not describe: the routes read them in blocks."""

from collections.abc import Mapping
from typing import Any

BINARY = {"type": "string", "format": "binary"}
STRINGS = {"type": "array", "items": {"type": "string"}}


def multipart_body(
    properties: Mapping[str, Any], *, required: list[str], example: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what describes a route's body as a form with these fields, for ``openapi_extra``."""
    schema = {"type": "object", "required": required, "properties": properties}
    content = {"multipart/form-data": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}
