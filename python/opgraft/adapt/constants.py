"""Tensors in protos: reading them, writing them, and spelling them out for old releases."""

from __future__ import annotations

from typing import Any

import numpy as np

from opgraft import proto
from opgraft.adapt.graph import Body

# dtype number -> (numpy dtype, field of TensorProto)
_FIELDS: dict[int, tuple[Any, str]] = {
    1: (np.float32, "float_val"),
    2: (np.float64, "double_val"),
    3: (np.int32, "int_val"),
    4: (np.uint8, "int_val"),
    5: (np.int16, "int_val"),
    6: (np.int8, "int_val"),
    7: (object, "string_val"),
    8: (np.complex64, "scomplex_val"),
    9: (np.int64, "int64_val"),
    10: (np.bool_, "bool_val"),
    17: (np.uint16, "int_val"),
    18: (np.complex128, "dcomplex_val"),
    19: (np.float16, "half_val"),
    22: (np.uint32, "uint32_val"),
    23: (np.uint64, "uint64_val"),
}

_MOST_ELEMENTS = 1 << 29  # more cannot be in a proto, which ends at 2 GB
_MOST_SPELT_OUT = 1 << 26  # elements of a constant that a few values in a proto stand for


def _shape(tensor: Any) -> list[int]:
    return [int(dim.size) for dim in tensor.tensor_shape.dim]


def _values(tensor: Any) -> np.ndarray[Any, Any]:
    """What the typed field holds, flat."""
    dtype, field = _FIELDS[tensor.dtype]
    values = getattr(tensor, field)
    if tensor.dtype == 7:
        flat = np.empty(len(values), object)
        flat[:] = list(values)
        return flat
    if field.endswith("complex_val"):
        pairs = np.array(values, np.float64).reshape(-1, 2)
        return (pairs[:, 0] + 1j * pairs[:, 1]).astype(dtype)
    if tensor.dtype == 19:
        return np.array(values, np.uint16).view(np.float16)
    return np.array(values).astype(dtype)


def to_array(tensor: Any) -> np.ndarray[Any, Any] | None:
    """The value of a TensorProto; None for a dtype that numpy has not or a damaged proto."""
    shape = _shape(tensor)
    if tensor.dtype not in _FIELDS or any(size < 0 for size in shape):
        return None
    if int(np.prod(shape, dtype=object)) > _MOST_ELEMENTS:
        return None
    if tensor.tensor_content:
        if tensor.dtype == 7:
            return None
        kind = np.dtype(_FIELDS[tensor.dtype][0])
        if len(tensor.tensor_content) % kind.itemsize:
            return None
        flat = np.frombuffer(tensor.tensor_content, kind)
    else:
        try:
            flat = _values(tensor)
        except (OverflowError, ValueError):  # a number that the dtype has not, half of a pair
            return None
        size = int(np.prod(shape, dtype=object))
        if len(flat) < size > _MOST_SPELT_OUT:
            return None
        if len(flat) < size:  # the last value repeats; of none at all, the type's zero
            if not len(flat):
                flat = np.array([b""], object) if tensor.dtype == 7 else np.zeros(1, flat.dtype)
            return np.concatenate([flat, np.broadcast_to(flat[-1:], size - len(flat))]).reshape(
                shape
            )
    try:
        return flat.reshape(shape)
    except ValueError:
        return None


def from_array(array: np.ndarray[Any, Any], dtype: int) -> Any:
    """The TensorProto of an array, spelt out as every release reads it."""
    tensor = proto.TensorProto(dtype=dtype)
    for size in array.shape:
        tensor.tensor_shape.dim.add(size=size)
    if dtype == 7:
        tensor.string_val.extend(
            value if isinstance(value, bytes) else str(value).encode() for value in array.flat
        )
    else:
        tensor.tensor_content = array.astype(_FIELDS[dtype][0]).tobytes()
    return tensor


def compressed(tensor: Any) -> bool:
    """Whether a proto has fewer values than elements, which releases before 1.13 cannot read.

    One value for all elements has always been read.
    """
    if tensor.tensor_content or tensor.dtype not in _FIELDS:
        return False
    count = len(getattr(tensor, _FIELDS[tensor.dtype][1]))
    count //= 2 if _FIELDS[tensor.dtype][1].endswith("complex_val") else 1
    return count != 1 and count < int(np.prod(_shape(tensor), dtype=object))


def spell_out(body: Body) -> int:
    """Writes all values of compressed constants; returns how many there were."""
    count = 0
    for node in body.nodes.values():
        if node.op == "Const" and compressed(node.attrs["value"].tensor):
            array = to_array(node.attrs["value"].tensor)
            if array is not None:
                tensor = from_array(array, node.attrs["value"].tensor.dtype)
                node.attrs["value"].tensor.CopyFrom(tensor)
                count += 1
    return count
