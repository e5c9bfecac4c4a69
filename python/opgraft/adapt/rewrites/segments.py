"""Sums, products and extremes by segment."""

from __future__ import annotations

from opgraft.adapt.builder import Builder
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.arrays import slots
from opgraft.adapt.rewrites.shapes import as_int32, scalar
from opgraft.adapt.rewrites.table import composition

_FLOATS = (1, 2, 14, 19)


@composition(
    "SparseSegmentMeanWithNumSegments",
    "SparseSegmentSqrtNWithNumSegments",
    "SparseSegmentSumWithNumSegments",
)
def sparse_segments(b: Builder, node: Node) -> list[Tensor]:
    """UnsortedSegmentSum of the rows, divided by how many there are."""
    data, indices, ids, count = node.inputs
    ids, count = as_int32(b, ids), scalar(b, as_int32(b, count))
    total = b("UnsortedSegmentSum", b("Gather", data, indices), ids, count)
    if node.op == "SparseSegmentSumWithNumSegments":
        return [total]
    ones = b("Fill", b("Shape", ids), b.const(1, b.type_of(data)))
    n = b("UnsortedSegmentSum", ones, ids, count)
    n = b("Maximum", n, b.const(1, b.type_of(data)))
    if node.op == "SparseSegmentSqrtNWithNumSegments":
        n = b("Sqrt", n)
    shape = b("Shape", total)
    width = b("Prod", b("Slice", shape, b.const([1]), b.const([-1])), b.const(0))
    rows = b("Reshape", total, b("Pack", [count, width]))
    return [b("Reshape", b("RealDiv", rows, b("ExpandDims", n, b.const(1))), shape)]


@composition("UnsortedSegmentMin")
def unsorted_segment_min(b: Builder, node: Node) -> list[Tensor]:
    """UnsortedSegmentMax of the numbers in the opposite order: negated, or inverted if integers."""
    data, ids, count = node.inputs
    flip = "Neg" if b.type_of(data) in _FLOATS else "Invert"
    return [b(flip, b("UnsortedSegmentMax", b(flip, data), ids, count))]


@composition("UnsortedSegmentProd")
def unsorted_segment_prod(b: Builder, node: Node) -> list[Tensor]:
    """A product for each segment of all rows, 1 in place of those of other segments."""
    data, ids, count = node.inputs
    dtype, count = b.type_of(data), scalar(b, as_int32(b, count))
    inner = b("Slice", b("Shape", data), b("Shape", b("Shape", ids)), b.const([-1]))
    width = b("Prod", inner, b.const(0))
    rows = b("Reshape", data, b("Pack", [b("Size", ids), width]))
    ids = b("Reshape", as_int32(b, ids), b.const([1, -1, 1]))
    numbers = b("Range", b.const(0), count, b.const(1))
    mine = b("Equal", b("Reshape", numbers, b.const([-1, 1, 1])), ids)
    factors = b("SelectV2", mine, b("ExpandDims", rows, b.const(0)), b.const(1, dtype))
    shape = b("ConcatV2", [b("Reshape", count, b.const([1])), inner], b.const(0))
    return [b("Reshape", b("Prod", factors, b.const(1)), shape)]


@composition("TensorScatterMax", "TensorScatterMin")
def tensor_scatter_extreme(b: Builder, node: Node) -> list[Tensor]:
    """The extreme of each slot and of its updates by UnsortedSegmentMax or Min."""
    x, indices, _ = node.inputs
    table, slot, rows = slots(b, node)
    n = scalar(b, b("Slice", b("Shape", table), b.const([0]), b.const([1])))
    which = node.op[-len("Max") :]
    best = b("UnsortedSegment" + which, rows, slot, n)
    result = b(which + "imum", table, best)
    b.after(result, b("GatherNd", x, indices))  # which checks the indices
    return [b("Reshape", result, b("Shape", x))]
