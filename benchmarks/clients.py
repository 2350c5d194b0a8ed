"""Several clients at once: queries per second of dense search behind access classes.

    make peers
    .venv-peers/bin/python -m benchmarks.clients --rows 200000 --classes 1000

Each client is a thread of this process that asks as fast as it is answered; pgvector gets a
connection and so a server process for each. Contestants take turns in short rounds, in an order
drawn anew. Their knobs are turned to a recall of .95 on one client, as in ``benchmarks.dense``.
"""

import argparse
import random
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.dense import Truth, tune
from benchmarks.measure import machine, pin
from benchmarks.ours import Footnote
from benchmarks.peers import DENSE, load
from benchmarks.synthetic import corpus, questions, readable_classes

PEERS = "faiss,lancedb,pgvector,chromadb"
Search = Callable[[Any, Any, int], Sequence[int]]


def main() -> None:
    options = _options()
    print(f"{machine()}; {vars(options)}", flush=True)
    collection = corpus(options.rows, options.classes)
    queries = questions(collection, 50)
    peers, absent = load([name for name in options.peers.split(",") if name], DENSE)
    everyone: list[Any] = [Footnote(), *(one for one in peers if getattr(one, "selector", 1))]
    for one in everyone:
        one.build(collection)
        print(f"built {one.name}", flush=True)
    processes = [one for peer in everyone if hasattr(peer, "processes") for one in peer.processes()]
    pin(options.cores, processes)
    for share in map(float, options.shares.split(",")):
        readable = readable_classes(collection, share)
        truth = Truth(collection, readable, queries, options.limit)
        ready = []
        for one in everyone:
            if hasattr(one, "threads"):
                one.threads(1)
            prepared = one.prepare(readable)
            tune(one, queries, prepared, truth, options.limit)
            one.search(queries[0], prepared, options.limit)  # compiles and warms up
            ready.append((one, prepared))
        print(f"\n#### {truth.readable:,} of {options.rows:,} rows readable\n", flush=True)
        _compare(ready, queries, options)
    for one in everyone:
        one.close()
    print("\n".join([f"\n{len(absent)} peers not installed.", *absent]))


def _compare(ready: Sequence[tuple[Any, Any]], asked: Any, options: argparse.Namespace) -> None:
    crowds = [int(count) for count in options.clients.split(",")]
    rates: dict[tuple[str, int], list[float]] = {}
    shuffled = random.Random(0)
    for _ in range(options.rounds):
        for one, prepared in shuffled.sample(ready, len(ready)):
            for crowd in crowds:
                rate = _rate(one, asked, prepared, crowd, options)
                rates.setdefault((one.name, crowd), []).append(rate)
    print("| queries/s (ours is so many times that) |", " | ".join(map(str, crowds)), "|")
    print("| --- |", " | ".join("---:" for _ in crowds), "|")
    ours = {crowd: statistics.median(rates[ready[0][0].name, crowd]) for crowd in crowds}
    for one, _ in ready:
        cells = []
        for crowd in crowds:
            rate = statistics.median(rates[one.name, crowd])
            spread = f"{min(rates[one.name, crowd]):.3g} to {max(rates[one.name, crowd]):.3g}"
            cells.append(f"{rate:.3g} ({ours[crowd] / rate:.3g}x; {spread})")
        print(f"| {one.name} |", " | ".join(cells), "|", flush=True)


def _rate(one: Any, queries: Any, prepared: Any, crowd: int, options: argparse.Namespace) -> float:
    """Return queries per second of ``crowd`` clients who ask for some seconds."""
    done = [0] * crowd
    begin, stop = threading.Barrier(crowd + 1), threading.Event()

    def ask(number: int) -> None:
        with_close = one.client() if hasattr(one, "client") else None
        search: Search = with_close.search if with_close else one.search
        begin.wait()
        while not stop.is_set():
            search(queries[(number * 7 + done[number]) % len(queries)], prepared, options.limit)
            done[number] += 1
        if with_close:
            with_close.connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(crowd)]
    for thread in threads:
        thread.start()
    begin.wait()
    start = time.perf_counter()
    time.sleep(options.seconds)
    stop.set()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - start)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--shares", default="0.01,0.1")
    parser.add_argument("--clients", default="1,4,16")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", default=PEERS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
