"""Control flow."""

from __future__ import annotations

from opgraft.adapt.builder import INT32, Builder, NoRewriteError
from opgraft.adapt.graph import Node, Tensor
from opgraft.adapt.rewrites.table import composition, equivalent


@equivalent("StatelessCase", "StatelessIf", "StatelessWhile")
def stateful(b: Builder, node: Node) -> list[Tensor]:
    """The op that may have state, which is older."""
    inputs: list[Tensor | list[Tensor]] = [node.inputs]
    if node.op != "StatelessWhile":
        inputs = [node.inputs[0], node.inputs[1:]]
    made = b(node.op.removeprefix("Stateless"), *inputs)
    new = b.body.nodes[made.node]
    new.attrs.update(node.attrs)
    new.controls = list(node.controls)
    return [Tensor(made.node, i) for i in range(len(b.body.types(node) or []))]


@composition("TensorListSetItem")
def set_item(b: Builder, node: Node) -> list[Tensor]:
    """TensorListResize first, where it may write past the end."""
    if not node.flag("resize_if_index_out_of_bounds"):
        raise NoRewriteError("resize_if_index_out_of_bounds is not the trouble")
    handle, index, item = node.inputs
    needed = b("Maximum", b("TensorListLength", handle), b("AddV2", index, b.const(1, INT32)))
    longer = b("TensorListResize", handle, needed)
    return [b("TensorListSetItem", longer, index, item)]


@composition("_SwitchN")
def switch_n(b: Builder, node: Node) -> list[Tensor]:
    """Switch after Switch; an index out of range takes the last way, as it does there."""
    data, index = node.inputs
    ways = []
    for number in range(node.number("num_outs") - 1):
        either = b("Switch", data, b("Equal", index, b.const(number)))
        ways.append(Tensor(either.node, 1))
        data = either
    return [*ways, data]
