"""Cutting work into batches (``itertools.batched`` needs Python 3.12)."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def batched(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield slices of at most ``size`` items, in order."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
