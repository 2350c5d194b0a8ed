"""Bytes for each chunk on disk and in memory, and how long a big index takes to start.

make peers
.venv-peers/bin/python -m benchmarks.memory --rows 1000000
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.measure import machine
from benchmarks.ours import build_segment
from benchmarks.synthetic import corpus, questions, texts
from index.search.dense import CodeScan
from index.search.search import search_dense, search_lexical
from index.segments.memory_index import IndexView
from index.segments.segment import Segment
from index.segments.snapshot import Snapshots

GROUPS = {
    "vectors (float16)": ("vectors",),
    "int8 codes, scales and errors": ("codes", "scale", "error"),
    "postings and terms": ("term", "term_start", "posting", "frequency"),
}
QUERY_WORDS = ["w61", "w377", "w1203", "w9050"]


def main() -> None:
    options = _options()
    if options.open:
        print(json.dumps(_open(options)))
        return
    print(f"{machine()}; {vars(options)}", flush=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        _save(options, Path(folder))
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        print(f"| on disk, all files | {size / options.rows:.0f} bytes a chunk |")
        for state in ("warm", "cold"):
            if state == "cold":
                _forget(Path(folder))
            print(
                f"| start, files {state} in the page cache | {_start(options, folder)} |",
                flush=True,
            )


def _save(options: argparse.Namespace, folder: Path) -> None:
    start = time.perf_counter()
    collection = corpus(options.rows, options.classes)
    segment = build_segment(collection, lambda first, last: texts(last - first, seed=first))
    print(f"generated and built in {time.perf_counter() - start:.0f} s", flush=True)
    _print_arrays(segment)
    start = time.perf_counter()
    view = IndexView(1, ((segment, np.ones(segment.rows, dtype=np.bool_)),))
    assert _snapshots(folder).save(view)
    print(f"| saved and synced in | {time.perf_counter() - start:.1f} s |")


def _print_arrays(segment: Segment) -> None:
    arrays = segment.arrays()
    print("\n| | |\n| --- | --- |")
    rest = set(arrays)
    for name, members in GROUPS.items():
        size = sum(arrays[member].nbytes for member in members)
        rest -= set(members)
        print(f"| {name} | {size / segment.rows:.0f} bytes a chunk |")
    size = sum(arrays[member].nbytes for member in rest)
    print(f"| keys, documents, classes, ties | {size / segment.rows:.0f} bytes a chunk |")
    print(f"| postings | {len(segment.posting) / segment.rows:.0f} a chunk |")


def _start(options: argparse.Namespace, folder: str) -> str:
    """Open the index in a new process and search it."""
    command = [sys.executable, "-m", "benchmarks.memory", "--open", folder]
    command += ["--rows", str(options.rows), "--classes", str(options.classes)]
    result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return (
        f"{result['load']:.2f} s, first search of 1 % {1000 * result['first']:.0f} ms, "
        f"memory of its own {result['own'] / options.rows:.0f} bytes a chunk "
        f"({result['mapped'] / options.rows:.0f} mapped and evictable)"
    )


def _open(options: argparse.Namespace) -> dict[str, float]:
    before = _memory()
    start = time.perf_counter()
    view = _snapshots(Path(options.open)).load()
    assert view is not None
    loaded = time.perf_counter()
    classes = np.arange(0, options.classes, 100)
    slices = view.slices(classes)
    query = questions(corpus(1000, 10), 1)[0]
    assert search_dense(slices, query, 50, CodeScan())
    assert search_lexical(slices, QUERY_WORDS, 100)
    first = time.perf_counter()
    for part in slices:
        np.add.reduce(part.segment.codes[::64], axis=None, dtype=np.int64)
    after = _memory()
    return {
        "load": loaded - start,
        "first": first - loaded,
        "own": after["RssAnon"] - before["RssAnon"],
        "mapped": after["RssFile"] - before["RssFile"],
    }


def _snapshots(folder: Path) -> Snapshots:
    return Snapshots(folder, store="benchmark", model="synthetic", dimension=384)


def _memory() -> dict[str, int]:
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = (line.split() for line in lines if line.startswith("Rss"))
    return {name.rstrip(":"): int(size) * 1024 for name, size, _ in fields}


def _forget(folder: Path) -> None:
    """Ask the kernel to drop the files from its page cache."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--folder", help="where the index is written; a temporary folder otherwise")
    parser.add_argument("--open", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
