"""Reductions over slices (tf.contrib.reduce_slice_ops).

Every function takes

    data: a tensor of rank 1 or more, any number type (max and min: no complex).
    indices: int32 or int64 [n, 2] (or [n]: n - 1 slices between neighbours): start and end.
    axis: int64 scalar, the dimension that is sliced.

and returns a tensor of data's type and shape but for n along axis. An end past the bound means the
bound; an empty slice gives the neutral element. There are no gradients, as in tf.contrib.
"""

from typing import Any, Optional

from opgraft.contrib import _ops

__all__ = ["reduce_slice_max", "reduce_slice_min", "reduce_slice_prod", "reduce_slice_sum"]


def _reduce(op: str, data: Any, indices: Any, axis: Any, name: Optional[str]) -> Any:
    return _ops.call(op, data, indices, axis, name=name)


def reduce_slice_sum(data: Any, indices: Any, axis: Any, name: Optional[str] = None) -> Any:
    """Sums of slices of data; 0 for an empty slice. Shapes and errors: see the module."""
    return _reduce("ReduceSliceSum", data, indices, axis, name)


def reduce_slice_prod(data: Any, indices: Any, axis: Any, name: Optional[str] = None) -> Any:
    """Products of slices of data; 1 for an empty slice. Shapes and errors: see the module."""
    return _reduce("ReduceSliceProd", data, indices, axis, name)


def reduce_slice_max(data: Any, indices: Any, axis: Any, name: Optional[str] = None) -> Any:
    """Maxima of slices of data; the type's lowest for an empty one. See the module."""
    return _reduce("ReduceSliceMax", data, indices, axis, name)


def reduce_slice_min(data: Any, indices: Any, axis: Any, name: Optional[str] = None) -> Any:
    """Minima of slices of data; the type's highest for an empty one. See the module."""
    return _reduce("ReduceSliceMin", data, indices, axis, name)
