"""select(): what a slim build needs for some models and ops."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from opgraft import proto
from opgraft.errors import OpgraftError
from opgraft.inspect.escape import printable
from opgraft.inspect.model import Node
from opgraft.slim import models as model_reader
from opgraft.slim import ops_file as ops_reader
from opgraft.slim import problems, sources
from opgraft.slim.index import Index
from opgraft.slim.rules import FUSED, FUSED_LABEL, FUSED_WITH, RULES, WITHOUT_KERNEL
from opgraft.slim.selection import Kernel, Reason, Selection, SelectionError

Path = "str | os.PathLike[str]"


def select(
    models: Iterable[Any] = (),
    *,
    data: Any,
    ops_files: Iterable[Any] = (),
    libraries: Collection[str] | None = None,
    fuse: bool = False,
) -> Selection:
    """Selects ops, kernels and sources.

    A node selects its op, and the kernel that its types select. Of a SavedModel, kernels are
    selected for what runs: the signatures, the initialization and the restoring. Its other nodes
    (those that save, say) need no kernel, but their ops: a graph is imported as a whole.

    Args:
      models: paths of SavedModels, or of files with a SavedModel, MetaGraphDef or GraphDef.
      data: the folder of a release's lists, such as build_configs/slim/2.14.1.
      ops_files: files that name more ops (opgraft.slim.ops_file).
      libraries: the libraries from outside of TensorFlow that the build has, by the names of
        Index.libraries; None for all.
      fuse: adds the kernels that compute a convolution and what follows it in one.

    Raises:
      SelectionError: something is no model, or cannot be built; it names all problems.
      IndexDataError: `data` is no such folder.
    """
    selector = _Selector(Index(data))
    paths = [os.fspath(path) for path in models]
    given = [os.fspath(path) for path in ops_files]
    if not paths and not given:
        raise SelectionError(["Nothing to select: name a model or a file with ops."])
    for path, add in [(p, selector.add_model) for p in paths] + [
        (p, selector.add_ops) for p in given
    ]:
        try:
            add(path)
        except OpgraftError as e:
            selector.problems.append(str(e))
    selector.apply_rules()
    if fuse:
        selector.add_fused()
    return selector.finish(tuple(paths), libraries)


class _Selector:
    """Collects ops and kernels with their reasons."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.ops: dict[str, dict[Reason, None]] = {}
        self.kernels: dict[Kernel, dict[Reason, None]] = {}
        self.running: set[str] = set()
        self.problems: list[str] = []
        self._unknown: dict[str, list[Reason]] = {}
        self._unserved: dict[tuple[str, str], list[Reason]] = {}
        self._found: dict[tuple[Any, ...], list[Kernel]] = {}

    def add_model(self, path: str) -> None:
        """The nodes of a model.

        Raises:
          ModelError: it is none.
        """
        nodes = model_reader.read(path)
        for node in nodes.executed:
            if node.op not in nodes.functions and self._add_op(node.op, _reason(path, node)):
                self._add_kernel(node, _reason(path, node))
        for node in nodes.imported:
            if node.op not in nodes.functions:
                self._add_op(node.op, _reason(path, node))
        for node in nodes.idle:
            if node.op in self.index.op_files:
                self._add_op(node.op, _reason(path, node))

    def add_ops(self, path: str) -> None:
        """The ops of a file.

        Raises:
          ModelError: it is no such file.
        """
        for line in ops_reader.read(path):
            reason = Reason("ops file", path, "", str(line.number))
            if self._add_op(line.op, reason):
                self._check_types(line, path)
                self._add_all(line.op, line.types, reason)

    def apply_rules(self) -> None:
        """What running adds, until nothing more is added."""
        before = -1
        while before != len(self.running):
            before = len(self.running)
            for rule in RULES:
                if not rule.when or rule.when & self.running:
                    for op in rule.adds:
                        self._add_op(op, Reason(rule.name))
                        self._add_all(op, {}, Reason(rule.name))

    def add_fused(self) -> None:
        """The kernels of fused convolutions, if there is something to fuse."""
        for op, fused in FUSED.items():
            if op in self.running and FUSED_WITH & self.running:
                reason = Reason("fusion")
                self._add_op(fused, reason)
                found = self.index.all_of(fused, {}, FUSED_LABEL)
                self._take(fused, found, reason, lambda: f"_kernel={FUSED_LABEL}")

    def finish(self, models: tuple[str, ...], libraries: Collection[str] | None) -> Selection:
        """The selection.

        Raises:
          SelectionError: there are problems.
        """
        index = self.index
        for op, reasons in self._unknown.items():
            self.problems.append(problems.of_op(index, op, reasons))
        for (op, types), reasons in self._unserved.items():
            self.problems.append(problems.of_kernel(index, op, types, reasons))
        self.problems += sources.problems_of(index, self.kernels, libraries)
        if self.problems:
            raise SelectionError(self.problems)
        kernel_files = sources.kernel_files(index, self.kernels)
        return Selection(
            index.release,
            models,
            {op: tuple(reasons) for op, reasons in sorted(self.ops.items())},
            {kernel: tuple(reasons) for kernel, reasons in sorted(self.kernels.items())},
            kernel_files,
            sources.op_files(index, self.ops, kernel_files),
        )

    def _add_op(self, op: str, reason: Reason) -> bool:
        """Registers an op; False if it cannot be."""
        if op not in self.index.definitions or op not in self.index.op_files:
            self._unknown.setdefault(op, []).append(reason)
            return False
        self.ops.setdefault(op, {})[reason] = None
        return True

    def _add_kernel(self, node: Node, reason: Reason) -> None:
        """The kernel of a node."""
        key = (node.op, *((name, id(value)) for name, value in node.attrs.items()))
        if key not in self._found:  # nodes that are alike share their attrs
            self._found[key] = self.index.find(node.op, node.attrs)
        self._take(node.op, self._found[key], reason, lambda: _types_of(node, self.index))

    def _check_types(self, line: ops_reader.Line, path: str) -> None:
        """That the attrs of a line are there, and each dtype has a kernel."""
        where = f"{printable(path)}: line {line.number}: op {line.op}:"
        attrs = self.index.definitions[line.op].attr
        known = [a.name for a in attrs if a.type in ("type", "list(type)")]
        for name, dtypes in line.types.items():
            if name not in known:
                has = f"it has {', '.join(known)}" if known else "it has none"
                self.problems.append(f"{where} {name} is no attr with a dtype; {has}.")
                continue
            for dtype in dtypes:
                one = {**line.types, name: (dtype,)}
                if not self.index.all_of(line.op, one) and self.index.all_of(line.op, {}):
                    self.problems.append(
                        f"{where} it has no CPU kernel for {name}={dtype}. Next: see the types "
                        f"that there are: opgraft ops {line.op}."
                    )

    def _add_all(self, op: str, types: Mapping[str, Iterable[str]], reason: Reason) -> None:
        """The kernels of an op for some types, or for all."""
        found = self.index.all_of(op, types)
        text = " ".join(f"{name}={','.join(names)}" for name, names in types.items())
        self._take(op, found, reason, lambda: text)

    def _take(self, op: str, found: list[Kernel], reason: Reason, types: Any) -> None:
        self.running.add(op)
        for kernel in found:
            self.kernels.setdefault(kernel, {})[reason] = None
        if not found and op not in WITHOUT_KERNEL:
            self._unserved.setdefault((op, types()), []).append(reason)


def _reason(path: str, node: Node) -> Reason:
    return Reason("node", path, node.function, node.name)


def _types_of(node: Node, index: Index) -> str:
    """The dtypes of a node, for a message."""
    parts = []
    for attr in index.definitions[node.op].attr:
        value = node.attrs.get(attr.name, attr.default_value)
        if attr.type == "type" and value.type:
            parts.append(f"{attr.name}={proto.type_name(value.type)}")
    return printable(" ".join(parts))
