"""Feature crosses, skip-grams, LIBSVM lines, hashes of strings and buckets from tf.contrib."""

from __future__ import annotations

import random
from typing import Any

from ..case import Graph, Tensor
from .plain import INF, NAN, size

ORACLE = "1.15.5"
Case = dict[str, Any]

TEXTS = [b"", b"a", b"the quick brown fox", b"\0", b"a\0b", b"\xff\xfe\x80", "ÀÉ日本".encode()]
INT64 = [0, 1, -1, 12345678901, 2**63 - 1, -(2**63)]


def texts_of_lengths(lengths: range) -> list[bytes]:
    """Strings of any bytes, one of each length."""
    rng = random.Random(len(lengths))
    return [bytes(rng.randrange(256) for _ in range(n)) for n in lengths]


def sparse(rows: list[list[Any]]) -> tuple[list[list[int]], list[Any], list[int]]:
    """Indices, values and shape of a ragged matrix."""
    indices = [[b, i] for b, row in enumerate(rows) for i in range(len(row))]
    return indices, [x for row in rows for x in row], [len(rows), max(map(len, rows), default=0)]


def type_of(values: list[Any]) -> str:
    """The type of a column; one without values is of strings."""
    flat = [x for row in values for x in (row if isinstance(row, list) else [row])]
    return "int64" if flat and isinstance(flat[0], int) else "string"


def cross_case(name: str, columns: list[Any], dense: list[Any], static: bool, **attrs: Any) -> Case:
    """One cross. columns: (indices, values, shape), whose parts may be (type, data, dimensions)."""
    graph = Graph(oracle=ORACLE)
    version = "V2" if "hash_key" in attrs else ""
    parts: list[list[Tensor]] = [[], [], []]
    types: dict[str, list[str]] = {"sparse_types": [], "dense_types": []}
    for column in columns:
        for k, part in enumerate(column):
            if isinstance(part, tuple):
                dtype, data, shape = part
            else:
                dtype, data = type_of(part) if k == 1 else "int64", part
                shape = [len(part), 2] if k == 0 else [len(part)]
            parts[k].append(graph.data(dtype, data, shape, static=static))
            if k == 1:
                types["sparse_types"].append(dtype)
    inputs = [tensor for part in parts for tensor in part]
    for matrix in dense:
        dtype, data, shape = (
            matrix if isinstance(matrix, tuple) else (type_of(matrix), matrix, None)
        )
        types["dense_types"].append(dtype)
        inputs.append(graph.data(dtype, data, shape, static=static))
    attrs = {"num_buckets": 0, "out_type": "string", "internal_type": "string", **attrs}
    for key in ("out_type", "internal_type"):
        attrs[key] = ("type", attrs[key])
    hashed = attrs["out_type"] == ("type", "int64")
    lists: dict[str, Any] = {key: ("types", value) for key, value in types.items()}
    op = "SparseFeatureCross" + version
    node = graph.node(op, inputs, N=len(columns), hashed_output=hashed, **attrs, **lists)
    graph.step(f"{node}:0", f"{node}:1", f"{node}:2")
    return graph.case(f"cross{version}-{name}" + ("-static" if static else ""))


