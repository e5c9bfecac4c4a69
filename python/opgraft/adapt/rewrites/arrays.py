"""Shapes and slices."""

from __future__ import annotations

from opgraft.adapt.builder import INT32, INT64, Builder, NoRewriteError
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.shapes import as_int32, broadcast, end_of, scalar
from opgraft.adapt.rewrites.table import composition, equivalent


@composition("BroadcastTo")
def broadcast_to(b: Builder, node: Node) -> list[Tensor]:
    """Broadcast positions by an addition, then gather."""
    return [broadcast(b, *node.inputs)]


@composition("Roll")
def roll(b: Builder, node: Node) -> list[Tensor]:
    """Gathers along each axis."""
    x, shift, axis = node.inputs
    count = (b.shape_of(axis) or b.shape_of(shift) or [1])[0]
    if b.shape_of(axis) is None and b.shape_of(shift) is None or count < 0:
        raise NoRewriteError("it is unknown how many axes it has")
    shape = b("Shape", x)
    flat = b.const([-1])
    shifts = b("Reshape", as_int32(b, shift), flat)
    axes = b("FloorMod", b("Reshape", as_int32(b, axis), flat), b("Size", shape))
    for place in range(count):
        at = b("Slice", axes, b.const([place]), b.const([1]))
        n = scalar(b, b("Slice", shape, at, b.const([1])))
        by = scalar(b, b("Slice", shifts, b.const([place]), b.const([1])))
        source = b("FloorMod", b("Sub", b("Range", b.const(0), n, b.const(1)), by), n)
        x = b("GatherV2", x, source, scalar(b, at))
    return [x]


def slots(b: Builder, node: Node) -> tuple[Tensor, Tensor, Tensor]:
    """What a scatter fills: (x as [slots, width], the slot of each update, updates as rows)."""
    x, indices, updates = node.inputs
    shape, of_indices = b("Shape", x), b("Shape", indices)
    depth = end_of(b, of_indices, 1)
    outer = b("Slice", shape, b.const([0]), depth)
    strides = b("Cumprod", outer, b.const(0), exclusive=True, reverse=True)
    inner = b("Prod", b("Slice", shape, depth, b.const([-1])), b.const(0))
    flat = b("Reshape", as_int32(b, indices), b("ConcatV2", [b.const([-1]), depth], b.const(0)))
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
    """Gather along the first axis; with batch_dims GatherNd of all coordinates."""
    x, indices, axis = node.inputs
    batch, where = node.number("batch_dims"), b.value_of(axis)
    if where is None:
        raise NoRewriteError("its axis is no constant")
    at = int(where.item())
    if batch == at == 0:
        return [b("Gather", x, indices)]
    rank, rank_x = b.rank_of(indices), b.rank_of(x)
    batch, at = batch + rank if batch < 0 else batch, at + rank_x if at < 0 else at
    # The axis goes to the place after the batch dimensions, and then back.
    axes = list(range(rank_x))
    axes.insert(batch, axes.pop(at))
    x = b("Transpose", x, b.const(axes)) if at != batch else x
    result = _gather_first(b, x, as_int32(b, indices), batch, rank)
    first, rest = list(range(batch, rank)), [i for i in range(batch)]
    rest += range(rank, rank + rank_x - batch - 1)
    back = [*rest[:at], *first, *rest[at:]]
    return [b("Transpose", result, b.const(back)) if at != batch else result]


def _gather_first(b: Builder, x: Tensor, indices: Tensor, batch: int, rank: int) -> Tensor:
    """Gathers along the first axis after `batch` batch dimensions."""
    if batch == 0:
        return b("Gather", x, indices)
    shape, grids = b("Shape", indices), []
    for place in range(batch):
        n = scalar(b, b("Slice", shape, b.const([place]), b.const([1])))
        line = b("Range", b.const(0), n, b.const(1))
        line = b("Reshape", line, b.const([-1 if i == place else 1 for i in range(rank)]))
        grids.append(broadcast(b, line, shape))
    return b("GatherNd", x, b("Pack", [*grids, indices], axis=rank))
