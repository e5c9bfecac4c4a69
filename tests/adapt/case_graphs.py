"""A rewrite case as a graph with one node."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from opgraft import proto
from opgraft.adapt import graph
from opgraft.adapt.builder import Builder
from opgraft.adapt.graph import Node, Tensor, attr
from opgraft.adapt.target import Target

from tests.adapt.rewrite_cases import Case, Const

_NUMPY = {"O": 7, "S": 7}


def dtype_of(array: Any) -> int:
    """The number of a numpy array's dtype."""
    if array.dtype.kind in _NUMPY:
        return _NUMPY[array.dtype.kind]
    names = {"float32": "float", "float64": "double", "float16": "half"}
    return proto.type_number(names.get(array.dtype.name, array.dtype.name))


@functools.cache
def target_of(release: str) -> Target:
    """A release without the library."""
    return Target(release, library=False)


def build(case: Case, shapes: bool = True) -> tuple[graph.Body, dict[str, Any], list[str]]:
    """A graph with one node; its feeds and its outputs.

    shapes: whether the shapes of what is fed are known.
    """
    target = target_of("2.21")
    body = graph.Body("graph", target.newest)
    feeds: dict[str, Any] = {}
    seed = Node("seed", "NoOp")
    b = Builder(body, seed, target)

    def tensor(value: Any) -> Tensor:
        if isinstance(value, Const):
            array = np.asarray(value.value)
            return b.const(array, dtype_of(array))
        array = np.asarray(value)
        name = f"in{len(feeds)}"
        node = Node(name, "Placeholder", attrs={"dtype": attr(type=dtype_of(array))})
        shape = proto.TensorShapeProto()
        if shapes:
            for size in array.shape:
                shape.dim.add(size=size)
        else:
            shape.unknown_rank = True
        node.attrs["shape"] = attr(shape=shape)
        node.attrs["_output_shapes"] = proto.AttrValue()
        node.attrs["_output_shapes"].list.shape.append(shape)
        body.add(node)
        feeds[f"{name}:0"] = array
        return Tensor(name)

    inputs = [[tensor(v) for v in i] if isinstance(i, list) else tensor(i) for i in case.inputs]
    kinds = {a.name: a.type for a in target.definition(case.op).attr}
    attrs = {}
    for name, value in case.attrs.items():
        if kinds[name] == "type":
            value = proto.type_number(value)
        if kinds[name] == "list(type)":
            value = [proto.type_number(v) for v in value]
        if kinds[name] == "list(string)":
            value = [v.encode() for v in value]
        if kinds[name] == "list(shape)":
            value = [proto.TensorShapeProto(dim=[{"size": n} for n in v]) for v in value]
        attrs[name] = value
    made = b(case.op, *inputs, **attrs)
    count = len(body.types(body.nodes[made.node]) or [])
    return body, feeds, [graph.tensor_name(Tensor(made.node, i)) for i in range(count)]
