"""The model that RAGAS' metrics ask: patient, remembered, and paid for to the token."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluate.errors import UnknownJudgeError
from generate.errors import ModelError, ModelRefusedError
from generate.llm.metering import read_reply
from generate.llm.openai_client import ModelEndpoint
from generate.llm.port import FormModel, Message, Model
from generate.llm.registry import ModelSpec, Price, Registry
from generate.types import Usage

ATTEMPTS = 4
"""Calls for one reply at most; between them the judge waits, twice as long each time."""
BACKOFF_S = 0.5
GIVE_UP = 5
"""After so many prompts in a row without a reply the judge counts as down for the rest of a run."""
STALL_S = 60.0
"""The longest silence of a judge: nobody waits at a screen."""
REPLY_TOKENS = 2048
_LONGEST = 100_000
"""Characters of a reply."""


class ReplyCache:
    """Keeps replies in a file of JSON lines, so that a run again costs nothing.

    A reply is found by a hash of the judge, the whole prompt and the reply's form. Replies may
    quote documents: the file lies in the data folder and is as private as a kept run.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._replies: dict[str, str] = {}
        if file.exists():
            for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
                try:
                    key, text = json.loads(line)
                except ValueError:  # the last line of a run that was cut off
                    continue
                self._replies[key] = text

    def get(self, key: str) -> str | None:
        """Return what was said, or none."""
        return self._replies.get(key)

    def keep(self, key: str, text: str) -> None:
        """Remember a reply."""
        with self._lock:
            self._replies[key] = text
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, text], ensure_ascii=False) + "\n")


@dataclass(slots=True)
class Spending:
    """The judge's work in one run: requests, tokens, cost."""

    calls: int = 0
    failures: int = 0
    """Calls that brought no reply."""
    cached: int = 0
    """Replies that were remembered and cost nothing."""
    usage: Usage = field(default_factory=Usage)


class Judge:
    """Answers prompts through our own model client, whoever serves the model."""

    def __init__(
        self,
        model: Model,
        *,
        price: Price | None = None,
        cache: ReplyCache | None = None,
        deadline_s: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = model.name
        self.price = price
        self.spending = Spending()
        self._model = model
        self._cache = cache
        self._deadline_s = deadline_s
        self._sleep = sleep
        self._lock = threading.Lock()
        self._failures_in_a_row = 0

    @property
    def cost(self) -> float | None:
        """Return what the calls cost in the currency of the price list; none without a price."""
        if self.price is None:
            return None
        return self.price.of(
            self.spending.usage.prompt_tokens, self.spending.usage.completion_tokens
        )

    def reply(self, prompt: str, schema: Mapping[str, Any] | None = None) -> str:
        """Return the judge's words, from the cache where it has said them before.

        ``schema``, a JSON Schema, is what its server holds them to, where it can.

        Raises:
            ModelError: it has none after all attempts, or it refused.

        """
        key = hashlib.sha256(json.dumps([self.name, prompt, schema]).encode()).hexdigest()
        cached_reply = self._cache.get(key) if self._cache else None
        if cached_reply is not None:
            with self._lock:
                self.spending.cached += 1
            return cached_reply
        if self._failures_in_a_row >= GIVE_UP:
            raise ModelError(f"{self.name} did not reply to {GIVE_UP} prompts and is given up.")
        text = self._patiently(prompt, schema)
        if self._cache is not None and text.strip():
            self._cache.keep(key, text)
        return text

    def _patiently(self, prompt: str, schema: Mapping[str, Any] | None) -> str:
        model = self._model
        if schema is not None and isinstance(model, FormModel):
            model = model.in_form(schema)
        for attempt in range(ATTEMPTS):
            try:
                text, usage = read_reply(
                    model,
                    [Message("user", prompt)],
                    deadline_s=self._deadline_s,
                    longest=_LONGEST,
                )
            except ModelError as error:
                self._count(Usage(), failures=1)
                last = isinstance(error, ModelRefusedError) or attempt == ATTEMPTS - 1
                if last:
                    with self._lock:
                        self._failures_in_a_row += 1
                    raise
                self._sleep(BACKOFF_S * 2**attempt)
            else:
                self._count(usage)
                self._failures_in_a_row = 0
                return text
        raise AssertionError("the last attempt returns or raises")

    def _count(self, usage: Usage, failures: int = 0) -> None:
        with self._lock:
            self.spending.calls += 1
            self.spending.failures += failures
            self.spending.usage = self.spending.usage.plus(usage)


def judge_spec(registry: Registry, name: str, url: str | None) -> ModelSpec:
    """Return the judge as it is listed, or as one at an address of its own.

    Raises:
        UnknownJudgeError: no model of that name is listed, and no address is given.

    """
    if url is not None:
        if not url.startswith(("http://", "https://")):
            raise UnknownJudgeError(f"{url!r} is no http or https address.")
        return ModelSpec(name=name, url=url)
    for spec in registry.models:
        if spec.name == name:
            return spec
    names = ", ".join(spec.name for spec in registry.models) or "none"
    raise UnknownJudgeError(f"No model {name!r} is listed ({names}); give its --judge-url.")


def judge_endpoint(spec: ModelSpec, key: str | None) -> ModelEndpoint:
    """Return where the judge is and how patient its client is; `Judge` itself tries again."""
    return ModelEndpoint(
        name=spec.name,
        url=spec.base,
        key=key,
        served_as=spec.served_as,
        answer_tokens=min(REPLY_TOKENS, spec.context_tokens // 4),
        attempts=1,
        connect_s=10.0,
        stall_s=STALL_S,
    )
