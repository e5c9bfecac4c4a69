"""Makes inputs for a signature of which only types and shapes are known."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

# What is tried, in this order, where the model leaves a size or the rank open: sizes of
# dimensions after the first, shapes of tensors of any rank. Networks want 1 or a few, images more.
SIZES = (2, 1, 3, 8, 16, 32, 64, 128, 224, 299)
SHAPES: tuple[tuple[int, ...], ...] = (
    (2,),
    (),
    (2, 2),
    (2, 3),
    (2, 8),
    (1, 4, 4, 3),
    (1, 32, 32, 3),
)
ATTEMPTS = len(SIZES)
WORDS = ("a", "b", "hello", "world", "one two", "The quick brown fox", "zz", "", "caf\u00e9", "42")


def make(specs: Mapping[str, Any], attempt: int) -> dict[str, np.ndarray[Any, Any]]:
    """An array for each input; the same for the same attempt, 0 to ATTEMPTS - 1.

    Args:
      specs: opgraft_slim's TensorSpecs by name.
      attempt: which of SIZES and SHAPES is tried. Even ones have the numbers 0 and up below 3, odd
        ones 0 and 1 alone, which fewer ops refuse.
    """
    return {name: _array(spec, attempt) for name, spec in specs.items()}


def _array(spec: Any, attempt: int) -> np.ndarray[Any, Any]:
    if spec.shape is None:
        shape = SHAPES[attempt % len(SHAPES)]
    else:
        known = (SIZES[attempt] if size is None else size for size in spec.shape[1:])
        first = [2 if size is None else size for size in spec.shape[:1]]
        shape = (*first, *known)
    rng = np.random.default_rng([zlib.crc32(spec.name.encode()), attempt])
    if spec.dtype == "string":
        made = np.empty(shape, object)
        picked = rng.integers(0, len(WORDS), shape)
        made[...] = np.array([word.encode() for word in WORDS], object)[picked]
        return made
    if spec.dtype == "bool":
        return np.asarray(rng.integers(0, 2, shape).astype(bool))
    if "int" in spec.dtype:
        return np.asarray(
            rng.integers(0, 2 if attempt % 2 else 3, shape).astype(spec.dtype.lstrip("q"))
        )
    if spec.dtype.startswith("complex"):
        return np.asarray((rng.random(shape) + 1j * rng.random(shape)).astype(spec.dtype))
    known_type = spec.dtype if spec.dtype in ("float16", "float64") else "float32"
    return np.asarray(rng.random(shape).astype(known_type))
