"""Which functions of a graph matter: what a loader looks into, what a signature runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from opgraft import proto
from opgraft.inspect.model import Graph, Node


def called(node: Node, graph: Graph) -> Iterator[str]:
    """The functions of the graph that a node names: its op, or in its attrs."""
    return (name for name in proto.called(node.op, node.attrs) if name in graph.functions)


def roots(graph: Graph) -> list[str]:
    """The tensors and nodes that a loader runs or a user may ask for; empty if all are."""
    if graph.meta is None:
        return []
    meta = graph.meta
    found = [meta.saver_def.restore_op_name, meta.saver_def.filename_tensor_name]
    for name in ("legacy_init_op", "main_op", "saved_model_main_op", "saved_model_init_op"):
        found += meta.collection_def[name].node_list.value if name in meta.collection_def else ()
    for signature in meta.signature_def.values():
        for info in (*signature.inputs.values(), *signature.outputs.values()):
            parts = info.coo_sparse
            found += [info.name, parts.values_tensor_name, parts.indices_tensor_name]
            found += [parts.dense_shape_tensor_name]
            found += [part.name for part in info.composite_tensor.components]
    return [name for name in found if name] if meta.signature_def else []


def node_of(tensor: str) -> str:
    """The node in "node", "node:1", "^node" and "node:output:0"."""
    return tensor.lstrip("^").partition(":")[0]


def closure(functions: Iterable[str], graph: Graph) -> set[str]:
    """Functions with those that they call, which they may do in circles."""
    stack = list(functions)
    found = set(stack)
    while stack:
        for node in graph.functions[stack.pop()].nodes:
            new = set(called(node, graph)) - found
            found |= new
            stack += new
    return found


def imported_functions(graph: Graph) -> set[str]:
    """The functions that a loader looks into: all that a node of the graph may call."""
    if not graph.functions:
        return set()
    return closure((name for node in graph.nodes for name in called(node, graph)), graph)


def executed_nodes(graph: Graph) -> set[str]:
    """The nodes of the graph that run when a signature, the restoring or the initialization does.

    A name may be that of no node: what a root or an input names need not be there.
    """
    nodes = {node.name: node for node in graph.nodes}
    stack = [node_of(name) for name in roots(graph)] or list(nodes)
    seen = set(stack)
    while stack:
        node = nodes.get(stack.pop())
        if node is None:
            continue
        new = {node_of(tensor) for tensor in node.inputs} - seen
        seen |= new
        stack += new
    return seen


def executed_functions(graph: Graph) -> set[str]:
    """The functions that run when a signature, the restoring or the initialization does."""
    if not graph.functions:
        return set()
    nodes = {node.name: node for node in graph.nodes}
    running = [nodes[name] for name in executed_nodes(graph) if name in nodes]
    return closure((name for node in running for name in called(node, graph)), graph)
