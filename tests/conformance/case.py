"""Cases: small graphs as data, and the steps to run in them. No TensorFlow here.

A case is a dict that pickles into every Python:
  id      unique, and what pytest shows
  oracle  version whose native ops give the right answer
  nodes   [(op, name, inputs, {attr: (kind, value)})]
  steps   [{"run": [names of tensors and ops], "session": number, "rows": [those of them that are
          the two columns of an export], "drop": [keys that do not count there]}]
  files   {name: bytes, or None for a directory}; b"{dir}" in a string constant is where they are
  values  what each step gives, by a model in Python that needs no release; else None
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np


class Tensor(str):
    """The name of a node or tensor, as opposed to a string that is data."""


NEWEST = "2.21.0"

FLOATS = ("half", "bfloat16", "float", "double")
NUMPY = {
    "bool": np.bool_,
    "int8": np.int8,
    "uint8": np.uint8,
    "int16": np.int16,
    "uint16": np.uint16,
    "int32": np.int32,
    "uint32": np.uint32,
    "int64": np.int64,
    "uint64": np.uint64,
    "half": np.float16,
    "float": np.float32,
    "double": np.float64,
    "qint8": np.int8,
    "complex64": np.complex64,
    "complex128": np.complex128,
}


def encode(text: Any) -> bytes:
    """A string tensor's element."""
    return text if isinstance(text, bytes) else str(text).encode("utf-8")


def tensor(dtype: str, data: Any, shape: list[int] | None = None) -> tuple[str, list[int], Any]:
    """A constant: its type, shape and content. bfloat16 values must be exact."""
    array = np.array(data, dtype=object) if dtype == "string" else np.array(data)
    if shape is not None:
        array = array.reshape(shape)
    dims = list(array.shape)
    flat = array.ravel().tolist()
    if dtype == "string":
        return dtype, dims, [encode(item) for item in flat]
    if dtype == "bfloat16":
        return dtype, dims, b"".join(struct.pack("<f", item)[2:] for item in flat)
    with np.errstate(all="ignore"):
        return dtype, dims, np.array(flat).astype(NUMPY[dtype]).tobytes()


class Graph:
    """Builds a case. Constants are of unknown shape while the graph is built, unless `static`."""

    def __init__(self, oracle: str = NEWEST, chain: bool = False) -> None:
        self.oracle = oracle
        self.chain = chain  # each stateful node waits for the one before: anonymous tables
        self.nodes: list[tuple[str, str, list[str], dict[str, Any]]] = []
        self.steps: list[dict[str, Any]] = []
        self.files: dict[str, bytes | None] = {}
        self.values: list[Any] | None = None
        self.last: str | None = None

    def node(
        self,
        op: str,
        inputs: list[Tensor],
        name: str | None = None,
        ordered: bool = False,
        **attrs: Any,
    ) -> Tensor:
        """Adds a node and returns its name. attrs: ("type", "int32"), True, 1, 0.5 or b"text"."""
        name = name or f"n{len(self.nodes)}_{op}"
        inputs = list(inputs)
        if ordered and self.chain:
            if self.last is not None:
                inputs.append(Tensor("^" + self.last))
            self.last = name
        kinds = {bool: "b", int: "i", float: "f", bytes: "s"}
        coded = {k: v if isinstance(v, tuple) else (kinds[type(v)], v) for k, v in attrs.items()}
        self.nodes.append((op, name, [str(item) for item in inputs], coded))
        return Tensor(name)

    def data(
        self, dtype: str, data: Any, shape: list[int] | None = None, static: bool = False
    ) -> Tensor:
        """A constant tensor."""
        value = tensor(dtype, data, shape)
        kind = ("type", dtype)
        name = self.node("Const", [], dtype=kind, value=("tensor", value))
        if static:
            return name
        return self.node("PlaceholderWithDefault", [name], dtype=kind, shape=("shape", None))

    def fetchable(self, name: Tensor, dtype: str) -> Tensor:
        """The tensor itself, or as float if old Python cannot hold its type."""
        if dtype == "bfloat16":
            name = self.node("Cast", [name], SrcT=("type", dtype), DstT=("type", "float"))
        return Tensor(name if ":" in name else name + ":0")

    def step(
        self, *run: str, session: int = 0, export: list[Tensor] | None = None, drop: Any = ()
    ) -> None:
        """Adds a step. export: keys and values, whose rows may come in any order, but for `drop`.

        drop: keys of no account: a dense table exports its free buckets as well.
        """
        columns = [str(name) for name in export or ()]
        dropped = [item.encode() if isinstance(item, str) else item for item in drop]
        names = [str(name) for name in run] + columns
        self.steps.append({"run": names, "session": session, "rows": columns, "drop": dropped})

    def case(self, identifier: str) -> dict[str, Any]:
        """The finished case."""
        if self.chain and len(self.steps) > 1:  # an anonymous table lives for one step
            merged: dict[str, Any] = {"run": [], "session": 0, "rows": [], "drop": []}
            for step in self.steps:
                for part in ("run", "rows", "drop"):
                    merged[part] += step[part]
            self.steps = [merged]
        return {
            "id": identifier,
            "oracle": self.oracle,
            "nodes": self.nodes,
            "steps": self.steps,
            "files": self.files,
            "values": self.values,
        }


