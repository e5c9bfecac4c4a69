"""AddV2, StringLower and GatherTree."""

from __future__ import annotations

from typing import Any

from ..case import Graph, Tensor

INF, NAN = float("inf"), float("nan")
_FLOAT = [0.0, -0.0, 1.5, -2.25, INF, -INF, NAN]
DENORMAL = {"half": 2.0**-24, "bfloat16": 2.0**-133, "float": 2.0**-149, "double": 2.0**-1074}
NUMBERS: dict[str, list[Any]] = {
    "int8": [0, 1, -1, 127, -128],
    "uint8": [0, 1, 128, 255],
    "int16": [0, 1, -1, 2**15 - 1, -(2**15)],
    "uint16": [0, 1, 2**15, 2**16 - 1],
    "int32": [0, 1, -1, 2**31 - 1, -(2**31)],
    "uint32": [0, 1, 2**31, 2**32 - 1],
    "int64": [0, 1, -1, 2**63 - 1, -(2**63)],
    "uint64": [0, 1, 2**63, 2**64 - 1],
    "half": [*_FLOAT, 65504.0, 2.0**-14, 1.0009765625],
    "bfloat16": [*_FLOAT, 2.0**127, 2.0**-126, 1.0078125],
    "float": [*_FLOAT, 3.4e38, 2.0**-126, 16777216.0],
    "double": [*_FLOAT, 1.7e308, 2.0**-1022, 2.0**53],
    "complex64": [0j, 1 + 2j, -1.5 - 1j, complex(INF, NAN)],
    "complex128": [0j, 1 + 2j, -1.5 - 1j, complex(INF, NAN)],
}


def add(name: str, dtype: str, x: Any, y: Any, static: bool = False, **more: Any) -> dict[str, Any]:
    """A case of AddV2."""
    graph = Graph()
    inputs = [
        graph.data(dtype, value, shape, static=static)
        for value, shape in ((x, more.get("x_shape")), (y, more.get("y_shape")))
    ]
    total = graph.node("AddV2", inputs, T=("type", dtype))
    graph.step(graph.fetchable(total, dtype))
    return graph.case(f"add-{name}-{dtype}")


SHAPES = {
    "scalars": ([], []),
    "scalar-vector": ([], [6]),
    "vector-scalar": ([6], []),
    "same": ([2, 3], [2, 3]),
    "row": ([2, 3], [3]),
    "column": ([2, 3], [2, 1]),
    "outer": ([3, 1], [1, 4]),
    "middle": ([2, 1, 3], [2, 4, 1]),
    "five": ([2, 1, 2, 1, 2], [1, 3, 1, 2, 1]),
    "eight": ([1, 2, 1, 2, 1, 2, 1, 2], [2, 1, 2, 1, 2, 1, 2, 1]),
    "longer": ([3], [2, 1, 2, 3]),
    "empty": ([0], [0]),
    "empty-scalar": ([], [2, 0]),
    "empty-row": ([0, 3], [3]),
    "empty-one": ([0, 3], [1, 3]),
    "wrong": ([2, 3], [2]),
    "wrong-rank": ([2, 3], [2, 2, 2]),
    "wrong-empty": ([0], [2]),
    "large": ([300, 7], [300, 1]),
}


def add_cases() -> list[dict[str, Any]]:
    """Every type with its extremes, and the shapes of broadcasting."""
    result = []
    for dtype, numbers in NUMBERS.items():
        n = len(numbers)
        result.append(add("all", dtype, numbers, numbers, x_shape=[n, 1], y_shape=[1, n]))
        result.append(add("half-row", dtype, numbers * 40, numbers[:1]))
    for dtype, number in DENORMAL.items():
        result.append(add("denormal", dtype, [number, 0.0, -number], [0.0, number, number]))
    for name, (x_shape, y_shape) in SHAPES.items():
        for dtype in ("float", "int32"):
            x, y = ([i * k % 11 for i in range(size(s))] for s, k in ((x_shape, 3), (y_shape, 5)))
            for static in (False, True):
                case = add(
                    name + ("-static" if static else ""), dtype, x, y, static,
                    x_shape=x_shape, y_shape=y_shape,
                )  # fmt: skip
                result.append(case)
    return result


def size(shape: list[int]) -> int:
    """How many elements a shape has."""
    total = 1
    for dim in shape:
        total *= dim
    return total