A = sparse([[b"a"], [b"b", b"c"], [], [b"d", b"", b"\xff"]])
B = sparse([[b"x", b"y"], [b"z"], [b"w"], [b"v", b"u"]])
NUMBERS = sparse([[1, -2], [2**63 - 1], [7], [-(2**63), 0]])
DENSE = [[b"p", b"q"], [b"r", b"s"], [b"t", b""], [b"f", b"g"]]
DENSE_NUMBERS = [[1, -1], [0, 5], [2**62, 3], [4, 4]]
EMPTY: tuple[list[Any], list[Any], list[int]] = ([], [], [4, 0])
CROSSES: dict[str, tuple[list[Any], list[Any]]] = {
    "one": ([A], []),
    "two": ([A, B], []),
    "three": ([A, B, A], []),
    "dense": ([], [DENSE]),
    "dense-two": ([], [DENSE, DENSE]),
    "mixed": ([A, B], [DENSE]),
    "empty-column": ([A, EMPTY], [DENSE]),
    "no-columns": ([], []),
    "no-rows": ([([], [], [0, 0])], []),
    "dense-no-rows": ([], [("string", [], [0, 2])]),
    "dense-no-width": ([A], [("string", [], [4, 0])]),
    "single": ([sparse([[b"only"]])], [[[b"one"]]]),
    "twelve": ([sparse([[b"a", b"b"]])] * 12, []),
    "unsorted": ([([[2, 0], [0, 0], [1, 0], [3, 0]], [b"a", b"b", b"c", b"d"], [4, 1]), B], []),
    "beyond": ([([[0, 0], [4, 0], [1, 0]], [b"a", b"b", b"c"], [4, 1]), B], []),
    "negative-row": ([([[-1, 0], [0, 0]], [b"a", b"b"], [4, 1]), B], []),
    "row-again": ([([[1, 0], [0, 0], [1, 0]], [b"a", b"b", b"c"], [4, 1])], []),
    "columns-ignored": ([([[0, 9], [0, -9], [1, 5]], [b"a", b"b", b"c"], [4, 1])], []),
}
NUMBER_CROSSES: dict[str, tuple[list[Any], list[Any]]] = {
    "numbers": ([NUMBERS], []),
    "numbers-texts": ([A, NUMBERS], [DENSE]),
    "dense-numbers": ([NUMBERS], [DENSE_NUMBERS, DENSE]),
}
SPARSE_ONE = [[0, 0]], [b"a"], [1, 1]
BAD_CROSSES: dict[str, tuple[list[Any], list[Any]]] = {
    "indices-vector": ([(("int64", [0, 0], [2]), [b"a"], [1, 1])], []),
    "indices-wide": ([(("int64", [0, 0, 0], [1, 3]), [b"a"], [1, 1])], []),
    "values-matrix": ([([[0, 0]], ("string", [b"a"], [1, 1]), [1, 1])], []),
    "few-values": ([(("int64", [0, 0, 0, 1], [2, 2]), [b"a"], [1, 2])], []),
    "shape-scalar": ([([[0, 0]], [b"a"], ("int64", [1], []))], []),
    "shape-empty": ([([[0, 0]], [b"a"], ("int64", [], [0]))], []),
    "shape-long": ([([[0, 0]], [b"a"], [1, 1, 1])], []),
    "batch-differs": ([SPARSE_ONE, ([[0, 0]], [b"a"], [2, 1])], []),
    "batch-negative": ([([[0, 0]], [b"a"], [-1, 1])], []),
    "dense-vector": ([SPARSE_ONE], [("string", [b"a"], [1])]),
    "dense-scalar": ([], [("string", [b"a"], [])]),
    "dense-batch": ([SPARSE_ONE], [[[b"a"], [b"b"]]]),
    "number-as-text": ([([[0, 0]], [5], [1, 1])], []),
}


def cross_cases() -> list[Case]:
    """Both versions, all kernels, and input of the wrong shape."""
    result = []
    hashes: dict[str, dict[str, Any]] = {
        "": {},
        "-key": {"hash_key": 0xDECAFCAFFE},
        "-key-min": {"hash_key": -(2**63)},
    }
    for name, (columns, dense) in {**CROSSES, **NUMBER_CROSSES}.items():
        internals = ["int64"] if name in NUMBER_CROSSES else ["string", "int64"]
        for internal in internals:
            for label, key in hashes.items():
                for static in (False, True) if internal == internals[0] else (False,):
                    text = f"{name}-text-{internal}{label}"
                    result.append(
                        cross_case(text, columns, dense, static, internal_type=internal, **key)
                    )
        for label, key in hashes.items():
            for internal in ("string", "int64"):
                for buckets in (0, 1000) if internal == "int64" else (0, 1, 2**63 - 1):
                    result.append(
                        cross_case(
                            f"{name}-hash-{internal}-{buckets}{label}", columns, dense, False,
                            out_type="int64", internal_type=internal, num_buckets=buckets, **key,
                        )
                    )  # fmt: skip
    for name, (columns, dense) in BAD_CROSSES.items():
        for label, key in list(hashes.items())[:2]:
            result.append(cross_case(f"bad-{name}{label}", columns, dense, False, **key))
    lengths = sparse([texts_of_lengths(range(0, 300))])
    for label, key in hashes.items():
        result.append(cross_case("lengths" + label, [lengths], [], False, out_type="int64", **key))
        result.append(cross_case("lengths-text" + label, [lengths], [], False, **key))
    return result + random_crosses()


