"""Input that is refused: wrong dtypes, shapes and ranks, at graph time and at run time."""

from __future__ import annotations

from typing import Any

from ..case import Graph, Table
from .pairs import is_static, make

KINDS = (
    "HashTable", "HashTableV2", "MutableHashTable", "MutableHashTableV2",
    "MutableDenseHashTableV2",
)  # fmt: skip


def start(kind: str) -> tuple[Graph, Table]:
    """A table that holds a: 1 and b: 2."""
    graph = Graph()
    table = make(graph, kind, "string", "int64")
    fill = table.init if is_static(kind) else table.insert
    graph.step(fill([b"a", b"b"], [1, 2]))
    return graph, table


def finish(graph: Graph, table: Table, name: str) -> dict[str, Any]:
    """Ends a case with a look whether the table still answers."""
    graph.step(table.find([b"a", b"x"], -1), table.size())
    return graph.case(f"error-{name}-{table.kind}")


def wrong_types(kind: str) -> list[dict[str, Any]]:
    """Keys or values of a type that is not the table's."""
    result = []
    changes = {
        "find-key": ("find", "int64", "int64", [5], -1),
        "find-default": ("find", "string", "string", [b"a"], b"x"),
        "find-default-float": ("find", "string", "float", [b"a"], 0.5),
        "fill-key": ("fill", "int64", "int64", [5], [6]),
        "fill-value": ("fill", "string", "int32", [b"c"], [6]),
        "import-value": ("Import", "string", "float", [b"c"], [0.5]),
        "remove": ("remove", "int64", "int64", [5], None),
        "export-key": ("export", "int64", "int64", None, None),
        "export-value": ("export", "string", "float", None, None),
    }
    for name, (what, key, value, keys, values) in changes.items():
        graph, table = start(kind)
        if what == "remove" and not table.v2:
            continue
        other = Table.__new__(Table)
        other.__dict__.update(table.__dict__, key=key, value=value)
        if what == "find":
            graph.step(other.find(keys, values))
        elif what == "export":
            graph.step(export=other.export())
        elif what == "remove":
            graph.step(other.remove(keys))
        elif what == "Import":
            graph.step(other.insert(keys, values, "Import"))
        else:
            graph.step((other.init if is_static(kind) else other.insert)(keys, values))
        result.append(finish(graph, table, f"type-{name}"))
    return result


def wrong_lengths(kind: str, static: bool) -> list[dict[str, Any]]:
    """Keys and values that do not go together."""
    result = []
    shapes = {
        "more-keys": ([b"a", b"b", b"c"], [1, 2], None, None),
        "more-values": ([b"a"], [1, 2], None, None),
        "no-values": ([b"a"], [], None, [0]),
        "no-keys": ([], [1], [0], None),
        "scalar-value": ([b"a", b"b"], 1, None, None),
        "scalar-key": (b"a", [1, 2], None, None),
        "matrix-values": ([b"a", b"b"], [[1, 2]], None, None),
        "transposed": ([b"a", b"b"], [1, 2], [2, 1], [1, 2]),
    }
    for name, (keys, values, key_shape, value_shape) in shapes.items():
        for op in ("fill", "import"):
            graph, table = start(kind)
            inputs = (
                graph.data("string", keys, key_shape, static=static),
                graph.data("int64", values, value_shape, static=static),
            )
            if op == "import":
                graph.step(table.insert(*inputs, "Import"))
            else:
                graph.step((table.init if is_static(kind) else table.insert)(*inputs))
            label = f"length-{op}-{name}" + ("-static" if static else "")
            result.append(finish(graph, table, label))
    return result


def wrong_default(kind: str) -> list[dict[str, Any]]:
    """Defaults of shapes that are known while the graph is built."""
    result = []
    for name, default, shape in (
        ("vector", [1, 2], [2]), ("one", [1], [1]), ("matrix", [1, 2], [1, 2]), ("none", [], [0]),
    ):  # fmt: skip
        graph, table = start(kind)
        value = graph.data("int64", default, shape, static=True)
        keys = graph.data("string", [b"a", b"b", b"x"], static=True)
        graph.step(table.find(keys, value))
        result.append(finish(graph, table, f"default-{name}-static"))
    return result


def wrong_handles() -> list[dict[str, Any]]:
    """Handles that are not scalars, not handles, or of something else."""
    result = []
    graph = Graph()
    variable = graph.node(
        "VarHandleOp", [], dtype=("type", "float"), shape=("shape", []), shared_name=b"v"
    )
    table = make(graph, "HashTableV2", "string", "int64")
    other = Table.__new__(Table)
    other.__dict__.update(table.__dict__, handle=variable)
    graph.step(other.find([b"a"], -1))
    graph.step(other.size())
    graph.step(table.init([b"a"], [1]))
    result.append(finish(graph, table, "handle-variable"))
    graph = Graph()
    table = make(graph, "HashTableV2", "string", "int64")
    other = Table.__new__(Table)
    other.__dict__.update(table.__dict__, handle=graph.data("string", [b"a", b"b"]))
    graph.step(other.size())
    result.append(finish(graph, table, "handle-string"))
    graph = Graph()
    table = make(graph, "HashTable", "string", "int64")
    table.v2 = "V2"
    graph.step(table.size())
    result.append(graph.case("error-handle-ref-to-v2"))
    graph = Graph()
    table = make(graph, "HashTableV2", "string", "int64")
    table.v2 = ""
    graph.step(table.size())
    result.append(graph.case("error-handle-resource-to-v1"))
    return result


def no_such_pair() -> list[dict[str, Any]]:
    """Types that no table has, here or in TensorFlow."""
    result = []
    for kind in ("HashTableV2", "MutableHashTableV2"):
        for key, value in (("bool", "int64"), ("string", "complex64"), ("half", "half")):
            graph = Graph()
            table = Table(graph, kind, key, value)
            graph.step(table.size())
            result.append(graph.case(f"error-pair-{key}-{value}-{kind}"))
    return result


def cases() -> list[dict[str, Any]]:
    """All of them."""
    result = wrong_handles() + no_such_pair()
    for kind in KINDS:
        result += wrong_types(kind) + wrong_default(kind)
        for static in (False, True):
            result += wrong_lengths(kind, static)
    return result
