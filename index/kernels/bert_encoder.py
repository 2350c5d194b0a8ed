"""A BERT encoder's way through one text, compiled: integers where it multiplies matrices.

Everything is a function of the text's own tokens, to the last bit and on every machine: sums are of
integers or in an order that is written here, and no compiler may reorder or contract what is left
in floating point.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.kernels.int16_matmul import COLUMNS, ROWS, TOP, Float32, Int16, multiply
from index.kernels.jit_cache import compiled
from index.kernels.llvm_intrinsics import bits_of, float_of, fused

Int32 = NDArray[np.int32]
Float64 = NDArray[np.float64]

_PROBABILITY_TOP = 32767
_PROBABILITY_SUM = 520_000.0
"""Rounded probabilities of a row sum up to this at most, so that sums with values fit 32 bits."""

_PROBABILITY_UNIT = 65536
"""Steps in which probabilities are added up."""

_CLIP = 5.0
"""Beyond this many deviations the normal distribution is taken to be 0 or 1."""

_LOW = -24.0
"""Powers of two below this are taken as this: 6e-8."""

_NORMAL = (
    -0.00160097051, 0.00357336947, -0.00273458303, 0.00430296312, -0.0111002975, 0.0175070246,
    -0.023303147, 0.0311808134, -0.0404353179, 0.0515430789, -0.0702966995, 0.141363473,
)  # fmt: skip
"""(Phi(x) - 1/2) / x as a polynomial in t, -1 to 1 as x squared goes from 0 to ``_CLIP`` squared:
interpolated at Chebyshev's points, highest power first."""

_POWER = (
    0.000641603451, 0.00374409005, 0.0172044589, 0.0661472603, 0.191100354, 0.36760715, 0.353553391,
)  # fmt: skip
"""The eighth root of 2 ** x as a polynomial in t, -1 to 1 as x goes from ``_LOW`` to 0."""

_MAGNITUDE = 0x7FFFFFFF
"""A float32's bits but for its sign. Read as integers they are in the order of the numbers."""


class Linear(NamedTuple):
    """One kind of linear layer of all blocks, packed; the first axis is the block."""

    weights: Int16
    scale: Float32
    bias: Float32


class Weights(NamedTuple):
    """A model."""

    words: Float32
    places: Float32
    """Position and token type together."""
    norms: Float32
    """(1 + 2 x blocks, 2, dimension): weight and bias of each layer norm, in order of use."""
    seeing: Linear
    """Query, key and value side by side."""
    seen: Linear
    widen: Linear
    narrow: Linear


@compiled()
def round_rows(values: Float32, factor: float, rounded: Int16, scale: Float32) -> None:
    """Round each row of (rows, depth) to integers; ``scale`` turns them back, times ``factor``."""
    for row in range(values.shape[0]):
        scale[row] = _round_row(values[row], rounded[row]) * np.float32(factor)


@compiled()
def _round_row(values: Float32, rounded: Int16) -> np.float32:
    """Round to -TOP..TOP; return what a step is worth."""
    top = _largest(values)
    finer = np.float32(TOP) / top
    for at in range(values.shape[0]):
        rounded[at] = _rounded(values[at] * finer)
    return top / np.float32(TOP)


@compiled(inline="always")
def _rounded(value: float) -> np.int32:
    return np.int32(np.int32(value + np.float32(65536.5)) - np.int32(65536))


@compiled()
def _largest(values: Float32) -> np.float32:
    """Return the largest magnitude; of zeros alone, a number that can be divided by."""
    top = bits_of(np.float32(1e-20))
    for at in range(values.shape[0]):
        top = max(top, np.int32(bits_of(values[at]) & np.int32(_MAGNITUDE)))
    return float_of(top)


@compiled()
def _highest(values: Float32) -> np.float32:
    top = _ordered(bits_of(np.float32(-3e38)))
    for at in range(values.shape[0]):
        top = max(top, _ordered(bits_of(values[at])))
    return float_of(_ordered(top))


@compiled(inline="always")
def _ordered(bits: np.int32) -> np.int32:
    """Map a float32's bits to integers in the order of the numbers, and these back."""
    return np.int32(bits ^ np.int32(np.int32(bits >> np.int32(31)) & np.int32(_MAGNITUDE)))


@compiled()
def _sum(parts: Float32) -> np.float32:
    """Add up numbers, which are overwritten: the second half to the first, until one is left."""
    count = parts.shape[0]
    while count > 1:
        half = (count + 1) // 2
        for at in range(count - half):
            parts[at] += parts[half + at]
        count = half
    return np.float32(parts[0])


