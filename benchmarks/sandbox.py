"""Measure the cost of a process for each file: children of the full parent and of the light one.

    .venv/bin/python -m benchmarks.sandbox DATA/nfcorpus/pdfs    # --files 40 --rounds 5

The same PDFs are read in each kind of child in turn, one at a time, and in this process without a
fork. Printed are medians of the milliseconds a file, and what each parent holds in memory.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.measure import machine
from ingest.parse import parse_file
from ingest.sandbox.fork_server import Preload
from ingest.sandbox.parser import ForkServerProcess, SandboxedParser

Read = Callable[[Path, str], object]
KINDS: tuple[Preload, ...] = ("all", "light")


def milliseconds(reader: Read, files: Sequence[Path]) -> float:
    """Read the files one by one; return the milliseconds a file."""
    start = time.perf_counter()
    for file in files:
        reader(file, file.name)
    return (time.perf_counter() - start) * 1000 / len(files)


def megabytes(pid: int | None) -> int:
    """Return the memory that a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) >> 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    files = sorted(options.folder.glob("*.pdf"))[: options.files]
    parents = {kind: ForkServerProcess(kind) for kind in KINDS}
    reads: dict[str, Read] = {
        kind: SandboxedParser(fork_server=parent).parse for kind, parent in parents.items()
    }
    reads["no fork"] = parse_file
    for reader in reads.values():
        milliseconds(reader, files[:2])
    seconds_taken: dict[str, list[float]] = {kind: [] for kind in reads}
    for _ in range(options.rounds):
        for kind, reader in reads.items():
            seconds_taken[kind].append(milliseconds(reader, files))
    print(f"{machine()}; {len(files)} files, {options.rounds} rounds")
    for kind, times in seconds_taken.items():
        held = f"; the parent holds {megabytes(parents[kind].pid)} MB" if kind in parents else ""
        print(f"{kind:8} {statistics.median(times):6.1f} ms a file{held}")
    for parent in parents.values():
        parent.close()


if __name__ == "__main__":
    main()
