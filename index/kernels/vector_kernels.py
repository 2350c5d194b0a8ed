"""The inner loops over vectors, compiled, and the types that all of them share.

Each is a function of its arguments alone, in one fixed order. No fast-math: float sums keep the
order they are written in, so a score is the same bits whatever else is in the index. Integer sums
may be reordered freely, and are.
"""

import numpy as np
from numpy.typing import NDArray

from index.kernels.dot_products import AHEAD, dot_codes
from index.kernels.jit_cache import compiled

UInt8 = NDArray[np.uint8]
Int8 = NDArray[np.int8]
Int16 = NDArray[np.int16]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Float16 = NDArray[np.float16]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

SLACK = 1e-5
"""Covers what rounding to float32 adds to a score or a bound of at most about 1."""

BLOCK = 512
"""Rows whose integer sums are taken before any of them is judged."""

ROOM = 1024
"""Rows that a search has room for at first: most nominate far fewer, and none fills a segment."""


@compiled()
def nominate_codes(
    codes: Int8,
    scale: Float32,
    error: Float32,
    alive: Bool,
    starts: Int64,
    ends: Int64,
    query: Float32,
    limit: int,
) -> Int64:
    """Return every live row of the ranges that may be among the best ``limit``.

    ``codes`` is (rows, d) int8, ``query`` is (d,). By Cauchy and Schwarz the score of the codes
    differs from the true one by at most ``error * |query| + |code * scale| * |query error|``. A
    heap holds the best ``limit`` lower bounds seen so far; its smallest only grows, so a row whose
    upper bound is below it at any time is out for good.
    """
    query_codes, step, length, rounding_error = _query_codes(query)
    totals = np.empty(BLOCK, dtype=np.int32)
    lows = np.full(limit, -np.inf)
    rows = np.empty(ROOM, dtype=np.int64)
    upper = np.empty(ROOM, dtype=np.float64)
    row_count = 0
    block = np.empty(BLOCK + AHEAD, dtype=np.int64)
    cursor = np.zeros(2, dtype=np.int64)
    block_rows = _take_rows(starts, ends, cursor, block, 0)
    while block_rows > 0:
        count = min(block_rows, BLOCK)
        if row_count + BLOCK > rows.shape[0]:
            rows, upper, row_count = _make_room(rows, upper, row_count, lows[0])
        dot_codes(codes, block, count, query_codes, totals)
        row_count = _judge(
            block[:count], totals, scale, error, alive, step, length, rounding_error,
            lows, rows, upper, row_count,
        )  # fmt: skip
        block[: block_rows - count] = block[count:block_rows]
        block_rows = _take_rows(starts, ends, cursor, block, block_rows - count)
    return rows[: keep_from(rows, upper, row_count, lows[0])]


@compiled()
def _take_rows(starts: Int64, ends: Int64, cursor: Int64, block: Int64, block_rows: int) -> int:
    """Fill a block up with the next rows; return how many rows it then holds.

    ``cursor`` is the number of a range and how many of its rows are in blocks already; it moves
    on. After the last row of all, the rest of the block repeats that row.
    """
    while block_rows < block.shape[0] and cursor[0] < starts.shape[0]:
        start, end = starts[cursor[0]] + cursor[1], ends[cursor[0]]
        taken_rows = min(end - start, block.shape[0] - block_rows)
        for offset in range(taken_rows):
            block[block_rows + offset] = start + offset
        block_rows += taken_rows
        cursor[1] += taken_rows
        if start + taken_rows == end:
            cursor[0] += 1
            cursor[1] = 0
    if block_rows > 0:
        block[block_rows:] = block[block_rows - 1]
    return block_rows


@compiled()
def _judge(
    block: Int64,
    totals: Int32,
    scale: Float32,
    error: Float32,
    alive: Bool,
    step: float,
    length: float,
    rounding_error: float,
    lows: Float64,
    rows: Int64,
    upper: Float64,
    row_count: int,
) -> int:
    """Write the rows of a block that may still be among the best; return how many are written."""
    for at in range(block.shape[0]):
        row = block[at]
        score = np.float64(totals[at]) * np.float64(scale[row]) * step
        code_error = np.float64(error[row])
        bound = code_error * length + (1.001 + code_error) * rounding_error + SLACK
        if score + bound < lows[0] or not alive[row]:
            continue
        rows[row_count] = row
        upper[row_count] = score + bound
        row_count += 1
        if score - bound > lows[0]:
            replace_smallest(lows, score - bound)
    return row_count


