"""Which functions of a model matter: those that a loader looks into, and those that run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from opgraft import proto
from opgraft.adapt.graph import parse_tensor, read_graph
from opgraft.adapt.meta import initializers
from opgraft.adapt.signatures import Lookup


def closure(names: Iterable[str], functions: Mapping[str, Any]) -> set[str]:
    """Those of the names that are functions, and all that these call.

    functions: {name: FunctionDef}.
    """
    found: set[str] = set()
    stack = [name for name in names if name in functions]
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            for node in functions[name].node_def:
                stack += [
                    called for called in proto.called(node.op, node.attr) if called in functions
                ]
    return found


def loaded_and_run(meta: Any, lookup: Lookup) -> tuple[set[str], set[str]]:
    """The functions of a MetaGraphDef that its graph may call, and those of them that run.

    What runs is what a signature, the initialization or the restoring of variables needs.
    """
    functions = {function.signature.name: function for function in meta.graph_def.library.function}
    if not functions:
        return set(), set()
    body = read_graph(meta.graph_def, lookup)
    roots = [meta.saver_def.restore_op_name, *initializers(meta)]
    for signature in meta.signature_def.values():
        roots += [name for info in signature.outputs.values() for name in tensors_of(info)]
    running = body.reachable(parse_tensor(name).node for name in roots)
    if not meta.signature_def:
        running = set(body.nodes)
    nodes = {name: list(proto.called(node.op, node.attrs)) for name, node in body.nodes.items()}
    return (
        closure((called for names in nodes.values() for called in names), functions),
        closure((called for name in running for called in nodes[name]), functions),
    )


def tensors_of(info: Any) -> list[str]:
    """The tensors of a TensorInfo: one, or those of a sparse or composite one."""
    kind = info.WhichOneof("encoding")
    if kind == "coo_sparse":
        sparse = info.coo_sparse
        return [
            sparse.values_tensor_name,
            sparse.indices_tensor_name,
            sparse.dense_shape_tensor_name,
        ]
    if kind == "composite_tensor":
        return [name for part in info.composite_tensor.components for name in tensors_of(part)]
    return [info.name] if info.name else []


def circle(edges: dict[str, list[str]]) -> str | None:
    """A name from which a way leads back to it, if there is one."""
    done: set[str] = set()
    for start in edges:
        stack, open_ = [(start, iter(edges[start]))], {start}
        while stack:
            name, rest = stack[-1]
            following = next((n for n in rest if n in edges and n not in done), None)
            if following is None:
                stack.pop()
                open_.discard(name)
                done.add(name)
            elif following in open_:
                return following
            else:
                open_.add(following)
                stack.append((following, iter(edges[following])))
    return None
