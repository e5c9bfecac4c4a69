"""What a graph has to be before its nodes are taken apart."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from opgraft import proto
from opgraft.adapt.calls import circle
from opgraft.adapt.graph import parse_tensor
from opgraft.errors import ModelError
from opgraft.inspect.escape import printable


def check(graph: Any, path: Any) -> None:
    """Raises ModelError if the nodes of a GraphDef, or of a function of its library, do not fit.

    Names are unique and inputs exist, only NextIteration closes a circle, and constants have a
    value.
    """
    _check_nodes(graph.node, (), f"{path}")
    names: set[str] = set()
    for function in graph.library.function:
        signature = function.signature
        where = f"{path}: the function {printable(signature.name)!r}"
        if signature.name in names:
            raise ModelError(f"{where} is there twice")
        names.add(signature.name)
        _check_nodes(function.node_def, [arg.name for arg in signature.input_arg], where)


def _check_nodes(nodes: Any, arguments: Iterable[str], where: str) -> None:
    known = set(arguments)
    in_function = where.endswith("'")
    reads: dict[str, list[str]] = {}
    for node in nodes:
        shown = printable(node.name)
        if node.name in known or not node.name:
            raise ModelError(f"{where} has two nodes {shown!r}, or one without a name")
        known.add(node.name)
        if node.op == "Const" and not node.attr["value"].HasField("tensor"):
            raise ModelError(f"{where} has a constant {shown!r} without a value")
        reads[node.name] = [text.removeprefix("^").partition(":")[0] for text in node.input]
        if not in_function:
            for text in node.input:
                parse_tensor(text)
    for name, inputs in reads.items():
        for source in inputs:
            if source not in known:
                raise ModelError(
                    f"{where}: {printable(name)!r} reads {printable(source)!r}, which is not there"
                )
    back = {node.name for node in nodes if node.op == "NextIteration"}
    edges = {name: [i for i in inputs if i not in back] for name, inputs in reads.items()}
    found = circle(edges)
    if found is not None:
        raise ModelError(f"{where}: {printable(found)!r} needs itself")


def check_calls(graph: Any, path: Any) -> None:
    """Raises ModelError if a function calls itself, which cannot be inlined."""
    calls = {
        function.signature.name: [
            name for node in function.node_def for name in proto.called(node.op, node.attr)
        ]
        for function in graph.library.function
    }
    name = circle(calls)
    if name is not None:
        raise ModelError(f"{path}: the function {printable(name)!r} calls itself")
