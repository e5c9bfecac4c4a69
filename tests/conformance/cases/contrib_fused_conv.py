"""FusedConv2DBiasActivation on the CPU: quantized, NHWC, filters HWIO."""

from __future__ import annotations

import random
from typing import Any

from ..case import Graph
from .contrib_image import INF, NAN, size

Case = dict[str, Any]
NO_SIDE: list[int] = [0]
PLAIN: dict[str, Any] = {
    "T": ("type", "qint8"),
    "Tbias": ("type", "float"),
    "strides": ("ints", [1, 1, 1, 1]),
    "padding": b"VALID",
}


def conv(
    name: str,
    inputs: dict[str, Any],
    static: bool = False,
    **attrs: Any,
) -> Case:
    """One node. Each of x, w, b and side is (numbers, shape); scale and side_scale are numbers."""
    graph = Graph(oracle="1.15.5")
    kinds = {"x": "qint8", "w": "qint8", "b": "float", "side": "qint8"}
    tensors = [graph.data(kind, *inputs[key], static=static) for key, kind in kinds.items()]
    for key in ("scale", "side_scale"):
        tensors.append(graph.data("float", inputs[key], [], static=static))
    node = graph.node("FusedConv2DBiasActivation", tensors, **{**PLAIN, **attrs})
    graph.step(f"{node}:0")
    return graph.case(f"fused-conv-{name}" + ("-static" if static else ""))


def row(numbers: list[int], scale: float, bias: float = 0.0, **more: Any) -> dict[str, Any]:
    """Pixels of one channel, and a filter of a single 1."""
    given = {"side": ([], NO_SIDE), "side_scale": 0.0, **more}
    w = ([1], [1, 1, 1, 1])
    return {"x": (numbers, [1, 1, len(numbers), 1]), "w": w, "b": ([bias], [1]), "scale": scale,
            **given}  # fmt: skip


def numbers_cases() -> list[Case]:
    """Rounding, saturation, what is not finite."""
    all_of = list(range(-128, 128))
    result = []
    for activation in (b"Relu", b"None"):
        kind = activation.decode()
        for scale in (1.0, 0.5, 0.25, -0.5, 2.0, 0.1, 1 / 3, 0.0, 1e30, 1e-40, INF, -INF, NAN):
            case = conv(f"scale-{scale}-{kind}", row(all_of, scale), activation_mode=activation)
            result.append(case)
        for bias in (0.5, -0.5, 100.25, 3e9, -3e9, INF, -INF, NAN):
            inputs = row(all_of, 0.5, bias)
            result.append(conv(f"bias-{bias}-{kind}", inputs, activation_mode=activation))
        for side_scale in (1.0, 0.5, -1.0, 0.3, 0.0, INF, NAN):
            inputs = row(all_of, 0.5, side_scale=side_scale)
            inputs["side"] = (all_of[::-1], [1, 1, 256, 1])
            result.append(conv(f"side-{side_scale}-{kind}", inputs, activation_mode=activation))
    cancels = row([1], 1.0, 2.0**24, side_scale=2.0**18)
    cancels["side"] = ([-64], [1, 1, 1, 1])
    return [*result, conv("order", cancels, activation_mode=b"None")]


def seeded(seed: int) -> Case:
    """Any sizes."""
    dice = random.Random(f"conv{seed}")
    depth, channels = dice.randint(1, 7), dice.randint(1, 35)
    same = dice.random() < 0.5
    window = [dice.randint(1, 4), dice.randint(1, 4)]
    least = 1 if same else 4
    sides = [dice.randint(least, 7), dice.randint(least, 7)]
    strides = [dice.randint(1, 3), dice.randint(1, 3)]
    image, filters = [dice.randint(1, 2), *sides, depth], [*window, depth, channels]
    out = [-(-n // s) if same else (n - k) // s + 1 for n, k, s in zip(sides, window, strides)]
    has_side = dice.random() < 0.5
    side = [image[0], *out, channels] if has_side else NO_SIDE

    def quantized(shape: list[int]) -> tuple[list[int], list[int]]:
        return [dice.randint(-128, 127) for _ in range(size(shape))], shape

    inputs = {
        "x": quantized(image),
        "w": quantized(filters),
        "b": ([dice.randint(-99, 99) / 4 for _ in range(channels)], [channels]),
        "side": quantized(side),
        "scale": dice.choice([0.01, 1 / 128, 1 / 64]),
        "side_scale": dice.choice([0.5, 0.3, 1.0]) if has_side else 0.0,
    }
    return conv(
        f"seed-{seed}",
        inputs,
        static=seed % 2 == 0,
        strides=("ints", [1, *strides, 1]),
        padding=b"SAME" if same else b"VALID",
        activation_mode=dice.choice([b"Relu", b"None"]),
    )


def bad_cases() -> list[Case]:
    """Sizes and attrs that do not fit; most crash TensorFlow or show it stray memory."""
    ones = {"x": ([1] * 32, [1, 4, 4, 2]), "w": ([1] * 24, [2, 2, 2, 3]), "b": ([0.0] * 3, [3]),
            "side": ([], NO_SIDE), "scale": 1.0, "side_scale": 0.0}  # fmt: skip
    result = []
    for static in (False, True):
        for name, attrs in {
            "good": {},
            "nchw": {"data_format": b"NCHW"},
            "oihw": {"filter_format": b"OIHW"},
            "dilations": {"dilations": ("ints", [1, 2, 2, 1])},
            "dilations-0": {"dilations": ("ints", [1, 0, 1, 1])},
            "dilations-3": {"dilations": ("ints", [1, 1, 1])},
            "strides-0": {"strides": ("ints", [1, 0, 1, 1])},
            "strides-negative": {"strides": ("ints", [1, 1, -1, 1])},
            "strides-3": {"strides": ("ints", [1, 1, 1])},
            "strides-batch": {"strides": ("ints", [2, 1, 1, 1])},
            "activation": {"activation_mode": b"Elu"},
        }.items():
            result.append(conv(f"bad-{name}", ones, static, **attrs))
        wide = {**ones, "w": ([1] * 60, [2, 5, 2, 3])}
        result.append(conv("one-too-wide", wide, static))
        result.append(conv("two-too-wide", {**ones, "w": ([1] * 72, [2, 6, 2, 3])}, static))
        result.append(conv("wider-same", wide, static, padding=b"SAME"))
    result.append(conv("no-batch", {**ones, "x": ([], [0, 4, 4, 2])}))
    result.append(conv("no-rows", {**ones, "x": ([], [1, 0, 4, 2])}, padding=b"SAME"))
    result.append(conv("no-channels", {**ones, "w": ([], [2, 2, 2, 0]), "b": ([], [0])}))
    result.append(conv("rank-3-bias", {**ones, "b": ([0.0] * 3, [1, 3])}, True))
    result.append(conv("rank-3-filter", {**ones, "w": ([1] * 24, [4, 2, 3])}))
    return result


def cases() -> list[Case]:
    """All of them."""
    return [*numbers_cases(), *bad_cases(), *(seeded(seed) for seed in range(60))]
