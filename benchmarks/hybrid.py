"""Hybrid search behind access classes: vectors and words together, fused, beside the peers.

    make peers
    .venv-peers/bin/python -m benchmarks.hybrid --rows 200000 --classes 1000

Ours is both exact legs and the fusion of the service. LanceDB has a hybrid search of its own
(reciprocal ranks, the filter before both legs). For the libraries two are joined by hand as a
caller would: faiss-cpu's flat index and tantivy, each filtered, fused by reciprocal ranks. The
rankings differ by intent (statistics of the readable rows, another fusion), so no recall is
printed; ``benchmarks.dense`` has that of the vectors.
"""

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.measure import Timed, interleave, machine, pin, table
from benchmarks.ours import Footnote
from benchmarks.synthetic import (
    Corpus,
    Keys,
    Single,
    corpus,
    questions,
    readable_classes,
    term_questions,
    texts,
)  # fmt: skip
from retrieve.fusion import fuse

WEIGHT = 0.3
"""Of the dense leg: what is fused costs the same whatever it is."""

Chunks = list[list[str]]


class Ours:
    """Both legs and the fusion of the service."""

    name = "footnote"
    kind = "in this process"

    def build(self, collection: Corpus, chunks: Chunks) -> None:
        self._footnote = Footnote()
        self._footnote.build(collection, lambda start, end: chunks[start:end])

    def prepare(self, readable: Keys) -> Keys:
        return readable

    def search(self, query: Single, terms: Sequence[str], prepared: Keys, limit: int) -> list[int]:
        dense, lexical = self._footnote.both(query, terms, prepared, limit)
        fused = fuse(dense, lexical, dense_weight=WEIGHT, candidates=limit)
        return sorted(fused, key=fused.__getitem__, reverse=True)[:limit]


class Joined:
    """faiss-cpu with IDSelectorArray and tantivy with a class filter, fused by ranks."""

    name = "faiss + tantivy, ranks fused"
    kind = "library"

    def build(self, collection: Corpus, chunks: Chunks) -> None:
        from benchmarks.peers.faiss_flat import Flat
        from benchmarks.peers.tantivy_filter import Tantivy

        self._dense, self._words = Flat("IDSelectorArray"), Tantivy()
        self._dense.build(collection)
        self._dense.threads(1)
        self._words.build(chunks, collection.classes)

    def prepare(self, readable: Keys) -> tuple[Any, Any]:
        return self._dense.prepare(readable), self._words.prepare(readable)

    def search(self, query: Single, terms: Sequence[str], prepared: Any, limit: int) -> list[int]:
        near = self._dense.search(query, prepared[0], limit)
        text = [at.doc for _, at in self._words.search(terms, prepared[1], limit)]
        scores: dict[int, float] = {}
        for leg in (near, text):
            for rank, key in enumerate(leg):
                scores[key] = scores.get(key, 0.0) + 1 / (60 + rank)
        return sorted(scores, key=scores.__getitem__, reverse=True)[:limit]


class Lance:
    """LanceDB's hybrid query: exact vectors, its own full-text index, a filter before both."""

    name = "lancedb hybrid + prefilter"
    kind = "database, local mode"

    def build(self, collection: Corpus, chunks: Chunks) -> None:
        import lancedb
        import pyarrow as pa

        from benchmarks.peers.lance import BLOCK, batch

        self.folder = tempfile.mkdtemp(prefix="fn-lance-")
        database = lancedb.connect(self.folder)
        self.table: Any = None
        for start in range(0, len(chunks), BLOCK):
            rows = batch(collection, start)
            text = [" ".join(terms) for terms in chunks[start : start + BLOCK]]
            rows = rows.append_column("body", pa.array(text))
            if self.table is None:
                self.table = database.create_table("chunks", rows)
            else:
                self.table.add(rows)
        self.table.create_scalar_index("class", index_type="BTREE")
        self.table.create_fts_index(
            "body", base_tokenizer="whitespace", stem=False, remove_stop_words=False
        )
        self.everything = int(collection.classes.max()) + 1

    def prepare(self, readable: Keys) -> str:
        if len(readable) == self.everything:
            return ""
        return f"class IN ({','.join(map(str, readable.tolist()))})"

    def search(self, query: Single, terms: Sequence[str], prepared: str, limit: int) -> list[int]:
        asked = self.table.search(query_type="hybrid").vector(query).text(" ".join(terms))
        asked = asked.distance_type("dot").limit(limit)
        if prepared:
            asked = asked.where(prepared, prefilter=True)
        return asked.to_arrow()["key"].to_pylist()

    def close(self) -> None:
        shutil.rmtree(self.folder)


def main() -> None:
    options = _options()
    print(f"{machine()}; {vars(options)}", flush=True)
    collection, chunks = corpus(options.rows, options.classes), texts(options.rows)
    queries, words = questions(collection, options.queries), term_questions(chunks, options.queries)
    everyone: list[Any] = [Ours(), Joined(), Lance()]
    for one in everyone:
        one.build(collection, chunks)
        print(f"built {one.name}", flush=True)
    pin(options.cores)
    for share in map(float, options.shares.split(",")):
        readable = readable_classes(collection, share)
        timed = []
        for one in everyone:
            run = _runner(one, queries, words, one.prepare(readable), options.limit)
            assert len(run(0)) == options.limit
            timed.append((Timed(one.name, one.kind), run))
        interleave(timed, options.queries, budget=options.budget)
        rows = int(np.isin(collection.classes, readable).sum())
        title = f"Hybrid, {options.rows:,} chunks, {rows:,} readable, top {options.limit}"
        print(table([one for one, _ in timed], title), flush=True)
    everyone[-1].close()


def _runner(one: Any, queries: Single, words: Chunks, prepared: Any, limit: int) -> Any:
    return lambda query: one.search(queries[query], words[query], prepared, limit)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--queries", type=int, default=60)
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--shares", default="0.001,0.01,0.1,0.5,1")
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--budget", type=float, default=5, help="seconds for each peer and task")
    return parser.parse_args()


if __name__ == "__main__":
    main()
