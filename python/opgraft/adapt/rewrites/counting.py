"""Counting."""

from __future__ import annotations

from opgraft.adapt.builder import FLOAT, Builder, NoRewriteError
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.shapes import as_int32, broadcast, rows_of_splits, scalar
from opgraft.adapt.rewrites.table import composition


def _one_if_positive(b: Builder, counts: Tensor) -> Tensor:
    """1 where there is something, 0 elsewhere, in the same dtype."""
    flag = b("Greater", b("Cast", counts, DstT=FLOAT), b.const(0.0, FLOAT))
    return b("Cast", flag, DstT=b.type_of(counts))


def count_rows(
    b: Builder,
    node: Node,
    rows: Tensor | None,
    n_rows: Tensor,
    values: Tensor,
    size: Tensor,
    weights: Tensor,
    weighted: bool,
) -> Tensor:
    """How often each value from 0 to size - 1 comes in each row: shape [n_rows, size].

    rows: int32, the row of each value, None if there is one row. What is out of range goes to one
    bin at the end, which is cut off.
    """
    dtype = b.type_of(weights)
    binary = node.flag("binary_output")
    ids = as_int32(b, values)
    size = scalar(b, as_int32(b, size))
    inside = b("LogicalAnd", b("GreaterEqual", ids, b.const(0)), b("Less", ids, size))
    start = ids if rows is None else b("Add", b("Mul", rows, size), ids)
    total = b("Mul", n_rows, size)
    outside = b("Fill", b("Shape", ids), total)
    bins = b("Select", inside, start, outside)
    if binary or not weighted:
        amounts = b("Fill", b("Shape", ids), b.const(1, dtype))
    else:
        amounts = b("Reshape", weights, b("Shape", ids))
    counts = b("UnsortedSegmentSum", amounts, bins, b("Add", total, b.const(1)))
    counts = b("Slice", counts, b.const([0]), b("Reshape", total, b.const([1])))
    return _one_if_positive(b, counts) if binary else counts


def _is_weighted(b: Builder, node: Node) -> bool:
    """Whether the last input, which may be empty, has weights."""
    shape = b.shape_of(node.inputs[-1])
    if node.flag("binary_output") or shape == [0]:
        return False
    if shape is None or shape == [-1]:
        raise NoRewriteError("it is unknown whether it has weights")
    return True


@composition("DenseBincount")
def dense_bincount(b: Builder, node: Node) -> list[Tensor]:
    """UnsortedSegmentSum of the weights, one bin for what is out of range."""
    values, size, weights = node.inputs
    weighted = _is_weighted(b, node)
    if b.rank_of(values) == 1:
        return [count_rows(b, node, None, b.const(1), values, size, weights, weighted)]
    shape = b("Shape", values)
    n_rows = scalar(b, b("Slice", shape, b.const([0]), b.const([1])))
    column = b("ExpandDims", b("Range", b.const(0), n_rows, b.const(1)), b.const(1))
    rows = broadcast(b, column, shape)
    flat = b.const([-1])
    if weighted:
        weights = b("Reshape", weights, flat)
    rows, values = b("Reshape", rows, flat), b("Reshape", values, flat)
    counts = count_rows(b, node, rows, n_rows, values, size, weights, weighted)
    return [b("Reshape", counts, b("Pack", [n_rows, scalar(b, as_int32(b, size))]))]


@composition("RaggedBincount")
def ragged_bincount(b: Builder, node: Node) -> list[Tensor]:
    """As DenseBincount, the rows found from their splits."""
    splits, values, size, weights = node.inputs
    splits = as_int32(b, splits)
    n = b("Sub", b("Size", splits), b.const(1))
    rows = rows_of_splits(b, splits, b("Size", values))
    counts = count_rows(b, node, rows, n, values, size, weights, _is_weighted(b, node))
    return [b("Reshape", counts, b("Pack", [n, scalar(b, as_int32(b, size))]))]
