"""Arithmetic."""

from __future__ import annotations

import numpy as np

from opgraft.adapt.builder import Builder, NoRewriteError
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.shapes import broadcast, broadcast_shape, end_of
from opgraft.adapt.rewrites.table import composition, equivalent

_LOWEST = {dtype: float(np.finfo(name).min) for dtype, name in ((1, "float32"), (2, "float64"))}


@equivalent("AddV2")
def add_v2(b: Builder, node: Node) -> list[Tensor]:
    """Add without strings: the same kernel."""
    return [b("Add", *node.inputs)]


@equivalent("BatchMatMulV2", "BatchMatMulV3")
def batch_matmul(b: Builder, node: Node) -> list[Tensor]:
    """BatchMatMul, the batch dimensions broadcast first if they differ."""
    x, y = node.inputs
    out = node.type("Tout") or b.type_of(x)
    x, y = (t if b.type_of(t) == out else b("Cast", t, DstT=out) for t in (x, y))
    flags = {"adj_x": node.flag("adj_x"), "adj_y": node.flag("adj_y")}
    shape_x, shape_y = (b.shape_of(tensor) for tensor in node.inputs)
    if shape_x is None or shape_y is None:
        return [b("BatchMatMul", *_same_batch(b, x, y), **flags)]
    if len(shape_x) == len(shape_y) == 2:
        return [b("MatMul", x, y, transpose_a=flags["adj_x"], transpose_b=flags["adj_y"])]
    batch_x, batch_y = shape_x[:-2], shape_y[:-2]
    if batch_x != batch_y or (len(batch_x) > 1 and batch_x.count(-1) > 1):
        x, y = _same_batch(b, x, y)
    return [b("BatchMatMul", x, y, **flags)]


def _same_batch(b: Builder, x: Tensor, y: Tensor) -> list[Tensor]:
    """Both inputs, of any rank, with the batch dimensions that they broadcast to."""
    shapes = [b("Shape", tensor) for tensor in (x, y)]
    batches = [
        b("Slice", shape, b.const([0]), b("Sub", b("Shape", shape), b.const([2])))
        for shape in shapes
    ]
    batch = broadcast_shape(b, *batches)
    return [
        broadcast(b, tensor, b("ConcatV2", [batch, end_of(b, shape, 2)], b.const(0)))
        for tensor, shape in zip((x, y), shapes)
    ]


def _where(b: Builder, condition: Tensor, yes: Tensor, no: Tensor) -> Tensor:
    return b("SelectV2", condition, yes, no)


def _zero(b: Builder, like: Tensor, value: float = 0) -> Tensor:
    """A scalar of the dtype of another tensor."""
    return b.const(value, b.type_of(like))


@composition("DivNoNan")
def div_no_nan(b: Builder, node: Node) -> list[Tensor]:
    """The value x / y, and 0 where y is 0."""
    x, y = node.inputs
    is_zero = b("Equal", y, _zero(b, y))
    safe = _where(b, is_zero, _zero(b, y, 1), y)
    return [_where(b, is_zero, _zero(b, x), b("RealDiv", x, safe))]


@composition("MulNoNan")
def mul_no_nan(b: Builder, node: Node) -> list[Tensor]:
    """The value x * y, and 0 where y is 0, whatever x is."""
    x, y = node.inputs
    return [_where(b, b("Equal", y, _zero(b, y)), _zero(b, x), b("Mul", x, y))]


def _guarded(b: Builder, x: Tensor, y: Tensor, function: str) -> Tensor:
    """The value x * function(y), and 0 where x is 0."""
    is_zero = b("Equal", x, _zero(b, x))
    safe = _where(b, is_zero, _zero(b, y, 1), y)
    return _where(b, is_zero, _zero(b, x), b("Mul", x, b(function, safe)))


@composition("Xlogy")
def xlogy(b: Builder, node: Node) -> list[Tensor]:
    """The value x * log(y), and 0 where x is 0."""
    return [_guarded(b, node.inputs[0], node.inputs[1], "Log")]


