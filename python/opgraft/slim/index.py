"""The index of a release's sources: which file has which kernel, and what a file needs.

build_configs/slim/kernel_index.py writes it, from the source tree.
"""

from __future__ import annotations

import json
import lzma
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opgraft import history, proto
from opgraft.errors import OpgraftError
from opgraft.history.registry import DEVICES
from opgraft.slim.selection import Kernel


class IndexDataError(OpgraftError, ValueError):
    """The folder of a release's lists is missing or damaged."""


@dataclass(frozen=True)
class Entry:
    """A kernel of the index.

    Attributes:
      kernel: what is registered.
      device: CPU, or DEFAULT for the fallback of every device.
      values: constraints on attrs that are no types, ((attr, value), …).
      is_system: whether it is registered whenever its file is compiled.
    """

    kernel: Kernel
    device: str
    values: tuple[tuple[str, Any], ...] = ()
    is_system: bool = False


class Index:
    """What a source tree can provide.

    Args:
      folder: such as build_configs/slim/2.14.1.

    Attributes:
      release: of TensorFlow.
      definitions: {op: OpDef} of the release.
      op_files: {op: the file that defines it}.
      needs: {file: files whose functions it needs}, beyond the framework's.
      serves: {file: dtypes} of files that code of other dtypes does not need.
      libraries: {file: the libraries from outside of TensorFlow that it needs}.
      framework: the files that every slim build has.

    Raises:
      IndexDataError: the folder is missing or damaged.
      UnknownReleaseError: nothing is known about the release.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        path = Path(folder)
        try:
            data = json.loads(lzma.decompress((path / "kernels.json.xz").read_bytes()))
            self.framework = frozenset((path / "framework.txt").read_text("utf-8").split())
            self.release: str = data["release"]
            self.op_files: dict[str, str] = data["ops"]
            self.needs: dict[str, list[str]] = data["needs"]
            self.serves: dict[str, list[str]] = data["serves"]
            self.libraries: dict[str, list[str]] = data["libraries"]
            self._entries: dict[str, list[Entry]] = {}
            for row in data["kernels"]:
                self._entries.setdefault(row["op"], []).append(_entry(row))
        except (OSError, lzma.LZMAError, ValueError, KeyError, TypeError, AttributeError) as e:
            raise IndexDataError(
                f"{path}: no index of a TensorFlow release ({e}). It is made by "
                "python build_configs/slim/kernel_index.py --tensorflow-source DIR --release X.Y.Z"
            ) from e
        self.definitions: dict[str, Any] = history.Release(self.release).ops

    def entries(self, op: str) -> list[Entry]:
        """All kernels of an op."""
        return self._entries.get(op, [])

    def find(self, op: str, attrs: Mapping[str, Any]) -> list[Kernel]:
        """The kernels that may serve a node: one, unless the attrs leave several open.

        As TensorFlow does it: among the kernels of the CPU with the label of the attr _kernel those
        that the attrs satisfy, and of these those of the highest priority; if there are none, the
        same for the device DEFAULT.

        Args:
          op: the op.
          attrs: {attr: AttrValue}; defaults of the op stand in for those that are not there. One
            without a value, or with one that the caller of a function gives, satisfies everything.
        """
        known = {a.name: a.default_value for a in self._attrs(op) if a.HasField("default_value")}
        known.update(attrs)
        label = known["_kernel"].s.decode("utf-8", "replace") if "_kernel" in known else ""
        for device in DEVICES:
            found = [
                entry.kernel
                for entry in self.entries(op)
                if entry.device == device and entry.kernel.label == label and _serves(entry, known)
            ]
            if found:
                best = max(kernel.priority for kernel in found)
                return [kernel for kernel in found if kernel.priority == best]
        return []

    def all_of(self, op: str, types: Mapping[str, Iterable[str]], label: str = "") -> list[Kernel]:
        """The kernels of an op for some types.

        Args:
          op: the op.
          types: {attr: dtypes}; an attr that is not there may have any.
          label: the kernels that only nodes with this label in the attr _kernel have.
        """
        found = [entry for entry in self.entries(op) if entry.kernel.label == label]
        if any(entry.device == "CPU" and not entry.kernel.types for entry in found):
            found = [entry for entry in found if entry.device == "CPU"]  # DEFAULT's are never used
        return [
            entry.kernel
            for entry in found
            if all(
                name not in types or set(allowed) & set(types[name])
                for name, allowed in entry.kernel.types
            )
        ]

    def _attrs(self, op: str) -> Any:
        definition = self.definitions.get(op)
        return definition.attr if definition is not None else ()


def _entry(row: dict[str, Any]) -> Entry:
    types = tuple((name, tuple(types)) for name, types in sorted(row.get("types", {}).items()))
    kernel = Kernel(
        row["op"], row["class"], types, row.get("label", ""), row.get("priority", 0), row["file"]
    )
    values = tuple(sorted(row.get("values", {}).items()))
    return Entry(kernel, row["device"], values, row.get("system", False))


def _serves(entry: Entry, attrs: Mapping[str, Any]) -> bool:
    """Whether a kernel serves a node with these attrs."""
    for name, allowed in entry.kernel.types:
        if not all(dtype in allowed for dtype in _dtypes(attrs.get(name))):
            return False
    return all(_may_be(attrs.get(name), wanted) for name, wanted in entry.values)


def _dtypes(value: Any) -> list[str]:
    """The dtypes in the value of an attr; empty if they are not known."""
    kind = value.WhichOneof("value") if value is not None else None
    numbers = [value.type] if kind == "type" else value.list.type if kind == "list" else ()
    return [proto.type_name(number % proto.REF) for number in numbers if number]


def _may_be(value: Any, wanted: str | int | bool) -> bool:
    """Whether the value of an attr is the one that is wanted, as far as that is known."""
    kind = value.WhichOneof("value") if value is not None else None
    if kind not in ("s", "i", "b"):
        return True
    has = getattr(value, kind)
    return bool(has == (wanted.encode() if isinstance(wanted, str) else wanted))
