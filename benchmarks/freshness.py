"""From adding one document to finding it, with 200,000 chunks in the index.

    make peers
    .venv-peers/bin/python -m benchmarks.freshness

Ours goes the whole way: rows written and committed to SQLite (synchronous=FULL), then a search in
a new read transaction that must return the document, dense and lexical. The embedding is given.
The peers add to what they hold in memory: bm25s has to index everything again, tantivy commits.
"""

import argparse
import gc
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from benchmarks.measure import Timed, machine, table
from benchmarks.ours import build_segment
from benchmarks.peers import LEXICAL, load
from benchmarks.synthetic import corpus, texts
from index.db.tables.documents import Document
from index.segments.memory_index import IndexView
from index.text.analyzer import analyse
from index.types import Scope
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.store import Shelf

FIRST_KEY = 1_000_000_000
"""Synthetic chunks stand in the index alone; their keys are out of the database's way."""

EVERYONE = Scope.of("default", ["user:reader"])


class Store:
    """A real library on SQLite over an index of synthetic chunks that everybody may read."""

    name = "footnote, commit to SQLite and both searches"
    kind = "in this process"

    def __init__(self, rows: int, chunks: list[list[str]], folder: Path) -> None:
        self.shelf = Shelf(folder, embedder=FakeEmbedder(dimension=384))
        self.shelf.put("the first document, so that the class is known")
        with self.shelf.database.read() as session:
            class_key = session.scalars(select(Document.class_key)).one()
        collection = corpus(rows, 1000)
        collection = replace(collection, classes=np.full(rows, class_key))
        segment = build_segment(collection, lambda start, end: chunks[start:end], FIRST_KEY)
        library = self.shelf.library
        library.follow()
        view = IndexView(library.index.newest.seq, ((segment, np.ones(rows, dtype=np.bool_)),))
        assert library.snapshots.save(view)
        self.library = self.shelf.open()
        self.after_commit: list[float] = []

    def add(self, number: int) -> None:
        """Add a document and find it, or fail."""
        word = f"fresh{number}zz"
        text = f"{word} " + " ".join(f"note{number}x{at}" for at in range(100))
        self.shelf.put(text, filename=f"{number}.txt")
        committed = time.perf_counter()
        with self.library.read(EVERYONE) as reader:
            (hit,) = reader.lexical(analyse(word), 10)
            near = reader.dense(self.shelf.vector(text), 10)
            assert near[0].chunk == hit.chunk
        self.after_commit.append(time.perf_counter() - committed)


def main() -> None:
    options = _options()
    print(f"{machine()}; {vars(options)}", flush=True)
    chunks = texts(options.rows)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        store = Store(options.rows, chunks, Path(folder))
        gc.freeze()  # else the collector walks millions of words, more than a second, in some add
        rows.append(_time(Timed(store.name, store.kind), store.add, options.adds))
        after = Timed("footnote, of that after the commit", store.kind, store.after_commit[1:])
    rows.append(after)
    peers, absent = load(["tantivy", "bm25s"], LEXICAL)
    rows += [_peer(peer, chunks, options) for peer in peers]
    print(table(rows, f"One document added and found, {options.rows:,} chunks"))
    worst = 1000 * max(rows[0].seconds)
    print(f"\nThe slowest of our {options.adds} additions took {worst:.3g} ms.")
    print("\n".join([f"\n{len(absent)} peers not installed.", *absent]))


def _peer(peer: Any, chunks: list[list[str]], options: argparse.Namespace) -> Timed:
    classes = np.zeros(len(chunks), dtype=np.int64)
    if peer.name.startswith("tantivy"):
        peer.build(chunks, classes)
        peer.writer = peer.index.writer(heap_size=50_000_000, num_threads=1)

        def add(number: int) -> None:
            peer.add(len(chunks) + number, [f"fresh{number}zz", *chunks[0]], 0)
            peer.writer.commit()
            peer.refresh()
            assert len(peer.search([f"fresh{number}zz"], None, 10)) == 1

        return _time(Timed("tantivy, commit and reload", peer.kind), add, options.adds)

    def again(number: int) -> None:
        more = [*chunks, [f"fresh{number}zz", *chunks[0]]]
        peer.build(more, np.zeros(len(more), dtype=np.int64))
        assert peer.search([f"fresh{number}zz"], None, 10)[0] == len(chunks)

    return _time(Timed("bm25s, indexed anew", peer.kind), again, options.again)


def _time(timed: Timed, add: Callable[[int], None], count: int) -> Timed:
    add(count)  # compiles and warms up
    for number in range(count):
        start = time.perf_counter()
        add(number)
        timed.seconds.append(time.perf_counter() - start)
    return timed


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--adds", type=int, default=100)
    parser.add_argument("--again", type=int, default=2, help="how often bm25s indexes anew")
    return parser.parse_args()


if __name__ == "__main__":
    main()
