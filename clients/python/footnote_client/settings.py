"""Where the service is and who asks: from arguments, or from the environment."""

import os

import httpx

URL_VARIABLE = "FOOTNOTE_URL"
KEY_VARIABLE = "FOOTNOTE_KEY"


def service_url(given: str | None) -> str:
    """Return the service's address.

    Raises:
        ValueError: none was given, and the environment has none.

    """
    url = given or os.environ.get(URL_VARIABLE)
    if not url:
        raise ValueError(f"Give base_url, or set {URL_VARIABLE}: http://127.0.0.1:8000")
    return url.rstrip("/")


def headers_with(key: str | None) -> dict[str, str]:
    """Return the headers of every request.

    Raises:
        ValueError: no key was given, and the environment has none.

    """
    key = key or os.environ.get(KEY_VARIABLE)
    if not key:
        raise ValueError(f"Give key, or set {KEY_VARIABLE}: an API key of the service.")
    return {"Authorization": f"Bearer {key}", "User-Agent": "footnote-client-python"}


def time_limits(seconds: float) -> httpx.Timeout:
    """Return the limits of one request: seconds of silence, and at most 10 to connect."""
    return httpx.Timeout(seconds, connect=min(10.0, seconds))
