"""TensorLists made TensorArrays, for releases that have no TensorList.

A TensorList is a value that travels through a loop. A TensorArray is a handle, made once, and a
"flow" that travels; so each edge that carried the list carries the flow, and the handle enters the
loop as a constant. Both write an element once and read it after, which is what loops do; where a
graph does more (two versions of one list), TensorArray fails when it runs, and never quietly.

A list of one element is different: Keras' layers write their last output to it again and again. It
becomes the element itself, with a first dimension of 1.
"""

from __future__ import annotations

from typing import Any

from opgraft import proto
from opgraft.adapt.builder import FLOAT, STRING, Builder, NoRewriteError
from opgraft.adapt.changes import Changes
from opgraft.adapt.graph import Body, Node, Tensor, attr
from opgraft.adapt.rewrites.shapes import as_int32, scalar
from opgraft.adapt.target import Target

_VARIANT = 21
_CARRIERS = ("Enter", "Exit", "Identity", "Merge", "NextIteration", "Switch")
MAKERS = ("EmptyTensorList", "TensorListFromTensor", "TensorListReserve", "TensorListSplit")
WRITERS = ("TensorListPushBack", "TensorListScatterIntoExistingList", "TensorListSetItem")
_READERS = (
    "TensorListConcatV2",
    "TensorListGather",
    "TensorListGetItem",
    "TensorListLength",
    "TensorListStack",
)
OPS = frozenset(MAKERS + WRITERS + _READERS)  # that can be converted


def to_arrays(body: Body, target: Target, changes: Changes) -> None:
    """Converts every TensorList of a graph, if the release does not have them all.

    A graph with an op on lists that has no counterpart is left as it is, for `fit` to report.
    """
    used = [node for node in body.nodes.values() if is_list_op(node.op)]
    if all(target.definition(node.op) is not None for node in used):
        return
    if any(node.op not in (*MAKERS, *WRITERS, *_READERS) for node in used):
        return
    try:
        _Converter(body, target).convert(used)
    except NoRewriteError:
        return
    changes.add("control flow", "TensorLists made TensorArrays", len(used))


def is_list_op(op: str) -> bool:
    """Whether an op takes or makes TensorLists."""
    return op.startswith("TensorList") or op == "EmptyTensorList"


