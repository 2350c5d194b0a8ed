"""The compiled products are those of numpy, of every shape and every kind of number."""

import numpy as np
import pytest

from index.kernels.dot_products import AHEAD, dot_codes, dot_halves, dot_rows

DEPTHS = [1, 7, 8, 15, 16, 17, 33, 48, 384]


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("rows", [0, 1, 3, 4, 5, 8, 11])
def test_sums_of_codes_are_those_of_whole_numbers(depth, rows):
    rng = np.random.default_rng(depth * 100 + rows)
    codes = rng.integers(-127, 128, (20, depth)).astype(np.int8)
    query = rng.integers(-32767, 32768, depth).astype(np.int16)
    query[0], codes[:, 0] = -32767, -127
    totals = np.full(rows + 1, 77, dtype=np.int32)
    row_numbers = rng.integers(0, 20, rows + AHEAD)
    dot_codes(codes, row_numbers, rows, query, totals)
    expected = codes[row_numbers[:rows]].astype(np.int64) @ query.astype(np.int64)
    assert totals[:rows].tolist() == expected.tolist()
    assert totals[rows] == 77  # nothing is written beyond the rows asked for


@pytest.mark.parametrize("depth", DEPTHS)
def test_every_finite_float16_is_multiplied_as_the_published_kernel_does(depth):
    bits = np.arange(1 << 16, dtype=np.uint16)
    finite = bits[np.isfinite(bits.view(np.float16))]
    rng = np.random.default_rng(depth)
    count = -(-len(finite) // depth)
    table = np.resize(rng.permutation(finite), (count, depth))
    query = rng.normal(size=depth).astype(np.float32)
    query[0] = np.float32(1e-40)  # below the smallest normal number
    expected = dot_rows(table.view(np.float16).astype(np.float32), query)
    products = dot_halves(table, np.arange(count), query)
    assert products.tobytes() == expected.tobytes()
