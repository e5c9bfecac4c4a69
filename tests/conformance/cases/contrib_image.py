"""The image ops of tf.contrib: resampler and image."""

from __future__ import annotations

import random
from typing import Any

from ..case import Graph

INF, NAN = float("inf"), float("nan")
FLOATS = ("half", "float", "double")
INTEGERS = {"uint8": (0, 255), "int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
Array = tuple[Any, list[int]]
Case = dict[str, Any]


def size(shape: list[int]) -> int:
    """How many elements a shape has."""
    total = 1
    for dim in shape:
        total *= dim
    return total


def uniform(seed: str, shape: list[int], low: float, high: float) -> Array:
    """Random numbers, on a grid of 1/256 so that every type can hold them."""
    source = random.Random(seed)
    steps = int((high - low) * 256)
    return [low + source.randrange(steps + 1) / 256 for _ in range(size(shape))], shape


def choices(seed: str, shape: list[int], values: list[Any]) -> Array:
    """Random elements of a list."""
    source = random.Random(seed)
    return [source.choice(values) for _ in range(size(shape))], shape


def case_of(
    op: str,
    name: str,
    inputs: list[tuple[str, Array]],
    outputs: int = 1,
    static: bool = False,
    values: Any = None,
    **attrs: Any,
) -> Case:
    """One node; `values` is what is right where TensorFlow 1.15.5 is not."""
    graph = Graph(oracle="1.15.5")
    tensors = [graph.data(dtype, data, shape, static=static) for dtype, (data, shape) in inputs]
    node = graph.node(op, tensors, **attrs)
    graph.step(*(f"{node}:{i}" for i in range(outputs)))
    if values is not None:
        graph.values = [{"values": values}]
    return graph.case(f"{name}-static" if static else name)


# Where warp points lie on images of 5 x 4 pixels.
POINTS = [-1.0, -0.9990234375, -0.5, -0.0, 0.0, 0.25, 1.0, 2.5, 3.0, 3.5, 3.9990234375, 4.0, 4.5]
POINTS += [5.0, 6.0, NAN, INF, -INF, 60000.0, -60000.0]
JUST_BELOW = [1 - 1e-12, 3 - 1e-12, 4 - 1e-12, 5 - 1e-12, -1e-12, -1 + 1e-12, 1 + 1e-12, 2.0]
WARPS: dict[str, tuple[list[int], Array]] = {
    "random": ([2, 4, 5, 3], uniform("w1", [2, 9, 2], -1.5, 6)),
    "grid": ([2, 4, 5, 1], uniform("w2", [2, 3, 4, 2], -1, 5)),
    "one-each": ([3, 4, 5, 2], uniform("w3", [3, 2], 0, 4)),
    "many": ([1, 4, 5, 2], uniform("w4", [1, 200, 2], -1, 5)),
    "channels": ([1, 4, 5, 19], uniform("w5", [1, 20, 2], -1, 5)),
    "edges": (
        [1, 4, 5, 1],
        ([c for x in POINTS for y in POINTS for c in (x, y)], [1, len(POINTS) ** 2, 2]),
    ),
    "just-below": (
        [1, 4, 5, 1],
        ([c for x in JUST_BELOW for y in JUST_BELOW for c in (x, y)], [1, 64, 2]),
    ),
    "pixel": ([1, 1, 1, 1], uniform("w6", [1, 20, 2], -1, 1)),
    "no-rows": ([1, 0, 5, 2], uniform("w7", [1, 5, 2], -1, 1)),
    "no-columns": ([1, 4, 0, 2], uniform("w8", [1, 5, 2], -1, 1)),
    "rank3-data": ([4, 5, 3], uniform("w9", [4, 3, 2], 0, 4)),
    "rank1-warp": ([2, 4, 5, 3], uniform("w10", [2], 0, 4)),
    "warp-of-3": ([2, 4, 5, 3], uniform("w11", [2, 3, 3], 0, 4)),
    "no-warp-columns": ([2, 4, 5, 3], ([], [2, 3, 0])),
}


def resampler_cases() -> list[Case]:
    """Resampler and ResamplerGrad."""
    return [case for dtype in FLOATS for case in resampler_cases_of(dtype)]


def resampler_cases_of(dtype: str) -> list[Case]:
    """Those of one type."""
    result: list[Case] = []
    special = [1.0, -2.0, 0.0, -0.0, INF, -INF, NAN]
    kind = ("type", dtype)
    numpy = {"half": "float16", "float": "float32", "double": "float64"}[dtype]

    def sample(name: str, data: Array, warp: Array, values: Any = None) -> None:
        inputs = [(dtype, data), (dtype, warp)]
        for static in (False, True):
            result.append(
                case_of("Resampler", f"resampler-{name}-{dtype}", inputs, 1, static, values,
                        T=kind)
            )  # fmt: skip

    def gradient(name: str, data: Array, warp: Array, grad: Array, values: Any = None) -> None:
        inputs = [(dtype, data), (dtype, warp), (dtype, grad)]
        for static in (False, True):
            result.append(
                case_of("ResamplerGrad", f"resampler-grad-{name}-{dtype}", inputs, 2, static,
                        values, T=kind)
            )  # fmt: skip

    for name, (shape, warp) in WARPS.items():
        data = uniform(f"d{name}", shape, -4, 4)
        grad_shape = [*warp[1][:-1], shape[-1]]
        sample(name, data, warp)
        gradient(name, data, warp, uniform(f"g{name}", grad_shape, -2, 2))
    data, warp = choices("special", [2, 4, 5, 3], special), uniform("s", [2, 30, 2], -1, 5)
    sample("not-finite", data, warp)
    gradient("not-finite", data, warp, choices("grad", [2, 30, 3], special))
    sample("batches-differ", uniform("b", [2, 4, 5, 3], 0, 1), uniform("b", [3, 2], 0, 1))
    gradient("wrong-grad", data, warp, uniform("x", [2, 30, 2], 0, 1))
    sample("no-points", data, ([], [2, 0, 2]))
    sample("no-channels", ([], [2, 4, 5, 0]), warp)
    # Stock TensorFlow divides by zero, or leaves the gradient as it found the memory.
    sample("no-batch", ([], [0, 4, 5, 3]), ([], [0, 7, 2]), [(numpy, [0, 7, 3], [])])
    gradient(
        *("no-batch", ([], [0, 4, 5, 3]), ([], [0, 7, 2]), ([], [0, 7, 3])),
        [(numpy, [0, 4, 5, 3], []), (numpy, [0, 7, 2], [])],
    )
    gradient(
        *("no-points", data, ([], [2, 0, 2]), ([], [2, 0, 3])),
        [(numpy, [2, 4, 5, 3], [0.0] * 120), (numpy, [2, 0, 2], [])],
    )
    gradient(
        *("no-channels", ([], [2, 4, 5, 0]), warp, ([], [2, 30, 0])),
        [(numpy, [2, 4, 5, 0], []), (numpy, [2, 30, 2], [0.0] * 120)],
    )
    return result


# a0 a1 a2 b0 b1 b2 c0 c1
TRANSFORMS: dict[str, list[float]] = {
    "identity": [1, 0, 0, 0, 1, 0, 0, 0],
    "shift": [1, 0, 2, 0, 1, -1, 0, 0],
    "half-pixel": [1, 0, 0.5, 0, 1, -0.5, 0, 0],
    "below-half": [1, 0, 0.49999997, 0, 1, -0.49999997, 0, 0],
    "quarter": [0.5, 0, 0.25, 0, 0.25, 0.125, 0, 0],
    "rotation": [0.8, -0.6, 1.7, 0.6, 0.8, -1.3, 0, 0],
    "flip": [-1, 0, 6, 0, -1, 4, 0, 0],
    "shear": [1, 0.37, -0.7, -0.21, 1, 0.3, 0, 0],
    "thirds": [1 / 3, 0.1, 0.7, -0.1, 1 / 3, 1.1, 0, 0],
    "projective": [1.1, 0.2, -1, 0.1, 0.9, 0.2, 0.03, -0.02],
    "horizon": [1, 0.5, 1, 0.25, 1, -1, -0.5, 0],  # k is 0 where x is 2
    "horizon-row": [1, 0, 0, 0, 1, 0, 0, -1],
    "zero-over-zero": [1, 0, -2, 0, 1, -2, -0.5, 0],
    "behind": [1, 0, 0, 0, 1, 0, -0.7, -0.4],
    "all-zero": [0, 0, 0, 0, 0, 0, 0, 0],
    "far": [1, 0, 1e6, 0, 1, 0, 0, 0],
    "very-far": [1, 0, 3e9, 0, 1, -3e9, 0, 0],
    "farther": [1, 0, 1e20, 0, 1, 1e38, 0, 0],
    "huge": [1e30, 0, 0, 0, -1e30, 0, 0, 0],
    "overflow": [3e38, 3e38, 3e38, 1, 0, 0, 0, 0],
    "tiny-k": [1e-3, 0, 0, 0, 1e-3, 0, 0, 1e-38],
    "nan": [NAN, 0, 0, 0, 1, 0, 0, 0],
    "nan-k": [1, 0, 0, 0, 1, 0, NAN, 0],
    "inf-shift": [1, 0, INF, 0, 1, 0, 0, 0],
    "minus-inf-y": [1, 0, 0, 0, 1, -INF, 0, 0],
    "inf-k": [1, 0, 0, 0, 1, 0, 0, INF],
}
SIZES = {"larger": [9, 11], "smaller": [2, 3], "one": [1, 1], "wide": [1, 150], "tall": [70, 2]}
BAD_SIZES: dict[str, Array] = {
    "zero-height": ([0, 3], [2]),
    "zero-width": ([3, 0], [2]),
    "negative": ([-1, 3], [2]),
    "very-negative": ([3, -7], [2]),
    "three": ([3, 3, 3], [3]),
    "scalar": ([3], []),
    "matrix": ([3, 3], [1, 2]),
}


def pixels(seed: str, dtype: str, shape: list[int], extreme: bool = False) -> Array:
    """An image."""
    if dtype in INTEGERS:
        low, high = INTEGERS[dtype]
        if extreme:
            near = [low, low + 1, low + 2**6, high - 2**6, high - 1, high, 0, 1]
            return choices(seed, shape, near)
        return choices(seed, shape, list(range(max(low, -99), 200)))
    if extreme:
        return choices(seed, shape, [0.0, -0.0, 1.0, 65504.0, -65504.0, INF, -INF, NAN, 2.0**-24])
    return uniform(seed, shape, -50, 50)


def transform_cases() -> list[Case]:
    """ImageProjectiveTransform and ImageProjectiveTransformV2."""
    result: list[Case] = []

    def add(
        name: str,
        dtype: str,
        image: Array,
        transforms: Array,
        output: Array | None = None,
        ways: tuple[str, ...] = ("nearest", "bilinear"),
        static: bool = False,
    ) -> None:
        op = "ImageProjectiveTransform" + ("" if output is None else "V2")
        inputs = [(dtype, image), ("float", transforms)]
        inputs += [] if output is None else [("int32", output)]
        for way in ways:
            result.append(
                case_of(op, f"transform-{name}-{way}-{dtype}" + ("" if output is None else "-v2"),
                        inputs, static=static, dtype=("type", dtype),
                        interpolation=way.upper().encode())
            )  # fmt: skip

    every = ([x for row in TRANSFORMS.values() for x in row], [len(TRANSFORMS), 8])
    for dtype in (*INTEGERS, *FLOATS):
        for name, row in TRANSFORMS.items():
            add(name, dtype, pixels(name, dtype, [1, 5, 7, 1]), (row, [1, 8]))
        for extreme in (False, True):
            label = "extreme" if extreme else "each"
            image = pixels(label, dtype, [len(TRANSFORMS), 5, 6, 3], extreme)
            add(label, dtype, image, every)
            add(label, dtype, image, every, ([4, 9], [2]))
        row = (TRANSFORMS["rotation"], [1, 8])
        for channels in (2, 4, 5, 17):
            image = pixels("c", dtype, [3, 6, 5, channels])
            add(f"channels-{channels}", dtype, image, row)
        for name, output in SIZES.items():
            for way in ("rotation", "projective"):
                image = pixels(name, dtype, [2, 5, 7, 3])
                add(f"{way}-{name}", dtype, image, (TRANSFORMS[way], [1, 8]), (output, [2]))
        add("random", dtype, pixels("r", dtype, [40, 8, 7, 2]), uniform("t", [40, 8], -2, 2))
        add("empty-out", dtype, pixels("e", dtype, [2, 0, 4, 3]), row)
        add("no-images", dtype, ([], [0, 3, 4, 3]), row)
        add("no-channels", dtype, ([], [2, 3, 4, 0]), row)
        add("empty-in", dtype, ([], [2, 0, 4, 3]), row, ([3, 2], [2]))
        add("no-images", dtype, ([], [0, 3, 4, 3]), row, ([3, 2], [2]))
    image = pixels("errors", "float", [2, 3, 4, 1])
    # TensorFlow 2's own op takes a name that it does not know for what its memory holds, by chance.
    black: Array = ([0.0] * 24, [2, 3, 4, 1])
    row = (TRANSFORMS["shift"], [1, 8])
    for static in (False, True):
        for output in (None, ([3, 2], [2])):
            for name, transforms in {
                "vector": (TRANSFORMS["shift"], [8]),
                "of-7": (TRANSFORMS["shift"][:7], [1, 7]),
                "three-for-two": ([1.0] * 24, [3, 8]),
                "none": ([], [0, 8]),
                "rank3": (TRANSFORMS["shift"], [1, 1, 8]),
            }.items():
                add(f"wrong-{name}", "float", image, transforms, output, static=static)
            add("rank3-image", "float", (image[0], [6, 4, 1]), row, output, static=static)
            add("unknown", "float", black, row, output, ways=("cubic", ""), static=static)
        add("shape-function", "float", image, row, static=static)
        add("shape-function", "float", image, row, ([3, 2], [2]), static=static)
        for name, output in BAD_SIZES.items():
            add(f"size-{name}", "float", image, row, output, static=static)
    return result


def match_cases() -> list[Case]:
    """BipartiteMatch."""
    result: list[Case] = []

    def add(name: str, matrix: Array, rows: Array, top_k: int = -1, static: bool = False) -> None:
        result.append(
            case_of("BipartiteMatch", f"match-{name}", [("float", matrix), ("float", rows)], 2,
                    static, top_k=top_k)
        )  # fmt: skip

    every = ([-1.0], [])
    for shape in ([1, 1], [1, 6], [6, 1], [5, 5], [4, 9], [9, 4], [33, 31]):
        label = f"{shape[0]}x{shape[1]}"
        add(f"random-{label}", uniform(label, shape, -3, 3), every)
        for levels in (1, 2, 5):  # many pairs are equally near
            add(f"ties-{levels}-{label}", choices(label, shape, list(range(levels))), every)
        special = [0.0, -0.0, 1.0, 2.0, INF, -INF, NAN]
        add(f"not-finite-{label}", choices(label, shape, special), every)
        for top_k in (0, 1, 2, 3, 100, -7):
            add(f"top-{top_k}-{label}", choices(label, shape, [1, 2, 3, 4]), every, top_k)
    matrix = choices("rows", [6, 5], [1, 2, 3, 4, 5, 6])
    for rows in (0.0, -0.0, 1.0, 2.5, 2.9, 2.95, 3.0, 6.0, 6.5, 6.95, 7.0, 1e9, -0.5, -INF, NAN):
        add(f"rows-{rows}", matrix, ([rows], []))
        add(f"rows-{rows}-top-2", matrix, ([rows], [1]), 2)
    for static in (False, True):
        for shape in ([0, 0], [0, 3], [3, 0]):
            add(f"empty-{shape[0]}x{shape[1]}", ([], shape), every, static=static)
        add("rank1", ([1.0, 2.0], [2]), every, static=static)
        add("rank3", ([1.0, 2.0], [1, 2, 1]), every, static=static)
        add("two-row-counts", matrix, ([1.0, 2.0], [2]), static=static)
        add("no-row-count", matrix, ([], [0]), static=static)
        add("row-count-matrix", matrix, ([3.0], [1, 1]), static=static)
    return result


VALUES: dict[str, list[Any]] = {
    "int64": [0, 1, 1, -(2**63)],
    "int32": [0, 1, 1, -1],
    "uint16": [0, 1, 1, 65535],
    "int16": [0, 1, 1, -32768],
    "uint8": [0, 1, 1, 255],
    "int8": [0, 1, 1, -128],
    "half": [0.0, -0.0, 1.0, 1.0, -1.0, NAN, INF, INF, 2.0**-14],
    "float": [0.0, -0.0, 1.0, 1.0, -1.0, NAN, INF, INF, 2.0**-126],
    "double": [0.0, -0.0, 1.0, 1.0, -1.0, NAN, INF, INF, 2.0**-1022],
    "bool": [False, True, True],
    "string": [b"", b"a", b"a", b"b", b"a\0", b"\0"],
}


def spiral(height: int, width: int) -> Array:
    """One long line."""
    rows = [[0] * width for _ in range(height)]
    top, left, bottom, right = 0, 0, height - 1, width - 1
    while top <= bottom and left <= right:
        for x in range(max(left - 2, 0), right + 1):
            rows[top][x] = 1
        for y in range(top, bottom + 1):
            rows[y][right] = 1
        for x in range(left, right + 1):
            rows[bottom][x] = 1
        for y in range(top + 2, bottom + 1):
            rows[y][left] = 1
        top, left, bottom, right = top + 2, left + 2, bottom - 2, right - 2
    return [x for row in rows for x in row], [1, height, width]


def component_cases() -> list[Case]:
    """ImageConnectedComponents."""
    result: list[Case] = []

    def add(name: str, dtype: str, image: Array, static: bool = False) -> None:
        result.append(
            case_of("ImageConnectedComponents", f"components-{name}-{dtype}", [(dtype, image)],
                    static=static, dtype=("type", dtype))
        )  # fmt: skip

    for dtype, values in VALUES.items():
        for shape in ([1, 1, 1], [2, 1, 9], [2, 9, 1], [3, 7, 5], [1, 16, 16], [2, 21, 30]):
            label = "x".join(str(n) for n in shape)
            add(label, dtype, choices(label, shape, values))
        solid = values[2]
        add("solid", dtype, ([solid] * 63, [1, 7, 9]))
        for static in (False, True):
            for shape in ([0, 3, 4], [2, 0, 4], [2, 3, 0]):
                add(f"empty-{shape.index(0)}", dtype, ([], shape), static)
            add("rank2", dtype, ([solid] * 4, [2, 2]), static)
            add("rank4", dtype, ([solid] * 4, [1, 2, 2, 1]), static)
    for height, width in ((5, 200), (200, 5), (70, 131), (128, 128), (129, 65)):
        for density in (1, 3):
            label = f"{height}x{width}-{density}"
            image = choices(label, [1, height, width], [0] + [1] * density)
            add(label, "uint8", image)
        add(f"two-{height}x{width}", "int32", choices("2", [2, height, width], [0, 1, 1, 1, 2]))
        add(f"solid-{height}x{width}", "bool", ([True] * (height * width), [1, height, width]))
        add(f"spiral-{height}x{width}", "uint8", spiral(height, width))
        stripes = [x % 2 for _ in range(height) for x in range(width)]
        add(f"stripes-{height}x{width}", "uint8", (stripes, [1, height, width]))
    return result


def hsv_cases() -> list[Case]:
    """AdjustHsvInYiq."""
    result: list[Case] = []

    def add(name: str, image: Array, scalars: list[Array], static: bool = False) -> None:
        inputs = [("float", image), *(("float", scalar) for scalar in scalars)]
        result.append(
            case_of("AdjustHsvInYiq", f"hsv-{name}", inputs, static=static, T=("type", "float"))
        )

    def scalars(*values: float) -> list[Array]:
        return [([value], []) for value in values]

    source = random.Random("hsv")
    unit = ([1.0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1], [1, 5, 3])  # shows the matrix
    for i in range(60):
        values = [source.uniform(-7, 7), source.uniform(0, 2), source.uniform(0, 2)]
        add(f"matrix-{i}", unit, scalars(*values))
        add(f"random-{i}", uniform(f"hsv{i}", [3, 7, 3], 0, 1), scalars(*values))
    image = uniform("hsv", [2, 5, 7, 3], -1, 2)
    for h, s, v in ((0, 1, 1), (0, 0, 1), (0, 1, 0), (1e6, 1, 1), (1, -1, -2), (3e38, 1, 1)):
        add(f"{h}-{s}-{v}", image, scalars(h, s, v))
    for i, bad in enumerate((INF, -INF, NAN)):
        for k in range(3):
            values = [0.5, 0.5, 0.5]
            values[k] = bad
            add(f"not-finite-{i}-{k}", image, scalars(*values))
    special = choices("hsv", [50, 2, 3], [0.0, -0.0, 1.0, INF, -INF, NAN, 3e38])
    add("special", special, scalars(0.3, 1.2, 0.9))
    fine = scalars(0.3, 1.2, 0.9)
    vector: Array = ([0.3], [1])
    for static in (False, True):
        add("rank5", (image[0], [1, 2, 5, 7, 3]), fine, static)
        add("pixel", uniform("pixel", [1, 1, 3], 0, 1), fine, static)
        for shape in ([0, 2, 3], [2, 0, 3], [2, 2, 0]):
            add(f"empty-{shape.index(0)}", ([], shape), fine, static)
        add("rank2", uniform("rank2", [4, 3], 0, 1), fine, static)
        add("four-channels", uniform("four", [2, 2, 4], 0, 1), fine, static)
        for k in range(3):
            add(f"vector-{k}", image, [vector if i == k else fine[i] for i in range(3)], static)
    return result


def cases() -> list[Case]:
    """All of the image ops."""
    return [
        *resampler_cases(),
        *transform_cases(),
        *match_cases(),
        *component_cases(),
        *hsv_cases(),
    ]
