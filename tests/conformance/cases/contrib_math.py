"""Reductions of slices, periodic resampling, LSH probes, masked products and WALS equations."""

from __future__ import annotations

import random
from typing import Any

from ..case import Graph, Tensor
from .plain import INF, NAN, NUMBERS, size

ORACLE = "1.15.5"
Case = dict[str, Any]


def floats(rng: random.Random, n: int, digits: int = 4) -> list[float]:
    """Numbers whose sums depend on the order of the additions."""
    return [round(rng.uniform(-9, 9), digits) for _ in range(n)]


def slices(
    name: str, kind: str, dtype: str, data: Any, shape: list[int], indices: Any, axis: Any = 0,
    index: str = "int32", static: bool = False,
) -> Case:  # fmt: skip
    """A case of ReduceSlice..."""
    graph = Graph(oracle=ORACLE)
    inputs = [
        graph.data(dtype, data, shape, static=static),
        graph.data(index, *(indices if isinstance(indices, tuple) else (indices,)), static=static),
        graph.data("int64", axis, static=static),
    ]
    types = {"T": ("type", dtype), "Tindices": ("type", index)}
    reduced = graph.node("ReduceSlice" + kind, inputs, **types)
    graph.step(graph.fetchable(reduced, dtype))
    return graph.case(f"slice-{name}-{kind.lower()}-{dtype}" + ("-static" if static else ""))


KINDS = ("Sum", "Prod", "Max", "Min")
REAL = ("bfloat16", "half", "float", "double")
REAL += ("int8", "uint8", "int16", "uint16", "int32", "int64")
COMPLEX = ("complex64", "complex128")
PAIRS = [[0, 2], [1, 1], [3, 9], [5, 2], [0, 6], [2, 3]]
ODD: dict[str, tuple[list[int], Any, Any]] = {  # shape, indices and axis
    "bounds": ([6, 2], [0, 1, 4, 6], 0),
    "one-bound": ([6, 2], [3], 0),
    "no-bound": ([6, 2], ([], [0]), 0),
    "no-pair": ([6, 2], ([], [0, 2]), 0),
    "column": ([6, 2], [[0], [2], [6]], 0),
    "last-axis": ([3, 6], PAIRS, 1),
    "middle-axis": ([2, 6, 3], PAIRS, 1),
    "five": ([1, 2, 6, 1, 2], PAIRS, 2),
    "no-rows": ([0, 3], PAIRS, 0),
    "no-columns": ([6, 0], PAIRS, 0),
    "beyond": ([6], [[6, 9], [7, 8], [2**31 - 2, 2**31 - 1]], 0),
    "negative-empty": ([6], [[-1, -1], [-5, -9], [2, -3]], 0),
    "vector-axis": ([6, 2], PAIRS, [0]),
    "two-axes": ([6, 2], PAIRS, [0, 1]),
    "axis-large": ([6, 2], PAIRS, 2),
    "axis-negative": ([6, 2], PAIRS, -1),
    "scalar-data": ([], PAIRS, 0),
    "scalar-indices": ([6, 2], 3, 0),
    "no-width": ([6, 2], ([], [2, 0]), 0),
}

# Shape functions refuse a column, and TensorFlow's mistakes the rank of indices for that of data.
NOT_STATIC = ("column", "five")
# Without its shape function TensorFlow reads what lies behind these indices.
STRAY_INDICES = ("scalar-indices", "no-width")


