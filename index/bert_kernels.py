"""A BERT encoder's way through one text, compiled: integers where it multiplies matrices.

Everything is a function of the text's own tokens. What is left in float32 is computed row by row
in an order that depends on nothing but the text's length.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from index.compiled import compiled
from index.integer_product import COLUMNS, ROWS, TOP, Float32, Int16, multiply

Int32 = NDArray[np.int32]

_PROBABILITY_TOP = 32767
_PROBABILITY_SUM = 520_000.0
"""Rounded probabilities of a row sum up to this at most, so that sums with values fit 32 bits."""

_CLIP = 5.0
"""Beyond this many deviations the normal distribution is taken to be 0 or 1."""

_LOW = -24.0
"""Powers of two below this are taken as this: 6e-8."""


def _polynomial(
    function: Callable[[float], float], low: float, high: float, degree: int
) -> tuple[float, ...]:
    """Interpolate; return coefficients in t, -1 to 1 over the interval, highest power first."""
    middle, half = (low + high) / 2, (high - low) / 2
    points = chebyshev.chebpts1(degree + 1)
    values = np.array([function(middle + half * point) for point in points])
    series = chebyshev.chebvander(points, degree).T @ values / (degree + 1)
    series[1:] *= 2
    return tuple(float(one) for one in chebyshev.cheb2poly(series)[::-1])


def _half_normal(square: float) -> float:
    """Return (Phi(x) - 1/2) / x for x squared."""
    x = math.sqrt(max(square, 1e-12))
    return math.erf(x / math.sqrt(2)) / 2 / x


_NORMAL = _polynomial(_half_normal, 0.0, _CLIP * _CLIP, 11)
_POWER = _polynomial(lambda exponent: 2.0**exponent, _LOW / 8, 0.0, 6)


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


_FLAGS = {"contract", "nnan", "nsz", "reassoc"}
"""Sums over a row may be vectorised: their order is fixed when this is compiled."""


@compiled()
def round_rows(values: Float32, factor: float, rounded: Int16, scale: Float32) -> None:
    """Round each row of (rows, depth) to integers; ``scale`` turns them back, times ``factor``."""
    for row in range(values.shape[0]):
        top = _largest(values[row])
        finer = np.float32(TOP) / top
        scale[row] = top / np.float32(TOP) * np.float32(factor)
        for at in range(values.shape[1]):
            rounded[row, at] = _rounded(values[row, at] * finer)


@compiled(inline="always")
def _rounded(value: float) -> np.int16:
    return np.int16(np.int32(value + np.float32(65536.5)) - 65536)


@compiled(fastmath=_FLAGS)
def _largest(values: Float32) -> np.float32:
    top = np.float32(1e-20)
    for at in range(values.shape[0]):
        top = max(top, abs(values[at]))
    return top


@compiled(fastmath=_FLAGS)
def add_and_norm(states: Float32, change: Float32, norm: Float32, epsilon: float) -> None:
    """Add ``change`` to the states and normalise each row, in place."""
    width = states.shape[1]
    for row in range(states.shape[0]):
        total = np.float32(0)
        for at in range(width):
            states[row, at] += change[row, at]
            total += states[row, at]
        mean = total / np.float32(width)
        spread = np.float32(0)
        for at in range(width):
            apart = states[row, at] - mean
            spread += apart * apart
        factor = np.float32(1) / np.sqrt(spread / np.float32(width) + np.float32(epsilon))
        for at in range(width):
            states[row, at] = (states[row, at] - mean) * factor * norm[0, at] + norm[1, at]


@compiled(fastmath=_FLAGS)
def gelu(values: Float32) -> None:
    """Apply x Phi(x) in place; Phi by a polynomial within 1e-5."""
    clip = np.float32(_CLIP)
    for row in range(values.shape[0]):
        for at in range(values.shape[1]):
            value = values[row, at]
            x = min(max(value, -clip), clip)
            t = x * x * np.float32(2 / _CLIP**2) - np.float32(1)
            phi = np.float32(0)
            for coefficient in _NORMAL:
                phi = phi * t + np.float32(coefficient)
            values[row, at] = value * (np.float32(0.5) + x * phi)


@compiled(fastmath=_FLAGS)
def _highest(values: Float32) -> np.float32:
    top = np.float32(-3e38)
    for at in range(values.shape[0]):
        top = max(top, np.float32(values[at]))
    return top


@compiled(fastmath=_FLAGS)
def _weigh(scores: Float32, count: int) -> np.float32:
    """Turn a row of scores, in powers of two, into weights of at most 1; return their sum."""
    top = _highest(scores[:count])
    total = np.float32(0)
    for at in range(count):
        exponent = max(np.float32(scores[at] - top), np.float32(_LOW))
        t = exponent * np.float32(-2 / _LOW) + np.float32(1)
        power = np.float32(0)
        for coefficient in _POWER:
            power = power * t + np.float32(coefficient)
        power *= power
        power *= power
        power *= power
        scores[at] = power
        total += power
    return total


@compiled()
def _round_weights(scores: Float32, count: int, rounded: Int16, scale: Float32) -> None:
    """Softmax of each row of scores, rounded: the rounded weights of a row sum up to one."""
    for row in range(count):
        total = _weigh(scores[row], count)
        room = np.float32(_PROBABILITY_SUM) / total
        finer = min(np.float32(_PROBABILITY_TOP), room)
        parts = np.int32(0)
        for at in range(count):
            part = np.int32(scores[row, at] * finer + np.float32(0.5))
            rounded[row, at] = part
            parts += part
        scale[row] = np.float32(1) / np.float32(parts)


@compiled()
def _pack_keys(keys: Float32, count: int, packed: Int16, scale: Float32) -> None:
    """Lay out (tokens, depth) keys as the right side of a product: a token is a column."""
    for token in range(count):
        top = _largest(keys[token])
        finer = np.float32(TOP) / top
        scale[token] = top / np.float32(TOP)
        block, column = token // COLUMNS, token % COLUMNS
        for at in range(keys.shape[1]):
            place = at // 2 * 2 * COLUMNS + 2 * column + at % 2
            packed[block, place] = _rounded(keys[token, at] * finer)


@compiled()
def _pack_values(values: Float32, count: int, tops: Float32, packed: Int16, scale: Float32) -> None:
    """Lay out (tokens, depth) values as the right side of a product: a feature is a column."""
    for at in range(values.shape[1]):
        tops[at] = np.float32(1e-20)
    for token in range(count):
        for at in range(values.shape[1]):
            tops[at] = max(tops[at], abs(values[token, at]))
    for at in range(values.shape[1]):
        scale[at] = tops[at] / np.float32(TOP)
        tops[at] = np.float32(TOP) / tops[at]
    for token in range(count):
        for at in range(values.shape[1]):
            place = token // 2 * 2 * COLUMNS + 2 * (at % COLUMNS) + token % 2
            packed[at // COLUMNS, place] = _rounded(values[token, at] * tops[at])


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
    tops = np.zeros(depth, dtype=np.float32)
    factor = 1.4426950408889634 / math.sqrt(depth)  # scores in powers of two
    for head in range(heads):
        at = head * depth
        round_rows(projected[:, at : at + depth], factor, query, query_scale)
        _pack_keys(projected[:, width + at : width + at + depth], count, keys, key_scale)
        multiply(query, keys, query_scale, key_scale, nothing, scores, 0)
        _round_weights(scores, count, weights, weight_scale)
        start = 2 * width + at
        _pack_values(projected[:, start : start + depth], count, tops, values, value_scale)
        multiply(weights, values, weight_scale, value_scale, nothing, out, at)


@compiled()
def encode(tokens: Int32, model: Weights, heads: int, epsilon: float) -> Float32:
    """Return the mean of a text's last states, of length 1: shape (dimension,)."""
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
    return _pool(states, count)


@compiled()
def _apply(rounded: Int16, scale: Float32, layer: Linear, block: int, out: Float32) -> None:
    multiply(rounded, layer.weights[block], scale, layer.scale[block], layer.bias[block], out, 0)


@compiled()
def _pool(states: Float32, count: int) -> Float32:
    total = np.zeros(states.shape[1], dtype=np.float64)
    for row in range(count):
        for at in range(states.shape[1]):
            total[at] += states[row, at]
    length = 0.0
    for at in range(total.shape[0]):
        length += total[at] * total[at]
    length = max(math.sqrt(length), 1e-12)
    pooled = np.empty(total.shape[0], dtype=np.float32)
    for at in range(total.shape[0]):
        pooled[at] = total[at] / length
    return pooled
