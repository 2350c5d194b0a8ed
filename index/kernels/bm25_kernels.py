"""The inner loops over postings, compiled: where a query's terms stand in the ranges, and scores.

A readable row's position is its place among the readable rows of its slice. Scores are gathered
in a window of positions that fits a processor's cache, so that nothing as long as a segment is
touched for a query. Each is a function of its arguments alone, in one fixed order.
"""

import numpy as np
from numpy.typing import NDArray

from index.kernels.jit_cache import compiled
from index.kernels.vector_kernels import ROOM, Bool, Float64, Int32, Int64, replace_smallest

UInt64 = NDArray[np.uint64]

WINDOW = 4096
"""Positions that are scored together."""

LENGTHS = 512
"""Lengths whose part of a score is worked out once for each search."""

LEAST = 5e-324
"""The smallest number above zero."""

SPANS = 64
"""Spans that there is room for at first."""


@compiled(error_model="numpy")
def find_postings(
    digests: UInt64,
    term: UInt64,
    term_start: Int64,
    posting: Int32,
    starts: Int64,
    ends: Int64,
    before: Int64,
    alive: Bool,
    whole: bool,
) -> tuple[Int64, Int64, Int64]:
    """Find the postings of some terms whose rows are inside the ranges.

    ``before`` says how many rows the ranges hold before each of them, ``whole`` that all rows are
    live. Returns (spans, first, holding): row s of ``spans`` is a run of postings inside one range
    and what to take from a row for its position; those of term t are ``first[t]`` to
    ``first[t + 1]``; ``holding[t]`` is the number of live rows, the document frequency.
    """
    spans = np.empty((SPANS, 3), dtype=np.int64)
    first = np.zeros(digests.shape[0] + 1, dtype=np.int64)
    holding = np.zeros(digests.shape[0], dtype=np.int64)
    span_count = 0
    for t in range(digests.shape[0]):
        at = np.searchsorted(term, digests[t])
        if at < term.shape[0] and term[at] == digests[t]:
            spans, span_count, holding[t] = _find_term(
                posting, term_start[at], term_start[at + 1], starts, ends, before, alive, whole,
                spans, span_count,
            )  # fmt: skip
        first[t + 1] = span_count
    return spans, first, holding


@compiled(error_model="numpy")
def _find_term(
    posting: Int32,
    low: int,
    last: int,
    starts: Int64,
    ends: Int64,
    before: Int64,
    alive: Bool,
    whole: bool,
    spans: Int64,
    span_count: int,
) -> tuple[Int64, int, int]:
    """Append the spans of the postings from ``low`` to ``last``; count their live rows."""
    r = live = 0
    while low < last and r < starts.shape[0]:
        if posting[low] >= ends[r]:
            r = _gallop(ends, r, ends.shape[0], posting[low] + 1)
        elif posting[low] < starts[r]:
            low = _gallop(posting, low, last, starts[r])
        else:
            high = last if posting[last - 1] < ends[r] else _gallop(posting, low, last, ends[r])
            if span_count == spans.shape[0]:
                spans = np.concatenate((spans, np.empty_like(spans)))
            spans[span_count, 0], spans[span_count, 1], spans[span_count, 2] = (
                low,
                high,
                starts[r] - before[r],
            )
            span_count += 1
            live += high - low if whole else _count_live(posting, low, high, alive)
            low = high
            r += 1
    return spans, span_count, live


@compiled(error_model="numpy")
def _gallop(values: Int32 | Int64, low: int, last: int, target: int) -> int:
    """Return the first place in ``[low, last)`` whose value is at least the target."""
    step = 1
    high = low
    while high < last and values[high] < target:
        low = high
        high += step
        step *= 2
    high = min(high, last)
    while low < high:
        middle = (low + high) // 2
        if values[middle] < target:
            low = middle + 1
        else:
            high = middle
    return low


@compiled(error_model="numpy")
def _count_live(posting: Int32, low: int, high: int, alive: Bool) -> int:
    count = 0
    for at in range(low, high):
        count += alive[posting[at]]
    return count