@compiled()
def add_and_norm(states: Float32, change: Float32, norm: Float32, epsilon: float) -> None:
    """Add ``change`` to the states and normalise each row, in place."""
    width = states.shape[1]
    parts = np.empty(width, dtype=np.float32)
    for row in range(states.shape[0]):
        state = states[row]
        for at in range(width):
            state[at] += change[row, at]
            parts[at] = state[at]
        mean = _sum(parts) / np.float32(width)
        for at in range(width):
            state[at] -= mean
            parts[at] = state[at] * state[at]
        spread = _sum(parts) / np.float32(width)
        factor = np.float32(1) / np.sqrt(spread + np.float32(epsilon))
        for at in range(width):
            state[at] = fused(state[at] * factor, norm[0, at], norm[1, at])


@compiled()
def gelu(values: Float32) -> None:
    """Apply x Phi(x) in place; Phi by a polynomial within 1e-5."""
    clip = np.float32(_CLIP)
    for row in range(values.shape[0]):
        for at in range(values.shape[1]):
            value = values[row, at]
            x = min(max(value, -clip), clip)
            t = fused(x * x, np.float32(2 / _CLIP**2), np.float32(-1))
            phi = np.float32(0)
            for coefficient in _NORMAL:
                phi = fused(phi, t, np.float32(coefficient))
            values[row, at] = value * fused(x, phi, np.float32(0.5))


@compiled()
def _weigh(scores: Float32) -> np.int32:
    """Turn a row of scores, in powers of two, into weights of at most 1.

    Returns their sum in steps of ``1 / _PROBABILITY_UNIT``.
    """
    top = _highest(scores)
    total = np.int32(0)
    for at in range(scores.shape[0]):
        exponent = max(np.float32(scores[at] - top), np.float32(_LOW))
        t = fused(exponent, np.float32(-2 / _LOW), np.float32(1))
        power = np.float32(0)
        for coefficient in _POWER:
            power = fused(power, t, np.float32(coefficient))
        power *= power
        power *= power
        power *= power
        scores[at] = power
        steps = np.int32(fused(power, np.float32(_PROBABILITY_UNIT), np.float32(0.5)))
        total = np.int32(total + steps)
    return total


@compiled()
def _round_weights(scores: Float32, count: int, rounded: Int16, scale: Float32) -> None:
    """Softmax of each row of scores, rounded: the rounded weights of a row sum up to one."""
    for row in range(count):
        total = np.float32(_weigh(scores[row, :count]))
        room = np.float32(_PROBABILITY_SUM * _PROBABILITY_UNIT) / total
        finer = min(np.float32(_PROBABILITY_TOP), room)
        parts = np.int32(0)
        for at in range(count):
            part = np.int32(fused(scores[row, at], finer, np.float32(0.5)))
            rounded[row, at] = part
            parts = np.int32(parts + part)
        scale[row] = np.float32(1) / np.float32(parts)


@compiled()
def _pack_keys(keys: Float32, count: int, packed: Int16, scale: Float32) -> None:
    """Lay out (tokens, depth) keys as the right side of a product: a token is a column."""
    pairs = packed.view(np.int32)
    rounded = np.empty(keys.shape[1], dtype=np.int16)
    of_token = rounded.view(np.int32)
    for token in range(count):
        scale[token] = _round_row(keys[token], rounded)
        block, column = token // COLUMNS, token % COLUMNS
        for pair in range(of_token.shape[0]):
            pairs[block, pair * COLUMNS + column] = of_token[pair]


