"""The two products of vectors that a dense search is made of, compiled.

Codes: integer sums, which may be added in any order. Scores: float64 sums from the first term to
the last, in no other order, so a score is the same bits on every machine and in every company.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from index.kernels.jit_cache import compiled

UInt16 = NDArray[np.uint16]
UInt32 = NDArray[np.uint32]
Int8 = NDArray[np.int8]
Int16 = NDArray[np.int16]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

ROWS = 4
"""Rows whose codes are multiplied side by side: each 16 codes of the query are loaded once."""

STEP = 16
"""Codes in one step."""

AHEAD = 8
"""Rows from what is multiplied to what is fetched from memory meanwhile."""

LINE = 64
"""Bytes that are fetched together."""

CHAINS = 8
"""Rows whose scores are added side by side, to hide the latency of an addition."""

_LIFT = 2.0**112
"""The factor by which a float16's bits, read as a float32, are too small: 2 to the biases' gap."""


@compiled()
def dot_codes(codes: Int8, rows: Int64, count: int, query: Int16, totals: Int32) -> None:
    """Write the integer sums of the first ``count`` of some rows to the front of ``totals``.

    ``codes`` is (n, d) and C-contiguous, ``query`` is (d,). ``rows`` holds ``AHEAD`` further rows
    after those: what comes next, or any row again.
    """
    depth = codes.shape[1]
    steps = depth // STEP
    at = 0
    while steps > 0 and at + ROWS <= count:
        _dot_four(codes, rows, query, totals, np.int64(at))  # type: ignore[call-arg]
        if steps * STEP < depth:
            for one in range(at, at + ROWS):
                totals[one] += _dot_from(codes, rows[one], query, steps * STEP)
        at += ROWS
    while at < count:
        totals[at] = _dot_from(codes, rows[at], query, 0)
        at += 1


@compiled()
def _dot_from(codes: Int8, row: int, query: Int16, first: int) -> np.int32:
    total = np.int32(0)
    for i in range(first, codes.shape[1]):
        product = np.int32(np.int32(codes[row, i]) * np.int32(query[i]))
        total = np.int32(total + product)  # 32 bits all the way, or it runs at a quarter
    return total


@intrinsic
def _dot_four(
    _context: Any, codes: Any, rows: Any, query: Any, totals: Any, at: Any
) -> Any:  # fmt: skip
    """Write the sums of ``rows[at:at+4]`` over all whole steps to ``totals[at:at+4]``.

    Written in LLVM's own vectors: of the loop in Python it makes half as wide ones.
    """
    return types.void(codes, rows, query, totals, at), _emit_four


def _emit_pairs(builder: Any, first: Any, second: Any) -> Any:
    """Multiply 16-bit integers and add neighbours: half as many sums of 32 bits.

    LLVM finds the instruction of the machine (``vpmaddwd`` on x86).
    """
    count = first.type.count
    wide = ir.VectorType(ir.IntType(32), count)
    lanes = ir.VectorType(ir.IntType(32), count // 2)
    products = builder.mul(builder.sext(first, wide), builder.sext(second, wide))
    even, odd = (
        builder.shuffle_vector(
            products, products, ir.Constant(lanes, list(range(parity, count, 2)))
        )
        for parity in (0, 1)
    )
    return builder.add(even, odd)


def _emit_four(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    word, wide = ir.IntType(64), ir.IntType(32)
    lanes = ir.VectorType(wide, STEP // 2)
    codes, rows, query_array, totals = (
        context.make_array(signature.args[at])(context, builder, arguments[at]) for at in range(4)
    )
    depth = builder.extract_value(codes.shape, 1)
    first_row = builder.gep(rows.data, [arguments[4]])
    lines = [_line(builder, codes, first_row, ir.Constant(word, at), depth) for at in range(ROWS)]
    before = builder.block
    loop = builder.append_basic_block("codes")
    after = builder.append_basic_block("summed")
    builder.branch(loop)
    builder.position_at_end(loop)
    step = builder.phi(word)
    sums = [builder.phi(lanes) for _ in lines]
    later = builder.phi(word), builder.phi(word)
    address = _line(
        builder, codes, first_row, builder.add(later[0], ir.Constant(word, AHEAD)), depth
    )
    _prefetch(builder, builder.gep(address, [later[1]]))
    query = _load(builder, query_array.data, step, 16, 2)
    new_sums = [
        builder.add(total, _emit_pairs(builder, _load(builder, line, step, 8, 1), query))
        for line, total in zip(lines, sums, strict=True)
    ]
    following = builder.add(step, ir.Constant(word, STEP))
    zero = ir.Constant(word, 0)
    for phi, first, new in [
        (step, zero, following),
        *zip(later, (zero, zero), _next_line(builder, *later, depth), strict=True),
        *(
            (phi, ir.Constant(lanes, [0] * (STEP // 2)), total)
            for phi, total in zip(sums, new_sums, strict=True)
        ),
    ]:
        phi.add_incoming(first, before)
        phi.add_incoming(new, loop)
    more = builder.icmp_unsigned("<=", builder.add(following, ir.Constant(word, STEP)), depth)
    builder.cbranch(more, loop, after)
    builder.position_at_end(after)
    first, second = (_add_neighbours(builder, *new_sums[at : at + 2]) for at in (0, 2))
    both = _add_neighbours(builder, first, second)
    target = builder.bitcast(
        builder.gep(totals.data, [arguments[4]]), ir.VectorType(wide, ROWS).as_pointer()
    )
    builder.store(_add_neighbours(builder, both, both, ROWS), target, align=4)
    return context.get_dummy_value()


def _line(builder: Any, codes: Any, rows: Any, at: Any, depth: Any) -> Any:
    """Return where the codes of ``rows[at]`` begin."""
    row = builder.load(builder.gep(rows, [at]))
    return builder.gep(codes.data, [builder.mul(row, depth)])


def _next_line(builder: Any, row: Any, offset: Any, depth: Any) -> tuple[Any, Any]:
    """Return the row and the offset in it that follow after a cache line."""
    further = builder.add(offset, ir.Constant(offset.type, LINE))
    over = builder.icmp_unsigned(">=", further, depth)
    none, one = ir.Constant(row.type, 0), ir.Constant(row.type, 1)
    return builder.add(row, builder.select(over, one, none)), builder.select(over, none, further)


def _prefetch(builder: Any, address: Any) -> None:
    """Ask for the cache line at a place: rows of a scope may lie anywhere.

    Four rows of 16 codes are as long as a line, so each line is asked for once.
    """
    byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
    function = builder.module.declare_intrinsic("llvm.prefetch", [byte], kind)
    for_reading, keep, data = (ir.Constant(number, value) for value in (0, 3, 1))
    builder.call(function, [builder.bitcast(address, byte), for_reading, keep, data])


def _load(builder: Any, base: Any, at: Any, bits: int, align: int) -> Any:
    """Load a step's integers of some width."""
    kind = ir.VectorType(ir.IntType(bits), STEP)
    address = builder.bitcast(builder.gep(base, [at]), kind.as_pointer())
    return builder.load(address, align=align)


