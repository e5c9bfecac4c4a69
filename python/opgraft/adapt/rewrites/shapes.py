"""Broadcasting in releases that do it only inside arithmetic."""

from __future__ import annotations

from opgraft.adapt.builder import INT32, Builder
from opgraft.adapt.graph import Tensor


def as_int32(b: Builder, tensor: Tensor) -> Tensor:
    """The same integers as int32."""
    return tensor if b.type_of(tensor) == INT32 else b("Cast", tensor, DstT=INT32)


def scalar(b: Builder, tensor: Tensor) -> Tensor:
    """A tensor of one element as a scalar."""
    return b("Reshape", tensor, b.const([], INT32))


def end_of(b: Builder, vector: Tensor, count: int) -> Tensor:
    """The last elements of a vector, such as the shape of what has any rank."""
    return b("Slice", vector, b("Sub", b("Shape", vector), b.const([count])), b.const([count]))


def broadcast_shape(b: Builder, first: Tensor, second: Tensor) -> Tensor:
    """The shape that two shapes broadcast to."""
    return b("BroadcastArgs", first, second)


def broadcast(b: Builder, tensor: Tensor, shape: Tensor) -> Tensor:
    """A tensor of any dtype broadcast to a shape, as BroadcastTo does.

    Where BroadcastTo is missing: the positions of the elements are broadcast by an addition, then
    the elements are gathered.
    """
    if b.target.definition("BroadcastTo") is not None:
        return b("BroadcastTo", tensor, shape)
    shape = as_int32(b, shape)
    count = b("Size", tensor)
    positions = b("Reshape", b("Range", b.const(0), count, b.const(1)), b("Shape", tensor))
    spread = b("Add", positions, b("Fill", shape, b.const(0)))
    return b("Gather", b("Reshape", tensor, b.const([-1])), spread)


def rows_of_splits(b: Builder, splits: Tensor, n_values: Tensor) -> Tensor:
    """The row of each value of a ragged tensor: how many rows have ended before it, int32.

    splits: int32 [rows + 1].
    """
    ends = b("Slice", splits, b.const([1]), b.const([-1]))
    one_more = b("Add", n_values, b.const(1))
    ended = b("UnsortedSegmentSum", b("Fill", b("Shape", ends), b.const(1)), ends, one_more)
    ended = b("Cumsum", ended, b.const(0))
    return b("Slice", ended, b.const([0]), b("Reshape", n_values, b.const([1])))


def columns_of(b: Builder, splits: Tensor, rows: Tensor) -> Tensor:
    """The place of each value of a ragged tensor in its row, int32.

    splits, rows: int32.
    """
    starts = b("Gather", splits, rows)
    return b("Sub", b("Range", b.const(0), b("Size", rows), b.const(1)), starts)


def mask(b: Builder, tensor: Tensor, keep: Tensor) -> Tensor:
    """The rows of a tensor where the vector `keep` is true."""
    places = b("Reshape", b("Where", keep), b.const([-1]))
    return b("Gather", tensor, places)
