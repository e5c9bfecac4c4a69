"""Searching, counting into bins, the largest and the different."""

from __future__ import annotations

from typing import Any

import numpy as np

from opgraft.adapt.builder import INT32, Builder, NoRewriteError
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.shapes import scalar
from opgraft.adapt.rewrites.table import composition, equivalent

_DOUBLE = 2


@composition("LowerBound", "UpperBound")
def bound(b: Builder, node: Node) -> list[Tensor]:
    """Counts the elements of the row that are less, or not greater, one by one."""
    rows, values = node.inputs
    compare = "Less" if node.op == "LowerBound" else "LessEqual"
    before = b(compare, b("ExpandDims", rows, b.const(1)), b("ExpandDims", values, b.const(2)))
    dtype = node.type("out_type") or INT32
    return [b("Sum", b("Cast", before, DstT=dtype), b.const(2))]


@composition("HistogramFixedWidth")
def histogram(b: Builder, node: Node) -> list[Tensor]:
    """UnsortedSegmentSum of ones, the bins computed in double."""
    values, ends, bins = node.inputs
    ends = b("Cast", ends, DstT=_DOUBLE)
    low, high = (scalar(b, b("Slice", ends, b.const([i]), b.const([1]))) for i in (0, 1))
    values = b("Reshape", b("Cast", values, DstT=_DOUBLE), b.const([-1]))
    inside = b("Minimum", b("Maximum", values, low), high)
    step = b("RealDiv", b("Sub", high, low), b("Cast", bins, DstT=_DOUBLE))
    place = b("Cast", b("RealDiv", b("Sub", inside, low), step), DstT=INT32)
    place = b("Minimum", place, b("Sub", bins, b.const(1)))
    ones = b("Fill", b("Shape", place), b.const(1, node.type("dtype") or INT32))
    return [b("UnsortedSegmentSum", ones, place, bins)]


@equivalent("UniqueV2", "UniqueWithCountsV2")
def unique(b: Builder, node: Node) -> list[Tensor]:
    """Unique, of a vector."""
    x = node.inputs[0]
    if b.rank_of(x) != 1:
        raise NoRewriteError("it is about more than a vector")
    first = b(node.op[: -len("V2")], x, out_idx=node.type("out_idx") or INT32)
    return [Tensor(first.node, i) for i in range(3 if "Counts" in node.op else 2)]


@composition("ApproxTopK")
def approx_top_k(b: Builder, node: Node) -> list[Tensor]:
    """TopKV2, which is exact, as ApproxTopK is on a CPU."""
    x, k = node.inputs[0], node.number("k")
    axis, rank = node.number("reduction_dimension", -1), len(b.shape_of(x) or [])
    if axis not in (-1, rank - 1) or not (
        node.flag("aggregate_to_topk") or "aggregate_to_topk" not in node.attrs
    ):
        raise NoRewriteError("it is about another dimension than the last, or more than k")
    if "is_max_k" in node.attrs and not node.flag("is_max_k"):
        raise NoRewriteError("it is about the smallest, for which no release has a CPU kernel")
    values = b("TopKV2", x, b.const(k))
    return [values, Tensor(values.node, 1)]


_BITS = {4: 8, 5: 16, 6: 8, 17: 16, INT32: 32, 9: 64}


def _powers(dtype: int) -> np.ndarray[Any, Any]:
    """2 to the 0 to bits - 1; the last is the lowest number of a signed type."""
    return np.array([1 << i for i in range(_BITS[dtype])], np.uint64)


def _shift(b: Builder, node: Node) -> tuple[Tensor, Tensor, Tensor]:
    """(x, by how much from 0 to bits - 1 as int32, the powers of 2 in the dtype of x)."""
    x, y = node.inputs
    dtype = b.type_of(x)
    if dtype not in _BITS:
        raise NoRewriteError("old releases multiply no such integers")
    by = b("Maximum", b("Cast", y, DstT=INT32), b.const(0))
    by = b("Minimum", by, b.const(_BITS[dtype] - 1))
    return x, by, b.const(_powers(dtype), dtype)


@composition("LeftShift")
def left_shift(b: Builder, node: Node) -> list[Tensor]:
    """Multiplies by a power of 2."""
    x, by, powers = _shift(b, node)
    return [b("Mul", x, b("Gather", powers, by))]


@composition("RightShift")
def right_shift(b: Builder, node: Node) -> list[Tensor]:
    """Divides by a power of 2, rounding down, in two steps: the largest power is negative."""
    x, by, powers = _shift(b, node)
    half = b("FloorDiv", by, b.const(2))
    for step in (half, b("Sub", by, half)):
        x = b("FloorDiv", x, b("Gather", powers, step))
    return [x]
