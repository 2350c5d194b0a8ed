"""Types of streams, with and without an event loop: an iterator that can be closed."""

from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, closing
from typing import TypeVar

Item = TypeVar("Item")

AsyncStream = AsyncGenerator[Item, None]
Stream = Generator[Item, None, None]

__all__ = ["AsyncStream", "Stream", "aclosing", "closing"]
