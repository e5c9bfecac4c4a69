"""What a kernel of an older release refuses although its op's definition is the same."""

from __future__ import annotations

from opgraft.adapt.builder import Builder
from opgraft.adapt.graph import Body, Node, Tensor
from opgraft.adapt.target import Target

_ANY_RANK = (1, 13)  # of softmax; older ones may take matrices alone


def passes(body: Body, node: Node, target: Target) -> str:
    """Why a node may be too much for the release's kernel, "" if it is not."""
    if node.op in ("Softmax", "LogSoftmax") and target.number < _ANY_RANK:
        shape = body.shape_of(node.inputs[0])
        if shape is None or len(shape) != 2:
            return f"{target.stock.name}'s {node.op} takes matrices alone"
    return ""


def as_matrix(b: Builder, node: Node) -> list[Tensor]:
    """The op on a matrix, reshaped before and after."""
    x = node.inputs[0]
    shape = b("Shape", x)
    last = b("Slice", shape, b("Sub", b("Shape", shape), b.const([1])), b.const([1]))
    matrix = b("Reshape", x, b("ConcatV2", [b.const([-1]), last], b.const(0)))
    return [b("Reshape", b(node.op, matrix), shape)]
