"""HTTP clients for servers that the operator has configured: models, embeddings, identities."""

import httpx


def operator_client(
    *, max_connections: int = 32, transport: httpx.BaseTransport | None = None
) -> httpx.Client:
    """Return a client that goes where it is sent: no proxy of the environment, no redirect.

    The operator may point at any address, inner ones too: these URLs come from settings alone.
    """
    return httpx.Client(
        limits=httpx.Limits(max_connections=max_connections),
        transport=transport,
        trust_env=False,
        follow_redirects=False,
    )
