"""SingleImageRandomDotStereograms: the worker seeds rand(), so every dot has to be the same."""

from __future__ import annotations

import random
from typing import Any

from .contrib_image import INF, NAN, Array, Case, case_of, choices, uniform

SMALL: dict[str, Any] = {
    "output_image_shape": [60, 24, 1],
    "output_data_window": [50, 16],
    "dots_per_inch": 9,
}
HILL: Array = ([0.0, 1, 2, 1, 0, 1, 3, 5, 3, 1, 0, 1, 2, 1, 0], [3, 5])
# One that differs from SMALL, and what it is.
ATTRS: dict[str, dict[str, Any]] = {
    "plain": {},
    "hidden": {"hidden_surface_removal": False},
    "no-dots": {"convergence_dots_size": 0},
    "negative-dots": {"convergence_dots_size": -3},
    "odd-dots": {"convergence_dots_size": 5},
    "one-dot": {"convergence_dots_size": 1},
    "no-dpi": {"dots_per_inch": 0},
    "negative-dpi": {"dots_per_inch": -9},
    "eyes": {"eye_separation": 2.3},
    "odd-eyes": {"eye_separation": 1.05, "dots_per_inch": 20},
    "mu-0": {"mu": 0.0},
    "mu-half": {"mu": 0.5},
    "mu-1": {"mu": 1.0},
    "mu-negative": {"mu": -0.5},
    "raw": {"normalize": False},
    "fixed": {"normalize_min": 0.0, "normalize_max": 4.0},
    "fixed-narrow": {"normalize_min": 2.0, "normalize_max": 2.0},
    "border": {"border_level": 0.6},
    "border-near": {"border_level": 1.0},
    "border-high": {"border_level": 1.5},
    "border-negative": {"border_level": -0.5},
    "black-and-white": {"number_colors": 2},
    "colors-0": {"number_colors": 0},
    "colors-300": {"number_colors": 300},
    "colors-negative": {"number_colors": -1},
    "channels-2": {"output_image_shape": [60, 24, 2]},
    "channels-3-black-and-white": {"output_image_shape": [60, 24, 3], "number_colors": 2},
    "channels-0": {"output_image_shape": [60, 24, 0]},
    "window-as-image": {"output_data_window": [60, 24], "convergence_dots_size": 0},
    "window-wide": {"output_data_window": [71, 16]},
    "window-high": {"output_data_window": [50, 31]},
    "window-one": {"output_data_window": [1, 1]},
    "window-rank-3": {"output_data_window": [50, 16, 7]},
    "low-image": {"output_image_shape": [60, 9, 1], "output_data_window": [50, 4]},
}
BAD: dict[str, dict[str, Any]] = {
    "window-0": {"output_data_window": [0, 16]},
    "unknown-height": {"output_image_shape": [60, -1, 1]},
}


def stereogram(name: str, dtype: str, depths: Array, static: bool = False, **attrs: Any) -> Case:
    """One picture."""
    given = {**SMALL, **attrs}
    for key in ("output_image_shape", "output_data_window"):
        given[key] = ("shape", given[key])
    inputs = [(dtype, depths)]
    op = "SingleImageRandomDotStereograms"
    return case_of(op, f"stereogram-{name}", inputs, 1, static, T=("type", dtype), **given)


def seeded(seed: int) -> Case:
    """Any attrs at all."""
    dice = random.Random(f"stereogram{seed}")
    dtype = dice.choice(["double", "float", "int64", "int32"])
    shape = [dice.randint(1, 9), dice.randint(1, 9)]
    depths = uniform(f"depths{seed}", shape, -9, 9)
    if dtype.startswith("int"):
        depths = choices(f"depths{seed}", shape, list(range(-4, 9)))
    width, height = dice.randint(40, 90), dice.randint(8, 20)
    return stereogram(
        f"seed-{seed}",
        dtype,
        depths,
        static=seed % 3 == 0,
        output_image_shape=[width, height, dice.choice([1, 3])],
        output_data_window=[dice.randint(1, width), dice.randint(1, height)],
        hidden_surface_removal=dice.random() < 0.8,
        convergence_dots_size=dice.randint(0, 6),
        dots_per_inch=dice.randint(1, 14),
        eye_separation=dice.uniform(0.1, 2.5),
        mu=dice.uniform(0, 1),
        normalize=dice.random() < 0.8,
        normalize_min=float(dice.randint(-2, 2)),
        normalize_max=float(dice.randint(-2, 5)),
        border_level=dice.uniform(0, 1),
        number_colors=dice.choice([2, 3, 256, 257]),
    )


def cases() -> list[Case]:
    """All of them."""
    result = [stereogram(name, "float", HILL, **attrs) for name, attrs in ATTRS.items()]
    for static in (False, True):
        result += [stereogram(name, "float", HILL, static, **bad) for name, bad in BAD.items()]
    for dtype in ("double", "float", "int64", "int32"):
        result.append(stereogram(f"hill-{dtype}", dtype, HILL, True))
    wide = [-(2**63), 2**63 - 1, 2**53 + 1, 2**53, 0, 1]
    result.append(stereogram("wide-int64", "int64", choices("wide", [4, 5], wide)))
    for dtype in ("float", "double"):
        special = choices("special", [4, 8], [0.0, -0.0, 1.0, 0.5, INF, -INF, NAN])
        for normalize in (False, True):
            name = f"special-{normalize}-{dtype}"
            result.append(stereogram(name, dtype, special, normalize=normalize))
    plain = {"output_image_shape": [1024, 768, 1], "output_data_window": [1022, 757]}
    result.append(stereogram("as-documented", "float", HILL, dots_per_inch=72, **plain))
    return [*result, *(seeded(seed) for seed in range(60))]
