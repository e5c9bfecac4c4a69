"""What a kernel of an older release refuses although its op's definition is the same."""

from __future__ import annotations

from opgraft.adapt.builder import Builder
from opgraft.adapt.graph import Body, Node, Tensor
from opgraft.adapt.target import Target
from opgraft.history.behaviour import kernel_limit


def passes(body: Body, node: Node, target: Target) -> bool:
    """Whether a node may be too much for the release's kernel."""
    shape = body.shape_of(node.inputs[0]) if node.inputs else None
    shape = body.shape_of(Tensor(node.name)) if shape is None else shape
    rank = None if shape is None else len(shape)
    return bool(kernel_limit(node.op, rank, target.number))


def as_matrix(b: Builder, node: Node) -> list[Tensor]:
    """The op on a matrix, reshaped before and after."""
    x = node.inputs[0]
    shape = b("Shape", x)
    last = b("Slice", shape, b("Sub", b("Shape", shape), b.const([1])), b.const([1]))
    matrix = b("Reshape", x, b("ConcatV2", [b.const([-1]), last], b.const(0)))
    return [b("Reshape", b(node.op, matrix), shape)]
