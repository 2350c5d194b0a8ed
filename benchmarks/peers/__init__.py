"""The peers: each file wraps one of them, with the same four methods.

``build(corpus)`` loads it, ``prepare(readable)`` turns sorted class keys into whatever its filter
takes (untimed, once for each scope: a present to the peers, ours pays for it on every query),
``search(query, prepared, limit)`` is what is timed, ``close()`` gives everything back. A peer with
a knob for recall has ``knobs``, tried in order until the recall is high enough.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Protocol

from benchmarks.synthetic import Corpus, Keys, Single


class DensePeer(Protocol):
    """A vector search with a filter over access classes."""

    name: str
    kind: str
    exact: bool

    def build(self, collection: Corpus) -> None: ...

    def prepare(self, readable: Keys) -> Any: ...

    def search(self, query: Single, prepared: Any, limit: int) -> Sequence[int]: ...


DENSE = {
    "faiss": "benchmarks.peers.faiss_flat",
    "hnswlib": "benchmarks.peers.hnswlib_filter",
    "usearch": "benchmarks.peers.usearch_post",
    "lancedb": "benchmarks.peers.lance",
    "chromadb": "benchmarks.peers.chroma",
    "pgvector": "benchmarks.peers.postgres",
}
LEXICAL = {
    "tantivy": "benchmarks.peers.tantivy_filter",
    "bm25s": "benchmarks.peers.bm25s_mask",
    "rank-bm25": "benchmarks.peers.rank",
}


def load(wanted: Sequence[str], known: dict[str, str]) -> tuple[list[Any], list[str]]:
    """Return the peers, and a line for each that is not installed."""
    peers: list[Any] = []
    absent = []
    for name in wanted:
        try:
            make: Callable[[], list[Any]] = import_module(known[name]).peers
            peers += make()
        except ImportError as error:
            absent.append(f"PEER MISSING: {name}: {error}. Run `make peers`.")
    return peers, absent