@compiled()
def _pack_values(values: Float32, count: int, packed: Int16, scale: Float32) -> None:
    """Lay out (tokens, depth) values as the right side of a product: a feature is a column.

    Of an odd number of tokens the last has none beside it, and what lies there is 0.
    """
    depth = values.shape[1]
    tops = np.full(depth, np.float32(1e-20))
    for token in range(count):
        for at in range(depth):
            tops[at] = max(tops[at], abs(values[token, at]))
    for at in range(depth):
        scale[at] = tops[at] / np.float32(TOP)
        tops[at] = np.float32(TOP) / tops[at]
    pairs = packed.view(np.int32)
    nothing = np.zeros(depth, dtype=np.float32)
    for token in range(0, count, 2):
        first = values[token]
        second = values[token + 1] if token + 1 < count else nothing
        for block in range(packed.shape[0]):
            line = pairs[block, token // 2 * COLUMNS : (token // 2 + 1) * COLUMNS]
            for column in range(COLUMNS):
                at = block * COLUMNS + column
                low = np.int32(_rounded(first[at] * tops[at]) & np.int32(0xFFFF))
                high = np.int32(_rounded(second[at] * tops[at]) << np.int32(16))
                line[column] = low | high


@compiled()
def attend(projected: Float32, count: int, heads: int, out: Float32) -> None:
    """Scaled dot-product attention of (rows, 3 x dimension) projections, head by head."""
    rows, width = out.shape
    depth = width // heads
    columns = (count + COLUMNS - 1) // COLUMNS * COLUMNS
    query = np.zeros((rows, depth), dtype=np.int16)
    query_scale = np.zeros(rows, dtype=np.float32)
    keys = np.zeros((columns // COLUMNS, depth * COLUMNS), dtype=np.int16)
    key_scale = np.zeros(columns, dtype=np.float32)
    scores = np.zeros((rows, columns), dtype=np.float32)
    weights = np.zeros((rows, columns), dtype=np.int16)
    weight_scale = np.zeros(rows, dtype=np.float32)
    values = np.zeros((depth // COLUMNS, columns * COLUMNS), dtype=np.int16)
    value_scale = np.zeros(depth, dtype=np.float32)
    nothing = np.zeros(max(columns, depth), dtype=np.float32)
    of_head = np.empty((3, rows, depth), dtype=np.float32)
    factor = 1.4426950408889634 / math.sqrt(depth)  # scores in powers of two
    for head in range(heads):
        _gather_head(projected, head * depth, of_head)
        round_rows(of_head[0], factor, query, query_scale)
        _pack_keys(of_head[1], count, keys, key_scale)
        multiply(query, keys, query_scale, key_scale, nothing, scores, 0)
        _round_weights(scores, count, weights, weight_scale)
        _pack_values(of_head[2], count, values, value_scale)
        multiply(weights, values, weight_scale, value_scale, nothing, out, head * depth)


@compiled()
def _gather_head(projected: Float32, first: int, of_head: Float32) -> None:
    """Copy one head's queries, keys and values to (3, rows, depth), where they lie together."""
    _, rows, depth = of_head.shape
    width = projected.shape[1] // 3
    for kind in range(3):
        for row in range(rows):
            at = kind * width + first
            of_head[kind, row, :] = projected[row, at : at + depth]


@compiled()
def encode(tokens: Int32, model: Weights, heads: int, epsilon: float) -> Float32:
    """Return the last state of each of a text's tokens: shape (tokens, dimension)."""
    count, width = tokens.shape[0], model.words.shape[1]
    rows = (count + ROWS - 1) // ROWS * ROWS
    wide = model.widen.scale.shape[1]
    states = np.zeros((rows, width), dtype=np.float32)
    change = np.zeros((rows, width), dtype=np.float32)
    projected = np.zeros((rows, 3 * width), dtype=np.float32)
    widened = np.zeros((rows, wide), dtype=np.float32)
    short = np.zeros((rows, width), dtype=np.int16)
    long = np.zeros((rows, wide), dtype=np.int16)
    scale = np.zeros(rows, dtype=np.float32)
    for row in range(count):
        for at in range(width):
            states[row, at] = model.words[tokens[row], at] + model.places[row, at]
    add_and_norm(states, change, model.norms[0], epsilon)
    for block in range(model.seeing.scale.shape[0]):
        round_rows(states, 1.0, short, scale)
        _apply(short, scale, model.seeing, block, projected)
        attend(projected, count, heads, change)
        round_rows(change, 1.0, short, scale)
        _apply(short, scale, model.seen, block, change)
        add_and_norm(states, change, model.norms[2 * block + 1], epsilon)
        round_rows(states, 1.0, short, scale)
        _apply(short, scale, model.widen, block, widened)
        gelu(widened)
        round_rows(widened, 1.0, long, scale)
        _apply(long, scale, model.narrow, block, change)
        add_and_norm(states, change, model.norms[2 * block + 2], epsilon)
    return states[:count]


@compiled()
def _apply(rounded: Int16, scale: Float32, layer: Linear, block: int, out: Float32) -> None:
    multiply(rounded, layer.weights[block], scale, layer.scale[block], layer.bias[block], out, 0)


@compiled()
def pool(states: Float32) -> Float32:
    """Return the mean of a text's states, of length 1: shape (dimension,)."""
    total = np.zeros(states.shape[1], dtype=np.float64)
    for row in range(states.shape[0]):
        for at in range(states.shape[1]):
            total[at] += states[row, at]
    return _of_length_one(total)


@compiled()
def unit_rows(states: Float32) -> Float32:
    """Return each token's state, of length 1: shape (tokens, dimension)."""
    rows = np.empty(states.shape, dtype=np.float32)
    for row in range(states.shape[0]):
        rows[row] = _of_length_one(states[row].astype(np.float64))
    return rows


@compiled()
def _of_length_one(total: Float64) -> Float32:
    length = 0.0
    for at in range(total.shape[0]):
        length += total[at] * total[at]
    length = max(math.sqrt(length), 1e-12)
    unit = np.empty(total.shape[0], dtype=np.float32)
    for at in range(total.shape[0]):
        unit[at] = total[at] / length
    return unit
