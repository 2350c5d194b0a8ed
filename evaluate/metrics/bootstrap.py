"""How far a mean could be off: the percentile bootstrap.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
LEVEL = 0.95
_BLOCK = 200


@dataclass(frozen=True, slots=True)
class Interval:
    """The range that holds the true value at the stated level."""

    low: float
    high: float
    level: float = LEVEL


def interval_of_mean(
    values: Sequence[float], *, resamples: int = RESAMPLES, seed: int = 0
) -> Interval | None:
    """Return the interval of the mean, or none for fewer than two values."""
    if len(values) < 2:  # noqa: PLR2004 - one value has no spread
        return None
    data = np.asarray(values, dtype=np.float64)
    generator = np.random.default_rng(seed)
    means = np.concatenate(
        [
            data[generator.integers(0, len(data), size=(_BLOCK, len(data)))].mean(axis=1)
            for _ in range(-(-resamples // _BLOCK))
        ]
    )
    return _percentiles(means[:resamples].tolist())


def interval_of(
    measure: Callable[[Sequence[int]], float | None],
    count: int,
    *,
    resamples: int = 500,
    seed: int = 0,
) -> Interval | None:
    """Return the interval of any statistic of ``count`` items, given the drawn items' places.

    Resamples that cannot be judged are left out; none is returned if fewer than half can be.
    """
    if count < 2:  # noqa: PLR2004 - one item has no spread
        return None
    generator = np.random.default_rng(seed)
    estimates = (
        measure(generator.integers(0, count, size=count).tolist()) for _ in range(resamples)
    )
    values = [value for value in estimates if value is not None]
    return _percentiles(values) if len(values) * 2 >= resamples else None


def _percentiles(values: Sequence[float]) -> Interval:
    tail = (1 - LEVEL) / 2 * 100
    low, high = np.percentile(np.asarray(values), [tail, 100 - tail])
    return Interval(float(low), float(high))
