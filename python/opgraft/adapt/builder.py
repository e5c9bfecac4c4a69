"""What a rewrite uses to add nodes."""

from __future__ import annotations

from typing import Any, Union

import numpy as np

from opgraft import proto
from opgraft.adapt import constants
from opgraft.adapt.graph import Body, Node, Tensor, attr
from opgraft.adapt.signatures import ATTR_FIELDS
from opgraft.adapt.target import Target

Input = Union[Tensor, "list[Tensor]"]

FLOAT, INT32, STRING, BOOL, INT64 = 1, 3, 7, 10, 9


class NoRewriteError(Exception):
    """A rewrite does not cover this node; the text says why."""


class Builder:
    """Adds nodes on behalf of the node that is being replaced.

    b("Mul", x, y) adds a Mul and returns its first output. The dtypes of inputs fill the attrs of
    the op's definition; other attrs are given by name.
    """

    def __init__(self, body: Body, node: Node, target: Target):
        self.body, self.node, self.target = body, node, target
        self.added: list[Node] = []

    def __call__(self, op: str, *inputs: Input, **attrs: Any) -> Tensor:
        """Adds a node."""
        definition = self.target.definition(op)
        if definition is None or not attrs.keys() <= {a.name for a in definition.attr}:
            definition = self.target.newest(op)  # for `fit` to drop the attr, or to refuse it
        node = Node(self._name(op), op, device=self.node.device)
        for argument, given in zip(definition.input_arg, inputs):
            tensors = given if isinstance(given, list) else [given]
            node.inputs += tensors
            types = [self.type_of(tensor) for tensor in tensors]
            if argument.type_list_attr:
                value = proto.AttrValue()
                value.list.SetInParent()
                value.list.type.extend(types)
                node.attrs[argument.type_list_attr] = value
            elif argument.type_attr and types:
                node.attrs[argument.type_attr] = attr(type=types[0])
            if argument.number_attr:
                node.attrs[argument.number_attr] = attr(i=len(tensors))
        kinds = {a.name: a.type for a in definition.attr}
        for name, value in attrs.items():
            node.attrs[name] = _value(kinds[name], value)
        if not node.inputs:
            node.controls = self._frame()
        self.body.add(node)
        self.added.append(node)
        return Tensor(node.name, 0)

    def const(self, value: Any, dtype: int = INT32) -> Tensor:
        """Adds a Const."""
        node = Node(self._name("Const"), "Const", controls=self._frame(), device=self.node.device)
        tensor = constants.from_array(np.asarray(value), dtype)
        node.attrs = {"dtype": attr(type=dtype), "value": attr(tensor=tensor)}
        self.body.add(node)
        self.added.append(node)
        return Tensor(node.name, 0)

    def after(self, tensor: Tensor, earlier: Tensor) -> None:
        """Lets a node that was added wait for another."""
        self.body.nodes[tensor.node].controls.append(earlier.node)

    def type_of(self, tensor: Tensor) -> int:
        """The dtype of a tensor.

        Raises:
          NoRewriteError: it is unknown.
        """
        dtype = self.body.type_of(tensor)
        if not dtype:
            raise NoRewriteError("the dtype of an input is unknown")
        return dtype

    def value_of(self, tensor: Tensor) -> np.ndarray[Any, Any] | None:
        """The value of a tensor that a Const makes, behind any number of Identity."""
        node = self.body.nodes.get(self.body.resolve(tensor).node)
        while node is not None and node.op == "Identity":
            node = self.body.nodes.get(self.body.resolve(node.inputs[0]).node)
        if node is None or node.op != "Const":
            return None
        return constants.to_array(node.attrs["value"].tensor)

    def is_zero(self, tensor: Tensor) -> bool:
        """Whether a tensor is a constant 0."""
        value = self.value_of(tensor)
        return value is not None and value.dtype != object and not value.any()

    def shape_of(self, tensor: Tensor) -> list[int] | None:
        """The static shape, as far as known."""
        return self.body.shape_of(tensor)

    def rank_of(self, tensor: Tensor) -> int:
        """The static rank.

        Raises:
          NoRewriteError: it is unknown.
        """
        shape = self.shape_of(tensor)
        if shape is None:
            raise NoRewriteError("the rank of an input is unknown")
        return len(shape)

    def _name(self, op: str) -> str:
        return self.body.fresh(f"{self.node.name}/{op}")

    def _frame(self) -> list[str]:
        """A node without inputs belongs to the loop of its consumers only if told so."""
        return [tensor.node for tensor in self.node.inputs[:1] if tensor.node in self.body.nodes]


def _value(kind: str, value: Any) -> Any:
    if kind.startswith("list("):
        message = proto.AttrValue()
        message.list.SetInParent()
        getattr(message.list, ATTR_FIELDS[kind[5:-1]]).extend(value)
        return message
    if kind == "shape" and not isinstance(value, (list, type(None))):
        return attr(shape=value)
    if kind == "shape":
        shape = proto.TensorShapeProto(unknown_rank=value is None)
        for size in value or ():
            shape.dim.add(size=size)
        return attr(shape=shape)
    if isinstance(value, str):
        value = value.encode()
    return attr(**{ATTR_FIELDS[kind]: value})