@compiled()
def _make_room(
    rows: Int64, upper: Float64, row_count: int, floor: float
) -> tuple[Int64, Float64, int]:  # fmt: skip
    """Drop what has fallen below the floor; double the room where that leaves less than half."""
    row_count = keep_from(rows, upper, row_count, floor)
    if 2 * row_count > rows.shape[0]:
        rows = np.concatenate((rows, np.empty_like(rows)))
        upper = np.concatenate((upper, np.empty_like(upper)))
    return rows, upper, row_count


@compiled()
def _query_codes(query: Float32) -> tuple[Int16, float, float, float]:
    """Return 16-bit codes of a query, their scale, its length, and the length of what they miss.

    They are as fine as sums of products with int8 codes leave room for in 32 bits.
    """
    most = min(32767, (2**31 - 1) // (127 * query.shape[0]))
    peak = 0.0
    for i in range(query.shape[0]):
        peak = max(peak, abs(np.float64(query[i])))
    step = peak / most if peak > 0.0 else 1.0
    codes = np.empty(query.shape[0], dtype=np.int16)
    length = rounding_error = 0.0
    for i in range(query.shape[0]):
        value = np.float64(query[i])
        code = np.rint(value / step)
        codes[i] = np.int16(code)
        length += value * value
        rounding_error += (value - code * step) ** 2
    return codes, step, np.sqrt(length), np.sqrt(rounding_error)


@compiled()
def keep_from(rows: Int64, upper: Float64, row_count: int, floor: float) -> int:
    """Move the rows whose bound or score reaches the floor to the front; return their number."""
    count = 0
    for at in range(row_count):
        if upper[at] >= floor:
            rows[count] = rows[at]
            upper[count] = upper[at]
            count += 1
    return count


@compiled()
def replace_smallest(heap: Float64, value: float) -> None:
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


@compiled()
def best_positions(scores: Float64, limit: int) -> tuple[Int64, bool]:
    """Return the positions of the best ``limit`` scores and of all that tie with the last of them.

    Best first, equals in the order of their positions; and whether there are any equals.
    """
    best = np.full(limit, -np.inf)
    for at in range(scores.shape[0]):
        if scores[at] > best[0]:
            replace_smallest(best, scores[at])
    positions = np.flatnonzero(scores >= best[0])
    positions = positions[np.argsort(-scores[positions], kind="mergesort")]
    has_ties = False
    for at in range(1, positions.shape[0]):
        has_ties |= scores[positions[at]] == scores[positions[at - 1]]
    return positions, has_ties


@compiled()
def sort_equals(
    positions: Int64, scores: Float64, ties: UInt8, ordinals: Int32, keys: Int64
) -> None:
    """Sort each run of equal scores in ``positions`` by tie, ordinal and key, in place.

    All other arrays are looked up by position; ``ties`` is (n, bytes) and compared byte by byte.
    """
    start = 0
    while start < positions.shape[0]:
        end = start + 1
        while end < positions.shape[0] and scores[positions[end]] == scores[positions[start]]:
            end += 1
        run = positions[start:end]
        for root in range(run.shape[0] // 2 - 1, -1, -1):
            _sink(run, root, run.shape[0], ties, ordinals, keys)
        for last in range(run.shape[0] - 1, 0, -1):
            run[0], run[last] = run[last], run[0]
            _sink(run, 0, last, ties, ordinals, keys)
        start = end


@compiled()
def _sink(
    run: Int64, root: int, end: int, ties: UInt8, ordinals: Int32, keys: Int64
) -> None:  # fmt: skip
    """Move the root of a max-heap, ``run[:end]``, down to where it belongs."""
    while 2 * root + 1 < end:
        child = 2 * root + 1
        if child + 1 < end and _precedes(run[child], run[child + 1], ties, ordinals, keys):
            child += 1
        if not _precedes(run[root], run[child], ties, ordinals, keys):
            return
        run[root], run[child] = run[child], run[root]
        root = child


@compiled()
def _precedes(one: int, other: int, ties: UInt8, ordinals: Int32, keys: Int64) -> bool:
    for i in range(ties.shape[1]):
        if ties[one, i] != ties[other, i]:
            return bool(ties[one, i] < ties[other, i])
    if ordinals[one] != ordinals[other]:
        return bool(ordinals[one] < ordinals[other])
    return bool(keys[one] < keys[other])


@compiled()
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
