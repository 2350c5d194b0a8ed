"""Sends requests, again where that is safe, and turns refusals into errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import httpx

from footnote_client.errors import UnreachableError, response_error
from footnote_client.events import Event, EventParser
from footnote_client.pauses import pause
from footnote_client.requests import Request
from footnote_client.retries import Retries
from footnote_client.streams import Stream


class Sender:
    """The one way to the service."""

    def __init__(self, http: httpx.Client, retries: Retries) -> None:
        self._http = http
        self._retries = retries

    def send(self, request: Request) -> httpx.Response:
        """Return the response to a request, with its body.

        Raises:
            ProblemError: the service refused.
            UnreachableError: it does not answer.

        """
        return self._send(request, is_stream=False)

    @contextmanager
    def stream(self, request: Request) -> Iterator[httpx.Response]:
        """Yield a response whose body is still to be read; raises the same errors."""
        response = self._send(request, is_stream=True)
        try:
            yield response
        except httpx.TransportError as error:
            raise UnreachableError(f"The connection broke: {error}") from error
        finally:
            response.close()

    def events(self, request: Request) -> Stream[Event]:
        """Yield the events of a response as they come; raises the same errors."""
        with self.stream(request) as response:
            parser = EventParser()
            for line in response.iter_lines():
                event = parser.feed(line)
                if event is not None:
                    yield event

    def _send(self, request: Request, *, is_stream: bool) -> httpx.Response:
        for attempt in count():
            try:
                response = self._attempt(request, is_stream=is_stream)
            except httpx.TransportError as error:
                seconds = self._retries.after_failure(request, error, attempt)
                if seconds is None:
                    text = f"{request.method} {request.path}: {error or type(error).__name__}"
                    raise UnreachableError(text) from error
            else:
                if response.is_success:
                    return response
                seconds = self._retries.after_refusal(request, response, attempt)
                if seconds is None:
                    raise response_error(response)
            pause(seconds)
        raise AssertionError  # the loop ends only by its returns

    def _attempt(self, request: Request, *, is_stream: bool) -> httpx.Response:
        """Send once; a refusal comes with its body."""
        file = request.file.open() if request.file else None
        try:
            built = self._http.build_request(
                request.method,
                request.path,
                params=dict(request.params),
                headers=dict(request.headers),
                json=request.json,
                data=dict(request.data) or None,
                files={"file": (request.file.filename, file)} if request.file else None,  # type: ignore[dict-item]
            )
            response = self._http.send(built, stream=is_stream)
        finally:
            if file is not None:
                file.close()
        if is_stream and not response.is_success:
            response.read()
            response.close()
        return response
