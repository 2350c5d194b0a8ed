"""Search on one GPU: 10 million x 384 float16, batches of 1 to 256, beside GpuIndexFlat.

    pip install faiss-gpu-cu12 torch numba sqlalchemy
    python -m benchmarks.gpu --rows 10000000

Prints milliseconds for a batch, and the bytes of the readable rows it had to read for each second,
against what the card reaches when it copies memory. GpuIndexFlat takes part with a bitmap selector
where its build obeys one (cuVS); it is asked first whether a forbidden row comes back.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.measure import Timed, interleave, machine, table
from benchmarks.synthetic import Corpus, corpus, questions, readable_classes
from index.search.faiss_gpu_scan import GpuScan
from index.search.faiss_scan import BruteScan
from index.search.isolation_check import prove_wall
from index.segments.row_ranges import Slice, readable_slice
from index.segments.segment import Segment

PART = 1_000_000


def main() -> None:
    options = _options()
    scan = GpuScan(options.card)
    prove_wall(scan)
    options.bandwidth = _copy_bandwidth(options.card)
    print(
        f"{machine()}; {_card(options.card)}; copies at {options.bandwidth / 1e9:.0f} GB/s",
        flush=True,
    )
    collection = _laid_out(corpus(options.rows, options.classes))
    segment = _segment(collection)
    peer = _Flat(collection, options.card)
    for share in map(float, options.shares.split(",")):
        readable = readable_classes(collection, share)
        part = readable_slice(segment, np.ones(segment.rows, dtype=np.bool_), readable)
        for batch in map(int, options.batches.split(",")):
            _compare(scan, peer, part, collection, batch, options)


def _compare(
    scan: BruteScan, peer: "_Flat", part: Slice, collection: Corpus, batch: int,
    options: argparse.Namespace,
) -> None:  # fmt: skip
    queries = questions(collection, batch * options.rounds)

    def ours(round_: int) -> list[Any]:
        rows = queries[round_ * batch : (round_ + 1) * batch]
        return scan.nominate_all([(part, query) for query in rows], options.limit)

    def theirs(round_: int) -> Any:
        return peer.search(queries[round_ * batch : (round_ + 1) * batch], options.limit)

    timed: list[tuple[Timed, Callable[[int], object]]] = [(Timed("footnote", "GPU"), ours)]
    if peer.restrict(part):
        timed.append((Timed("GpuIndexFlat + bitmap selector", "GPU"), theirs))
    for _, run in timed:
        run(0)
    interleave(timed, options.rounds, budget=20)
    size = part.size * collection.vectors.shape[1] * 2
    title = f"{options.rows:,} rows, {part.size:,} readable, batch {batch}, top {options.limit}"
    print(table([one for one, _ in timed], title))
    rate = size / timed[0][0].median
    percent = 100 * rate / options.bandwidth
    print(f"\n{rate / 1e9:.0f} GB/s of readable rows, {percent:.0f} % of the copy's")


class _Flat:
    """GpuIndexFlat over float16, where its build has one that takes a selector."""

    def __init__(self, collection: Corpus, card: int) -> None:
        import faiss

        self._faiss, self._rows = faiss, len(collection.vectors)
        config = faiss.GpuIndexFlatConfig()
        config.device, config.useFloat16 = card, True
        self.resources = faiss.StandardGpuResources()
        self.index = faiss.GpuIndexFlatIP(self.resources, collection.vectors.shape[1], config)
        for start in range(0, self._rows, PART):
            self.index.add(collection.vectors[start : start + PART].astype(np.float32))
        self.parameters: Any = None

    def restrict(self, part: Slice) -> bool:
        """Set the selector; false, and said so, when hidden rows come back in spite of it."""
        is_allowed = np.zeros(self._rows, dtype=np.bool_)
        for start, end in zip(part.starts, part.ends, strict=True):
            is_allowed[start:end] = True
        bits = np.packbits(is_allowed, bitorder="little")
        self.parameters = self._faiss.SearchParameters(sel=self._faiss.IDSelectorBitmap(bits))
        query = part.segment.vectors[:1].astype(np.float32)
        try:
            results = self.search(query, 10)[1]
        except RuntimeError as error:
            print(f"GpuIndexFlat left out: {str(error)[:200]}")
            return False
        if not is_allowed[results[results >= 0]].all():
            print("GpuIndexFlat left out: it ignored its selector and returned hidden rows")
            return False
        return True

    def search(self, queries: np.ndarray, limit: int) -> Any:
        return self.index.search(queries, limit, params=self.parameters)


def _laid_out(collection: Corpus) -> Corpus:
    """Bring the rows of each class together, as a segment does."""
    order = np.argsort(collection.classes, kind="stable")
    return replace(collection, vectors=collection.vectors[order], classes=collection.classes[order])


def _segment(collection: Corpus) -> Segment:
    """Return a segment with vectors and classes alone: a GPU nominates from nothing else."""
    rows = len(collection.vectors)
    empty = Segment.build([], collection.vectors.shape[1])
    classes, starts = np.unique(collection.classes, return_index=True)
    return replace(
        empty,
        chunk_key=np.arange(rows),
        vectors=collection.vectors,
        class_key=classes,
        class_start=np.r_[starts, rows].astype(np.int64),
    )


def _copy_bandwidth(card: int) -> float:
    """Bytes moved for each second while the card copies 4 GB: each is read and written once."""
    import torch

    source = torch.empty(4 << 30, dtype=torch.uint8, device=f"cuda:{card}")
    target = torch.empty_like(source)
    seconds = []
    for _ in range(10):
        torch.cuda.synchronize()
        start = time.perf_counter()
        target.copy_(source)
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return 2 * len(source) / float(np.median(seconds))


def _card(card: int) -> str:
    import torch

    return str(torch.cuda.get_device_name(card))


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--shares", default="0.001,0.01,0.1,0.5,1")
    parser.add_argument("--batches", default="1,4,16,64,256")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--card", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
