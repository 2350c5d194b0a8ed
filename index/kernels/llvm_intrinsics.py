"""Instructions that compiled code names itself, for no loop in Python becomes them."""

from collections.abc import Callable
from typing import Any, cast

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba import config, types
from numba.extending import intrinsic


def _features() -> frozenset[str]:
    """Return what the processor is known to have; nothing where numba compiles for another one."""
    if config.CPU_NAME or config.CPU_FEATURES:  # type: ignore[attr-defined]
        return frozenset()
    try:
        found = llvm.get_host_cpu_features()
    except RuntimeError:  # LLVM cannot tell on this system
        return frozenset()
    return frozenset(name for name, has in found.items() if has)


_HAS = _features()

LANES = 16 if "avx512bw" in _HAS else 8
"""Sums of 32 bits in one register."""

FUSED = {"avx512bw", "avx512vnni"} <= _HAS
"""One instruction multiplies, adds the pair and adds that to a sum (``vpdpwssd``)."""

if FUSED:
    llvm.initialize_native_asmparser()


def add_products(builder: Any, sums: Any, first: Any, second: Any) -> Any:
    """Add the products of ``2 * LANES`` pairs of numbers, neighbours together, to ``LANES`` sums.

    LLVM splits the fused instruction, which has a long latency, into two of a short one. Here many
    sums are under way at once and only the number of instructions counts: so it is written out.
    """
    if not FUSED:
        return builder.add(sums, emit_pairs(builder, first, second))
    kind = ir.FunctionType(sums.type, [sums.type, first.type, second.type])
    return builder.asm(kind, "vpdpwssd $3, $2, $0", "=v,0,v,v", [sums, first, second], False)


def emit_pairs(builder: Any, first: Any, second: Any) -> Any:
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


def _fused(_context: Any, _first: Any, _second: Any, _added: Any) -> Any:
    signature = types.float32(types.float32, types.float32, types.float32)
    return signature, lambda _, builder, __, given: builder.fma(*given)


def _bits_of(_context: Any, _number: Any) -> Any:
    return types.int32(types.float32), _bitcast(ir.IntType(32))


def _float_of(_context: Any, _bits: Any) -> Any:
    return types.float32(types.int32), _bitcast(ir.FloatType())


def _bitcast(kind: Any) -> Callable[..., Any]:
    return lambda _, builder, __, given: builder.bitcast(given[0], kind)


fused: Callable[[np.float32, np.float32, np.float32], np.float32] = cast("Any", intrinsic(_fused))
"""``first * second + added``, rounded once, on every machine."""

bits_of: Callable[[np.float32], np.int32] = cast("Any", intrinsic(_bits_of))
"""The bits of a float32."""

float_of: Callable[[np.int32], np.float32] = cast("Any", intrinsic(_float_of))
"""The float32 that has these bits."""
