"""How long a command takes from its start to its end, each in a new process.

``python -m benchmarks.startup [--times N]`` runs ``footnote --version`` and, on a store with one
document, ``footnote search`` N times in turn, and prints the medians and the longest of the
seconds as JSON. Files are in the system's cache and kernels are compiled after a first run of
each, which does not count: "cold" is the process, not the disk.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

FOOTNOTE = Path(sys.executable).with_name("footnote")
NOTE = "The lamp is lit thirty minutes before sunset.\n"


def commands(data: Path) -> dict[str, list[str]]:
    """Return the words behind ``footnote`` of each command that is timed, by name."""
    return {
        "version": ["--version"],
        "search": ["search", "when is the lamp lit", "--data", str(data), "--json"],
    }


def fill(folder: Path) -> Path:
    """Make a store with one document; return its data folder."""
    (folder / "note.txt").write_text(NOTE)
    data = folder / "data"
    run(["ingest", str(folder / "note.txt"), "--data", str(data)])
    return data


def run(words: Sequence[str]) -> float:
    """Run ``footnote`` with these words; return its seconds."""
    begin = time.perf_counter()
    subprocess.run([FOOTNOTE, *words], check=True, capture_output=True)
    return time.perf_counter() - begin


def measure(data: Path, times: int) -> dict[str, dict[str, float]]:
    """Return the median and the longest time of each command, which take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in commands(data)}
    for turn in range(times + 1):
        for name, words in commands(data).items():
            needed = run(words)
            if turn:
                seconds[name].append(needed)
    return {
        name: {"median_s": round(median(all_runs), 3), "longest_s": round(max(all_runs), 3)}
        for name, all_runs in seconds.items()
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--times", type=int, default=10, help="runs of each command")
    chosen = arguments.parse_args()
    with TemporaryDirectory() as folder:
        figures = measure(fill(Path(folder)), chosen.times)
    print(json.dumps({"runs": chosen.times, **figures}, indent=2))


if __name__ == "__main__":
    main()
