"""Ops of contrib that change variables in place, and those that ask the device."""

from __future__ import annotations

import random
from typing import Any

from ..case import Graph, Tensor
from .plain import size

ORACLE = "1.15.5"
ZERO_TYPES = ("float", "double", "int32", "uint8", "int16", "int8", "int64", "uint16", "half")


def variable(graph: Graph, dtype: str, shape: list[int] | None) -> Tensor:
    """A variable without a value."""
    return graph.node("VariableV2", [], dtype=("type", dtype), shape=("shape", shape))


def assign(graph: Graph, target: Tensor, dtype: str, data: Any, shape: list[int]) -> None:
    """A step that gives a variable a value of its shape."""
    value = graph.data(dtype, data, shape, static=True)
    graph.step(graph.node("Assign", [target, value], T=("type", dtype)) + ":0")


def read(graph: Graph, target: Tensor, dtype: str) -> None:
    """A step that reads a variable."""
    graph.step(graph.node("Identity", [target], T=("type", dtype)) + ":0")


SCATTERS: dict[str, tuple[list[int], tuple[Any, list[int]], tuple[Any, list[int]]]] = {
    "elements": ([2, 3], ([0, 1, 1, 2], [2, 2]), ([1.0, 2.0], [2])),
    "rows": ([2, 3], ([0, 1], [2, 1]), ([1, 2, 3, 4, 5, 6], [2, 3])),
    "same-row": ([2, 3], ([0, 0], [2, 1]), ([1e8, 2, 3, -1e8, 0.1, 6], [2, 3])),
    "vector": ([3], ([0, 2, 0], [3, 1]), ([1, 2, 3], [3])),
    "rank3": ([2, 2, 2], ([1, 0, 0, 1], [2, 2]), ([1, 2, 3, 4], [2, 2])),
    "nothing": ([2, 3], ([], [0, 2]), ([], [0])),
    "flat-indices": ([2, 3], ([0, 1], [2]), ([1, 2], [2])),
    "few-deltas": ([2, 3], ([0, 1, 1, 2], [2, 2]), ([1], [1])),
    "many-deltas": ([2, 3], ([0, 1], [1, 2]), ([1, 2], [2])),
    "deltas-rank": ([2, 3], ([0, 1], [1, 2]), ([1], [1, 1])),
    "deltas-rank1": ([2, 3], ([0], [1, 1]), ([1], [1])),
}


def scatter(name: str, shape: list[int], indices: Any, deltas: Any) -> dict[str, Any]:
    """Adds twice to a variable of 0, 0.5, 1, ..."""
    graph = Graph(oracle=ORACLE)
    target = variable(graph, "float", shape)
    assign(graph, target, "float", [0.5 * i for i in range(size(shape))], shape)
    inputs = [target, graph.data("int32", *indices), graph.data("float", *deltas)]
    add = graph.node("ScatterAddNdim", inputs)
    graph.step(add)
    graph.step(add)
    read(graph, target, "float")
    return graph.case(f"scatter-add-ndim-{name}")


def scatters() -> list[dict[str, Any]]:
    """Those of SCATTERS and seeded ones; out of range TensorFlow corrupts its memory."""
    result = [scatter(name, *given) for name, given in SCATTERS.items()]
    for seed in range(20):
        dice = random.Random(seed)
        shape = [dice.randint(1, 4) for _ in range(dice.randint(1, 4))]
        depth, rows = dice.randint(1, len(shape)), dice.randint(0, 9)
        indices = [dice.randrange(dim) for _ in range(rows) for dim in shape[:depth]]
        deltas = [dice.uniform(-9, 9) for _ in range(rows * size(shape[depth:]))]
        given = ((indices, [rows, depth]), (deltas, [rows, *shape[depth:]]))
        result.append(scatter(f"seed{seed}", shape, *given))
    return result