def _add_neighbours(builder: Any, first: Any, second: Any, lanes: int = STEP // 2) -> Any:
    """Add each even lane of two vectors, one behind the other, to the odd one after it."""
    kind = ir.VectorType(ir.IntType(32), lanes)
    even, odd = (
        builder.shuffle_vector(first, second, ir.Constant(kind, list(range(side, 2 * lanes, 2))))
        for side in (0, 1)
    )
    return builder.add(even, odd)


@compiled()
def dot_halves(bits: UInt16, rows: Int64, query: Float32) -> Float64:
    """Return what ``dot_rows`` returns for some rows, straight from their float16 bits.

    ``bits`` is (n, d), of finite numbers. A product of a float16 and a float32 is exact in
    float64, so only the order of the additions matters, and each row keeps its own.
    """
    count, depth = rows.shape[0], bits.shape[1]
    out = np.empty(count, dtype=np.float64)
    lifted_query = np.empty(depth, dtype=np.float64)
    for i in range(depth):
        lifted_query[i] = np.float64(query[i]) * _LIFT
    values = np.empty(depth, dtype=np.float32)
    products = np.empty((CHAINS, depth), dtype=np.float64)
    for first in range(0, count, CHAINS):
        many = min(CHAINS, count - first)
        for at in range(many):
            _widen_halves(bits, rows[first + at], values.view(np.uint32))
            _multiply(values, lifted_query, products, at)
        _add_in_order(products, many, out[first:])
    return out


@compiled()
def _widen_halves(bits: UInt16, row: int, placed: UInt32) -> None:
    """Move a row's signs, exponents and fractions to where float32 has them."""
    for i in range(bits.shape[1]):
        half = np.uint32(bits[row, i])
        sign = (half & np.uint32(0x8000)) << np.uint32(16)
        placed[i] = sign | ((half & np.uint32(0x7FFF)) << np.uint32(13))


@compiled()
def _multiply(values: Float32, lifted_query: Float64, products: Float64, at: int) -> None:
    for i in range(values.shape[0]):
        products[at, i] = np.float64(values[i]) * lifted_query[i]


@compiled()
def _add_in_order(products: Float64, many: int, out: Float64) -> None:
    """Write the first ``many`` rows' sums; what the others hold is added up and dropped."""
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    for i in range(products.shape[1]):
        s0 += products[0, i]
        s1 += products[1, i]
        s2 += products[2, i]
        s3 += products[3, i]
        s4 += products[4, i]
        s5 += products[5, i]
        s6 += products[6, i]
        s7 += products[7, i]
    sums = (s0, s1, s2, s3, s4, s5, s6, s7)
    for at in range(many):
        out[at] = sums[at]


@compiled()
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
