"""The model port, and its client for servers that speak OpenAI's chat API, such as vLLM."""

import json
import logging
import socket
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import stamina

from generate.errors import (
    ModelError,
    ModelProtocolError,
    ModelRefusedError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from generate.llm.cancellation import raise_if_cancelled, wake_on_cancellation
from generate.llm.port import Delta, Message
from generate.llm.token_counting import guess_tokens
from generate.types import Usage

logger = logging.getLogger(__name__)

_BUSY = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses worth another attempt; every other refusal would be refused again."""

LINE_BYTES = 1 << 20
"""Bytes that one line of a stream may have; an event carries a token or a few."""
STREAM_BYTES = 32 << 20
"""Bytes that a stream may have in all."""
MOST_TOKENS = 1_000_000_000
"""Tokens that a server may report of one request; more is no count."""

# The default hooks print what failed, with its message, to standard output.
stamina.instrumentation.set_on_retry_hooks([])


@dataclass(frozen=True, slots=True)
class ModelEndpoint:
    """Where a model is served and how patient the client is; times in seconds."""

    name: str
    url: str
    """The server's base address, without ``/v1``."""
    key: str | None = None
    served_as: str | None = None
    """The name the server knows the model by, where that is another one."""
    answer_tokens: int = 512
    answer_tokens_field: str = "max_tokens"
    temperature: float | None = 0
    """None: the server's own."""
    reasoning_effort: str | None = None
    extra_body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """More fields of each request; one that is None is taken out."""
    attempts: int = 3
    """Requests made at most; none is made again once a token has come."""
    connect_s: float = 2.0
    stall_s: float = 10.0
    """The longest silence, before the first token and between tokens."""
    backoff_s: float = 0.1
    """The first wait between attempts is at random between half of it and all; waits double."""


@dataclass(slots=True)
class _Server:
    """Facts about a server, shared by all clients of it."""

    takes_forms: bool = True
    """It has not refused a form yet with a request that it answered without."""


@dataclass(frozen=True, slots=True)
class _Form:
    """The response format that the server enforces, if one is asked for."""

    schema: Mapping[str, Any] | None = None
    server: _Server = field(default_factory=_Server)


class OpenAIModel:
    """Client for ``POST /v1/chat/completions`` with streaming, as vLLM serves it.

    Deadlines hold to within one ``stall_s``: the clock is read whenever bytes arrive.
    Source: https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
    """

    def __init__(
        self,
        endpoint: ModelEndpoint,
        client: httpx.Client,
        *,
        count: Callable[[str], int] | None = None,
        form: _Form | None = None,
    ) -> None:
        self.name = endpoint.name
        self._form = form or _Form()
        self._endpoint = endpoint
        self._client = client
        self._count = count or guess_tokens

    def count_tokens(self, text: str) -> int:
        """Count with the model's tokenizer where one was given, else guess high."""
        return self._count(text)

    def in_form(self, schema: Mapping[str, Any]) -> "OpenAIModel":
        """Return a client whose replies the server keeps to a JSON Schema while they are written.

        A server that refuses such a request is asked without; so a reply may still not fit, as it
        may where it is cut off at ``answer_tokens``.
        """
        form = _Form(schema, self._form.server)
        return OpenAIModel(self._endpoint, self._client, count=self._count, form=form)

    def stream(self, prompt: Sequence[Message], *, deadline: float) -> Generator[Delta, None, None]:
        """Yield the reply; try again with backoff as long as nothing has come."""
        was_refused = False
        schema, server = self._form.schema, self._form.server
        if schema is not None and server.takes_forms:
            try:
                yield from self._stream_with_retries(prompt, deadline, schema)
            except ModelRefusedError:  # the form, or this request: that shows next
                was_refused = True
            else:
                return
        yield from self._stream_with_retries(prompt, deadline, None)
        if was_refused:
            logger.info("%s takes no form of a reply", self.name)
            server.takes_forms = False

    def _stream_with_retries(
        self, prompt: Sequence[Message], deadline: float, schema: Mapping[str, Any] | None
    ) -> Generator[Delta, None, None]:
        has_text = False

        def is_worth_another(error: Exception) -> bool:
            return isinstance(error, ModelUnavailableError) and not has_text

        half = self._endpoint.backoff_s / 2
        for attempt in stamina.retry_context(
            on=is_worth_another,
            attempts=self._endpoint.attempts,
            timeout=deadline - time.monotonic(),
            wait_initial=half,
            wait_jitter=half,
        ):
            with attempt, closing(self._attempt(prompt, deadline, schema)) as deltas:
                for delta in deltas:
                    has_text = True
                    yield delta

    def _attempt(
        self, prompt: Sequence[Message], deadline: float, schema: Mapping[str, Any] | None
    ) -> Generator[Delta, None, None]:
        remaining_s = deadline - time.monotonic()
        if remaining_s <= 0:
            raise ModelTimeoutError(f"No time was left to ask {self.name}.")
        request = self._request(prompt, remaining_s, schema)
        with self._translate_errors(), self._client.stream("POST", **request) as response:
            self._check(response)
            with wake_on_cancellation(lambda: _hang_up(response)):
                for event in _events(_lines(response.iter_bytes())):
                    raise_if_cancelled()
                    if time.monotonic() > deadline:
                        raise ModelTimeoutError(f"{self.name} was not done before the deadline.")
                    yield _delta(event)

    def _request(
        self, prompt: Sequence[Message], remaining_s: float, schema: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        key = self._endpoint.key
        wait = min(self._endpoint.stall_s, remaining_s)
        return {
            "url": f"{self._endpoint.url.rstrip('/')}/v1/chat/completions",
            "headers": {"Authorization": f"Bearer {key}"} if key else {},
            "timeout": httpx.Timeout(wait, connect=min(self._endpoint.connect_s, remaining_s)),
            "json": _body(self._endpoint, prompt, schema),
        }

    def _check(self, response: httpx.Response) -> None:
        if response.status_code in _BUSY:
            raise ModelUnavailableError(f"{self.name} answered {response.status_code}.")
        if response.status_code != httpx.codes.OK:
            raise ModelRefusedError(f"{self.name} refused with {response.status_code}.")

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """Turn every error of httpx into one of ours; an asker who left caused it, if one did."""
        try:
            yield
        except ModelError:
            raise_if_cancelled()
            raise
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise_if_cancelled()
            raise self._ours(error) from error

    def _ours(self, error: Exception) -> ModelError:
        if isinstance(error, httpx.TimeoutException):
            return ModelTimeoutError(f"{self.name} kept silent for too long.")
        if isinstance(error, httpx.DecodingError):
            return ModelProtocolError(f"{self.name} sent bytes that cannot be decoded.")
        return ModelUnavailableError(f"{self.name} cannot be reached.")


def _body(
    endpoint: ModelEndpoint, prompt: Sequence[Message], schema: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the body of a request; the endpoint's extra fields never replace its last ones."""
    body = {
        "seed": 0,
        "temperature": endpoint.temperature,
        "reasoning_effort": endpoint.reasoning_effort,
        **endpoint.extra_body,
        "model": endpoint.served_as or endpoint.name,
        "messages": [{"role": m.role, "content": m.content} for m in prompt],
        endpoint.answer_tokens_field: endpoint.answer_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
        **_response_format(schema),
    }
    return {name: value for name, value in body.items() if value is not None}


def _response_format(schema: Mapping[str, Any] | None) -> dict[str, Any]:
    """Source: https://docs.vllm.ai/en/latest/features/structured_outputs/."""
    if schema is None:
        return {}
    json_schema = {"name": "reply", "schema": dict(schema), "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": json_schema}}


def _hang_up(response: httpx.Response) -> None:
    """Shut the connection from outside: closing alone does not wake a thread that reads."""
    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("socket") if stream is not None else None
    if isinstance(connection, socket.socket):
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _lines(blocks: Iterable[bytes]) -> Iterator[str]:
    """Split a stream into lines, and keep no more of it in memory than one line may have.

    Raises:
        ModelProtocolError: a line, or the whole stream, is longer than any answer.

    """
    rest, total = b"", 0
    for block in blocks:
        total += len(block)
        *lines, rest = (rest + block).split(b"\n")
        if total > STREAM_BYTES or max(map(len, (*lines, rest))) > LINE_BYTES:
            raise ModelProtocolError("The model server sent more than any answer has.")
        for line in lines:
            yield line.decode(errors="replace").rstrip("\r")
    if rest:
        yield rest.decode(errors="replace")


def _events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Read server-sent events up to ``[DONE]``.

    Raises:
        ModelProtocolError: an event is not a JSON object, or no event came at all.
        ModelUnavailableError: the stream ended before ``[DONE]``, or carries an error.

    """
    has_event = False
    for line in lines:
        if not line.startswith("data:"):
            if line and not line.startswith((":", "event:", "id:", "retry:")):
                raise ModelProtocolError("The model server sent a line that is no event.")
            continue
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        has_event = True
        yield _object(data)
    raise (ModelUnavailableError if has_event else ModelProtocolError)(
        "The model broke off its answer."
    )


def _object(data: str) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError) as error:  # the latter: nested a thousand levels deep
        raise ModelProtocolError("The model server sent an event that is not JSON.") from error
    if not isinstance(event, dict):
        raise ModelProtocolError("The model server sent an event that is not an object.")
    if "error" in event:
        raise ModelUnavailableError("The model reported an error in mid-stream.")
    return event


def _delta(event: dict[str, Any]) -> Delta:
    try:
        choices = event.get("choices") or [{}]
        text = choices[0].get("delta", {}).get("content") or ""
        usage = _usage(event.get("usage"))
        if not isinstance(text, str):
            raise ModelProtocolError("The model server sent text that is not a string.")
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ModelProtocolError("The model server sent an event of another shape.") from error
    return Delta(text, usage)


def _usage(reported: Any) -> Usage | None:
    """Return the usage that the server reports; none where it is no pair of counts of tokens.

    Then the tokens are guessed (``generate/llm/metering.py``): a reply is worth more than its bill.
    """
    if not isinstance(reported, dict) or not reported:
        return None
    prompt = _token_count(reported["prompt_tokens"])
    completion = _token_count(reported["completion_tokens"])
    return None if prompt is None or completion is None else Usage(prompt, completion)


def _token_count(value: Any) -> int | None:
    is_count = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_count and 0 <= value <= MOST_TOKENS and value == int(value) else None
