"""Random sequences of operations, from a seed that is kept, for each kind of mutable table."""

from __future__ import annotations

import random
from typing import Any

from ..case import Graph
from .pairs import DELETED, EMPTY, VALUES, make

SEED = 20161106
LENGTH = 40
KINDS = (
    "MutableHashTable",
    "MutableHashTableV2",
    "MutableHashTableOfTensors",
    "MutableHashTableOfTensorsV2",
    "MutableDenseHashTableV2",
)
PAIRS = (("int32", "float"), ("int64", "int64"), ("string", "int64"), ("string", "bool"))


def some_keys(source: random.Random, key: str) -> list[Any]:
    """A few keys, some of them more than once, from a set small enough to meet again."""
    numbers = [source.randrange(24) for _ in range(source.randrange(12))]
    if key == "string":
        return [b"key %d" % number * (number + 1) for number in numbers]
    return [number * 1_000_003 - 5_000_000 for number in numbers]


def sequence(kind: str, key: str, value: str, number: int) -> dict[str, Any]:
    """Inserts, removes, finds, exports; imports where they do not depend on the implementation."""
    source = random.Random(f"{SEED} {kind} {key} {value} {number}")
    graph = Graph()
    dense = "Dense" in kind
    table = make(graph, kind, key, value, **({"initial_num_buckets": 4} if dense else {}))
    shape = [2] if "OfTensors" in kind else []
    drop = [EMPTY[key], DELETED[key]] if dense else []

    def values(count: int) -> Any:
        width = 2 if shape else 1
        data = [source.choice(VALUES[value]) for _ in range(count * width)]
        return graph.data(value, data, [count, *shape])

    def tensor(keys: list[Any]) -> Any:
        return graph.data(key, keys, [len(keys)])

    default = graph.data(value, [VALUES[value][1]] * (2 if shape else 1), shape)
    operations = ["insert"] * 4 + ["find"] * 3 + ["size"] + ["export"]
    operations += ["remove"] * 3 if table.v2 else []
    operations += ["import"] if not dense else []
    for _ in range(LENGTH):
        operation = source.choice(operations)
        keys = some_keys(source, key)
        if operation == "insert":
            graph.step(table.insert(tensor(keys), values(len(keys))))
        elif operation == "import":
            graph.step(table.insert(tensor(keys), values(len(keys)), "Import"))
        elif operation == "remove":
            graph.step(table.remove(tensor(keys)))
        elif operation == "find":
            graph.step(table.find(tensor(keys), default))
        elif operation == "size":
            graph.step(table.size())
        else:
            graph.step(export=table.export(), drop=drop)
    graph.step(table.size(), export=table.export(), drop=drop)
    return graph.case(f"sequence-{number}-{kind}-{key}-{value}")


def cases() -> list[dict[str, Any]]:
    """Two sequences for each kind and pair."""
    return [
        sequence(kind, key, value, number)
        for kind in KINDS
        for key, value in PAIRS
        for number in range(2)
    ]
