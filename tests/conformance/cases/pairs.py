"""Every kind of table with every pair of types: the newest release's, and those no release has.

The values that a pair gives are known without an oracle: a dict in Python gives the same.
"""

from __future__ import annotations

from typing import Any

from ..case import Graph, Table

COMMON = {
    "int32": ("double", "float", "int32"),
    "int64": ("double", "float", "int32", "int64"),
    "string": ("bool", "double", "float", "int32", "int64"),
}


def _with(more: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {key: (*values, *more.get(key, ())) for key, values in COMMON.items()}


_STATIC = _with({"int32": ("string",), "int64": ("string",), "string": ("string",)})
_MUTABLE = _with({"int64": ("string",)})

# What stock TensorFlow 2.21.0 has, variants and resources apart.
STOCK: dict[str, dict[str, tuple[str, ...]]] = {
    "HashTable": _STATIC,
    "HashTableV2": _STATIC,
    "AnonymousHashTable": _STATIC,
    "MutableHashTable": _MUTABLE,
    "MutableHashTableV2": _MUTABLE,
    "AnonymousMutableHashTable": _MUTABLE,
    "MutableHashTableOfTensors": _MUTABLE,
    "MutableHashTableOfTensorsV2": _MUTABLE,
    "AnonymousMutableHashTableOfTensors": _MUTABLE,
    "MutableDenseHashTableV2": _with({"int64": ("bool",)}),
    "AnonymousMutableDenseHashTable": _with({"int64": ("bool",)}),
}

# What people ask for.
WANTED_KEYS = ("int32", "int64", "string")
WANTED_VALUES = (
    "bool", "int8", "uint8", "int16", "uint16", "int32", "int64",
    "half", "bfloat16", "float", "double", "string",
)  # fmt: skip

KEYS: dict[str, list[Any]] = {
    "int32": [5, -1, 2**31 - 1, -(2**31), 0],
    "int64": [5, -1, 2**63 - 1, -(2**63), 2**32 + 5],
    "string": [b"a", b"", b"a\0b", b"long " * 20, "né".encode()],
}
ABSENT: dict[str, Any] = {"int32": 7, "int64": 7, "string": b"absent"}
EMPTY: dict[str, Any] = {"int32": -100, "int64": -100, "string": b"<empty>"}
DELETED: dict[str, Any] = {"int32": -101, "int64": -101, "string": b"<deleted>"}
VALUES: dict[str, list[Any]] = {
    "bool": [True, False, True, True, False],
    "int8": [1, -128, 127, 0, 5],
    "uint8": [1, 255, 127, 0, 5],
    "int16": [1, -(2**15), 2**15 - 1, 0, 5],
    "uint16": [1, 2**16 - 1, 2**15, 0, 5],
    "int32": [1, -(2**31), 2**31 - 1, 0, 5],
    "int64": [1, -(2**63), 2**63 - 1, 0, 2**40],
    "half": [1.5, -0.25, 65504.0, 0.0, float("inf")],
    "bfloat16": [1.5, -0.25, 2.0**100, 0.0, float("inf")],
    "float": [1.5, -0.25, 2.0**-100, 0.0, float("inf")],
    "double": [1.5, -0.25, 1e-300, 0.0, float("inf")],
    "string": [b"x", b"", b"y\0z", b"value " * 20, "ü".encode()],
}
DEFAULT = {name: values[1] for name, values in VALUES.items()}
FETCHED = {"half": "float16", "float": "float32", "double": "float64", "bfloat16": "float32"}


def make(graph: Graph, kind: str, key: str, value: str, **attrs: Any) -> Table:
    """A table of any kind; the dense ones get keys to reserve."""
    if "Dense" in kind:
        attrs.setdefault("empty_key", EMPTY[key])
        if kind != "MutableDenseHashTable":
            attrs.setdefault("deleted_key", DELETED[key])
        attrs.setdefault("value_shape", ("shape", []))
        attrs.setdefault("initial_num_buckets", 16)
    if "OfTensors" in kind:
        attrs.setdefault("value_shape", ("shape", [2]))
    return Table(graph, kind, key, value, **attrs)


def is_static(kind: str) -> bool:
    """Whether tables of a kind are filled by an initializer, once."""
    return "Mutable" not in kind


def fetched(dtype: str, shape: list[int], data: list[Any]) -> tuple[str, list[int], list[Any]]:
    """A tensor as the worker gives it back."""
    return FETCHED.get(dtype, dtype), shape, data


def pair(kind: str, key: str, value: str) -> dict[str, Any]:
    """Fill, size, find present and absent keys, export."""
    graph = Graph(chain=kind.startswith("Anonymous"))
    table = make(graph, kind, key, value)
    keys, values = KEYS[key], VALUES[value]
    default = DEFAULT[value]
    dense = "Dense" in kind
    width = 2 if "OfTensors" in kind else 1
    rows = [[item, values[0]][:width] for item in values]
    shape = [2] if width == 2 else []
    wanted = [keys[3], ABSENT[key], keys[0], keys[3]]
    wanted_shape = [4] if dense else [2, 2]
    known = dict(zip(keys, rows))
    found = [item for name in wanted for item in known.get(name, [default] * width)]

    filled = graph.data(value, rows, [len(rows), *shape])
    graph.step(table.init(keys, filled) if is_static(kind) else table.insert(keys, filled))
    lookup = table.find(
        graph.data(key, wanted, wanted_shape), graph.data(value, [default] * width, shape)
    )
    graph.step(lookup, table.size())
    graph.step(export=table.export(), drop=[EMPTY[key], DELETED[key]] if dense else [])
    case = graph.case(f"pair-{kind}-{key}-{value}")
    inner = [1] if dense else []
    exported = [
        fetched(key, [5, *inner], keys),
        fetched(value, [5, *(shape or inner)], [item for row in rows for item in row]),
    ]
    answers: list[list[Any]] = [
        [],
        [fetched(value, [*wanted_shape, *shape], found), fetched("int64", [], [5])],
        exported,
    ]
    if graph.chain:
        answers = [[tensor for answer in answers for tensor in answer]]
    return {**case, "values": [{"values": answer} for answer in answers]}


def cases() -> list[dict[str, Any]]:
    """All kinds and pairs."""
    result = []
    for kind, stock in STOCK.items():
        for key in WANTED_KEYS:
            for value in dict.fromkeys((*stock[key], *WANTED_VALUES)):
                result.append(pair(kind, key, value))
    return result


def is_stock(case: dict[str, Any]) -> bool:
    """Whether the newest release has the pair of a case."""
    _, kind, key, value = case["id"].split("-")
    return value in STOCK[kind][key]