@compiled(error_model="numpy")
def score_postings(
    spans: Int64,
    first: Int64,
    weights: Float64,
    posting: Int32,
    frequency: Int32,
    length: Int32,
    alive: Bool,
    whole: bool,
    average: float,
    k1: float,
    b: float,
    best: Float64,
) -> tuple[Int64, Float64]:
    """Return rows and their BM25 scores: all that may be among the best.

    ``spans`` and ``first`` come from ``find_postings``; a weight is a term's idf. ``best`` is a
    min-heap of the best scores so far and is updated. A row's parts are added in the order of the
    terms. Every part is positive, so a score of zero is a row that was dealt with already.
    """
    norms = k1 * (1.0 - b + b * np.arange(LENGTHS).astype(np.float64) / average)
    window = np.zeros(WINDOW, dtype=np.float64)
    touched = np.empty(0, dtype=np.int64)
    rows = np.empty(ROOM, dtype=np.int64)
    scores = np.empty(ROOM, dtype=np.float64)
    span = first[:-1].copy()
    at = np.zeros(weights.shape[0], dtype=np.int64)
    for t in range(weights.shape[0]):
        at[t] = spans[first[t], 0] if first[t] < first[t + 1] else 0
    row_count = 0
    while True:
        start = _next_position(spans, first, span, at, posting)
        if start < 0:
            return rows[:row_count], scores[:row_count]
        count = 0
        for t in range(weights.shape[0]):
            if count + WINDOW > touched.shape[0]:
                touched = np.concatenate((touched, np.empty(8 * WINDOW, dtype=np.int64)))
            count = _add_term(
                t, start, count, spans, first, span, at, weights[t], posting, frequency, length,
                alive, whole, average, k1, b, norms, window, touched,
            )  # fmt: skip
        for i in range(count):
            slot = touched[i] % WINDOW
            score = window[slot]
            window[slot] = 0.0
            if score < max(best[0], LEAST):
                continue
            if row_count == rows.shape[0]:
                rows = np.concatenate((rows, np.empty_like(rows)))
                scores = np.concatenate((scores, np.empty_like(scores)))
            rows[row_count] = touched[i] // WINDOW
            scores[row_count] = score
            row_count += 1
            if score > best[0]:
                replace_smallest(best, score)


@compiled(error_model="numpy")
def _next_position(spans: Int64, first: Int64, span: Int64, at: Int64, posting: Int32) -> int:
    """Return the first position that a term still has to score; -1 when none has."""
    nearest = -1
    for t in range(at.shape[0]):
        if span[t] < first[t + 1]:
            position = posting[at[t]] - spans[span[t], 2]
            nearest = position if nearest < 0 else min(nearest, position)
    return nearest


@compiled(error_model="numpy")
def _add_term(
    t: int,
    start: int,
    count: int,
    spans: Int64,
    first: Int64,
    span: Int64,
    at: Int64,
    weight: float,
    posting: Int32,
    frequency: Int32,
    length: Int32,
    alive: Bool,
    whole: bool,
    average: float,
    k1: float,
    b: float,
    norms: Float64,
    window: Float64,
    touched: Int64,
) -> int:
    """Add a term's part to the window that begins at a position; note its rows and places.

    A row is noted once for each term: to look whether it was seen before would be a branch that no
    processor can predict, which costs more than all the rest.
    """
    while span[t] < first[t + 1]:
        high, shift = spans[span[t], 1], spans[span[t], 2] + start
        i = at[t]
        while i < high:
            row = posting[i]
            slot = row - shift
            if slot >= WINDOW:
                at[t] = i
                return count
            if whole or alive[row]:
                times = np.float64(frequency[i])
                many = length[row]
                norm = norms[many] if many < LENGTHS else k1 * (1.0 - b + b * many / average)
                touched[count] = np.int64(row) * WINDOW + slot
                count += 1
                window[slot] += weight * times / (times + norm)
            i += 1
        span[t] += 1
        if span[t] < first[t + 1]:
            at[t] = spans[span[t], 0]
    return count
