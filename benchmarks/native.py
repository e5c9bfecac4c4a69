"""Flat hash maps and the memory test of benchmarks/*.cc, through ctypes."""

import ctypes
import os

import keys as data
import numpy as np

MAPS = ("absl", "boost")
LINE = "line"  # no map: one access to memory per key, and nothing else
_P, _N, _I = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64
_SIGNATURES = {
    "NewInt64": (_P, [_P, _P, _N]),
    "NewString": (_P, [_P, _P, _P, _N]),
    "FindInt64": (None, [_P, _P, _N, _I, _P]),
    "FindString": (None, [_P, _P, _P, _N, _I, _P]),
    "DeleteInt64": (None, [_P]),
    "DeleteString": (None, [_P]),
    "MemoryCeiling": (ctypes.c_int, [_N, ctypes.c_int, ctypes.c_int, _N, _N, _P]),
}


def load(directory, name):
    """The library of that name, or None if it could not be built here."""
    path = os.path.join(directory or "", name + ".so")
    if not directory or not os.path.exists(path):
        return None
    library = ctypes.CDLL(os.path.abspath(path))
    for function, (result, arguments) in _SIGNATURES.items():
        if hasattr(library, function):
            getattr(library, function).restype = result
            getattr(library, function).argtypes = arguments
    return library


def maps(directory):
    """{name: library} of the flat maps that are there, and of LINE."""
    found = {name: load(directory, name + "_peer") for name in (*MAPS, LINE)}
    return {name: library for name, library in found.items() if library}


class Keys:
    """Keys as the maps take them: int64, or strings one behind the other with offsets."""

    def __init__(self, array):
        self.count = len(array)
        self.suffix = "Int64" if array.dtype == np.int64 else "String"
        self._arrays = [array] if array.dtype == np.int64 else data.blob_and_offsets(array)

    @property
    def pointers(self):
        return [array.ctypes.data for array in self._arrays]


class Map:
    """A flat hash map with these entries."""

    def __init__(self, library, keys, values):
        self._library, self._suffix = library, keys.suffix
        new = getattr(library, "New" + keys.suffix)
        self._map = new(*keys.pointers, values.ctypes.data, keys.count)

    def __del__(self):
        getattr(self._library, "Delete" + self._suffix)(self._map)

    def finder(self, keys, missing=-1):
        """A function that looks all of `keys` up and returns what it found, in its own array."""
        found = np.empty(keys.count, np.int64)
        find = getattr(self._library, "Find" + self._suffix)
        arguments = (self._map, *keys.pointers, keys.count, missing, found.ctypes.data)

        def call(_held=(self, keys)):
            find(*arguments)
            return found

        return call


def memory_ceiling(directory, threads, quick):
    """[{"pages", "threads", "ns", "best"}]: what a random line of 512 MB costs; [] if unknown."""
    library = load(directory, "memory_ceiling")
    rows = []
    for pages in ("huge", "small") if library else ():
        figures = np.empty(5 if quick else 15)
        bytes_, reads = 1 << 29, 2 * 10**6
        arguments = (bytes_, pages == "huge", threads, reads, len(figures), figures.ctypes.data)
        if library.MemoryCeiling(*arguments) != 0:
            raise MemoryError("the memory test needs 512 MB")
        figure = {"ns": float(np.median(figures)), "best": float(figures.min())}
        rows.append({"pages": pages, "threads": threads, **figure})
    return rows
