"""What adapt would do: it rewrites copies of the nodes that need it, so both give one answer.

Only the nodes with a problem, and those that they read, are looked at. For releases before 2.0
adapt inlines functions first; here a node is tried where it is, in its function, where less is
known of its inputs: what is rewritten there is rewritten inlined, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from opgraft import proto
from opgraft.adapt import graph as bodies
from opgraft.adapt.changes import Changes
from opgraft.adapt.fit import fit
from opgraft.adapt.target import Target
from opgraft.errors import ModelError
from opgraft.inspect.model import Graph, Node
from opgraft.inspect.reach import node_of


def refusals(graph: Graph, version: str, nodes: Iterable[Node], runs: bool) -> dict[int, str]:
    """Why adapt cannot make a release run some nodes of a graph and of its functions.

    Args:
      graph: all of it.
      version: the release.
      nodes: those with a problem.
      runs: whether they run, and not only have to be there.

    Returns:
      {id of a node: the reason}, for those that it cannot.
    """
    functions = {name: function.definition.signature for name, function in graph.functions.items()}
    target = Target(version, True, functions, graph.producer)
    if not runs:
        target = target.without_kernels()
    groups: dict[str, dict[str, Node]] = {}
    for node in nodes:
        groups.setdefault(node.function, {})[node.name] = node
    found: dict[int, str] = {}
    for function, wanted in groups.items():
        try:
            body = _body(graph, function, wanted, target)
            problems = fit(body, target, Changes(), set(functions), list(wanted))
        except ModelError as e:
            found.update((id(node), str(e)) for node in wanted.values())
            continue
        except (LookupError, TypeError, ValueError):  # adapt checks models before it rewrites them
            found.update((id(node), "the model is damaged") for node in wanted.values())
            continue
        for problem in problems:
            found.setdefault(id(wanted[problem.node]), problem.why_not or problem.reason)
    return found


def _body(graph: Graph, function: str, wanted: dict[str, Node], target: Target) -> bodies.Body:
    """Some nodes of a function, or of the graph itself, with those that they read."""
    there = graph.functions[function].nodes if function else graph.nodes
    part = _part(wanted, {node.name: node for node in there})
    if not function:
        message = proto.GraphDef()
        for node in part.values():
            _write(node, message.node.add())
        return bodies.read_graph(message, target.newest)
    message = proto.FunctionDef()
    message.CopyFrom(graph.functions[function].definition)
    message.ret.clear()
    arguments = {argument.name for argument in message.signature.input_arg}
    for node in part.values():
        if node.name not in arguments:
            _write(node, message.node_def.add())
    return bodies.read_function(message, target.newest)


def _part(wanted: dict[str, Node], nodes: dict[str, Node]) -> dict[str, Node]:
    """Nodes with their inputs, and with what makes a value that comes through Identity."""
    stack, found = list(wanted.values()), dict(wanted)
    while stack:
        for tensor in stack.pop().inputs:
            node = nodes.get(node_of(tensor))
            if node is None or node.name in found or tensor.startswith("^"):
                continue
            found[node.name] = node
            if node.op == "Identity":
                stack.append(node)
    return found


def _write(node: Node, message: Any) -> None:
    """A NodeDef without control inputs; a constant without its values becomes a placeholder."""
    message.name, message.op = node.name, node.op
    message.input.extend(tensor for tensor in node.inputs if not tensor.startswith("^"))
    for name, value in node.attrs.items():
        message.attr[name].CopyFrom(value)
    if node.op == "Const" and not (node.has_values and "value" in node.attrs):
        shape = node.attrs["value"].tensor.tensor_shape if "value" in node.attrs else None
        message.op = "Placeholder"
        message.attr.pop("value", None)
        message.attr["_output_shapes"].list.shape.add().MergeFrom(shape or proto.TensorShapeProto())