TEXTS = {
    "ascii": [b"AbC", b"", b"ALREADY lower 123 [\\]^_`{|}~", b"X" * 100, b"A\0B"],
    "latin": ["ÀÉÎ ß ÿ Ÿ".encode(), "İstanbul ΑΣ ΣΑΣ".encode(), "ДЖ Ǆ ǅ".encode()],
    "wide": ["𐐀𐐁 \U0001e900 Ⅷ Ⓐ Ａ".encode(), "日本 한국 ﬀ".encode(), "ẞ Ω K Å".encode()],
    "bad": [b"\xff\xfeABC", b"A\xc3", b"\xed\xa0\x80B", b"\xf4\x90\x80\x80C", b"\xc0\x80D"],
}


def lower_cases() -> list[dict[str, Any]]:
    """Both encodings, and one that there is not."""
    result = []
    for name, texts in TEXTS.items():
        for label, encoding in (("bytes", b""), ("utf8", b"utf-8"), ("utf16", b"utf-16")):
            graph = Graph()
            words = graph.data("string", [texts])
            graph.step(graph.node("StringLower", [words], encoding=encoding) + ":0")
            result.append(graph.case(f"lower-{name}-{label}"))
    for name, shape in (
        ("scalar", []),
        ("empty", [0]),
        ("empty-rank2", [3, 0]),
        ("rank3", [1] * 3),
    ):
        graph = Graph()
        words = graph.data("string", [b"ABC"] * size(shape), shape)
        graph.step(graph.node("StringLower", [words]) + ":0")
        result.append(graph.case(f"lower-{name}-default"))
    return result


STEPS = [[[1, 2, 3], [11, 12, 13]], [[4, 5, 6], [14, 15, 16]], [[7, 8, 9], [17, 18, 19]]]
PARENTS = [[[0, 0, 0], [0, 0, 0]], [[0, 1, 1], [1, 0, 2]], [[2, 1, 2], [0, 0, 1]]]
TREES: dict[str, dict[str, Any]] = {
    "plain": {},
    "short": {"lengths": [2, 1]},
    "zero-length": {"lengths": [0, 3]},
    "longer-than-time": {"lengths": [9, 3]},
    "negative-length": {"lengths": [-1, 3]},
    "ends": {"end": 8},
    "ends-first": {"end": 4},
    "parent-large": {"parents": [[[0, 0, 0]] * 2, [[3, 1, 1]] * 2, [[2, 1, 2]] * 2]},
    "parent-negative": {"parents": [[[0, 0, 0]] * 2, [[-1, 1, 1]] * 2, [[2, 1, 0]] * 2]},
    "parent-unused": {"parents": [[[9, -9, 0]] * 2, [[0, 1, 1]] * 2, [[2, 1, 2]] * 2]},
    "rank2": {"steps": [[1, 2], [3, 4]], "parents": [[0, 0], [0, 1]]},
    "shapes-differ": {"parents": [[[0, 0, 0]] * 2]},
    "few-lengths": {"lengths": [3]},
    "rank2-lengths": {"lengths": [[3, 3]]},
    "vector-end": {"end": [10]},
    "no-time": {"steps": ([], [0, 2, 3]), "parents": ([], [0, 2, 3])},
    "no-batch": {"steps": ([], [3, 0, 2]), "parents": ([], [3, 0, 2]), "lengths": ([], [0])},
    "no-beams": {"steps": ([], [3, 2, 0]), "parents": ([], [3, 2, 0])},
}


def tree_case(name: str, given: dict[str, Any], static: bool) -> dict[str, Any]:
    """A case of GatherTree."""
    values = {"steps": STEPS, "parents": PARENTS, "lengths": [3, 3], "end": 10, **given}
    graph = Graph(oracle="1.15.5")
    inputs: list[Tensor] = []
    for value in (values[key] for key in ("steps", "parents", "lengths", "end")):
        data, shape = value if isinstance(value, tuple) else (value, None)
        inputs.append(graph.data("int32", data, shape, static=static))
    graph.step(graph.node("GatherTree", inputs, T=("type", "int32")) + ":0")
    return graph.case(f"tree-{name}" + ("-static" if static else ""))


def cases() -> list[dict[str, Any]]:
    """All of the three ops."""
    trees = [tree_case(name, given, s) for name, given in TREES.items() for s in (False, True)]
    return add_cases() + lower_cases() + trees