def zero(name: str, dtype: str, shape: list[int] | None, full: bool = False) -> dict[str, Any]:
    """Zeros for a variable, and once more, which is an error."""
    graph = Graph(oracle=ORACLE)
    target = variable(graph, dtype, shape)
    if full:
        assign(graph, target, dtype, [1] * size(shape or []), shape or [])
    zeros = graph.node("ZeroInitializer", [target], T=("type", dtype))
    graph.step(graph.fetchable(zeros, dtype))
    read(graph, target, dtype)
    graph.step(zeros)
    return graph.case(f"zero-initializer-{name}")


def zeros() -> list[dict[str, Any]]:
    """All types and a few shapes."""
    result = [zero(dtype, dtype, [2, 3]) for dtype in ZERO_TYPES]
    shapes = {"scalar": [], "empty": [0, 3], "unknown": None}
    result += [zero(name, "float", shape) for name, shape in shapes.items()]
    return [*result, zero("again", "float", [2], full=True)]


def zero_var(name: str, dtype: str, shape: list[int] | None, full: bool = False) -> dict[str, Any]:
    """Zeros for a resource variable, and once more, which is an error."""
    graph = Graph(oracle=ORACLE)
    kind = {"dtype": ("type", dtype)}
    declared = ("shape", [2, 3] if shape is None else shape)
    target = graph.node("VarHandleOp", [], **kind, shape=declared, shared_name=b"v")
    if full:
        value = graph.data(dtype, [1] * size(shape or []), shape, static=True)
        graph.step(graph.node("AssignVariableOp", [target, value], **kind))
    zeros = graph.node("ZeroVarInitializer", [target], **kind, shape=("shape", shape))
    graph.step(zeros)
    value = graph.node("ReadVariableOp", [target], **kind)
    graph.step(graph.fetchable(value, dtype))
    graph.step(zeros)
    return graph.case(f"zero-var-initializer-{name}")


def zero_vars() -> list[dict[str, Any]]:
    """All types and a few shapes."""
    types = (*ZERO_TYPES, "bfloat16")
    result = [zero_var(dtype, dtype, [2, 3]) for dtype in types]
    shapes = {"scalar": [], "empty": [0, 3], "unknown": None, "partial": [-1, 3]}
    result += [zero_var(name, "float", shape) for name, shape in shapes.items()]
    result.append(zero_var("string", "string", [2]))
    return [*result, zero_var("again", "float", [2], full=True)]


NEXT: dict[str, tuple[list[str], list[int], int | None]] = {
    "start": (["a", "b", "c"], [3], -1),
    "middle": (["a", "b", "c"], [3], 0),
    "single": (["x"], [1], -1),
    "past-the-end": (["a", "b"], [2], 7),
    "far-below": (["a", "b"], [2], -7),
    "before-the-list": (["a", "b"], [2], -2),
    "uninitialized": (["a", "b"], [2], None),
    "empty-list": ([], [0], 0),
    "rank2": (["a", "b"], [1, 2], 0),
}


def obtain_next(name: str, texts: list[str], shape: list[int], start: int | None) -> dict[str, Any]:
    """Four elements, one for each step."""
    graph = Graph(oracle=ORACLE)
    counter = variable(graph, "int64", [])
    if start is not None:
        assign(graph, counter, "int64", start, [])
    element = graph.node("ObtainNext", [graph.data("string", texts, shape), counter])
    for _ in range(4):
        graph.step(element + ":0")
    if start is not None:
        read(graph, counter, "int64")
    return graph.case(f"obtain-next-{name}")


def memory_stats(op: str) -> dict[str, Any]:
    """What a machine without a GPU answers."""
    graph = Graph(oracle=ORACLE)
    graph.step(graph.node(op, []) + ":0")
    return graph.case(f"memory-stats-{op}")


def cases() -> list[dict[str, Any]]:
    """All of them."""
    result = scatters() + zeros() + zero_vars()
    result += [obtain_next(name, *given) for name, given in NEXT.items()]
    # Those of a GPU have no kernel on a CPU, there as here.
    return [*result, *map(memory_stats, ("BytesLimit", "BytesInUse", "MaxBytesInUse"))]
