"""Arrays to tensors of TensorFlow and back.

Memory: an input is copied into TensorFlow's memory, unless it is read-only and aligned as
TensorFlow wants it (so that nobody can change what TensorFlow may keep). An output is TensorFlow's
own memory, freed with the array, unless something else may hold it as well (a variable that the
graph hands out, say): then it is a copy. So each output belongs to the caller alone.
"""

from __future__ import annotations

import ctypes
import itertools
from typing import Any, Dict, Tuple

import numpy as np

from opgraft_slim import _dtypes
from opgraft_slim._library import DEALLOCATOR, Library
from opgraft_slim.errors import InputError

_ALIGNMENT = 64  # EIGEN_MAX_ALIGN_BYTES of TensorFlow's builds; TF_NewTensor copies below it
_SMALL = 1 << 12  # bytes up to which a copy is cheaper than what keeps the memory alive

# TF_TString (tensorflow/tsl/platform/ctstring.h): 24 bytes. Short strings are inside: a byte with
# the size * 4 (the lower bits are the kind, 0), then up to 22 bytes and a NUL.
_STRING_BYTES, _SHORT = 24, 22

_kept: Dict[int, Any] = {}  # what TensorFlow borrowed, until it calls _release
_numbers = itertools.count(1)


@DEALLOCATOR
def _release(_data: Any, _length: Any, key: Any, kept: Any = _kept) -> None:
    kept.pop(key, None)


def make(library: Library, array: "np.ndarray[Any, Any]", number: int) -> int:
    """A TF_Tensor of an array that `_dtypes.convert` returned; the caller deletes it.

    Raises:
      InputError: a shape that TensorFlow cannot have.
      MemoryError: too big for this machine.
    """
    elements = 1
    for size in array.shape:
        elements *= size or 1
    if elements >= 1 << 62:  # TensorFlow multiplies the sizes, and aborts when that overflows
        raise InputError("has the shape {}, which is too big.".format(array.shape))
    dims = (ctypes.c_int64 * array.ndim)(*array.shape)
    if number == _dtypes.STRING:
        return _make_strings(library, array, dims)
    if not array.flags.writeable and array.nbytes > _SMALL and array.flags.c_contiguous:
        address = array.ctypes.data
        if address % _ALIGNMENT == 0:
            key = next(_numbers)
            _kept[key] = array
            arguments = (number, dims, array.ndim, address, array.nbytes, _release, key)
            return _there(library.NewTensor(*arguments), array.nbytes)
    tensor = library.AllocateTensor(number, dims, array.ndim, array.nbytes)
    _there(tensor, array.nbytes)
    if array.nbytes:
        data = _data(library, tensor, array.nbytes)
        if array.flags.c_contiguous:
            ctypes.memmove(data, array.__array_interface__["data"][0], array.nbytes)
        else:
            np.copyto(_view(data, array.shape, array.dtype), array)
    return int(tensor)


def _there(tensor: Any, size: int) -> int:
    if not tensor:
        raise MemoryError("TensorFlow cannot make a tensor of {} bytes".format(size))
    return int(tensor)


def _data(library: Library, tensor: int, size: int) -> int:
    data = library.TensorData(tensor)
    if not data:
        library.DeleteTensor(tensor)
        raise MemoryError("no memory for a tensor of {} bytes".format(size))
    return int(data)


def _make_strings(library: Library, array: "np.ndarray[Any, Any]", dims: Any) -> int:
    size = array.size * _STRING_BYTES
    tensor = _there(library.AllocateTensor(_dtypes.STRING, dims, array.ndim, size), size)
    if not size:
        return tensor
    data = _data(library, tensor, size)
    parts, long = [], []
    for index, text in enumerate(array.ravel().tolist()):
        if len(text) <= _SHORT:
            parts.append(bytes((len(text) << 2,)) + text.ljust(_STRING_BYTES - 1, b"\0"))
        else:
            parts.append(bytes(_STRING_BYTES))
            long.append((data + index * _STRING_BYTES, text))
    ctypes.memmove(data, b"".join(parts), size)
    for place, text in long:
        library.StringCopy(place, text, len(text))
    return tensor


class _Owner:
    """Memory of a tensor, which is deleted with the last array that shows it."""

    def __init__(self, library: Library, tensor: int, interface: Dict[str, Any]) -> None:
        self._delete, self._tensor = library.DeleteTensor, tensor
        self.__array_interface__ = interface

    def __del__(self) -> None:
        self._delete(self._tensor)


class _Window:
    """Memory that somebody else owns."""

    def __init__(self, interface: Dict[str, Any]) -> None:
        self.__array_interface__ = interface


def _interface(data: int, shape: Tuple[int, ...], size: int) -> Dict[str, Any]:
    return {"data": (data, False), "shape": shape, "typestr": "|V{}".format(size), "version": 3}


def _view(data: int, shape: Tuple[int, ...], dtype: Any) -> "np.ndarray[Any, Any]":
    window = _Window(_interface(data, shape, dtype.itemsize))
    return np.asarray(window).view(dtype)


def _bytes(data: int, size: int) -> bytes:
    if size < 1 << 31:  # string_at has it as a C int
        return ctypes.string_at(data, size)
    return _view(data, (size,), np.dtype(np.uint8)).tobytes()


def take(library: Library, tensor: int) -> "np.ndarray[Any, Any]":
    """The array of a TF_Tensor, which belongs to the array then, or is deleted.

    Raises:
      InputError: numpy has no such type.
    """
    owned = True
    try:
        number = library.TensorType(tensor)
        shape = tuple([library.Dim(tensor, i) for i in range(library.NumDims(tensor))])
        dtype = _dtypes.to_numpy(number)
        if number == _dtypes.STRING:
            return _take_strings(library, tensor, shape)
        if 0 in shape:
            return np.empty(shape, dtype)
        data = library.TensorData(tensor)
        elements = 1
        for size in shape:
            elements *= size
        size = elements * dtype.itemsize
        if size > _SMALL and library.TensorMaybeMove(tensor):
            owner = _Owner(library, tensor, _interface(data, shape, dtype.itemsize))
            owned = False
            return np.asarray(owner).view(dtype)
        array = np.empty(shape, dtype)
        ctypes.memmove(array.__array_interface__["data"][0], data, size)
        return array
    finally:
        if owned:
            library.DeleteTensor(tensor)


def _take_strings(library: Library, tensor: int, shape: Tuple[int, ...]) -> Any:
    array = np.empty(shape, object)
    if array.size:
        data = library.TensorData(tensor)
        raw = _bytes(data, array.size * _STRING_BYTES)
        found = []
        for at in range(0, len(raw), _STRING_BYTES):
            head = raw[at]
            if head & 3 == 0:
                found.append(raw[at + 1 : at + 1 + (head >> 2)])
            else:
                place = data + at
                size = library.StringGetSize(place)
                found.append(_bytes(library.StringGetDataPointer(place), size))
        array.reshape(-1)[:] = found
    return array
