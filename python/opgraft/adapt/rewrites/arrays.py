"""Shapes, slices and matrices."""

from __future__ import annotations

from opgraft.adapt.builder import INT32, INT64, Builder, NoRewriteError
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.shapes import as_int32, broadcast, scalar
from opgraft.adapt.rewrites.table import composition, equivalent


@composition("BroadcastTo")
def broadcast_to(b: Builder, node: Node) -> list[Tensor]:
    """Broadcast positions by an addition, then gather."""
    return [broadcast(b, *node.inputs)]


@composition("Roll")
def roll(b: Builder, node: Node) -> list[Tensor]:
    """Gathers along each axis."""
    x, shift, axis = node.inputs
    axes = b.value_of(axis)
    if axes is None:
        raise NoRewriteError("its axis is no constant")
    shifts = b("Reshape", as_int32(b, shift), b.const([-1]))
    for place, number in enumerate(axes.reshape(-1).tolist()):
        if number < 0:
            number += b.rank_of(node.inputs[0])
        n = scalar(b, b("Slice", b("Shape", x), b.const([number]), b.const([1])))
        by = scalar(b, b("Slice", shifts, b.const([place]), b.const([1])))
        source = b("FloorMod", b("Sub", b("Range", b.const(0), n, b.const(1)), by), n)
        x = b("GatherV2", x, source, b.const(number))
    return [x]


@equivalent("MatrixDiagPartV2", "MatrixDiagPartV3")
def matrix_diag_part(b: Builder, node: Node) -> list[Tensor]:
    """MatrixDiagPart, where it is about the main diagonal."""
    _main_diagonal(b, node.inputs[1])
    return [b("MatrixDiagPart", node.inputs[0])]


@equivalent("MatrixDiagV2", "MatrixDiagV3")
def matrix_diag(b: Builder, node: Node) -> list[Tensor]:
    """MatrixDiag, where it is about the main diagonal of a square."""
    diagonal, k, rows, columns = node.inputs[:4]
    _main_diagonal(b, k)
    for size in (rows, columns):
        value = b.value_of(size)
        if value is None or value.item() not in (-1, (b.shape_of(diagonal) or [-2])[-1]):
            raise NoRewriteError("its matrix may not be a square")
    return [b("MatrixDiag", diagonal)]


@equivalent("MatrixSetDiagV2", "MatrixSetDiagV3")
def matrix_set_diag(b: Builder, node: Node) -> list[Tensor]:
    """MatrixSetDiag, where it is about the main diagonal."""
    _main_diagonal(b, node.inputs[2])
    return [b("MatrixSetDiag", *node.inputs[:2])]


def _main_diagonal(b: Builder, k: Tensor) -> None:
    value = b.value_of(k)
    if value is None or value.size == 0 or value.any():
        raise NoRewriteError("it may be about another diagonal than the main one")


def slots(b: Builder, node: Node) -> tuple[Tensor, Tensor, Tensor]:
    """What a scatter fills: (x as [slots, width], the slot of each update, updates as rows)."""
    x, indices, updates = node.inputs
    depth = (b.shape_of(indices) or [-1])[-1]
    if depth < 1:
        raise NoRewriteError("the last dimension of its indices is unknown")
    shape = b("Shape", x)
    outer = b("Slice", shape, b.const([0]), b.const([depth]))
    strides = b("Cumprod", outer, b.const(0), exclusive=True, reverse=True)
    inner = b("Prod", b("Slice", shape, b.const([depth]), b.const([-1])), b.const(0))
    flat = b("Reshape", as_int32(b, indices), b.const([-1, depth]))
    slot = b("Sum", b("Mul", flat, strides), b.const(1))
    n = b("Prod", outer, b.const(0))
    width = b("Pack", [n, inner])
    rows = b("Reshape", updates, b("Pack", [b("Size", slot), inner]))
    return b("Reshape", x, width), slot, rows


@composition("TensorScatterUpdate")
def tensor_scatter_update(b: Builder, node: Node) -> list[Tensor]:
    """Each slot gathers the last update that names it."""
    x, indices, _ = node.inputs
    table, slot, rows = slots(b, node)
    n = scalar(b, b("Slice", b("Shape", table), b.const([0]), b.const([1])))
    order = b("Range", b.const(1), b("Add", b("Size", slot), b.const(1)), b.const(1))
    last = b("Maximum", b("UnsortedSegmentMax", order, slot, n), b.const(0))
    # Row 0 stands for "no update": the rows of a scatter without any have to be gathered, too.
    nothing = b("Slice", table, b.const([0, 0]), b.const([1, -1]))
    new = b("Gather", b("ConcatV2", [nothing, rows], b.const(0)), last)
    result = b("Select", b("Greater", last, b.const(0)), new, table)
    b.after(result, b("GatherNd", x, indices))  # which checks the indices
    return [b("Reshape", result, b("Shape", x))]


@composition("TensorScatterAdd")
def tensor_scatter_add(b: Builder, node: Node) -> list[Tensor]:
    """Adds ScatterNd."""
    x, indices, updates = node.inputs
    return [b("Add", x, _scatter(b, indices, updates, x))]


