"""Counting tokens as the model does: its tokenizer here, its server's, or a guess that is high."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import httpx

Counter = Callable[[str], int]

_CHARACTERS_PER_TOKEN = 3
"""A cautious guess: English needs about four, code and other scripts fewer."""
_REMEMBERED = 4_096
_PATIENCE = 2.0
_SHORT = 128
"""Bytes of a text that is not worth a request: a token is at least one byte."""


def guess_tokens(text: str) -> int:
    """Guess from the bytes; too many rather than too few."""
    return len(text.encode()) // _CHARACTERS_PER_TOKEN + 1


def local_counter(path: Path) -> Counter:
    """Count with a ``tokenizer.json``."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def server_counter(client: httpx.Client, base: str, model: str, key: str | None = None) -> Counter:
    """Count with the server's ``POST /tokenize``, as vLLM has it; guess where it has none.

    Counts are remembered: the instructions, and passages that come again, cost one request. A
    short text, such as most questions, costs none: it counts as many tokens as it has bytes.
    """
    headers = {"Authorization": f"Bearer {key}"} if key else {}

    @lru_cache(_REMEMBERED)
    def ask(text: str) -> int:
        body = {"model": model, "prompt": text, "add_special_tokens": False}
        answer = client.post(f"{base}/tokenize", json=body, headers=headers, timeout=_PATIENCE)
        return int(answer.raise_for_status().json()["count"])

    def count(text: str) -> int:
        if (size := len(text.encode())) <= _SHORT:
            return size
        try:
            return ask(text)
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return guess_tokens(text)  # the prompt gets smaller than it could be, nothing worse

    return count
