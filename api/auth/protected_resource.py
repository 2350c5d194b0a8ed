"""Tells a client of ``/mcp`` where to sign in: OAuth's protected resource metadata.

Source: RFC 9728, sections 2, 3.1 and 5.1.
"""

from typing import Any

MCP_PATH = "/mcp"
METADATA_PATH = "/.well-known/oauth-protected-resource"
"""The path of the resource follows, where a client puts it."""


def resource_metadata(base_url: str, issuer: str) -> dict[str, Any]:
    """Return the metadata of ``/mcp``: its identifier and who signs people in."""
    return {
        "resource": f"{base_url}{MCP_PATH}",
        "resource_name": "Footnote",
        "authorization_servers": [issuer],
        "bearer_methods_supported": ["header"],
    }


def sign_in_challenge(base_url: str) -> str:
    """Return the ``WWW-Authenticate`` that names the metadata."""
    return f'Bearer realm="footnote", resource_metadata="{base_url}{METADATA_PATH}{MCP_PATH}"'
