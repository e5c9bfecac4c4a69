"""TensorFlow's types as numpy's, and what a caller gives as an array of the type that is wanted."""

from __future__ import annotations

from typing import Any, Dict

import numpy as np

from opgraft_slim._types import NAMES, STRING, name
from opgraft_slim.errors import InputError

_QUANTIZED = {11: "int8", 12: "uint8", 13: "int32", 15: "int16", 16: "uint16"}
_WITHOUT_ARRAY = {20, 21, 29, 30}  # handles, and types of less than a byte
_ML_DTYPES = {14, 24, 25}

_made: Dict[int, Any] = {STRING: np.dtype(object)}


def to_numpy(number: int) -> Any:
    """The np.dtype that holds a type; strings are objects.

    Raises:
      InputError: numpy has no such type here.
    """
    if number not in _made:
        if number not in NAMES or number in _WITHOUT_ARRAY:
            raise InputError("tensors of {} have no form in numpy.".format(name(number)))
        if number in _ML_DTYPES:
            try:
                import ml_dtypes
            except ImportError:
                raise InputError(
                    "numpy has no {} of its own: pip install ml_dtypes.".format(name(number))
                ) from None
            _made[number] = np.dtype(getattr(ml_dtypes, NAMES[number]))
        else:
            _made[number] = np.dtype(_QUANTIZED.get(number, NAMES[number]))
    return _made[number]


def convert(value: Any, number: int) -> "np.ndarray[Any, Any]":
    """An array of the type wanted. Lists and Python's numbers become it; arrays must have it.

    Strings give an array of bytes objects, text being encoded as UTF-8.

    Raises:
      InputError: of another type, out of its range, or not rectangular. The text begins with "is".
    """
    wanted = to_numpy(number)
    python = isinstance(value, (list, tuple, bool, int, float, complex, str, bytes))
    python = python and not isinstance(value, np.generic)
    try:
        array = np.asarray(value, dtype=object if python and number == STRING else None)
    except (ValueError, TypeError, OverflowError) as e:
        raise InputError("is no rectangular array: {}.".format(e)) from e
    if number == STRING:
        return _strings(array)
    if array.dtype == wanted:
        return array
    if array.dtype.newbyteorder("=") == wanted:
        return array.astype(wanted)
    if not python:
        raise InputError(_mismatch(array, value, number))
    if array.size == 0:
        return array.astype(wanted)
    if wanted.kind in "iu" and array.dtype.kind in "fO":  # numpy's way with integers of 64 bits
        array = np.asarray(value, dtype=object)
        known = all(
            isinstance(x, (int, np.integer)) and not isinstance(x, bool) for x in array.flat
        )
    else:
        known = array.dtype.kind in _ACCEPTED.get(wanted.kind, "iuf")  # "iuf" for ml_dtypes' kinds
    if not known:
        found = "{} {!r:.60}".format(type(value).__name__, value)
        raise InputError("is {}, but {} is wanted.".format(found, name(number)))
    if not _in_range(array, wanted):
        raise InputError("has numbers out of the range of {}.".format(name(number)))
    return array.astype(wanted)


# Kinds of what Python's numbers make that become a kind of the model's, if the range allows it.
_ACCEPTED = {"i": "iu", "u": "iu", "f": "iuf", "c": "iufc", "b": ""}


def _mismatch(array: "np.ndarray[Any, Any]", value: Any, number: int) -> str:
    found = str(array.dtype)
    if array.dtype.kind == "O":
        what = type(value).__name__ if array.ndim == 0 else "objects"
        return "is an array of {}, but {} is wanted.".format(what, name(number))
    advice = "." if array.dtype.kind in "SU" else ": convert it with .astype(), if its values fit."
    return "is {}, but {} is wanted{}".format(found, name(number), advice)


def _in_range(array: "np.ndarray[Any, Any]", wanted: Any) -> bool:
    """Whether numbers become the type without losing more than precision."""
    if wanted.kind in "iu":
        limits = np.iinfo(wanted)
        return bool(limits.min <= array.min() and array.max() <= limits.max)
    with np.errstate(over="ignore"):
        made = array.astype(wanted).astype(np.complex128)
    return bool((np.isfinite(made) | ~np.isfinite(array)).all())


def _strings(array: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    if array.dtype.kind not in "OUST":
        raise InputError("is {}, but string is wanted.".format(array.dtype))
    flat = array.astype(object).ravel().tolist()
    for index, item in enumerate(flat):
        if isinstance(item, bytes):
            continue
        if not isinstance(item, str):
            raise InputError(
                "has the type {} at {}, but strings (bytes or str) are wanted.".format(
                    type(item).__name__, tuple(map(int, np.unravel_index(index, array.shape)))
                )
            )
        try:
            flat[index] = item.encode("utf-8")
        except UnicodeEncodeError as e:
            raise InputError("has text that UTF-8 cannot encode: {}.".format(e)) from e
    made = np.empty(len(flat), dtype=object)
    made[:] = flat
    return made.reshape(array.shape)