# Every op that cases rename to its Opgraft name, as this is how opgraft.lookup reaches them.
TABLES = (
    "HashTable",
    "MutableHashTable",
    "MutableHashTableOfTensors",
    "MutableDenseHashTable",
)
ACCESS = ("Find", "Insert", "Import", "Export", "Size")
RENAMED = [
    *(name + suffix for name in TABLES for suffix in ("", "V2")),
    *("Anonymous" + name for name in TABLES),
    *("InitializeTable" + suffix for suffix in ("", "V2")),
    *("InitializeTableFromTextFile" + suffix for suffix in ("", "V2")),
    *("LookupTable" + name + suffix for name in ACCESS for suffix in ("", "V2")),
    "LookupTableRemoveV2",
    "AddV2",
    "StringLower",
    "GatherTree",
    "SparseFeatureCross",
    "SparseFeatureCrossV2",
    "SkipGramGenerateCandidates",
    "DecodeLibsvm",
    "ReinterpretStringToFloat",
    "BucketizeWithInputBoundaries",
    *("ReduceSlice" + kind for kind in ("Sum", "Prod", "Max", "Min")),
    *("PeriodicResample" + suffix for suffix in ("", "OpGrad")),
    "HyperplaneLSHProbes",
    "MaskedMatmul",
    "WALSComputePartialLhsAndRhs",
    "ScatterAddNdim",
    "ZeroInitializer",
    "ObtainNext",
    "BytesLimit",
    "BytesInUse",
    "MaxBytesInUse",
    "Resampler",
    "ResamplerGrad",
    "ImageProjectiveTransform",
    "ImageProjectiveTransformV2",
    "BipartiteMatch",
    "ImageConnectedComponents",
    "AdjustHsvInYiq",
    "SingleImageRandomDotStereograms",
    "FusedConv2DBiasActivation",
    "ZeroVarInitializer",
]


class Table:
    """A table in a graph under construction. `kind` is the op that makes it."""

    def __init__(self, graph: Graph, kind: str, key: str, value: str, **attrs: Any) -> None:
        self.graph, self.kind, self.key, self.value = graph, kind, key, value
        self.v2 = "" if kind in TABLES else "V2"
        inputs: list[Tensor] = []
        for name in ("empty_key", "deleted_key"):
            if name in attrs:
                inputs.append(self._tensor(attrs.pop(name), key))
        attrs.setdefault("key_dtype", ("type", key))
        attrs.setdefault("value_dtype", ("type", value))
        name = attrs.pop("name", None)
        self.handle = graph.node(kind, inputs, name=name, **attrs)

    def _tensor(self, data: Any, dtype: str) -> Tensor:
        return data if isinstance(data, Tensor) else self.graph.data(dtype, data)

    def _op(self, op: str, inputs: list[Tensor], **types: Any) -> Tensor:
        name = ("LookupTable" if op in (*ACCESS, "Remove") else "") + op + self.v2
        return self.graph.node(name, [self.handle, *inputs], ordered=True, **types)

    def _types(self, key: str, value: str) -> dict[str, Any]:
        return {key: ("type", self.key), value: ("type", self.value)}

    def init(self, keys: Any, values: Any) -> Tensor:
        """InitializeTable."""
        inputs = [self._tensor(keys, self.key), self._tensor(values, self.value)]
        return self._op("InitializeTable", inputs, **self._types("Tkey", "Tval"))

    def init_file(self, path: Any, key_index: int, value_index: int, **attrs: Any) -> Tensor:
        """InitializeTableFromTextFile; `path` is a file of the case or a node."""
        if not isinstance(path, Tensor):
            path = self.graph.data("string", b"{dir}/" + path.encode())
        attrs.update(key_index=key_index, value_index=value_index)
        return self._op("InitializeTableFromTextFile", [path], **attrs)

    def insert(self, keys: Any, values: Any, op: str = "Insert") -> Tensor:
        """LookupTableInsert, or Import."""
        inputs = [self._tensor(keys, self.key), self._tensor(values, self.value)]
        return self._op(op, inputs, **self._types("Tin", "Tout"))

    def remove(self, keys: Any) -> Tensor:
        """LookupTableRemoveV2."""
        return self._op("Remove", [self._tensor(keys, self.key)], Tin=("type", self.key))

    def find(self, keys: Any, default: Any) -> Tensor:
        """LookupTableFind."""
        inputs = [self._tensor(keys, self.key), self._tensor(default, self.value)]
        found = self._op("Find", inputs, **self._types("Tin", "Tout"))
        return self.graph.fetchable(found, self.value)

    def size(self) -> Tensor:
        """LookupTableSize."""
        return Tensor(self._op("Size", []) + ":0")

    def export(self) -> list[Tensor]:
        """LookupTableExport."""
        name = self._op("Export", [], **self._types("Tkeys", "Tvalues"))
        return [Tensor(f"{name}:0"), self.graph.fetchable(Tensor(f"{name}:1"), self.value)]
