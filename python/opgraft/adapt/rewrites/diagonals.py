"""Diagonals of matrices: bands of them, of matrices whose sizes are known when they are there."""

from __future__ import annotations

from typing import NamedTuple

from opgraft.adapt.builder import BOOL, INT32, Builder
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.shapes import end_of, scalar
from opgraft.adapt.rewrites.table import composition


class _Band(NamedTuple):
    """Diagonals `low` to `high` of a matrix: 0 is the main one, 1 the one above it.

    several: how many dimensions there are for their number: 0 for one diagonal, else 1; shape [1].
    """

    low: Tensor
    high: Tensor
    number: Tensor
    several: Tensor


def _band(b: Builder, k: Tensor) -> _Band:
    ends = b("Reshape", k, b.const([-1]))
    low = scalar(b, b("Slice", ends, b.const([0]), b.const([1])))
    high = scalar(b, end_of(b, ends, 1))
    steps = b("Sub", high, low)
    several = b("Reshape", b("Minimum", steps, b.const(1)), b.const([1]))
    return _Band(low, high, b("Add", steps, b.const(1)), several)


def _is_main(b: Builder, k: Tensor) -> bool:
    value = b.value_of(k)
    return value is not None and value.size > 0 and not value.any()


def _above(b: Builder, diagonal: Tensor) -> Tensor:
    return b("Maximum", diagonal, b.const(0))


def _below(b: Builder, diagonal: Tensor) -> Tensor:
    return b("Minimum", diagonal, b.const(0))


