"""The inner loops, compiled. Each is a function of its arguments alone, in one fixed order.

No fast-math: float sums keep the order they are written in, so a score is the same bits whatever
else is in the index. Integer sums may be reordered freely, and are.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

UInt16 = NDArray[np.uint16]
Int8 = NDArray[np.int8]
Int16 = NDArray[np.int16]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Float16 = NDArray[np.float16]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def nominate_codes(
    codes: Int8,
    scale: Float32,
    error: Float32,
    alive: Bool,
    starts: Int64,
    ends: Int64,
    query: Int16,
    query_scale: float,
    query_length: float,
    query_error: float,
    slack: float,
    limit: int,
    rows: Int64,
    upper: Float64,
) -> int:
    """Find every live row of the ranges that may be among the best ``limit``.

    ``codes`` is (rows, d) int8, ``query`` is (d,) int8 values in int16. A heap holds the best
    ``limit`` lower bounds seen so far; its smallest only grows, so a row whose upper bound is
    below it at any time is out for good. The nominated rows go to the front of ``rows``, which
    must be as long as the ranges together, like ``upper``. Returns their number.
    """
    lows = np.full(limit, -np.inf)
    written = 0
    dimension = codes.shape[1]
    for r in range(starts.shape[0]):
        for row in range(starts[r], ends[r]):
            if not alive[row]:
                continue
            total = np.int32(0)
            for i in range(dimension):
                product = np.int32(np.int32(codes[row, i]) * np.int32(query[i]))
                total = np.int32(total + product)  # 32 bits all the way, or it runs at a quarter
            score = np.float64(total) * np.float64(scale[row]) * query_scale
            missed = np.float64(error[row])
            bound = missed * query_length + (1.001 + missed) * query_error + slack
            if score + bound >= lows[0]:
                rows[written] = row
                upper[written] = score + bound
                written += 1
                if score - bound > lows[0]:
                    _replace_smallest(lows, score - bound)
    kept = 0
    for at in range(written):
        if upper[at] >= lows[0]:
            rows[kept] = rows[at]
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def _replace_smallest(heap: Float64, value: float) -> None:
    """Put ``value`` in place of the root of a binary min-heap."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= heap.shape[0]:
            break
        if child + 1 < heap.shape[0] and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= value:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = value


@njit(cache=True, nogil=True)
def cut_of(scores: Float64, limit: int) -> float:
    """Return the ``limit``-th best score; minus infinity when there are fewer."""
    best = np.full(limit, -np.inf)
    for at in range(scores.shape[0]):
        if scores[at] > best[0]:
            _replace_smallest(best, scores[at])
    return float(best[0])


@njit(cache=True, nogil=True)
def dot_halves(bits: UInt16, values: Float32, rows: Int64, query: Float32) -> Float64:
    """Return what ``dot_rows`` returns for some rows, straight from their float16 bits.

    ``bits`` is (n, d), ``values`` the float32 value of each of the 65,536 bit patterns. Four rows
    go side by side to hide the latency of an addition; each keeps its own order of terms, so the
    bits of its score are those of ``dot_rows``.
    """
    count = rows.shape[0]
    out = np.empty(count, dtype=np.float64)
    for first in range(0, count, 4):
        last = count - 1
        r0, r1 = rows[first], rows[min(first + 1, last)]
        r2, r3 = rows[min(first + 2, last)], rows[min(first + 3, last)]
        s0 = s1 = s2 = s3 = 0.0
        for i in range(bits.shape[1]):
            q = np.float64(query[i])
            s0 += np.float64(values[bits[r0, i]]) * q
            s1 += np.float64(values[bits[r1, i]]) * q
            s2 += np.float64(values[bits[r2, i]]) * q
            s3 += np.float64(values[bits[r3, i]]) * q
        out[first] = s0
        if first + 1 <= last:
            out[first + 1] = s1
        if first + 2 <= last:
            out[first + 2] = s2
        if first + 3 <= last:
            out[first + 3] = s3
    return out


@njit(cache=True, nogil=True)
def dot_rows(vectors: Float32, query: Float32) -> Float64:
    """Return the published score of each row: a float64 sum from the first term to the last.

    ``vectors`` is (n, d) float32 holding float16 values, ``query`` is (d,).
    """
    out = np.empty(vectors.shape[0], dtype=np.float64)
    for row in range(vectors.shape[0]):
        total = 0.0
        for i in range(vectors.shape[1]):
            total += np.float64(vectors[row, i]) * np.float64(query[i])
        out[row] = total
    return out


@njit(cache=True, nogil=True)
def slice_postings(
    postings: Int32, first: int, last: int, starts: Int64, ends: Int64, alive: Bool, out: Int64
) -> int:
    """Find the postings in ``[first, last)`` whose rows are live and inside the ranges.

    Both lists are sorted, so whichever is shorter drives: short range lists are looked up by
    binary search, long ones are merged. Writes indexes into ``postings`` to ``out``.
    """
    written = 0
    low = first
    for r in range(starts.shape[0]):
        if low >= last:
            break
        if postings[low] < starts[r]:
            low = _gallop(postings, low, last, starts[r])
        while low < last and postings[low] < ends[r]:
            if alive[postings[low]]:
                out[written] = low
                written += 1
            low += 1
    return written


@njit(cache=True, nogil=True)
def _gallop(postings: Int32, low: int, last: int, target: int) -> int:
    step = 1
    high = low
    while high < last and postings[high] < target:
        low = high
        high += step
        step *= 2
    high = min(high, last)
    while low < high:
        middle = (low + high) // 2
        if postings[middle] < target:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def add_term(
    picked: Int64,
    count: int,
    postings: Int32,
    frequencies: Int32,
    lengths: Int32,
    idf: float,
    k1: float,
    b: float,
    average: float,
    scores: Float64,
    touched: Int32,
    touched_count: int,
) -> int:
    """Add one term's BM25 part to ``scores`` (one cell a row); note rows seen for the first time.

    Every part is positive, so a row whose score is still zero has not been touched.
    """
    for i in range(count):
        at = picked[i]
        row = postings[at]
        frequency = np.float64(frequencies[at])
        norm = k1 * (1.0 - b + b * np.float64(lengths[row]) / average)
        if scores[row] == 0.0:
            touched[touched_count] = row
            touched_count += 1
        scores[row] += idf * frequency / (frequency + norm)
    return touched_count


@njit(cache=True, nogil=True)
def count_alive(alive: Bool, lengths: Int32, starts: Int64, ends: Int64) -> tuple[int, int]:
    """Return how many live rows the ranges hold, and their summed length in terms."""
    rows = 0
    total = 0
    for r in range(starts.shape[0]):
        for row in range(starts[r], ends[r]):
            if alive[row]:
                rows += 1
                total += lengths[row]
    return rows, total
