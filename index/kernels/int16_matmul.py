"""Matrix products in integers: sums are exact, so no order, batch or thread can change a bit.

Both sides are rounded to integers of 16 bits with one scale for each row, which keeps an error of
about 2e-4 of the result, a fiftieth of what 8 bits leave. One instruction multiplies and adds twice
as many of them as of float32 (``index.kernels.llvm_intrinsics``).
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from index.kernels.jit_cache import compiled
from index.kernels.llvm_intrinsics import LANES, add_products

Int16 = NDArray[np.int16]
Float32 = NDArray[np.float32]

_VECTORS = 2

COLUMNS = _VECTORS * LANES
"""Columns of one tile."""

ROWS = 8 if LANES == 16 else 6  # noqa: PLR2004
"""Rows of one tile: as many as its sums have registers for, 16 of AVX2 or 32 of AVX-512."""

TOP = 4095
"""Rows on the left are rounded to -TOP..TOP."""

_LARGEST = 2**31 - 1
_LINE = 64
_TINY = 1e-20


def pack(weights: Float32) -> tuple[Int16, Float32]:
    """Round a (columns, depth) matrix for the right side and lay it out for ``multiply``.

    Returns blocks of columns, (columns / COLUMNS, depth x COLUMNS), and a scale for each column.
    Scales are as fine as they can be while no sum can leave 32 bits.
    """
    columns, depth = weights.shape
    sizes = np.abs(weights)
    room = (_LARGEST - depth * TOP) / TOP / np.maximum(sizes.sum(1, dtype=np.float64), _TINY)
    finest = np.minimum(room, 32767 / np.maximum(sizes.max(1), _TINY))
    rounded = np.rint(weights * finest[:, None].astype(np.float32)).astype(np.int16)
    paired = rounded.reshape(columns // COLUMNS, COLUMNS, depth // 2, 2).transpose(0, 2, 1, 3)
    packed = aligned((columns // COLUMNS, depth * COLUMNS))
    packed[:] = paired.reshape(packed.shape)
    return packed, (1 / finest).astype(np.float32)


def aligned(shape: tuple[int, ...]) -> Int16:
    """Return an empty int16 array that starts at a cache line."""
    count = int(np.prod(shape))
    room = np.empty(count + _LINE // 2, dtype=np.int16)
    skipped = -room.ctypes.data % _LINE // 2
    return room[skipped : skipped + count].reshape(shape)


@intrinsic
def _tile(  # noqa: PLR0913, PLR0917
    _context: Any, left: Any, row: Any, right: Any, block: Any, left_scale: Any, right_scale: Any,
    bias: Any, out: Any, column: Any,
) -> Any:  # fmt: skip
    """Compute ``out[row : row + ROWS, column : column + COLUMNS]``, the sums held in registers.

    Written in LLVM's own vectors, for no loop in Python becomes this.
    """
    signature = types.void(
        left, row, right, block, left_scale, right_scale, bias, out, column
    )  # fmt: skip
    return signature, _emit_tile


def _emit_tile(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    word = ir.IntType(64)
    lanes = ir.VectorType(ir.IntType(32), LANES)
    floats = ir.VectorType(ir.FloatType(), LANES)
    first = ir.Constant(lanes, [0] * LANES)

    def number(value: int) -> Any:
        return ir.Constant(word, value)

    def array(at: int) -> Any:
        return context.make_array(signature.args[at])(context, builder, arguments[at])

    def spread(scalar: Any, kind: Any) -> Any:
        lone = builder.insert_element(ir.Constant(kind, ir.Undefined), scalar, number(0))
        return builder.shuffle_vector(lone, lone, first)

    def vector_at(base: Any, at: Any) -> Any:
        return builder.bitcast(builder.gep(base, [at]), floats.as_pointer())

    left, right, left_scale, right_scale, bias, out = map(array, (0, 2, 4, 5, 6, 7))
    row, block, column = arguments[1], arguments[3], arguments[8]
    depth, width = (builder.extract_value(one.shape, 1) for one in (left, out))
    rows = [builder.add(row, number(offset)) for offset in range(ROWS)]
    panel = builder.mul(block, builder.mul(depth, number(COLUMNS)))
    sums = _emit_sums(
        builder,
        [builder.gep(left.data, [builder.mul(one, depth)]) for one in rows],
        builder.gep(right.data, [panel]),
        builder.lshr(depth, number(1)),
    )
    for vector in range(_VECTORS):
        place = builder.add(builder.mul(block, number(COLUMNS)), number(LANES * vector))
        scale = builder.load(vector_at(right_scale.data, place), align=4)
        offset = builder.load(vector_at(bias.data, place), align=4)
        for one, of_row in zip(rows, sums, strict=True):
            scales = spread(builder.load(builder.gep(left_scale.data, [one])), floats)
            value = builder.fmul(builder.sitofp(of_row[vector], floats), scales)
            value = builder.fadd(builder.fmul(value, scale), offset)
            target = builder.add(
                builder.mul(one, width), builder.add(column, number(LANES * vector))
            )
            builder.store(value, vector_at(out.data, target), align=4)
    return context.get_dummy_value()


def _emit_sums(builder: Any, lefts: Any, right: Any, pairs: Any) -> list[list[Any]]:
    """Emit the loop over the depth, two numbers a step; return (rows, vectors) of int32 sums."""
    word, wide = ir.IntType(64), ir.IntType(32)
    lanes = ir.VectorType(wide, LANES)
    halves = ir.VectorType(ir.IntType(16), 2 * LANES)
    lefts = [builder.bitcast(one, wide.as_pointer()) for one in lefts]
    right = builder.bitcast(right, halves.as_pointer())
    before = builder.block
    loop = builder.append_basic_block("depth")
    after = builder.append_basic_block("summed")
    builder.branch(loop)
    builder.position_at_end(loop)
    step = builder.phi(word)
    step.add_incoming(ir.Constant(word, 0), before)
    starts = [[builder.phi(lanes) for _ in range(_VECTORS)] for _ in lefts]
    at = [
        builder.add(builder.mul(step, ir.Constant(word, _VECTORS)), ir.Constant(word, vector))
        for vector in range(_VECTORS)
    ]
    columns = [builder.load(builder.gep(right, [one]), align=2) for one in at]
    sums = []
    for pointer, olds in zip(lefts, starts, strict=True):
        pair = builder.load(builder.gep(pointer, [step]), align=2)
        lone = builder.insert_element(ir.Constant(lanes, ir.Undefined), pair, ir.Constant(wide, 0))
        both = builder.shuffle_vector(lone, lone, ir.Constant(lanes, [0] * LANES))
        both = builder.bitcast(both, halves)
        news = [
            add_products(builder, old, both, column)
            for old, column in zip(olds, columns, strict=True)
        ]
        for old, new in zip(olds, news, strict=True):
            old.add_incoming(ir.Constant(lanes, [0] * LANES), before)
            old.add_incoming(new, loop)
        sums.append(news)
    following = builder.add(step, ir.Constant(word, 1))
    step.add_incoming(following, loop)
    builder.cbranch(builder.icmp_unsigned("<", following, pairs), loop, after)
    builder.position_at_end(after)
    return sums


@compiled()
def multiply(  # noqa: PLR0917
    left: Int16, right: Int16, left_scale: Float32, right_scale: Float32, bias: Float32,
    out: Float32, column: int,
) -> None:  # fmt: skip
    """Write ``left @ right.T`` with its scales and bias into ``out`` from ``column`` on.

    ``left`` is (rows, depth), rows a multiple of ROWS and depth even; ``right`` is packed.
    """
    for block in range(right.shape[0]):
        for row in range(0, left.shape[0], ROWS):
            _tile(  # type: ignore[call-arg]
                left, np.int64(row), right, np.int64(block), left_scale, right_scale, bias, out,
                np.int64(column + block * COLUMNS),
            )  # fmt: skip
