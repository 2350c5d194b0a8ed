"""Filtered dense search, beside the peers, interleaved in one run.

make peers
.venv-peers/bin/python -m benchmarks.dense --rows 200000 --classes 1000
"""

import argparse
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.measure import Timed, interleave, machine, pin, table
from benchmarks.ours import Footnote
from benchmarks.peers import DENSE, load
from benchmarks.synthetic import Corpus, Keys, Single, corpus, questions, readable_classes

ENOUGH = 0.95
"""The recall that an approximate peer must reach before it is timed."""

TUNED_ON = 10
"""Questions that its knob is turned on."""

SAME = 1e-6
"""A hit counts when its exact score is at most this much below the last of the exact best."""


def main() -> None:
    options = _options()
    print(f"{machine()}; {vars(options)}", flush=True)
    collection = corpus(options.rows, options.classes)
    queries = questions(collection, options.queries)
    ours = Footnote()
    peers, absent = load([name for name in options.peers.split(",") if name], DENSE)
    everyone: list[Any] = [ours, *peers]
    for one in everyone:
        start = time.perf_counter()
        one.build(collection)
        print(f"built {one.name} in {time.perf_counter() - start:.1f} s", flush=True)
    for cores in map(int, options.threads.split(",")):
        _pin(everyone, cores)
        for share in map(float, options.shares.split(",")):
            print(_compare(everyone, collection, queries, share, cores, options), flush=True)
    for one in everyone:
        one.close()
    print("\n".join([f"\n{len(absent)} peers not installed.", *absent]))


def _compare(
    everyone: Sequence[Any], collection: Corpus, queries: Single, share: float, cores: int,
    options: argparse.Namespace,
) -> str:  # fmt: skip
    readable = readable_classes(collection, share)
    truth = Truth(collection, readable, queries, options.limit)
    timed = []
    for one in everyone:
        prepared = one.prepare(readable)
        if prepared is None and getattr(one, "selector", None) == "":
            continue  # no filter: takes part at 100 % only
        knob = tune(one, queries, prepared, truth, options.limit)
        name = one.name if knob is None else f"{one.name} (knob {knob})"
        run = _runner(one, queries, prepared, options.limit)
        run(0)
        timed.append((Timed(name, one.kind), run))
    interleave(timed, options.queries, budget=options.budget, check=truth.note)
    percent = 100 * truth.readable / len(collection.vectors)
    title = (
        f"{len(collection.vectors):,} rows, {options.classes:,} classes, {percent:.3g} % readable "
        f"({truth.readable:,} rows), top {options.limit}, {cores} core{'s' * (cores > 1)}"
    )
    return table([one for one, _ in timed], title)


class Truth:
    """The exact answers, scored in float64 from the stored values."""

    def __init__(self, collection: Corpus, readable: Keys, queries: Single, limit: int) -> None:
        self.held, self.asked, self.limit = collection, queries, limit
        self.allowed = np.isin(collection.classes, readable)
        self.readable = int(self.allowed.sum())
        self._cuts: dict[int, float] = {}
        self._rows = np.flatnonzero(self.allowed)

    def recall(self, query: int, found: Sequence[int]) -> float:
        """Return the share of the exact best that was found; a row that is hidden is an error."""
        keys = np.asarray(found, dtype=np.int64)
        assert self.allowed[keys].all(), "a hidden row came back"
        best = min(self.limit, self.readable)
        return float((self._scores(query, keys) >= self._cut(query) - SAME).sum()) / best

    def note(self, one: Timed, query: int, found: Any) -> None:
        one.recalls.append(self.recall(query, found))

    def _scores(self, query: int, rows: Keys) -> np.ndarray:
        return self.held.vectors[rows].astype(np.float64) @ self.asked[query].astype(np.float64)

    def _cut(self, query: int) -> float:
        if query not in self._cuts:
            near = np.concatenate([
                self.held.vectors[part].astype(np.float32) @ self.asked[query]
                for part in np.array_split(self._rows, 1 + len(self._rows) // 100_000)
            ])  # fmt: skip
            most = min(len(near), 2 * self.limit)
            rows = self._rows[np.argpartition(-near, most - 1)[:most]]
            best = np.sort(self._scores(query, rows))[::-1]
            self._cuts[query] = float(best[min(self.limit, len(best)) - 1])
        return self._cuts[query]


def tune(one: Any, queries: Single, prepared: Any, truth: Truth, limit: int) -> int | None:
    """Turn a peer's knob up until its recall is enough; return where it stands."""
    for knob in getattr(one, "knobs", ()):
        one.turn(knob)
        recalls, start = [], time.perf_counter()
        for query in range(min(TUNED_ON, len(queries))):
            recalls.append(truth.recall(query, one.search(queries[query], prepared, limit)))
            if time.perf_counter() - start > 5:
                break
        if np.mean(recalls) >= ENOUGH:
            return knob
    return knob if getattr(one, "knobs", ()) else None


def _runner(one: Any, queries: Single, prepared: Any, limit: int) -> Any:
    return lambda query: one.search(queries[query], prepared, limit)


def _pin(everyone: Sequence[Any], cores: int) -> None:
    processes = [one for peer in everyone if hasattr(peer, "processes") for one in peer.processes()]
    pin(cores, processes)
    for one in everyone:
        if hasattr(one, "threads"):
            one.threads(cores)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--queries", type=int, default=50)
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--shares", default="0.001,0.01,0.1,0.5,1")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--peers", default=",".join(DENSE))
    parser.add_argument("--budget", type=float, default=10, help="seconds for each peer and task")
    return parser.parse_args()


if __name__ == "__main__":
    main()
