"""A client of a running service, for ``--server URL --key KEY``."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import httpx

from api.errors import RemoteError

TIMEOUT = httpx.Timeout(120, connect=5)


class Remote:
    """Requests to one service with one key."""

    def __init__(
        self,
        url: str,
        key: str,
        transport: httpx.BaseTransport | None = None,
        *,
        reason: str = "",
    ) -> None:
        self._url = url.rstrip("/")
        self._client = httpx.Client(
            base_url=self._url,
            headers={"Authorization": f"Bearer {key}"}
            | ({"Audit-Reason": quote(reason)} if reason else {}),
            timeout=TIMEOUT,
            transport=transport,
        )

    def search(
        self, query: str, top_k: int, narrowing_fields: Mapping[str, Any] = MappingProxyType({})
    ) -> dict[str, Any]:
        """Return what ``POST /v1/search`` answers; narrowed by ``narrowing_fields``."""
        body = {"query": query, "top_k": top_k, **narrowing_fields}
        return self.call("POST", "/v1/search", json=body)

    def ask(
        self,
        question: str,
        form: str = "json",
        narrowing_fields: Mapping[str, Any] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """Return what ``POST /v1/ask`` answers; narrowed by ``narrowing_fields``."""
        body = {"question": question, "format": form, **narrowing_fields}
        return self.call("POST", "/v1/ask", json=body)

    def upload(
        self, path: Path, allow: list[str], deny: list[str], priority: str = "normal"
    ) -> dict[str, Any]:
        """Upload one file and return ``{document_id, version, job_id}``."""
        with path.open("rb") as file:
            return self.call(
                "POST",
                "/v1/documents",
                files={"file": (path.name, file)},
                data={"allow": allow, "deny": deny, "priority": priority},
            )

    def job(self, job_id: str) -> dict[str, Any]:
        """Return a job as it stands."""
        return self.call("GET", f"/v1/jobs/{job_id}")

    def lines(self, path: str, query: dict[str, Any]) -> Iterator[str]:
        """Yield the lines of a long answer as they come.

        Raises:
            RemoteError: as ``call``.

        """
        try:
            with self._client.stream("GET", path, params=query) as response:
                if not response.is_success:
                    response.read()
                    raise self._refusal(response)
                yield from response.iter_lines()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RemoteError(
                f"{self._url} does not answer. Is the service running there?"
            ) from error

    def call(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        """Send one request and return the JSON of its answer.

        Raises:
            RemoteError: the service refused, or cannot be reached; it says why.

        """
        response = self._send(method, path, **content)
        return dict(response.json()) if response.content else {}

    def text(self, path: str) -> str:
        """Return the text that a path serves.

        Raises:
            RemoteError: as ``call``.

        """
        return self._send("GET", path).text

    def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            response = self._client.request(method, path, **content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RemoteError(
                f"{self._url} does not answer. Is the service running there?"
            ) from error
        if response.is_success:
            return response
        raise self._refusal(response)

    def _refusal(self, response: httpx.Response) -> RemoteError:
        return RemoteError(
            f"{self._url} refused ({response.status_code}): {_reason(response)}",
            answered=response.status_code,
        )


def _reason(response: httpx.Response) -> str:
    try:
        problem = response.json()
        return f"{problem['title']}. {problem['detail']}"
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase
