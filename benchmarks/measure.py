"""Interleaved timing: everybody in one run, in an order drawn anew for each query."""

import os
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from index.embedding.embedder import Embedder

RESAMPLES = 2000


@dataclass
class Timed:
    """The measurements of one contestant on one task."""

    name: str
    kind: str
    seconds: list[float] = field(default_factory=list)
    recalls: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return float(np.median(self.seconds))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % bootstrap interval of the median."""
        return tuple(np.quantile(_medians(self.seconds), [0.025, 0.975]))

    @property
    def recall(self) -> float:
        return float(np.mean(self.recalls)) if self.recalls else float("nan")


def interleave(
    timed: Sequence[tuple[Timed, Callable[[int], object]]],
    queries: int,
    *,
    budget: float,
    check: Callable[[Timed, int, object], None] | None = None,
    at_least: int = 5,
) -> None:
    """Run each contestant on each query; one that has used up its seconds does ``at_least``."""
    shuffled = random.Random(0)
    for query in range(queries):
        for one, run in shuffled.sample(timed, len(timed)):
            if len(one.seconds) >= at_least and sum(one.seconds) > budget:
                continue
            start = time.perf_counter()
            result = run(query)
            one.seconds.append(time.perf_counter() - start)
            if check:
                check(one, query, result)


def ratio(other: Timed, ours: Timed) -> tuple[float, float, float]:
    """How many times as long the other took: the median's ratio and its 95 % interval."""
    spread = _medians(other.seconds, 1) / _medians(ours.seconds, 2)
    low, high = np.quantile(spread, [0.025, 0.975])
    return other.median / ours.median, float(low), float(high)


def table(rows: Sequence[Timed], title: str) -> str:
    """Return a Markdown table; the first row is ours, and the ratios compare with it."""
    ours = rows[0]
    lines = [
        f"\n#### {title}\n",
        "| | where it runs | median ms | 95 % | recall | times ours | 95 % |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        low, high = (1000 * end for end in row.interval)
        times, least, most = ratio(row, ours)
        versus = "1" if row is ours else f"{times:.3g}"
        spread = "" if row is ours else f"{least:.3g} to {most:.3g}"
        recall = "" if np.isnan(row.recall) else f"{row.recall:.3f}"
        lines.append(
            f"| {row.name} | {row.kind} | {1000 * row.median:.3g} | {low:.3g} to {high:.3g} "
            f"| {recall} | {versus} | {spread} |"
        )
    return "\n".join(lines)


def pin(cores: int, processes: Sequence[int] = ()) -> None:
    """Hold every thread of this process and of some others to the first ``cores`` cores."""
    allowed = sorted(os.sched_getaffinity(1) if os.geteuid() == 0 else range(os.cpu_count() or 1))
    for process in (os.getpid(), *processes):
        for task in Path(f"/proc/{process}/task").iterdir():
            os.sched_setaffinity(int(task.name), set(allowed[:cores]))


def machine() -> str:
    """Name the processor and what this process may use of it."""
    text = Path("/proc/cpuinfo").read_text()
    model = next(line.split(":")[1].strip() for line in text.splitlines() if "model name" in line)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB, {time.strftime('%Y-%m-%d')}"


def _medians(seconds: Sequence[float], seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = np.asarray(seconds)
    draws = rng.integers(len(values), size=(RESAMPLES, len(values)))
    return np.median(values[draws], axis=1)


def tokens_seen(embedder: Embedder, texts: Iterable[str]) -> int:
    """Count what a model sees of texts: special tokens included, what is too long cut."""
    return sum(min(embedder.count_tokens(text) + 2, embedder.max_tokens) for text in texts)