def random_crosses() -> list[Case]:
    """Up to 4 columns of up to 5 rows of up to 4 features."""
    rng = random.Random(20)
    result = []
    for i in range(20):
        batch = rng.randrange(6)
        columns: list[Any] = []
        dense: list[Any] = []
        for _ in range(rng.randrange(1, 5)):
            choices: list[Any] = [*TEXTS] if rng.randrange(2) else [*INT64]
            if rng.randrange(3):
                rows = [
                    [rng.choice(choices) for _ in range(rng.randrange(5))] for _ in range(batch)
                ]
                indices, values, shape = sparse(rows)
                dtype = "string" if choices == TEXTS else "int64"
                columns.append((indices, (dtype, values, [len(values)]), shape))
            else:
                shape = [batch, rng.randrange(4)]
                dtype = "string" if choices == TEXTS else "int64"
                dense.append((dtype, [rng.choice(choices) for _ in range(size(shape))], shape))
        for label, key in (("", {}), ("-key", {"hash_key": rng.randrange(2**62)})):
            for out in ("string", "int64"):
                result.append(
                    cross_case(
                        f"random-{i}-{out}{label}", columns, dense, False,
                        out_type=out, internal_type="int64", num_buckets=rng.choice([0, 97]), **key,
                    )
                )  # fmt: skip
    return result


WORDS = {
    "string": [b"the", b"", b"quick", b"\xff\xfe", b"brown", b"fox", b"a\0b", b"jumps"],
    "int16": [0, 1, -1, 2**15 - 1, -(2**15), 7, 8, 9],
    "int32": [0, 1, -1, 2**31 - 1, -(2**31), 7, 8, 9],
    "int64": [0, 1, -1, 2**63 - 1, -(2**63), 7, 8, 9],
}
SCALARS = ("min_skips", "max_skips", "start", "limit", "emit_self")
DEFAULTS: dict[str, Any] = {
    "min_skips": 1, "max_skips": 5, "start": 0, "limit": -1, "emit_self": False,
    "seed": 42, "seed2": 7, "steps": 3,
}  # fmt: skip
SKIP_GRAMS: dict[str, dict[str, Any]] = {
    "plain": {},
    "self": {"emit_self": True},
    "no-skips": {"min_skips": 0, "max_skips": 0},
    "no-skips-self": {"min_skips": 0, "max_skips": 0, "emit_self": True},
    "fixed": {"min_skips": 2, "max_skips": 2, "seed": 0, "seed2": 0},
    "power-of-two": {"min_skips": 0, "max_skips": 3},
    "wide": {"min_skips": 0, "max_skips": 1000},
    "start": {"start": 3},
    "limit": {"limit": 4},
    "limit-zero": {"limit": 0},
    "limit-large": {"start": 2, "limit": 1000},
    "limit-largest": {"limit": 2**31 - 1},
    "limit-smallest": {"limit": -(2**31)},
    "middle": {"start": 2, "limit": 3, "emit_self": True},
    "start-at-end": {"start": 8},
    "start-beyond": {"start": 40},
    "start-beyond-limit": {"start": 9, "limit": 1},
    "seed": {"seed": 1, "seed2": 0},
    "seed2": {"seed": 0, "seed2": 1},
    "seed-negative": {"seed": -5, "seed2": -(2**63)},
    "seed-large": {"seed": 2**63 - 1, "seed2": 2**40 + 3},
    "empty": {"words": ([], [0])},
    "one": {"words": ([5], [1]), "emit_self": True},
    "vector-scalars": {"shape": [1]},
    "bad-min": {"min_skips": -1},
    "bad-max": {"min_skips": 0, "max_skips": -1},
    "bad-order": {"min_skips": 3, "max_skips": 2},
    "bad-scalars": {"shape": [2]},
    "matrix": {"words": ([5, 6, 7, 8, 9, 10], [2, 3])},
}


