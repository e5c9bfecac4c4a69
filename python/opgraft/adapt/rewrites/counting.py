"""Counting."""

from __future__ import annotations

from opgraft.adapt.builder import FLOAT, Builder
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.shapes import as_int32, end_of, rows_of_splits, scalar
from opgraft.adapt.rewrites.table import composition


def _one_if_positive(b: Builder, counts: Tensor) -> Tensor:
    """1 where there is something, 0 elsewhere, in the same dtype."""
    flag = b("Greater", b("Cast", counts, DstT=FLOAT), b.const(0.0, FLOAT))
    return b("Cast", flag, DstT=b.type_of(counts))


def count_rows(
    b: Builder,
    node: Node,
    rows: Tensor,
    n_rows: Tensor,
    values: Tensor,
    size: Tensor,
    weights: Tensor,
) -> Tensor:
    """How often each value from 0 to size - 1 comes in each row: shape [n_rows, size].

    rows: int32, the row of each value. What is out of range goes to one bin at the end, which is
    cut off.
    """
    dtype = b.type_of(weights)
    binary = node.flag("binary_output")
    ids = as_int32(b, values)
    size = scalar(b, as_int32(b, size))
    inside = b("LogicalAnd", b("GreaterEqual", ids, b.const(0)), b("Less", ids, size))
    start = b("Add", b("Mul", rows, size), ids)
    total = b("Mul", n_rows, size)
    outside = b("Fill", b("Shape", ids), total)
    bins = b("Select", inside, start, outside)
    amounts = b("Fill", b("Shape", ids), b.const(1, dtype))
    if not binary and b.shape_of(weights) != [0]:
        # Weights that are not there are ones.
        both = b("ConcatV2", [b("Reshape", weights, b.const([-1])), amounts], b.const(0))
        amounts = b("Slice", both, b.const([0]), b("Shape", ids))
    counts = b("UnsortedSegmentSum", amounts, bins, b("Add", total, b.const(1)))
    counts = b("Slice", counts, b.const([0]), b("Reshape", total, b.const([1])))
    return _one_if_positive(b, counts) if binary else counts


@composition("DenseBincount")
def dense_bincount(b: Builder, node: Node) -> list[Tensor]:
    """UnsortedSegmentSum of the weights, one bin for what is out of range."""
    values, size, weights = node.inputs
    shape, flat = b("Shape", values), b.const([-1])
    n_rows = b("Slice", shape, b.const([0]), b("Sub", b("Shape", shape), b.const([1])))
    width = b("Maximum", scalar(b, end_of(b, shape, 1)), b.const(1))
    values = b("Reshape", values, flat)
    rows = b("FloorDiv", b("Range", b.const(0), b("Size", values), b.const(1)), width)
    counts = count_rows(b, node, rows, b("Prod", n_rows, b.const(0)), values, size, weights)
    bins = b("Reshape", as_int32(b, size), b.const([1]))
    return [b("Reshape", counts, b("ConcatV2", [n_rows, bins], b.const(0)))]


@composition("RaggedBincount")
def ragged_bincount(b: Builder, node: Node) -> list[Tensor]:
    """As DenseBincount, the rows found from their splits."""
    splits, values, size, weights = node.inputs
    splits = as_int32(b, splits)
    n = b("Sub", b("Size", splits), b.const(1))
    rows = rows_of_splits(b, splits, b("Size", values))
    counts = count_rows(b, node, rows, n, values, size, weights)
    return [b("Reshape", counts, b("Pack", [n, scalar(b, as_int32(b, size))]))]
