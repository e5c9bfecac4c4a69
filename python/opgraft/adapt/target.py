"""The release that a model is adapted to, with opgraft's library if it may be used."""

from __future__ import annotations

import copy
import functools
from typing import Any

from opgraft import history, proto
from opgraft.adapt.graph import Node


class Target:
    """What a release has.

    Args:
      release: such as "1.15.5".
      library: whether `opgraft.load()` will be called before the model is loaded.
      functions: {name: signature as an OpDef} of the model's functions, which nodes may call.
      producer: the GraphDef version of the model.

    Raises:
      UnknownReleaseError: nothing is known about that release.
    """

    def __init__(
        self,
        release: str,
        library: bool,
        functions: dict[str, Any] | None = None,
        producer: int = 0,
    ):
        self.stock: history.Registry
        self.stock, grafted = _release(release)
        self.grafted: history.Registry = grafted if library else self.stock
        self.version = self.stock.version
        self.number = tuple(int(part) for part in self.version.split(".")[:2])
        self.functions = functions or {}
        self.writer = producer
        self.producer = min(producer, self.stock.producer)  # of the result

    @property
    def runs_functions(self) -> bool:
        """Whether a SavedModel's functions stay: before 2.0, its loader knows plain graphs."""
        return self.number >= (2, 0)

    def without_kernels(self) -> Target:
        """The same, for what has to be there and does not run: every kernel will do."""
        other = copy.copy(self)
        other.stock, other.grafted = copy.copy(self.stock), copy.copy(self.grafted)
        other.stock.kernels = other.grafted.kernels = None
        return other

    def definition(self, op: str) -> Any:
        """The release's own OpDef, or None."""
        return self.stock.op(op)

    def newest(self, op: str) -> Any:
        """The signature of a function of the model, or the OpDef of the newest release with it."""
        return self.functions.get(op) or _newest(op)

    def library_op(self, op: str) -> Any:
        """The OpDef of an op that only the library has, or None."""
        return None if self.stock.op(op) else self.grafted.op(op)

    def kernel_problem(self, node: Node) -> str:
        """Why no kernel serves a node, "" if one does; the library's kernels count."""
        if self.grafted.has_kernel(node.op, node.attrs):
            return ""
        if not self.grafted.kernel_sets(node.op):
            return f"{self.stock.name} has no CPU kernel of {node.op}"
        types = ", ".join(
            f"{name} = {proto.type_name(value.type)}"
            for name, value in sorted(node.attrs.items())
            if value.WhichOneof("value") == "type"
        )
        return f"{self.stock.name} has no CPU kernel of {node.op} for {types}"

    def needs_library(self, node: Node) -> bool:
        """Whether a node that runs does so by an op or a kernel of the library."""
        if node.op in self.functions:
            return False
        return self.stock.op(node.op) is None or not self.stock.has_kernel(node.op, node.attrs)


@functools.cache
def _release(name: str) -> tuple[history.Release, history.Registry]:
    """A release as it is, and with opgraft's library."""
    stock = history.Release(name)
    return stock, history.with_opgraft(stock)


@functools.cache
def _newest(op: str) -> Any:
    ages = history.ages(op)
    if ages is None:
        return None
    spans = list(ages.core) or list(ages.contrib)
    return max(spans, key=lambda span: span.last).op if spans else None
