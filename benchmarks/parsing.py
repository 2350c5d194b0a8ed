"""How fast PDFs are read, ours and others': ``python -m benchmarks.parsing DIR --others PYTHON``.

DIR holds PDFs; a seeded sample of them is read. Each reader has a process of its own that has read
one file before the clock starts; they take turns file by file, in an order drawn anew for each, so
that a busy moment meets everybody. One that has used up its seconds reads no more files, and its
speed is that of the files it read, beside ours on the same files. Prints pages a second over all
files, and the ratio of ours with its 95 % bootstrap interval.
"""

import argparse
import random
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from benchmarks.measure import machine
from benchmarks.readers import OURS, READERS, Reader

RESAMPLES = 2000


def pages_of(path: Path) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        return len(document)
    finally:
        document.close()


def run(
    paths: list[Path], readers: list[Reader], budget: float
) -> tuple[dict[str, dict[Path, float]], dict[str, int]]:
    """Return each reader's seconds on each file, and how many files it failed on."""
    seconds: dict[str, dict[Path, float]] = {reader.name: {} for reader in readers}
    failed = dict.fromkeys(seconds, 0)
    for reader in readers:
        reader.read(paths[0])
    shuffled = random.Random(0)
    for path in paths:
        for reader in shuffled.sample(readers, len(readers)):
            if sum(seconds[reader.name].values()) < budget or reader.name == OURS:
                read = reader.read(path)
                seconds[reader.name][path] = read.seconds
                failed[reader.name] += bool(read.error)
    return seconds, failed


def ratio(ours: dict[Path, float], other: dict[Path, float]) -> tuple[float, float, float]:
    """How many times as long the other took on the files it read, and the 95 % interval."""
    shared = list(other)
    a, b = np.array([ours[p] for p in shared]), np.array([other[p] for p in shared])
    draws = np.random.default_rng(0).integers(len(shared), size=(RESAMPLES, len(shared)))
    spread = b[draws].sum(axis=1) / a[draws].sum(axis=1)
    low, high = np.quantile(spread, [0.025, 0.975])
    return float(b.sum() / a.sum()), float(low), float(high)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--others", required=True, help="a Python that has the other readers")
    arguments.add_argument("--files", type=int, default=500)
    arguments.add_argument("--budget", type=float, default=30, help="seconds for each other reader")
    arguments.add_argument("--readers", nargs="+", default=list(READERS))
    options = arguments.parse_args()
    every = sorted(options.folder.glob("*.pdf"))
    paths = random.Random(0).sample(every, min(options.files, len(every)))
    pages = {path: pages_of(path) for path in paths}
    with ExitStack() as stack:
        readers = [stack.enter_context(Reader(name, options.others)) for name in options.readers]
        seconds, failed = run(paths, readers, options.budget)
    print(f"{machine()}; {len(paths)} files, {sum(pages.values())} pages\n")
    print("| | pages read | pages/s | seconds as multiple of ours | 95 % | failed |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, seconds_taken in seconds.items():
        page_count = sum(pages[path] for path in seconds_taken)
        times, low, high = ratio(seconds[OURS], seconds_taken)
        spread = "" if name == OURS else f"{low:.2f} to {high:.2f}"
        print(
            f"| {name} | {page_count} | {page_count / sum(seconds_taken.values()):.1f} "
            f"| {times:.2f} | {spread} | {failed[name] or ''} |"
        )


if __name__ == "__main__":
    main()
