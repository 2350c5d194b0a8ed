"""Drop copies: passages that repeat a better ranked one.

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
_DECISIVE = re.compile(
    r"(?<!\S)(?:\S*\d\S*|no|not|never|none|neither|nor|without|except|unless|cannot|\S+n['\u2019]t)(?!\S)"
)
"""Figures and negations change a statement: passages that differ in one are not copies."""

Words = list[str]
Shingle = tuple[str, ...]


def without_copies(chunks: Iterable[StoredChunk], *, threshold: float) -> Iterator[StoredChunk]:
    """Yield each chunk that is not a near duplicate of one yielded before it; the order stays.

    Passages that differ in a figure or in a negation are never copies of each other: two
    versions of one rule are evidence of a conflict, and the asker should see both.
    """
    distinct = _DistinctPassages()
    for chunk in chunks:
        words = _words(chunk.text)
        shingles = shingles_of(words)
        decisive = _decisive_words(words)
        if distinct.nearest(shingles, decisive) < threshold:
            distinct.add(shingles, decisive)
            yield chunk


class _DistinctPassages:
    """The distinct passages so far, by their shingles."""

    def __init__(self) -> None:
        self._sizes: list[int] = []
        self._decisive: list[Shingle] = []
        self._owners: dict[Shingle, list[int]] = {}

    def add(self, shingles: frozenset[Shingle], decisive: Shingle) -> None:
        for shingle in shingles:
            self._owners.setdefault(shingle, []).append(len(self._sizes))
        self._sizes.append(len(shingles))
        self._decisive.append(decisive)

    def nearest(self, shingles: frozenset[Shingle], decisive: Shingle) -> float:
        """Return the highest Jaccard similarity to a passage with equal figures and negations."""
        shared_counts = Counter(
            owner for shingle in shingles for owner in self._owners.get(shingle, ())
        )
        return max(
            (
                count / (len(shingles) + self._sizes[owner] - count)
                for owner, count in shared_counts.items()
                if self._decisive[owner] == decisive
            ),
            default=0.0,
        )


def _words(text: str) -> Words:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def shingles_of(words: Words) -> frozenset[Shingle]:
    """Return the runs of three words; a shorter text is one run."""
    last = max(1, len(words) - _WIDTH + 1)
    return frozenset(tuple(words[at : at + _WIDTH]) for at in range(last))


def _decisive_words(words: Words) -> Shingle:
    """Return every figure and every negation, in order; they are equal in copies."""
    return tuple(_DECISIVE.findall(" ".join(words)))
