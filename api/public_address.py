"""The address of the service, as the caller of a request wrote it."""

from starlette.requests import Request


def base_url(request: Request) -> str:
    """Return the service's address without a slash at its end."""
    return str(request.base_url).rstrip("/")