@composition("Xlog1py")
def xlog1py(b: Builder, node: Node) -> list[Tensor]:
    """The value x * log1p(y), and 0 where x is 0."""
    return [_guarded(b, node.inputs[0], node.inputs[1], "Log1p")]


@composition("Xdivy")
def xdivy(b: Builder, node: Node) -> list[Tensor]:
    """The value x / y, and 0 where x is 0."""
    x, y = node.inputs
    is_zero = b("Equal", x, _zero(b, x))
    safe = _where(b, is_zero, _zero(b, y, 1), y)
    return [_where(b, is_zero, _zero(b, x), b("RealDiv", x, safe))]


@composition("SelectV2")
def select_v2(b: Builder, node: Node) -> list[Tensor]:
    """Select, its three inputs broadcast to one shape first."""
    condition, yes, no = node.inputs
    shapes = [b.shape_of(tensor) for tensor in node.inputs]
    if shapes[0] is not None and shapes[0] == shapes[1] == shapes[2]:
        if shapes[0].count(-1) == 0:
            return [b("Select", condition, yes, no)]
    shape = broadcast_shape(
        b, broadcast_shape(b, b("Shape", condition), b("Shape", yes)), b("Shape", no)
    )
    full = [broadcast(b, tensor, shape) for tensor in node.inputs]
    return [b("Select", *full)]


@composition("ClipByValue")
def clip_by_value(b: Builder, node: Node) -> list[Tensor]:
    """min(max(x, low), high)."""
    x, low, high = node.inputs
    return [b("Maximum", b("Minimum", x, high), low)]


@composition("EuclideanNorm")
def euclidean_norm(b: Builder, node: Node) -> list[Tensor]:
    """The root of the sum of squares."""
    x, axes = node.inputs
    total = b("Sum", b("Square", x), axes, keep_dims=node.flag("keep_dims"))
    return [b("Sqrt", total)]


@composition("CumulativeLogsumexp")
def cumulative_logsumexp(b: Builder, node: Node) -> list[Tensor]:
    """For each place the logsumexp of those that count, -inf where none does."""
    x, axis = node.inputs
    where, rank, dtype = b.value_of(axis), b.rank_of(x), b.type_of(x)
    if where is None or dtype not in _LOWEST:
        raise NoRewriteError("its axis is no constant, or it is about another type than floats")
    at = int(where.item()) % max(rank, 1)
    order = [i for i in range(rank) if i != at] + [at]
    rows = b("Transpose", x, b.const(order))
    n = b("Reshape", b("Slice", b("Shape", x), b.const([at]), b.const([1])), b.const([], 3))
    places = b("Range", b.const(0), n, b.const(1))
    row, column = b("ExpandDims", places, b.const(1)), b("ExpandDims", places, b.const(0))
    low, high = (row, column) if node.flag("reverse") else (column, row)
    counts = b("Less" if node.flag("exclusive") else "LessEqual", low, high)
    spread = b(
        "SelectV2", counts, b("ExpandDims", rows, b.const(rank - 1)), b.const(_LOWEST[dtype], dtype)
    )
    best = b("Max", spread, b.const([rank]), keep_dims=True)
    total = b("Sum", b("Exp", b("Sub", spread, best)), b.const([rank]))
    best = b("Squeeze", best, squeeze_dims=[rank])
    nothing = b("Equal", best, b.const(_LOWEST[dtype], dtype))
    result = b("Add", b("Log", total), best)
    result = b("SelectV2", nothing, b.const(-np.inf, dtype), result)
    back = [order.index(i) for i in range(rank)]
    return [b("Transpose", result, b.const(back))]


@equivalent("CheckNumericsV2")
def check_numerics(b: Builder, node: Node) -> list[Tensor]:
    """CheckNumerics, which does not tell inf from -inf."""
    return [b("CheckNumerics", node.inputs[0], message=node.text("message"))]