def skip_case(name: str, dtype: str, given: dict[str, Any], static: bool = False) -> Case:
    """Some steps of one generator."""
    graph = Graph(oracle=ORACLE)
    values = {**DEFAULTS, **given}
    words, words_shape = values.get("words", (WORDS[dtype], None))
    if dtype == "string":
        words = [x if isinstance(x, bytes) else str(x) for x in words]
    inputs = [graph.data(dtype, words, words_shape, static=static)]
    shape = values.get("shape", [])
    for key in SCALARS:
        kind = "bool" if key == "emit_self" else "int32"
        inputs.append(graph.data(kind, [values[key]] * size(shape), shape, static=static))
    seeds: dict[str, Any] = {key: ("i", values[key]) for key in ("seed", "seed2")}
    node = graph.node("SkipGramGenerateCandidates", inputs, T=("type", dtype), **seeds)
    for _ in range(values["steps"]):
        graph.step(f"{node}:0", f"{node}:1")
    return graph.case(f"skip-{name}-{dtype}" + ("-static" if static else ""))


def skip_cases() -> list[Case]:
    """Every type; the windows of the same seeds must be the same."""
    result = []
    for name, given in SKIP_GRAMS.items():
        for dtype in WORDS if name in ("plain", "self", "empty", "one", "middle") else ("int32",):
            result.append(skip_case(name, dtype, given))
        result.append(skip_case(name, "string", given, static=True))
    rng = random.Random(10)
    for i in range(10):
        given = {
            "words": (list(range(200)), [200]),
            "min_skips": rng.randrange(3), "max_skips": rng.randrange(3, 12),
            "start": rng.randrange(20), "limit": rng.choice([-1, 50, 180]),
            "emit_self": bool(rng.randrange(2)),
            "seed": rng.randrange(1, 2**62), "seed2": rng.randrange(2**62),
        }  # fmt: skip
        result.append(skip_case(f"random-{i}", rng.choice(["int64", "string"]), given))
    return result


LINES: dict[str, list[bytes]] = {
    "plain": [b"1 1:3.5 2:0.5 9:-1", b"0 0:4", b"-1", b"2 3:1 3:2 1:5"],
    "space": [b"  1\t2:3\v4:5\r\n", b"\f1 2:3   "],
    "zero": [b"0 0:0", b"-0 0:-0"],
    "index-beyond": [b"1 10:1 11:2 9223372036854775807:1"],
    "label-extremes": [b"2147483647 1:1", b"-2147483648 1:1"],
    "huge": [b"1 1:9223372036854775807 2:-9223372036854775808"],
    "index-minus-zero": [b"1 -0:1"],
}
BAD_LINES: dict[str, list[bytes]] = {
    "blank": [b"1 1:1", b"   "],
    "nothing": [b""],
    "label": [b"x 1:1"],
    "label-feature": [b"1:1"],
    "no-colon": [b"1 2"],
    "two-colons": [b"1 2:3:4"],
    "no-index": [b"1 :3"],
    "no-value": [b"1 3:"],
    "only-colon": [b"1 :"],
    "index-negative": [b"1 -1:3"],
    "index-plus": [b"1 +1:3"],
    "index-float": [b"1 1.0:3"],
    "index-large": [b"1 9223372036854775808:3"],
    "qid": [b"1 qid:3 1:2"],
    "comment": [b"1 1:2 # why"],
    "nul": [b"1 1:2\0"],
    "latin": [b"1 1:\xb2"],
    "second": [b"1 1:1", b"2 2:2", b"3 bad", b"worse"],
}
# What a number may look like, as a value and as a label of each type.
NUMERALS = [
    b"0", b"-0", b"007", b"5", b"+5", b"-5", b"1e3", b"1E+3", b"1e-3", b"1e", b"1e+", b"e5", b".5",
    b"5.", b".", b"-.5", b"-", b"+", b"--5", b"1.5", b"0.1", b"1e400", b"-1e400", b"1e-400",
    b"1e39", b"3.4028236e38", b"1e-45", b"7e-46", b"1e-40", b"5e-324", b"2e-324", b"1e99999999999",
    b"1e-99999999999", b"inf", b"-inf", b"INF", b"Inf", b"infinity", b"nan", b"NaN", b"-nan",
    b"0x1A", b"0X1a", b"-0x10", b"0x", b"0x1p3", b"0x1.8", b"0xfffffffffffffff8", b"0x1000001",
    b"0x1000003", b"0x20000000000001", b"0x20000000000003", b"00x1", b"1_000", b"1,5", b"1f", b"1d",
    b"123456789012345678901234567890", b"1234567890123456789012345678901",
    b"12345678901234567890123456789012", b"0.00000000000000000000000000001",
    b"0.000000000000000000000000000001", b"2147483647", b"2147483648", b"-2147483648",
    b"-2147483649", b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808",
    b"-9223372036854775809", b"16777217", b"16777219", b"9007199254740993", b"8.5e0", b"1.17e-38",
    b"0.30000001192092896", b"2.2250738585072011e-308", b"179769313486231580793e289", b"4.35",
]  # fmt: skip

