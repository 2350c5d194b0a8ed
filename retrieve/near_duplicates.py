"""Copies: a passage that says what a better ranked one says already.

Source: Broder, On the Resemblance and Containment of Documents (1997): Jaccard similarity of the
sets of three words in a row.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from index.types import StoredChunk

_WORD = re.compile(r"\w+(?:['\u2019.,]\w+)*")
_WIDTH = 3
_TURNING = re.compile(
    r"(?<!\S)(?:\S*\d\S*|no|not|never|none|neither|nor|without|except|unless|cannot|\S+n['\u2019]t)(?!\S)"
)
"""Figures and negations turn a statement: passages that differ in one are not copies."""

Words = list[str]
Shingle = tuple[str, ...]


def without_copies(chunks: Iterable[StoredChunk], *, threshold: float) -> Iterator[StoredChunk]:
    """Yield each chunk that is not a near duplicate of one yielded before it; the order stays.

    Passages that differ in a figure or in a negation are never copies of each other: two
    versions of one rule are evidence of a conflict, and the asker should see both.
    """
    kept = _Kept()
    for chunk in chunks:
        words = _words(chunk.text)
        shingles = shingles_of(words)
        turns = _turns(words)
        if kept.nearest(shingles, turns) < threshold:
            kept.add(shingles, turns)
            yield chunk


class _Kept:
    """The passages that were kept, by the shingles they hold."""

    def __init__(self) -> None:
        self._sizes: list[int] = []
        self._turns: list[Shingle] = []
        self._owners: dict[Shingle, list[int]] = {}

    def add(self, shingles: frozenset[Shingle], turns: Shingle) -> None:
        for shingle in shingles:
            self._owners.setdefault(shingle, []).append(len(self._sizes))
        self._sizes.append(len(shingles))
        self._turns.append(turns)

    def nearest(self, shingles: frozenset[Shingle], turns: Shingle) -> float:
        """Return the highest Jaccard similarity to a passage that turns on the same words."""
        shared = Counter(owner for shingle in shingles for owner in self._owners.get(shingle, ()))
        return max(
            (
                count / (len(shingles) + self._sizes[owner] - count)
                for owner, count in shared.items()
                if self._turns[owner] == turns
            ),
            default=0.0,
        )


def _words(text: str) -> Words:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def shingles_of(words: Words) -> frozenset[Shingle]:
    """Return the runs of three words; a shorter text is one run."""
    last = max(1, len(words) - _WIDTH + 1)
    return frozenset(tuple(words[at : at + _WIDTH]) for at in range(last))


def _turns(words: Words) -> Shingle:
    """Return what must be equal in copies: every figure and every negation, in order."""
    return tuple(_TURNING.findall(" ".join(words)))
