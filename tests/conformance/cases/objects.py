"""Tables of objects of the runtime: variants, which are tensor lists here, and table handles."""

from __future__ import annotations

from typing import Any

from ..case import Graph, Tensor
from .pairs import make

FLOAT = ("type", "float")
INDEX = ("type", "int32")


def tensor_list(graph: Graph, data: list[float]) -> Tensor:
    """A scalar variant: a list of scalars."""
    inputs = [graph.data("float", data), graph.data("int32", [], [0])]
    return graph.node("TensorListFromTensor", inputs, element_dtype=FLOAT, shape_type=INDEX)


def variants(kind: str) -> dict[str, Any]:
    """Insert, replace, remove, find, and find what is absent."""
    graph = Graph()
    table = make(graph, kind, "int64", "variant")
    lists = [tensor_list(graph, data) for data in ([1.0, 2.0], [3.0], [4.0, 5.0, 6.0])]
    for key, value in ((7, 0), (8, 0), (8, 1)):
        graph.step(table.insert([key], as_vector(graph, lists[value])))
    graph.step(table.remove([7]))
    graph.step(table.insert([9], as_vector(graph, lists[0])))
    graph.step(table.size())
    for key in (7, 8, 9):
        found = table.find(graph.data("int64", key), lists[2])
        shape = graph.data("int32", [], [0])
        stacked = graph.node("TensorListStack", [found, shape], element_dtype=FLOAT)
        graph.step(Tensor(stacked + ":0"))
    case = graph.case(f"variant-{kind}")
    answers = [[("int64", [], [2])]]
    answers += [[("float32", [len(x)], x)] for x in ([4.0, 5.0, 6.0], [3.0], [1.0, 2.0])]
    return {**case, "values": [{"values": x} for x in [[], [], [], [], [], *answers]]}


def as_vector(graph: Graph, scalar: Tensor) -> Tensor:
    """A vector of the one element."""
    inputs = [scalar, graph.data("int32", [1])]
    return graph.node("Reshape", inputs, T=("type", "variant"), Tshape=INDEX)


def resources(kind: str) -> dict[str, Any]:
    """Strings to resources: a table of tables."""
    graph = Graph()
    table = make(graph, kind, "string", "resource")
    inner = [make(graph, "MutableHashTableV2", "int64", "int64", name=f"inner{i}") for i in (0, 1)]
    one = graph.node("Reshape", [inner[0].handle, graph.data("int32", [1])],
                     T=("type", "resource"), Tshape=INDEX)  # fmt: skip
    graph.step(inner[0].insert([1, 2, 3], [4, 5, 6]))
    graph.step(table.insert(["first"], one))
    graph.step(table.size())
    for key in ("first", "absent"):
        found = table.find(graph.data("string", key), inner[1].handle)
        graph.step(Tensor(graph.node("LookupTableSizeV2", [found]) + ":0"))
    case = graph.case(f"resource-{kind}")
    answers = [[], [], *([("int64", [], [n])] for n in (1, 3, 0))]
    return {**case, "values": [{"values": answer} for answer in answers]}


def cases() -> list[dict[str, Any]]:
    """The pairs that stock TensorFlow has for mutable tables, and those of dense ones."""
    dense = "MutableDenseHashTableV2"
    return [variants("MutableHashTableV2"), variants(dense), resources(dense)]