@composition("TensorScatterSub")
def tensor_scatter_sub(b: Builder, node: Node) -> list[Tensor]:
    """Subtracts ScatterNd."""
    x, indices, updates = node.inputs
    return [b("Sub", x, _scatter(b, indices, updates, x))]


def _scatter(b: Builder, indices: Tensor, updates: Tensor, like: Tensor) -> Tensor:
    return b("ScatterNd", indices, updates, b("Shape", like, out_type=b.type_of(indices)))


@composition("EnsureShape")
def ensure_shape(b: Builder, node: Node) -> list[Tensor]:
    """Assert on the shape, as far as it is given."""
    x = node.inputs[0]
    wanted = node.attrs["shape"].shape
    if wanted.unknown_rank:
        return [b("Identity", x)]
    sizes = [int(dim.size) for dim in wanted.dim]
    shape = b("Shape", x)
    text = b.const(f"the shape has to be {sizes}, -1 for any", 7)
    ranks = b("Equal", b("Size", shape), b.const(len(sizes)))
    check = b("Assert", ranks, [text, shape])
    known = [place for place, size in enumerate(sizes) if size >= 0]
    if known:
        got = b("Gather", shape, b.const(known))
        b.after(got, check)
        equal = b("All", b("Equal", got, b.const([sizes[i] for i in known])), b.const(0))
        check = b("Assert", equal, [text, shape])
    result = b("Identity", x)
    b.after(result, check)
    return [result]


@composition("Snapshot", "DeepCopy", "GuaranteeConst")
def same(b: Builder, node: Node) -> list[Tensor]:
    """Identity."""
    return [b("Identity", node.inputs[0])]


@composition("ConjugateTranspose")
def conjugate_transpose(b: Builder, node: Node) -> list[Tensor]:
    """Transpose of Conj."""
    x, order = node.inputs
    if b.type_of(x) in (8, 18):
        x = b("Conj", x)
    return [b("Transpose", x, order)]


# Attrs that came with a choice of integer type: op -> attr -> inputs that take it.
_INTEGER_INPUTS = {
    "MatrixBandPart": ("Tindex", (1, 2), INT64),
    "UnsortedSegmentSum": ("Tnumsegments", (2,), INT32),
    "UnsortedSegmentMax": ("Tnumsegments", (2,), INT32),
    "SparseSegmentSum": ("Tsegmentids", (2,), INT32),
    "SparseSegmentMean": ("Tsegmentids", (2,), INT32),
    "SparseSegmentSqrtN": ("Tsegmentids", (2,), INT32),
    "Fill": ("index_type", (0,), INT32),
    "Transpose": ("Tperm", (1,), INT32),
}


@equivalent(*_INTEGER_INPUTS)
def integer_inputs(b: Builder, node: Node) -> list[Tensor]:
    """The same op, its integers cast to the type that it knows."""
    attr, places, dtype = _INTEGER_INPUTS[node.op]
    if attr not in node.attrs or node.type(attr) == dtype:
        raise NoRewriteError(f"its {attr} is not the trouble")
    inputs = list(node.inputs)
    for place in places:
        inputs[place] = b("Cast", inputs[place], DstT=dtype)
    return [b(node.op, *inputs)]


@equivalent("TopKV2")
def top_k(b: Builder, node: Node) -> list[Tensor]:
    """The same op, with int32 for k and the indices."""
    x, k = node.inputs
    flag = node.flag("sorted") or "sorted" not in node.attrs
    values = b("TopKV2", x, as_int32(b, k), sorted=flag)
    indices = Tensor(values.node, 1)
    out = node.type("index_type")
    return [values, indices if out in (0, INT32) else b("Cast", indices, DstT=out)]


@composition("GatherV2")
def gather(b: Builder, node: Node) -> list[Tensor]:
    """Without batch_dims: Gather along the first axis. With them: GatherNd of all coordinates."""
    x, indices, axis = node.inputs
    batch = node.number("batch_dims")
    where = b.value_of(axis)
    if where is None:
        raise NoRewriteError("its axis is no constant")
    at = int(where.item())
    if batch == 0:
        if at != 0:
            raise NoRewriteError("its axis is not the first")
        return [b("Gather", x, indices)]
    if batch < 0:
        batch += b.rank_of(indices)
    at = at + b.rank_of(x) if at < 0 else at
    if at != batch:
        raise NoRewriteError("its axis is not the one after the batch dimensions")
    indices = as_int32(b, indices)
    shape, rank = b("Shape", indices), b.rank_of(indices)
    grids = []
    for place in range(batch):
        n = scalar(b, b("Slice", shape, b.const([place]), b.const([1])))
        line = b("Range", b.const(0), n, b.const(1))
        line = b("Reshape", line, b.const([-1 if i == place else 1 for i in range(rank)]))
        grids.append(broadcast(b, line, shape))
    return [b("GatherNd", x, b("Pack", [*grids, indices], axis=rank))]
