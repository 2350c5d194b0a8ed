"""Shared by all runs: the draw of samples, several at once, the versions they ran with."""

import os
import platform
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import TypeVar

from tqdm import tqdm

from evaluate.errors import EmptyEvaluationError
from evaluate.scoring.results import Result

SEED = 20
_RECORDED = ("footnote", "numpy", "numba", "torch", "tokenizers", "faiss-cpu", "sqlalchemy")

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def draw(samples: Sequence[Item], limit: int | None) -> Sequence[Item]:
    """Return all samples, or ``limit`` of them drawn with a fixed seed, in their own order.

    Raises:
        EmptyEvaluationError: the limit leaves nothing to measure.

    """
    if limit is not None and limit < 1:
        raise EmptyEvaluationError("The limit must be at least 1; leave it out to measure all.")
    if limit is None or limit >= len(samples):
        return samples
    positions = sorted(random.Random(SEED).sample(range(len(samples)), limit))
    return [samples[position] for position in positions]


def refusals(results: Sequence[Result]) -> tuple[str, ...]:
    """Say how many questions were refused, which count as not answered; empty where none was."""
    refused_results = [result for result in results if result.facts.get("refused")]
    if not refused_results:
        return ()
    first = refused_results[0]
    message = f"{len(refused_results)} questions were refused and count as not answered"
    return (f"{message} (the first, {first.id}: {first.facts['refused']})",)


def side_by_side(
    judge: Callable[[Item], Outcome], samples: Sequence[Item], *, label: str, progress: bool
) -> list[Outcome]:
    """Judge the samples on every core, in order, with a progress bar.

    The first error, or an interrupt, stops the run: what has not begun is not begun.
    """
    with ThreadPoolExecutor(at_once(), thread_name_prefix="evaluate") as pool:
        try:
            outcomes = pool.map(judge, samples)
            return list(tqdm(outcomes, desc=label, total=len(samples), disable=not progress))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def at_once() -> int:
    """Return how many samples are judged at the same time."""
    return os.cpu_count() or 1


def versions() -> dict[str, str]:
    """Return the versions that figures may depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in _RECORDED}}