def slice_cases() -> list[Case]:
    """Every type with its extremes, both index types, and shapes that are right or wrong."""
    rng = random.Random(1)
    result = []
    for kind in KINDS:
        for dtype in REAL + (COMPLEX if kind in ("Sum", "Prod") else ()):
            numbers = NUMBERS[dtype]
            index = rng.choice(("int32", "int64"))
            pairs = [[i, j] for i in range(len(numbers) + 1) for j in range(len(numbers) + 2)]
            result.append(slices("all", kind, dtype, numbers, [len(numbers)], pairs, index=index))
            many = (numbers * 40)[: 12 * (len(numbers) * 40 // 12)]
            shape = [len(many) // 12, 12]
            result.append(slices("rows", kind, dtype, many, shape, [[0, 999], [2, 9]], index=index))
        for dtype in ("half", "float", "double", "complex64"):
            if kind in ("Sum", "Prod") or dtype != "complex64":
                data = floats(rng, 700)
                result.append(slices("order", kind, dtype, data, [100, 7], [[0, 100], [3, 60]]))
                result.append(slices("order-last", kind, dtype, data, [7, 100], [0, 5, 70, 99], 1))
    for name, (shape, indices, axis) in ODD.items():
        for dtype, index in (("float", "int64"), ("int32", "int32")):
            data = [i * 7 % 11 for i in range(size(shape))]
            for static in (False, True):
                if name not in (NOT_STATIC if static else STRAY_INDICES):
                    kind = rng.choice(KINDS)
                    case = slices(name, kind, dtype, data, shape, indices, axis, index, static)
                    result.append(case)
    return result


RESAMPLED: dict[str, tuple[list[int], list[int]]] = {
    "columns": ([3, 4], [6, -1]),
    "columns-zero": ([3, 4], [6, 0]),
    "columns-cut": ([3, 4], [5, -1]),
    "columns-all": ([3, 4], [12, -1]),
    "overlap": ([3, 4], [4, -1]),
    "rows": ([4, 3], [-1, 6]),
    "rows-cut": ([5, 3], [-1, 6]),
    "pixels": ([2, 2, 4], [4, 4, -1]),
    "pixels-batch": ([3, 2, 2, 8], [3, 4, 4, -1]),
    "pixels-cut": ([2, 2, 4], [3, 4, -1]),
    "middle": ([2, 8, 3], [4, -1, 6]),
    "first": ([12, 2, 2], [-1, 4, 6]),
    "unchanged": ([2, 3], [2, -1]),
    "vector": ([5], [-1]),
    "five": ([2, 1, 3, 2, 8], [2, 2, 3, 4, -1]),
    "large": ([16, 16, 64], [64, 32, -1]),
    "scalar": ([], []),
    "none": ([3, 4], [6, 4]),
    "two": ([3, 4], [-1, -1]),
    "smaller": ([3, 4], [2, -1]),
    "too-large": ([3, 4], [13, -1]),
    "short": ([3, 4], [-1]),
    "long": ([3, 4], [6, -1, 2]),
    "no-values": ([0, 4], [3, -1]),
    "overflow": ([3, 4, 1], [2**62, 2**62, -1]),
}
# In these TensorFlow leaves gradients as whatever was in memory, or sets them by chance.
NO_GRADIENT = ("columns-cut", "overlap", "rows-cut", "pixels-cut", "long")


def resample_cases() -> list[Case]:
    """All types that TensorFlow's kernel takes."""
    result = []
    for name, (shape, desired) in RESAMPLED.items():
        for dtype in ("float", "double", "int32", "int64"):
            graph = Graph(oracle=ORACLE)
            static = dtype in ("double", "int64") and len(shape) == len(desired) > 0
            static = static and name != "overflow"
            values = graph.data(dtype, list(range(1, size(shape) + 1)), shape, static=static)
            kind = ("type", dtype)
            output = graph.node("PeriodicResample", [values], T=kind, shape=("shape", desired))
            graph.step(Tensor(output + ":0"))
            result.append(graph.case(f"resample-{name}-{dtype}"))
            if name in NO_GRADIENT or 0 in shape:
                continue
            others = size([max(n, 1) for n in desired])
            grown = [n if n > 0 else max(size(shape) // others, 1) for n in desired]
            if size(grown) > 2**20:
                continue
            graph = Graph(oracle=ORACLE)
            grad = graph.data(dtype, list(range(1, size(grown) + 1)), grown)
            output = graph.node(
                "PeriodicResampleOpGrad", [grad], T=kind,
                original_shape=("shape", shape), desired_shape=("shape", desired),
            )  # fmt: skip
            graph.step(Tensor(output + ":0"))
            result.append(graph.case(f"resample-grad-{name}-{dtype}"))
    return result


def probe(
    name: str, dtype: str, points: Any, shape: list[int], tables: Any, hyperplanes: Any,
    probes: Any, static: bool = False,
) -> Case:  # fmt: skip
    """A case of HyperplaneLSHProbes."""
    graph = Graph(oracle=ORACLE)
    inputs = [graph.data(dtype, points, shape, static=static)]
    inputs += [graph.data("int32", n, static=static) for n in (tables, hyperplanes, probes)]
    node = graph.node("HyperplaneLSHProbes", inputs, CoordinateType=("type", dtype))
    graph.step(Tensor(node + ":0"), Tensor(node + ":1"))
    return graph.case(f"lsh-{name}-{dtype}")


def probe_cases() -> list[Case]:
    """Few and many tables and probes, not only finite numbers, and wrong sizes."""
    rng = random.Random(2)
    result = []
    for dtype in ("float", "double"):
        for tables, planes, probes in (
            (1, 1, 2), (1, 3, 8), (2, 3, 1), (2, 3, 2), (2, 3, 16), (5, 8, 100), (3, 16, 500),
            (1, 30, 64), (7, 20, 300), (1000, 2, 1500), (3, 3, 25),
        ):  # fmt: skip
            points = floats(rng, 3 * tables * planes, 15)
            shape = [3, tables * planes]
            name = f"{tables}-{planes}-{probes}"
            static = rng.random() < 0.5
            result.append(probe(name, dtype, points, shape, tables, planes, probes, static))
        # One point: TensorFlow lets the order of equal distances depend on the point before.
        for round_ in range(8):
            points = [rng.choice((0.0, -0.0, 1.0, -1.0, 2.0)) for _ in range(12)]
            result.append(probe(f"equal-{round_}", dtype, points, [1, 12], 3, 4, 48))
            points = [rng.choice((INF, -INF, NAN, 1.0, -2.0)) for _ in range(12)]
            result.append(probe(f"wild-{round_}", dtype, points, [1, 12], 3, 4, 48))
        result.append(probe("no-points", dtype, [], [0, 6], 2, 3, 4))
        result.append(probe("no-points-many", dtype, [], [0, 6], 2, 3, 99))
        result.append(probe("rank1", dtype, [1.0] * 6, [6], 2, 3, 4))
        for name, sizes in {
            "too-many": (2, 3, 17), "no-probe": (2, 3, 0), "no-table": (0, 3, 1),
            "tables": (1001, 3, 1), "no-plane": (2, 0, 1), "planes": (2, 31, 1),
            "negative": (-2, -3, 1), "width": (2, 4, 1), "vector-tables": ([2], 3, 1),
            "vector-planes": (2, [3], 1), "vector-probes": (2, 3, [1]),
        }.items():  # fmt: skip
            for static in (False, True):
                label = name + ("-static" if static else "")
                result.append(probe(label, dtype, [1.0] * 6, [1, 6], *sizes, static))
    return result


def product(
    name: str, a: Any, a_shape: list[int], b: Any, b_shape: list[int], mask: Any,
    transposes: Any = (False, False), static: bool = False,
) -> Case:  # fmt: skip
    """A case of MaskedMatmul."""
    graph = Graph(oracle=ORACLE)
    inputs = [
        graph.data("float", a, a_shape, static=static),
        graph.data("float", b, b_shape, static=static),
        graph.data("int64", *mask, static=static),
        *(graph.data("bool", flag, static=static) for flag in transposes),
    ]
    graph.step(Tensor(graph.node("MaskedMatmul", inputs) + ":0"))
    return graph.case(f"masked-{name}" + ("-static" if static else ""))


def product_cases() -> list[Case]:
    """All transposes and many sizes: each has an order of additions."""
    rng = random.Random(3)
    result = []
    for transposes in ((False, False), (False, True), (True, False), (True, True)):
        label = "".join("t" if flag else "n" for flag in transposes)
        for inner in (0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 33, 47, 64, 100, 333):
            rows, columns = rng.randint(1, 6), rng.randint(1, 6)
            a_shape = [inner, rows] if transposes[0] else [rows, inner]
            b_shape = [columns, inner] if transposes[1] else [inner, columns]
            n = rng.randint(1, 20)
            mask = [rng.randrange(size_) for _ in range(n) for size_ in (rows, columns)]
            a, b = floats(rng, rows * inner, 7), floats(rng, inner * columns, 7)
            case = product(f"{label}-{inner}", a, a_shape, b, b_shape, (mask, [n, 2]), transposes,
                           rng.random() < 0.5)  # fmt: skip
            result.append(case)
        wild = [rng.choice((INF, NAN, -INF, 0.0, -0.0, 1.0, 3e38)) for _ in range(32)]
        mask = [i for pair in ((i, j) for i in range(4) for j in range(4)) for i in pair]
        shape = [4, 4]
        case = product(f"{label}-wild", wild[:16], shape, wild[16:], shape, (mask, [16, 2]),
                       transposes)  # fmt: skip
        result.append(case)
    three, four = [1.0] * 6, [2.0] * 12
    for name, mask in {
        "row-large": [[0, 0], [2, 0]], "row-negative": [[-1, 0]], "column-large": [[1, 4]],
        "column-negative": [[1, -1]], "huge": [[2**62, 2**62]], "narrow": [[1], [2]],
        "wide": [[0, 0, 0]], "rank1": [0, 0],
    }.items():  # fmt: skip
        result.append(product(name, three, [2, 3], four, [3, 4], (mask,)))
    result.append(product("no-mask", three, [2, 3], four, [3, 4], ([], [0, 2])))
    result.append(product("unfit", three, [2, 3], four, [4, 3], ([[0, 0]],)))
    result.append(product("a-vector", three, [6], four, [3, 4], ([[0, 0]],)))
    result.append(product("b-cube", three, [2, 3], four, [3, 4, 1], ([[0, 0]],)))
    flags = ([False], False)
    result.append(product("vector-flag", three, [2, 3], four, [3, 4], ([[0, 0]],), flags))
    return result


PROBLEM: dict[str, Any] = {
    "factors": ([1.0, 2.0, 3.0, 4.0], [2, 2]),
    "factor_weights": ([], [0]),
    "unobserved_weights": (0.5,),
    "input_weights": ([], [0]),
    "input_indices": ([[2, 0], [0, 1]],),
    "input_values": ([10.0, 2.0],),
    "entry_weights": ([4.0, 1.0],),
    "input_block_size": (3,),
    "input_is_transpose": (False,),
}
PRODUCT_WEIGHTS: dict[str, Any] = {
    "entry_weights": ([], [0]),
    "factor_weights": ([4.0, 0.25],),
    "input_weights": ([4.0, 7.0, 1.0],),
}
EQUATIONS: dict[str, dict[str, Any]] = {
    "entries": {},
    "products": PRODUCT_WEIGHTS,
    "transposed": {"input_is_transpose": (True,), "input_indices": ([[0, 2], [1, 0]],)},
    "zero-weight": {"entry_weights": ([0.0, -0.0],)},
    "wild": {"entry_weights": ([INF, 1.0],), "input_values": ([1.0, NAN],)},
    "no-entries": {
        "input_indices": ([], [0, 2]), "input_values": ([], [0]), "entry_weights": ([], [0])
    },
    "no-entries-products": {
        **PRODUCT_WEIGHTS, "input_indices": ([], [0, 2]), "input_values": ([], [0])
    },
    "no-dim": {"factors": ([], [2, 0])},
    "row-large": {"input_indices": ([[3, 0], [0, 1]],)},
    "row-negative": {"input_indices": ([[-1, 0], [0, 1]],)},
    "column-large": {"input_indices": ([[0, 2], [0, 1]],)},
    "column-negative": {"input_indices": ([[0, -2], [0, 1]],)},
    "weight-row-large": {**PRODUCT_WEIGHTS, "input_weights": ([1.0, 1.0],)},
    "negative-weight": {"entry_weights": ([4.0, -1.0],)},
    "nan-weight": {"entry_weights": ([NAN, 1.0],)},
    "both-weights": {**PRODUCT_WEIGHTS, "entry_weights": ([4.0, 1.0],)},
    "no-weights": {"entry_weights": ([], [0])},
    "few-factor-weights": {**PRODUCT_WEIGHTS, "factor_weights": ([1.0],)},
    "negative-block": {"input_block_size": (-1,)},
    "huge-block": {"input_block_size": (2**62,)},
    "few-values": {"input_values": ([1.0],)},
    "wide-indices": {"input_indices": ([[0, 0, 0], [0, 1, 0]],)},
    "rank1-factors": {"factors": ([1.0, 2.0],)},
    "vector-block": {"input_block_size": ([3],)},
    "vector-flag": {"input_is_transpose": ([False],)},
    "vector-unobserved": {"unobserved_weights": ([0.5],)},
    "scalar-weights": {"entry_weights": (1.0,)},
}  # fmt: skip
# Where TensorFlow reads or writes stray memory, it may or may not crash.
STRAY = ("row-large", "row-negative", "column-large", "column-negative", "weight-row-large")


def equations(name: str, given: dict[str, Any], static: bool = False) -> Case:
    """A case of WALSComputePartialLhsAndRhs."""
    graph = Graph(oracle=ORACLE)
    kinds = {"input_indices": "int64", "input_block_size": "int64", "input_is_transpose": "bool"}
    inputs = [
        graph.data(kinds.get(key, "float"), *given.get(key, value), static=static)
        for key, value in PROBLEM.items()
    ]
    node = graph.node("WALSComputePartialLhsAndRhs", inputs)
    graph.step(Tensor(node + ":0"), Tensor(node + ":1"))
    return graph.case(f"wals-{name}" + ("-static" if static else ""))


def equation_cases() -> list[Case]:
    """Weights of both kinds, and batches of entries.

    The left-hand sides come out of a matrix product, whose order of additions TensorFlow's
    matrix library chooses by the sizes. So these factors are small integers and the weights
    squares, of which every order gives the exact sum; right-hand sides have one order.
    """
    rng = random.Random(4)
    result = [
        equations(name, given, static)
        for name, given in EQUATIONS.items() if name not in STRAY
        for static in (False, True)
    ]  # fmt: skip
    for dim in (1, 2, 3, 4, 5, 8, 13, 16, 20, 32, 50):
        n, rows, columns = rng.choice((1, 20, 300, 700)), rng.randint(1, 5), rng.randint(1, 30)
        transpose = rng.random() < 0.5
        pairs = [(rng.randrange(rows), rng.randrange(columns)) for _ in range(n)]
        given = {
            "factors": ([float(rng.randint(-4, 4)) for _ in range(columns * dim)], [columns, dim]),
            "unobserved_weights": (round(rng.random(), 5),),
            "input_indices": ([pair[::-1] if transpose else pair for pair in pairs],),
            "input_values": (floats(rng, n),),
            "entry_weights": ([float(rng.randint(0, 4)) ** 2 for _ in range(n)],),
            "input_block_size": (rows + 1,),
            "input_is_transpose": (transpose,),
        }
        result.append(equations(f"dim-{dim}", given))
    return result


def cases() -> list[Case]:
    """All of these ops."""
    return [
        *slice_cases(),
        *resample_cases(),
        *probe_cases(),
        *product_cases(),
        *equation_cases(),
    ]
