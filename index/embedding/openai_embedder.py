"""An embedding model behind a server that speaks OpenAI's ``POST /v1/embeddings``, such as vLLM.

A request holds one text alone: the bytes sent for a text are a function of that text and the
settings. What the server makes of them it makes in company; its bits are not ours to promise.

Source: https://platform.openai.com/docs/api-reference/embeddings
"""

import math
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from tokenizers import Tokenizer

from index.embedding.embedder import Matrix
from index.errors import EmbedderRefusedError, EmbedderUnavailableError

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses worth another attempt."""
_REFUSED = frozenset({400, 413, 422})
"""Statuses that are about this text; all others are about the server or how it is configured."""
_SPECIAL_TOKENS = 2


@dataclass(frozen=True, slots=True)
class EmbeddingEndpoint:
    """Where the model is, and how it is asked."""

    url: str
    """Without ``/v1``."""
    model: str
    tokenizer: Path
    """The model's own ``tokenizer.json``: chunks are measured here, not there."""
    max_tokens: int = 512
    dimension: int | None = None
    """The length of every vector; none takes that of the first vector the server sends."""
    key: str | None = None
    at_once: int = 8
    """Requests under way together; everything else waits in this process."""
    attempts: int = 5
    backoff_s: float = 0.25
    """The first wait between attempts; it doubles, with jitter."""
    longest_wait_s: float = 10.0
    """No wait is longer, whatever the server asks for."""
    timeout_s: float = 10.0


class RemoteEmbedder:
    """Asks a server, a text a request, and tries again what was only busy.

    When a request is turned away, all requests of the process wait: a server that is too busy is
    not asked more.
    """

    def __init__(
        self,
        endpoint: EmbeddingEndpoint,
        client: httpx.Client,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Connect.

        Raises:
            EmbedderUnavailableError: its dimension is not given, and the server does not tell.

        """
        self._endpoint = endpoint
        self._client = client
        self._sleep = sleep
        self._slots = threading.BoundedSemaphore(endpoint.at_once)
        self._open_at = 0.0
        path = endpoint.tokenizer
        self._tokenizer = Tokenizer.from_file(
            str(path / "tokenizer.json" if path.is_dir() else path)
        )
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.max_tokens = endpoint.max_tokens
        self.dimension = endpoint.dimension or len(self._ask("dimension"))
        self.name = f"server:{endpoint.model}@{self.dimension}"

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return shape (len(texts), dimension), float32, each row of length 1.

        Raises:
            EmbedderUnavailableError: the server did not answer, or not as configured.
            EmbedderRefusedError: it does not take one of the texts.

        """
        run = map if len(texts) <= 1 else self._threads.map
        rows = list(run(self._embed_one, texts))
        return np.asarray(rows, dtype=np.float32).reshape(len(texts), self.dimension)

    def count_tokens(self, text: str) -> int:
        """Count with the model's own tokenizer."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._endpoint.at_once, thread_name_prefix="embed")

    def _embed_one(self, text: str) -> Matrix:
        row = self._ask(self._visible_text(text))
        if len(row) != self.dimension:
            raise EmbedderUnavailableError(
                f"The embedding server gives {len(row)} dimensions, and {self.dimension} are in "
                "use. It has another model than before."
            )
        length = float(np.linalg.norm(row))
        if not 0 < length < math.inf:
            raise EmbedderUnavailableError("The embedding server gave a vector without a length.")
        unit: Matrix = (row / length).astype(np.float32)
        return unit

    def _visible_text(self, text: str) -> str:
        """Return what the model sees; servers refuse longer texts, and empty ones."""
        most = self.max_tokens - _SPECIAL_TOKENS
        offsets = self._tokenizer.encode(text, add_special_tokens=False).offsets
        visible_text = text if len(offsets) <= most else text[: offsets[most - 1][1]]
        return visible_text or " "

    def _ask(self, text: str) -> Any:
        """Return a float64 vector as the server gave it."""
        for attempt in range(1, self._endpoint.attempts + 1):
            with self._slots:
                self._wait_until_open()
                try:
                    response = self._post(text)
                except httpx.TransportError:
                    response = None
            if response is not None and response.status_code not in _BUSY:
                return self._vector(response)
            if attempt < self._endpoint.attempts:
                self._close_for(self._wait(attempt, response))
        raise EmbedderUnavailableError("The embedding server does not answer, or is too busy.")

    def _post(self, text: str) -> httpx.Response:
        key = self._endpoint.key
        return self._client.post(
            f"{self._endpoint.url}/v1/embeddings",
            headers={"Authorization": f"Bearer {key}"} if key else {},
            json={"model": self._endpoint.model, "input": [text], "encoding_format": "float"},
            timeout=self._endpoint.timeout_s,
        )

    def _vector(self, response: httpx.Response) -> Any:
        if response.status_code in _REFUSED:
            raise EmbedderRefusedError("The embedding server does not take this text.")
        if response.status_code != httpx.codes.OK:
            raise EmbedderUnavailableError(
                f"The embedding server answered {response.status_code}: look at its address, its "
                "key and the name of the model."
            )
        try:
            (entry,) = response.json()["data"]
            return np.asarray(entry["embedding"], dtype=np.float64).reshape(-1)
        except (ValueError, KeyError, TypeError) as error:
            raise EmbedderUnavailableError(
                "What the embedding server answered is no embedding."
            ) from error

    def _wait(self, attempt: int, response: httpx.Response | None) -> float:
        """Return the seconds to wait: what the server asks for, or longer each time."""
        retry_after = response.headers.get("Retry-After", "") if response is not None else ""
        longest = self._endpoint.backoff_s * 2 ** (attempt - 1)
        wait = (
            float(retry_after) if retry_after.isdecimal() else random.uniform(longest / 2, longest)
        )
        return min(wait, self._endpoint.longest_wait_s)

    def _close_for(self, seconds: float) -> None:
        self._open_at = max(self._open_at, time.monotonic() + seconds)

    def _wait_until_open(self) -> None:
        """Wait while the server asked for a pause, whichever request was told so."""
        if (seconds_left := self._open_at - time.monotonic()) > 0:
            self._sleep(seconds_left)
