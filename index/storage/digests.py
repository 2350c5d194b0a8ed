"""The size and the SHA-256 of bytes, counted while they pass."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

BLOCK = 1 << 20


class RunningDigest:
    """Counts and hashes the blocks that pass."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self.size = 0
        """Bytes that have passed."""

    @property
    def sha256(self) -> str:
        """The digest of what has passed, as hexadecimal digits."""
        return self._sha256.hexdigest()

    def add(self, block: bytes) -> None:
        """Count and hash one block."""
        self._sha256.update(block)
        self.size += len(block)

    def passing(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield each block once it is counted."""
        for block in blocks:
            self.add(block)
            yield block


def blocks_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the rest of a file in blocks of 1 MiB."""
    while block := file.read(BLOCK):
        yield block
