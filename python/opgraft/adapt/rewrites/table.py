"""The table of rewrites: op -> how to say the same with other ops.

A rewrite is a function (b, node) that adds nodes with the builder `b` and returns what the outputs
of `node` become, or raises NoRewriteError with the reason. It is tried only where the runtime
cannot run the node as it is. What it adds may itself need a rewrite.

Two kinds. An *equivalent* is one or two ops that always did the same: it comes before the library.
A *composition* takes more, so it is tried after the library.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from opgraft.adapt.builder import Builder
from opgraft.adapt.graph import Node, Tensor

Function = Callable[[Builder, Node], "list[Tensor]"]


@dataclass(frozen=True)
class Rewrite:
    """How to replace an op."""

    op: str
    function: Function
    equivalent: bool
    what: str


REWRITES: dict[str, Rewrite] = {}


def _register(ops: tuple[str, ...], equivalent: bool) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        what = (function.__doc__ or "").strip().split("\n")[0].rstrip(".")
        for op in ops:
            if op in REWRITES:
                raise AssertionError(f"two rewrites of {op}")
            REWRITES[op] = Rewrite(op, function, equivalent, what)
        return function

    return register


def equivalent(*ops: str) -> Callable[[Function], Function]:
    """Registers a rewrite that comes before the library."""
    return _register(ops, True)


def composition(*ops: str) -> Callable[[Function], Function]:
    """Registers a rewrite for when the library does not have the op."""
    return _register(ops, False)