DENORMALS = (b"1e-45", b"1e-40", b"1.17e-38")  # of float


def line_case(name: str, lines: list[bytes], shape: list[int] | None = None, **attrs: Any) -> Case:
    """One DecodeLibsvm."""
    graph = Graph(oracle=ORACLE)
    static = bool(attrs.pop("static", False))
    types: dict[str, Any] = {
        key: ("type", attrs.pop(key)) for key in ("dtype", "label_dtype") if key in attrs
    }
    text = graph.data("string", lines, shape, static=static)
    attrs.setdefault("num_features", 10)
    node = graph.node("DecodeLibsvm", [text], **types, **attrs)
    graph.step(*(f"{node}:{i}" for i in range(4)))
    label = "-".join(kind for _, kind in types.values())
    return graph.case(f"libsvm-{name}-{label}" + ("-static" if static else ""))


def numeral_case(i: int, numeral: bytes) -> Case:
    """A numeral as value and as label of each type, each in a step of its own."""
    graph = Graph(oracle=ORACLE)
    value, label = (graph.data("string", [x]) for x in (b"1 1:" + numeral, numeral + b" 1:1"))
    for dtype in ("float", "double", "int32", "int64"):
        kind = ("type", dtype)
        values = graph.node("DecodeLibsvm", [value], dtype=kind, num_features=10)
        labels = graph.node("DecodeLibsvm", [label], label_dtype=kind, num_features=10)
        graph.step(values + ":2")
        graph.step(labels + ":0")
    return graph.case(f"libsvm-{'denormal' if numeral in DENORMALS else 'numeral'}-{i}")


def libsvm_cases() -> list[Case]:
    """All pairs of types, every numeral, shapes and malformed lines."""
    result = []
    types = ("float", "double", "int32", "int64")
    whole = [b"1 1:3 2:5 9:-1", b"0 0:4", b"-1", b"2 3:1 3:2 1:5"]
    for dtype in types:
        for label in types:
            result.append(line_case("whole", whole, dtype=dtype, label_dtype=label))
    for name, lines in {**LINES, **BAD_LINES}.items():
        for dtype in ("float", "int64"):
            result.append(line_case(name, lines, dtype=dtype))
    result += [numeral_case(i, numeral) for i, numeral in enumerate(NUMERALS)]
    for name, shape in {
        "empty": [0], "empty-matrix": [0, 3], "matrix": [2, 2], "cube": [2, 1, 2], "column": [4, 1],
    }.items():  # fmt: skip
        for static in (False, True):
            result.append(line_case(name, whole[: size(shape)], shape, static=static))
    result.append(line_case("scalar", [b"1 1:1"], []))
    result.append(line_case("one-feature", whole, num_features=1))
    result.append(line_case("many-features", whole, num_features=2**63 - 1))
    result.append(line_case("no-features", whole, num_features=0))
    rng = random.Random(30)
    for dtype in ("float", "double"):
        for i in range(10):
            lines = []
            for _ in range(50):
                words = [str(rng.randrange(-5, 5))]
                for _ in range(rng.randrange(6)):
                    number = rng.choice([
                        repr(rng.uniform(-10, 10)), f"{rng.uniform(-1, 1):.6g}",
                        f"{rng.random():.16e}", f"{rng.randrange(10**9)}e{rng.randrange(-35, 40)}",
                        str(rng.randrange(10**18)),
                    ])  # fmt: skip
                    words.append(f"{rng.randrange(100)}:{number}")
                lines.append(" ".join(words).encode())
            result.append(line_case(f"random-{i}", lines, dtype=dtype, num_features=100))
    return result


def float_case(name: str, texts: list[bytes], shape: list[int] | None, static: bool) -> Case:
    """ReinterpretStringToFloat."""
    graph = Graph(oracle=ORACLE)
    words = graph.data("string", texts, shape, static=static)
    graph.step(graph.node("ReinterpretStringToFloat", [words]) + ":0")
    return graph.case(f"text-float-{name}" + ("-static" if static else ""))