def _length(b: Builder, rows: Tensor, columns: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """How long the longest diagonal is, from `low` to `high`."""
    return b("Minimum", b("Add", rows, _below(b, high)), b("Sub", columns, _above(b, low)))


def _start(b: Builder, node: Node, diagonal: Tensor, length: Tensor, longest: Tensor) -> Tensor:
    """Where a diagonal begins in its row of the longest: V3 aligns it left or right."""
    align = "LEFT_LEFT" if node.op.endswith("V2") else node.text("align") or "RIGHT_LEFT"
    above, below = align.split("_")
    zero, right = b.const(0), b.const(False, BOOL)
    if above == "RIGHT":
        right = b("LogicalOr", right, b("Greater", diagonal, zero))
    if below == "RIGHT":
        right = b("LogicalOr", right, b("Less", diagonal, zero))
    return b("Mul", b("Sub", longest, length), b("Cast", right, DstT=INT32))


def _batch(b: Builder, x: Tensor, inner: Tensor) -> Tensor:
    """The shape without its last dimensions; inner: how many, shape [1]."""
    shape = b("Shape", x)
    return b("Slice", shape, b.const([0]), b("Sub", b("Shape", shape), inner))


def _flat(b: Builder, x: Tensor, batch: Tensor, size: Tensor) -> Tensor:
    return b("Reshape", x, b("Pack", [b("Prod", batch, b.const(0)), size]))


def _pick(b: Builder, rows: Tensor, places: Tensor, inside: Tensor, other: Tensor) -> Tensor:
    """From each row what is at the places, and the other values where `inside` is false."""
    places = b("Mul", places, b("Cast", inside, DstT=INT32))
    picked = b("GatherV2", rows, b("Reshape", places, b.const([-1])), b.const(1))
    return b("SelectV2", b("Reshape", inside, b.const([1, -1])), picked, other)


def _count(b: Builder, n: Tensor) -> Tensor:
    """0 to n - 1."""
    return b("Range", b.const(0), n, b.const(1))


@composition("MatrixDiagPartV2", "MatrixDiagPartV3")
def matrix_diag_part(b: Builder, node: Node) -> list[Tensor]:
    """MatrixDiagPart of the main diagonal; others are gathered."""
    x, k, padding = node.inputs
    if _is_main(b, k):
        return [b("MatrixDiagPart", x)]
    band, shape, batch = _band(b, k), b("Shape", x), _batch(b, x, b.const([2]))
    rows = scalar(b, b("Slice", end_of(b, shape, 2), b.const([0]), b.const([1])))
    columns = scalar(b, end_of(b, shape, 1))
    longest = _length(b, rows, columns, band.low, band.high)
    diagonal = b("ExpandDims", b("Sub", band.high, _count(b, band.number)), b.const(1))
    length = _length(b, rows, columns, diagonal, diagonal)
    start = _start(b, node, diagonal, length, longest)
    place = b("Sub", b("ExpandDims", _count(b, longest), b.const(0)), start)
    inside = b("LogicalAnd", b("GreaterEqual", place, b.const(0)), b("Less", place, length))
    row, column = b("Sub", place, _below(b, diagonal)), b("Add", place, _above(b, diagonal))
    places = b("Add", b("Mul", row, columns), column)
    flat = _flat(b, x, batch, b("Mul", rows, columns))
    count = b("Slice", b("Reshape", band.number, b.const([1])), b.const([0]), band.several)
    longest = b("Reshape", longest, b.const([1]))
    result = _pick(b, flat, places, inside, padding)
    return [b("Reshape", result, b("ConcatV2", [batch, count, longest], b.const(0)))]


@composition("MatrixDiagV2", "MatrixDiagV3")
def matrix_diag(b: Builder, node: Node) -> list[Tensor]:
    """MatrixDiag of the main diagonal of a square; the rest is gathered."""
    x, k, given_rows, given_columns, padding = node.inputs
    sizes = [b.value_of(size) for size in (given_rows, given_columns)]
    if _is_main(b, k) and all(size is not None and size.item() == -1 for size in sizes):
        if b.is_zero(padding):
            return [b("MatrixDiag", x)]
    band = _band(b, k)
    longest = scalar(b, end_of(b, b("Shape", x), 1))
    least_rows = b("Sub", longest, _below(b, band.high))
    least_columns = b("Add", longest, _above(b, band.low))
    square = b("Maximum", least_rows, least_columns)
    given_rows, given_columns = scalar(b, given_rows), scalar(b, given_columns)
    free_rows, free_columns = (
        b("Equal", size, b.const(-1)) for size in (given_rows, given_columns)
    )
    free = b("LogicalAnd", free_rows, free_columns)
    rows = b("Select", free, square, b("Select", free_rows, least_rows, given_rows))
    columns = b("Select", free, square, b("Select", free_columns, least_columns, given_columns))
    batch = _batch(b, x, b("Add", band.several, b.const([1])))
    matrix = _matrix(b, node, x, band, rows, columns, batch, padding)
    return [b("Reshape", matrix, b("ConcatV2", [batch, b("Pack", [rows, columns])], b.const(0)))]


@composition("MatrixSetDiagV2", "MatrixSetDiagV3")
def matrix_set_diag(b: Builder, node: Node) -> list[Tensor]:
    """MatrixSetDiag of the main diagonal; others are gathered."""
    x, diagonal, k = node.inputs
    if _is_main(b, k):
        return [b("MatrixSetDiag", x, diagonal)]
    shape, batch = b("Shape", x), _batch(b, x, b.const([2]))
    rows = scalar(b, b("Slice", end_of(b, shape, 2), b.const([0]), b.const([1])))
    columns = scalar(b, end_of(b, shape, 1))
    flat = _flat(b, x, batch, b("Mul", rows, columns))
    matrix = _matrix(b, node, diagonal, _band(b, k), rows, columns, batch, flat)
    return [b("Reshape", matrix, shape)]


def _matrix(
    b: Builder,
    node: Node,
    x: Tensor,
    band: _Band,
    rows: Tensor,
    columns: Tensor,
    batch: Tensor,
    other: Tensor,
) -> Tensor:
    """Matrices as rows, with a band of diagonals and other values elsewhere."""
    longest = scalar(b, end_of(b, b("Shape", x), 1))
    row = b("ExpandDims", _count(b, rows), b.const(1))
    column = b("ExpandDims", _count(b, columns), b.const(0))
    diagonal = b("Sub", column, row)
    inside = b(
        "LogicalAnd",
        b("GreaterEqual", diagonal, band.low),
        b("LessEqual", diagonal, band.high),
    )
    length = _length(b, rows, columns, diagonal, diagonal)
    start = _start(b, node, diagonal, length, longest)
    place = b("Add", b("Sub", column, _above(b, diagonal)), start)
    places = b("Add", b("Mul", b("Sub", band.high, diagonal), longest), place)
    flat = _flat(b, x, batch, b("Mul", band.number, longest))
    return _pick(b, flat, places, inside, other)
