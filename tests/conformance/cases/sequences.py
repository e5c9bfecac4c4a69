"""Random sequences of operations, from a seed that is kept, for each kind of mutable table.

A dict in Python gives the right answers. TensorFlow 2.21.0 does not always: its dense table, after
a key was removed, may insert another key a second time, and then counts and exports it twice.
"""

from __future__ import annotations

import random
from typing import Any

from ..case import Graph
from .pairs import DELETED, EMPTY, VALUES, fetched, make

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


class Model:
    """A table as a dict: each row is a list, of one value or of a tensor's."""

    def __init__(self, kind: str, key: str, value: str) -> None:
        self.rows: dict[Any, list[Any]] = {}
        self.key, self.value = key, value
        self.shape = [2] if "OfTensors" in kind else []
        self.inner = [1] if "Dense" in kind else []
        self.default = [VALUES[value][1]] * self.width

    @property
    def width(self) -> int:
        """Values per key."""
        return self.shape[0] if self.shape else 1

    def insert(self, keys: list[Any], flat: list[Any]) -> None:
        """The last of equal keys stays."""
        for n, key in enumerate(keys):
            self.rows[key] = flat[n * self.width : (n + 1) * self.width]

    def find(self, keys: list[Any]) -> list[Any]:
        """What a step that finds gives."""
        flat = [item for key in keys for item in self.rows.get(key, self.default)]
        return [fetched(self.value, [len(keys), *self.shape], flat)]

    def size(self) -> list[Any]:
        """What a step that counts gives."""
        return [fetched("int64", [], [len(self.rows)])]

    def export(self) -> list[Any]:
        """What a step that exports gives, in an order of its own."""
        count = len(self.rows)
        flat = [item for row in self.rows.values() for item in row]
        return [
            fetched(self.key, [count, *self.inner], list(self.rows)),
            fetched(self.value, [count, *(self.shape or self.inner)], flat),
        ]


def sequence(kind: str, key: str, value: str, number: int) -> dict[str, Any]:
    """Inserts, removes, finds, exports; imports where they do not depend on the implementation."""
    source = random.Random(f"{SEED} {kind} {key} {value} {number}")
    graph = Graph()
    model = Model(kind, key, value)
    dense = "Dense" in kind
    table = make(graph, kind, key, value, **({"initial_num_buckets": 4} if dense else {}))
    drop = [EMPTY[key], DELETED[key]] if dense else []
    answers: list[list[Any]] = []

    def tensor(keys: list[Any]) -> Any:
        return graph.data(key, keys, [len(keys)])

    default = graph.data(value, model.default, model.shape)
    operations = ["Insert"] * 4 + ["find"] * 3 + ["size"] + ["export"]
    operations += ["remove"] * 3 if table.v2 else []
    operations += ["Import"] if not dense else []
    for operation in [*source.choices(operations, k=LENGTH), "export"]:
        keys = some_keys(source, key)
        answers.append([])
        if operation in ("Insert", "Import"):
            flat = [source.choice(VALUES[value]) for _ in range(len(keys) * model.width)]
            values = graph.data(value, flat, [len(keys), *model.shape])
            graph.step(table.insert(tensor(keys), values, operation))
            if operation == "Import":
                model.rows.clear()
            model.insert(keys, flat)
        elif operation == "remove":
            graph.step(table.remove(tensor(keys)))
            for gone in keys:
                model.rows.pop(gone, None)
        elif operation == "find":
            graph.step(table.find(tensor(keys), default))
            answers[-1] = model.find(keys)
        elif operation == "size":
            graph.step(table.size())
            answers[-1] = model.size()
        else:
            graph.step(table.size(), export=table.export(), drop=drop)
            answers[-1] = model.size() + model.export()
    case = graph.case(f"sequence-{number}-{kind}-{key}-{value}")
    return {**case, "values": [{"values": answer} for answer in answers]}


def cases() -> list[dict[str, Any]]:
    """Two sequences for each kind and pair."""
    return [
        sequence(kind, key, value, number)
        for kind in KINDS
        for key, value in PAIRS
        for number in range(2)
    ]