def float_cases() -> list[Case]:
    """Any bytes, of any length."""
    result = []
    for static in (False, True):
        result.append(float_case("texts", TEXTS, None, static))
        result.append(float_case("lengths", texts_of_lengths(range(0, 100)), None, static))
        result.append(float_case("many", texts_of_lengths(range(0, 30)) * 60, [18, 100], static))
        result.append(float_case("scalar", [b"abc"], [], static))
        result.append(float_case("empty", [], [0], static))
        result.append(float_case("empty-matrix", [], [2, 0], static))
    return result


BOUNDARIES: dict[str, tuple[list[float], list[int]]] = {
    "plain": ([0, 10, 100], [3]),
    "one": ([0.5], [1]),
    "scalar": ([0.5], []),
    "none": ([], [0]),
    "matrix": ([-1, 0, 1, 2], [2, 2]),
    "equal": ([1, 1, 1, 2, 2], [5]),
    "fractions": ([-1.5, -0.5, 0.5, 1.5], [4]),
    "infinite": ([-INF, 0, INF], [3]),
    "nan": ([0, NAN, 5], [3]),
    "nan-first": ([NAN, 0, 5], [3]),
    "huge": ([0, 3e9, 1e19], [3]),
    "hugest": ([1e30], [1]),
    "hugely-negative": ([-1e30, 0], [2]),
    "extremes": ([-2147483648, 0, 2147483520], [3]),
    "zeros": ([-0.0, 0.0], [2]),
    "many": ([k * 0.75 - 40 for k in range(100)], [100]),
    "sixteen": ([float(k) for k in range(16)], [16]),
    "seventeen": ([float(k) for k in range(17)], [17]),
    "many-nan": ([NAN if k % 5 == 3 else float(k) for k in range(20)], [20]),
    "unsorted": ([0, 10, 5], [3]),
    "unsorted-fraction": ([0.75, 0.25], [2]),
    "descending": ([3, 2, 1], [3]),
}
BUCKETED: dict[str, list[Any]] = {
    "int32": [-5, 10000, 150, 10, 5, 100, 0, 1, -1, 2**31 - 1, -(2**31), 2],
    "int64": [-5, 10000, 150, 10, 5, 100, 0, 1, -1, 2**63 - 1, -(2**63), 3 * 10**9],
    "float": [-5, 10000, 0.5, 10, 0.25, 100, 0.0, -0.0, NAN, INF, -INF, 3e38],
    "double": [-5, 10000, 0.5, 10, 0.1, 100, 0.0, -0.0, NAN, INF, -INF, 1e300],
}


def bucket_case(
    name: str, dtype: str, numbers: list[Any], shape: list[int], edges: Any, static: bool
) -> Case:
    """BucketizeWithInputBoundaries."""
    graph = Graph(oracle=ORACLE)
    boundaries, boundaries_shape = edges
    inputs = [
        graph.data(dtype, numbers, shape, static=static),
        graph.data("float", boundaries, boundaries_shape, static=static),
    ]
    node = graph.node("BucketizeWithInputBoundaries", inputs, T=("type", dtype))
    graph.step(node + ":0")
    return graph.case(f"bucket-{name}-{dtype}" + ("-static" if static else ""))


def bucket_cases() -> list[Case]:
    """Every type with its extremes; boundaries that are not numbers or not in order."""
    result = []
    for dtype, numbers in BUCKETED.items():
        for name, edges in BOUNDARIES.items():
            result.append(bucket_case(name, dtype, numbers, [3, 4], edges, False))
        plain = BOUNDARIES["plain"]
        for static in (False, True):
            result.append(bucket_case("input-scalar", dtype, numbers[:1], [], plain, static))
            result.append(bucket_case("input-empty", dtype, [], [0], plain, static))
            result.append(bucket_case("input-empty-matrix", dtype, [], [3, 0], plain, static))
        long = [x for x in numbers for _ in range(250)] + [k % 97 for k in range(2003)]
        for name in ("plain", "many"):
            edges = BOUNDARIES[name]
            result.append(bucket_case(f"long-{name}", dtype, long, [len(long)], edges, False))
    return result


def cases() -> list[Case]:
    """All of the six ops."""
    return cross_cases() + skip_cases() + libsvm_cases() + float_cases() + bucket_cases()
