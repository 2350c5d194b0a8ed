"""Scope-local BM25, beside the peers, interleaved in one run.

    make peers
    .venv-peers/bin/python -m benchmarks.lexical --rows 200000 --classes 1000

Ours counts document frequency and length over the readable rows; the peers use the statistics of
the whole corpus, so the rankings are not the same and no recall is printed.
"""

import argparse
import time
from typing import Any

import numpy as np

from benchmarks.measure import Timed, interleave, machine, pin, table
from benchmarks.ours import Footnote
from benchmarks.peers import LEXICAL, load
from benchmarks.synthetic import Corpus, corpus, readable_classes, term_questions, texts


class Ours:
    """Our search with the peers' interface."""

    name = "footnote"
    kind = "in this process"

    def __init__(self, collection: Corpus) -> None:
        self._footnote, self._held = Footnote(), collection

    def build(self, chunks: list[list[str]], classes: Any) -> None:
        del classes
        self._footnote.build(self._held, lambda start, end: chunks[start:end])

    def prepare(self, readable: Any) -> Any:
        return readable

    def search(self, terms: list[str], prepared: Any, limit: int) -> list[int]:
        return self._footnote.lexical(terms, prepared, limit)


def main() -> None:
    options = _options()
    print(f"{machine()}; {vars(options)}", flush=True)
    collection = corpus(options.rows, options.classes, dimension=8)
    chunks = texts(options.rows)
    queries = term_questions(chunks, options.queries)
    print(f"mean length {np.mean([len(one) for one in chunks]):.0f} terms", flush=True)
    peers, absent = load([name for name in options.peers.split(",") if name], LEXICAL)
    everyone: list[Any] = [Ours(collection), *peers]
    for one in everyone:
        start = time.perf_counter()
        one.build(chunks, collection.classes)
        print(f"built {one.name} in {time.perf_counter() - start:.1f} s", flush=True)
    pin(options.threads)
    for share in map(float, options.shares.split(",")):
        readable = readable_classes(collection, share)
        timed = [
            (Timed(one.name, one.kind), _runner(one, queries, readable, options))
            for one in everyone
        ]
        for _, run in timed:
            run(0)
        interleave(timed, options.queries, budget=options.budget)
        rows = int(np.isin(collection.classes, readable).sum())
        title = f"BM25, {options.rows:,} chunks, {rows:,} readable, top {options.limit}"
        print(table([one for one, _ in timed], title), flush=True)
    print("\n".join([f"\n{len(absent)} peers not installed.", *absent]))


def _runner(one: Any, asked: list[list[str]], readable: Any, options: argparse.Namespace) -> Any:
    prepared = one.prepare(readable)
    return lambda query: one.search(asked[query], prepared, options.limit)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--shares", default="0.01,0.1,1")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--peers", default=",".join(LEXICAL))
    parser.add_argument("--budget", type=float, default=15, help="seconds for each peer and task")
    return parser.parse_args()


if __name__ == "__main__":
    main()
