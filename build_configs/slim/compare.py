"""How far an output of the slim library is from the full TensorFlow's."""

from __future__ import annotations

from typing import Any

import numpy as np

# Sums may be taken in another order by other vector widths; what is exact stays exact.
RELATIVE, ABSOLUTE = 1e-4, 1e-5  # ABSOLUTE is of the largest magnitude in the output, at least 1
_LOOSER = {"float16": 1e-2}  # types of fewer digits
_BITS: dict[str, Any] = {"float16": np.int16, "float32": np.int32, "float64": np.int64}


def output(got: Any, wanted: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Compares two arrays.

    Returns:
      `agrees`; `dtype`; `max_abs` and `max_ulp` (units in the last place) for floating point
      numbers, None for others, which have to be equal. NaNs have to be in the same places.
    """
    found: dict[str, Any] = {"agrees": False, "max_abs": None, "max_ulp": None}
    found["dtype"] = "string" if wanted.dtype == object else str(wanted.dtype)
    if got is None or got.shape != wanted.shape or got.dtype != wanted.dtype:
        return found
    if wanted.dtype.kind == "c":
        pair = output(_parts(got), _parts(wanted))
        return {**pair, "dtype": found["dtype"]}
    if wanted.dtype.kind != "f":
        return {**found, "agrees": bool(np.array_equal(got, wanted))}
    finite = np.isfinite(wanted)
    same_rest = np.array_equal(got[~finite], wanted[~finite], equal_nan=True)
    a, b = got[finite], wanted[finite]
    if not same_rest or not np.isfinite(a).all():
        return found
    difference = np.abs(a.astype(np.float64) - b.astype(np.float64))
    largest = max(1.0, float(np.abs(b).max(initial=0)))
    relative = _LOOSER.get(found["dtype"], RELATIVE)
    limit = relative * np.abs(b.astype(np.float64)) + max(ABSOLUTE, relative / 10) * largest
    steps = _ordered(a) - _ordered(b)
    found["max_abs"] = float(difference.max(initial=0))
    found["max_ulp"] = int(np.abs(steps).max(initial=0))
    return {**found, "agrees": bool((difference <= limit).all())}


def merge(outputs: dict[str, Any], name: str, new: dict[str, Any]) -> None:
    """Adds a comparison of an output to those before: the worst of them stands."""
    old = outputs.setdefault(name, new)
    for key in ("max_abs", "max_ulp"):
        numbers = [x[key] for x in (old, new) if x[key] is not None]
        old[key] = max(numbers) if numbers else None
    old["agrees"] = old["agrees"] and new["agrees"]


def _parts(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.stack([array.real, array.imag])


def _ordered(array: np.ndarray[Any, Any]) -> Any:
    """Integers in the order of the numbers, neighbours being one apart."""
    kind: Any = _BITS[str(array.dtype)]
    bits = np.ascontiguousarray(array).view(kind)
    ordered = np.where(bits < 0, np.iinfo(kind).min - bits, bits)
    return ordered.astype(np.longdouble)  # 64 bits of it are exact, and a difference fits
