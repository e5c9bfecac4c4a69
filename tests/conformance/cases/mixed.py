"""The runtime's own ops on our tables, and our ops on the runtime's.

Each case names its ops in full, so it is not renamed: "Opgraft" ops are ours, plain names are the
runtime's where it has them and ours where it has not. The answers are those of a model in Python.
"""

from __future__ import annotations

from typing import Any

from ..case import Graph, Table
from .pairs import is_static

KINDS = (
    "HashTable",
    "HashTableV2",
    "MutableHashTable",
    "MutableHashTableV2",
    "MutableHashTableOfTensorsV2",
)
PAIRS = (("string", "int64"), ("int64", "string"), ("string", "float"))
KEYS: dict[str, list[Any]] = {"string": [b"a", b"bb", b"c" * 50], "int64": [1, -2, 2**40]}
VALUES: dict[str, list[Any]] = {
    "int64": [5, -6, 2**40],
    "string": [b"x", b"", b"y" * 50],
    "float": [0.5, -1.5, 2.0**40],
}
NAMES = {"int64": "int64", "string": "string", "float": "float32"}


def mixed(kind: str, key: str, value: str, ours: str) -> dict[str, Any]:
    """Ours is "table" (and its initializer) or "access"."""
    graph = Graph()
    tensors = {"value_shape": ("shape", [1])} if "OfTensors" in kind else {}
    table = Table(graph, kind, key, value, **tensors)
    inner = [1] if tensors else []
    keys, values = KEYS[key], VALUES[value]
    size = table.size()
    if is_static(kind):
        graph.step(table.init(keys, values))
        count = 3
    else:
        graph.step(table.insert(keys, graph.data(value, values, [3, *inner])))
        count = 3
    default = graph.data(value, values[:1], inner)
    ask = [keys[2], keys[1], keys[2]]
    graph.step(table.find(ask, default), size)
    graph.step(export=table.export())
    case = graph.case(f"mixed-{ours}-ours-{kind}-{key}-{value}")
    nodes = []
    for op, name, inputs, attrs in case["nodes"]:
        makes = op == kind or op.startswith("InitializeTable")
        if (op.startswith("LookupTable") and ours == "access") or (makes and ours == "table"):
            op = "Opgraft" + op
        nodes.append((op, name, inputs, attrs))
    found = [dict(zip(keys, values))[item] for item in ask]
    answers = [
        [],
        [(NAMES[value], [3, *inner], found), ("int64", [], [count])],
        [(NAMES[key], [3], keys), (NAMES[value], [3, *inner], values)],
    ]
    return {**case, "nodes": nodes, "values": [{"values": answer} for answer in answers]}


def cases() -> list[dict[str, Any]]:
    """Both directions for each kind."""
    return [
        mixed(kind, key, value, ours)
        for ours in ("table", "access")
        for kind in KINDS
        for key, value in PAIRS
    ]
