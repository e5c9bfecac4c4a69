"""Ragged tensors."""

from __future__ import annotations

from opgraft.adapt.builder import INT32, INT64, Builder, NoRewriteError
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.shapes import as_int32, columns_of, mask, rows_of_splits, scalar
from opgraft.adapt.rewrites.table import composition


def _lengths(b: Builder, splits: Tensor) -> Tensor:
    ends = b("Slice", splits, b.const([1]), b.const([-1]))
    starts = b("Slice", splits, b.const([0]), b("Sub", b("Shape", splits), b.const(1)))
    return b("Sub", ends, starts)


def _longest(b: Builder, lengths: Tensor) -> Tensor:
    """The largest of some lengths, 0 of none."""
    return b("Max", b("ConcatV2", [lengths, b.const([0])], b.const(0)), b.const(0))


@composition("RaggedTensorToSparse")
def ragged_to_sparse(b: Builder, node: Node) -> list[Tensor]:
    """Rows and columns from the splits, for one ragged dimension of scalars."""
    if len(node.inputs) != 2 or b.rank_of(node.inputs[1]) != 1:
        raise NoRewriteError("it has more than one ragged dimension, or no scalars")
    splits, values = as_int32(b, node.inputs[0]), node.inputs[1]
    rows = rows_of_splits(b, splits, b("Size", values))
    columns = columns_of(b, splits, rows)
    indices = b("Cast", b("Pack", [rows, columns], axis=1), DstT=INT64)
    n_rows = b("Sub", b("Size", splits), b.const(1))
    shape = b("Pack", [n_rows, _longest(b, _lengths(b, splits))])
    return [indices, values, b("Cast", shape, DstT=INT64)]


@composition("RaggedTensorToTensor")
def ragged_to_tensor(b: Builder, node: Node) -> list[Tensor]:
    """SparseToDense, for one ragged dimension of scalars."""
    shape, values, default = node.inputs[:3]
    kinds = [bytes(kind) for kind in node.attrs["row_partition_types"].list.s]
    if b.rank_of(values) != 1 or b.rank_of(default) != 0:
        raise NoRewriteError("its values or its default are no scalars")
    count = b("Size", values)
    if kinds == [b"ROW_SPLITS"]:
        splits = as_int32(b, node.inputs[3])
        rows = rows_of_splits(b, splits, count)
        n_rows = b("Sub", b("Size", splits), b.const(1))
    elif kinds == [b"FIRST_DIM_SIZE", b"VALUE_ROWIDS"]:
        n_rows = scalar(b, as_int32(b, node.inputs[3]))
        rows = as_int32(b, node.inputs[4])
        ones = b("Fill", b("Shape", rows), b.const(1))
        ends = b("Cumsum", b("UnsortedSegmentSum", ones, rows, n_rows), b.const(0))
        splits = b("ConcatV2", [b.const([0]), ends], b.const(0))
    else:
        raise NoRewriteError("it has more than one ragged dimension")
    columns = columns_of(b, splits, rows)
    wanted = _wanted(b, shape)
    height = n_rows if wanted[0] < 0 else b.const(wanted[0])
    width = _longest(b, _lengths(b, splits)) if wanted[1] < 0 else b.const(wanted[1])
    inside = b("LogicalAnd", b("Less", rows, height), b("Less", columns, width))
    places = b("Pack", [mask(b, rows, inside), mask(b, columns, inside)], axis=1)
    size = b("Pack", [height, width])
    return [b("SparseToDense", places, size, mask(b, values, inside), default)]


def _wanted(b: Builder, shape: Tensor) -> list[int]:
    """(rows, columns) of the result, -1 for as many as there are."""
    value = b.value_of(shape)
    if value is None:
        raise NoRewriteError("its shape is no constant")
    if value.ndim == 0 or value.size == 0:
        return [-1, -1]
    if value.size != 2:
        raise NoRewriteError("its result has not two dimensions")
    return [int(size) for size in value.reshape(-1)]


@composition("RaggedRange")
def ragged_range(b: Builder, node: Node) -> list[Tensor]:
    """Start + step * column, for int32."""
    if b.type_of(node.inputs[0]) != INT32 or node.type("Tsplits") not in (0, INT32, INT64):
        raise NoRewriteError("it is not about int32")
    rows_shape = b("BroadcastArgs", b("Shape", node.inputs[0]), b("Shape", node.inputs[1]))
    rows_shape = b("BroadcastArgs", rows_shape, b("Shape", node.inputs[2]))
    zeros = b("Fill", rows_shape, b.const(0))
    starts, limits, steps = (b("Add", x, zeros) for x in node.inputs)
    # ceil((limit - start) / step), not below 0
    lengths = b("Neg", b("FloorDiv", b("Sub", starts, limits), steps))
    lengths = b("Maximum", lengths, b.const(0))
    splits = b("ConcatV2", [b.const([0]), b("Cumsum", lengths, b.const(0))], b.const(0))
    total = b("Sum", lengths, b.const([0]))
    rows = rows_of_splits(b, splits, total)
    columns = columns_of(b, splits, rows)
    values = b("Add", b("Gather", starts, rows), b("Mul", b("Gather", steps, rows), columns))
    out = node.type("Tsplits") or INT64
    return [splits if out == INT32 else b("Cast", splits, DstT=out), values]


@composition("RaggedGather")
def ragged_gather(b: Builder, node: Node) -> list[Tensor]:
    """Rows by their new splits, for one ragged dimension of the result."""
    if node.number("PARAMS_RAGGED_RANK") != 1 or node.number("OUTPUT_RAGGED_RANK") != 1:
        raise NoRewriteError("it has more than one ragged dimension")
    splits_in, values, indices = node.inputs
    out = b.type_of(splits_in)
    splits, indices = as_int32(b, splits_in), as_int32(b, indices)
    lengths = b("Gather", _lengths(b, splits), indices)
    new = b("ConcatV2", [b.const([0]), b("Cumsum", lengths, b.const(0))], b.const(0))
    rows = rows_of_splits(b, new, b("Sum", lengths, b.const([0])))
    places = b("Add", b("Gather", b("Gather", splits, indices), rows), columns_of(b, new, rows))
    return [new if out == INT32 else b("Cast", new, DstT=out), b("Gather", values, places)]