class _Converter:
    def __init__(self, body: Body, target: Target):
        self.body, self.target = body, target
        self.handles: dict[str, Tensor] = {}  # of each maker
        self.entered: dict[tuple[str, Tensor], Tensor] = {}
        self._handles_of_nodes: dict[str, Tensor | None] = {}

    def convert(self, used: list[Node]) -> None:
        """Handles are found while the edges are still lists, then all nodes change."""
        carriers = self._carriers(used)
        makers = {node.name: node for node in used if node.op in MAKERS}
        origin = {node.name: makers[self._origin(node)] for node in (*used, *carriers)}
        single = {
            name
            for name, maker in makers.items()
            if self._has_one_element(maker, [n for n in used if origin[n.name] is maker])
        }
        flows = {name: self._make(maker) for name, maker in makers.items() if name not in single}
        for node in used:
            if node.name in makers:
                continue
            if origin[node.name].name in single:
                self._handles_of_nodes[node.name] = None
            else:
                self._handles_of_nodes[node.name] = self._handle(node.inputs[0])
        for node in used:
            if node.name in makers:
                continue
            handle = self._handles_of_nodes[node.name]
            if handle is None:
                self._change_single(node)
            else:
                self._change(node, handle)
        for node in carriers:
            maker = origin[node.name]
            dtype = maker.type("element_dtype") if maker.name in single else FLOAT
            node.attrs["T"] = attr(type=dtype)
            node.attrs.pop("_output_shapes", None)
        for name, maker in makers.items():
            if name in single:
                self._make_single(maker)
            else:
                maker.op, maker.inputs = "Identity", [flows[name]]
                maker.attrs = {"T": attr(type=FLOAT)}

    def _carriers(self, used: list[Node]) -> list[Node]:
        """What hands lists on; other variants are none of ours."""
        readers, found = self.body.consumers(), {}
        stack = [node.name for node in used if node.op in (*MAKERS, *WRITERS)]
        while stack:
            for node in readers.get(stack.pop(), ()):
                carries = node.op in _CARRIERS and node.type("T") == _VARIANT
                if carries and node.name not in found:
                    found[node.name] = node
                    stack.append(node.name)
        return list(found.values())

    def _origin(self, node: Node) -> str:
        """The maker of a node's list.

        Raises:
          NoRewriteError: it cannot be told, or two lists meet.
        """
        found, seen, stack = set(), set(), [node.name]
        while stack:
            name = stack.pop()
            if name in seen:
                continue
            seen.add(name)
            source = self.body.nodes.get(name)
            if source is not None and source.op in MAKERS:
                found.add(name)
            elif source is not None and source.op in (*WRITERS, *_READERS, *_CARRIERS):
                carried = source.inputs if source.op == "Merge" else source.inputs[:1]
                stack += [tensor.node for tensor in carried]
            else:
                raise NoRewriteError(f"the list of {node.name} comes from {name}")
        if len(found) != 1:
            raise NoRewriteError(f"{node.name} takes one of {len(found)} lists")
        return found.pop()

    def _has_one_element(self, maker: Node, users: list[Node]) -> bool:
        if maker.op != "TensorListReserve":
            return False
        size = Builder(self.body, maker, self.target).value_of(maker.inputs[1])
        simple = ("TensorListGetItem", "TensorListReserve", "TensorListSetItem", "TensorListStack")
        return size is not None and size.item() == 1 and all(n.op in simple for n in users)

    def _make_single(self, maker: Node) -> None:
        """Zeros of the element's shape, an unknown dimension being empty until the first write."""
        b = Builder(self.body, maker, self.target)
        shape = b.value_of(maker.inputs[0])
        if shape is None or shape.ndim == 0:
            known = b.const([1, 0])
        else:
            known = b.const([1, *(max(int(size), 0) for size in shape.reshape(-1))])
        dtype = maker.type("element_dtype")
        zero = b.const(b"" if dtype == STRING else 0, dtype)
        maker.op, maker.inputs, maker.attrs = "Fill", [known, zero], {"T": attr(type=dtype)}

    def _change_single(self, node: Node) -> None:
        b = Builder(self.body, node, self.target)
        dtype = attr(type=node.type("element_dtype"))
        if node.op == "TensorListSetItem":
            node.op, node.inputs = "ExpandDims", [node.inputs[2], b.const(0)]
            node.attrs = {"T": dtype}
        elif node.op == "TensorListStack":
            node.op, node.inputs, node.attrs = "Identity", node.inputs[:1], {"T": dtype}
        else:
            squeezed = proto.AttrValue()
            squeezed.list.i.append(0)
            node.op, node.inputs = "Squeeze", node.inputs[:1]
            node.attrs = {"T": dtype, "squeeze_dims": squeezed}

    def _make(self, node: Node) -> Tensor:
        """Adds the TensorArray of a maker; returns its first flow."""
        b = Builder(self.body, node, self.target)
        dtype = node.type("element_dtype")
        if node.op == "TensorListFromTensor":
            elements, shape = node.inputs
            size = scalar(b, b("Slice", b("Shape", elements), b.const([0]), b.const([1])))
        elif node.op == "TensorListSplit":
            elements, shape, lengths = node.inputs
            size = b("Size", lengths)
        elif node.op == "TensorListReserve":
            shape, size = node.inputs[0], scalar(b, as_int32(b, node.inputs[1]))
        else:
            shape, size = node.inputs[0], b.const(0)
        handle = b("TensorArrayV3", size, dtype=dtype, clear_after_read=False, dynamic_size=True)
        made = self.body.nodes[handle.node]
        made.attrs["tensor_array_name"] = attr(s=node.name.encode())
        made.attrs["element_shape"] = self._element_shape(b, shape)
        self.handles[node.name] = handle
        flow = Tensor(handle.node, 1)
        if node.op == "TensorListSplit":
            return b("TensorArraySplitV3", handle, elements, lengths, flow)
        if node.op != "TensorListFromTensor":
            return flow
        places = b("Range", b.const(0), size, b.const(1))
        return b("TensorArrayScatterV3", handle, places, elements, flow)

    def _element_shape(self, b: Builder, shape: Tensor) -> Any:
        """A shape attr from a list's element shape, unknown unless it is a constant."""
        value = b.value_of(shape)
        known = attr()
        if value is None or value.ndim == 0:
            known.shape.unknown_rank = True
        else:
            known.shape.SetInParent()
            for size in value.reshape(-1):
                known.shape.dim.add(size=int(size))
        return known

    def _handle(self, tensor: Tensor) -> Tensor:
        """The handle of a list, in the loop where the list is."""
        node = self.body.nodes[tensor.node]
        if node.op in MAKERS:
            return self.handles[node.name]
        if node.op == "Enter":
            return self._enter(node, self._handle(node.inputs[0]))
        if node.op == "Exit":
            return self._handle(self._outside(node.inputs[0]))
        if node.op == "Merge":
            return self._handle(self._first(node))
        return self._handle(node.inputs[0])

    def _first(self, merge: Node) -> Tensor:
        """The input of a Merge that does not come from the iteration before."""
        for tensor in merge.inputs:
            if self.body.nodes[tensor.node].op != "NextIteration":
                return tensor
        raise NoRewriteError(f"{merge.name} has no beginning")

    def _outside(self, tensor: Tensor) -> Tensor:
        """What enters the loop as the list that a tensor in the loop is a version of."""
        while True:
            node = self.body.nodes[tensor.node]
            if node.op == "Enter":
                return node.inputs[0]
            if node.op in MAKERS:
                raise NoRewriteError(f"{node.name} makes a list in a loop that leaves it")
            if node.op == "Exit":
                tensor = self._outside(node.inputs[0])
            else:
                tensor = self._first(node) if node.op == "Merge" else node.inputs[0]

    def _enter(self, like: Node, handle: Tensor) -> Tensor:
        """The handle inside the loop that `like` enters."""
        frame = like.text("frame_name")
        if (frame, handle) not in self.entered:
            node = Node(self.body.fresh(f"{like.name}/handle"), "Enter", [handle])
            node.attrs = {
                "T": attr(type=self.body.type_of(handle)),
                "frame_name": like.attrs["frame_name"],
                "is_constant": attr(b=True),
            }
            if "parallel_iterations" in like.attrs:
                node.attrs["parallel_iterations"] = like.attrs["parallel_iterations"]
            self.body.add(node)
            self.entered[frame, handle] = Tensor(node.name)
        return self.entered[frame, handle]

    def _change(self, node: Node, handle: Tensor) -> None:
        """Makes an op on a list the op on the TensorArray."""
        b = Builder(self.body, node, self.target)
        flow, dtype = node.inputs[0], node.attrs.get("element_dtype")
        typed = {"dtype": dtype} if dtype is not None else {}
        written = {"T": dtype}
        if node.op == "TensorListSetItem":
            self._become(node, "TensorArrayWriteV3", [handle, *node.inputs[1:3], flow], written)
        elif node.op == "TensorListPushBack":
            end = b("TensorArraySizeV3", handle, flow)
            self._become(node, "TensorArrayWriteV3", [handle, end, node.inputs[1], flow], written)
        elif node.op == "TensorListScatterIntoExistingList":
            inputs = [handle, node.inputs[2], node.inputs[1], flow]
            self._become(node, "TensorArrayScatterV3", inputs, written)
        elif node.op == "TensorListGetItem":
            self._become(node, "TensorArrayReadV3", [handle, node.inputs[1], flow], typed)
        elif node.op == "TensorListLength":
            self._become(node, "TensorArraySizeV3", [handle, flow], {})
        elif node.op == "TensorListConcatV2":
            self._become(node, "TensorArrayConcatV3", [handle, flow], typed)
        else:
            if node.op == "TensorListGather":
                places, shape = node.inputs[1:3]
            else:
                shape = node.inputs[1]
                size = b("TensorArraySizeV3", handle, flow)
                places = b("Range", b.const(0), size, b.const(1))
            typed["element_shape"] = self._element_shape(b, shape)
            self._become(node, "TensorArrayGatherV3", [handle, places, flow], typed)

    def _become(self, node: Node, op: str, inputs: list[Tensor], attrs: dict[str, Any]) -> None:
        shapes = {k: v for k, v in node.attrs.items() if k == "_output_shapes"}
        if node.op in WRITERS:
            shapes = {}
        node.op, node.inputs, node.attrs = op, inputs, {**attrs, **shapes}
