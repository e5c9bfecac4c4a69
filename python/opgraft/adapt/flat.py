"""A SavedModel with functions made one plain graph, which releases before 2.0 load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from opgraft import proto
from opgraft.adapt import calls, inline, saver
from opgraft.adapt.changes import Changes
from opgraft.adapt.graph import Body, Tensor, parse_tensor, read_graph, write_graph
from opgraft.adapt.meta import initializers, is_init_signature
from opgraft.adapt.signatures import Lookup

# They only make or hold something: to wait for one is to wait for nothing.
_SOURCES = frozenset(("Const", "HashTableV2", "MutableHashTableV2", "Placeholder", "VarHandleOp"))
_RESOURCE = 20


def flatten(
    meta: Any,
    lookup: Lookup,
    changes: Changes,
    python: str | None = None,
    freeze_from: Path | None = None,
) -> None:
    """Makes the graph of a MetaGraphDef plain, in place.

    Args:
      meta: the MetaGraphDef; its signatures are those to keep.
      lookup: the definitions of ops.
      changes: what was done.
      python: an interpreter with a modern TensorFlow, for inlining.
      freeze_from: the checkpoint to freeze the variables from; None to keep them.
    """
    graph = meta.graph_def
    outputs = [parse_tensor(name).node for name in signature_tensors(meta)]
    start = initializers(meta)
    restore = meta.saver_def.restore_op_name
    functions = {function.signature.name for function in graph.library.function}
    body = read_graph(graph, lookup)
    inputs = _inputs(meta)
    assets = {parse_tensor(a.tensor_info.name).node for a in meta.asset_file_def}
    keep = [name for name in (*outputs, *start, restore) if name in body.nodes]
    freeze_from = freeze_from if restore in body.nodes else None
    needed = body.reachable([*keep, *inputs])
    body.keep(needed)
    write_graph(body, graph)
    if freeze_from is not None or _calls(body, functions):
        flat = inline.flatten(
            graph,
            sorted({*keep, *inputs, *(name for name in assets if name in needed)}),
            python,
            freeze_from,
            (restore, meta.saver_def.filename_tensor_name),
        )
        changes.add("functions", f"{len(functions)} inlined into the graph")
        graph.CopyFrom(flat)
        body = read_graph(graph, lookup)
    if freeze_from is not None:
        changes.add("variables", "frozen into constants")
        meta.ClearField("saver_def")
    body.keep(body.reachable([*keep, *inputs]))
    _untangle(body)
    saver.rebuild(meta, body, [*outputs, *start], changes)
    roots = [*outputs, *start, *inputs]
    if meta.HasField("saver_def"):
        roots += [
            meta.saver_def.restore_op_name,
            parse_tensor(meta.saver_def.save_tensor_name).node,
        ]
    body.keep(body.reachable(roots))
    write_graph(body, graph)
    _forget_functions(meta, body)
    if meta.HasField("object_graph_def"):
        meta.ClearField("object_graph_def")
        changes.add("object graph", "left out: the result is a model of signatures")


def signature_tensors(meta: Any) -> list[str]:
    """The names of the tensors that signatures return."""
    return [
        name
        for key, signature in meta.signature_def.items()
        if not is_init_signature(key)
        for info in signature.outputs.values()
        for name in calls.tensors_of(info)
    ]


def _inputs(meta: Any) -> list[str]:
    return [
        parse_tensor(name).node
        for signature in meta.signature_def.values()
        for info in signature.inputs.values()
        for name in calls.tensors_of(info)
    ]


def _calls(body: Body, functions: set[str]) -> bool:
    """Whether a node calls, or holds, a function of the library."""
    return any(
        name in functions
        for node in body.nodes.values()
        for name in proto.called(node.op, node.attrs)
    )


def _untangle(body: Body) -> None:
    """Takes out what inlining left: handles behind Identity, waits for nothing."""
    for node in body.nodes.values():
        if node.op == "Identity" and node.type("T") == _RESOURCE:
            body.move(Tensor(node.name), node.inputs[0])
    body.settle()
    for node in body.nodes.values():
        node.attrs.pop("_class", None)  # "the device of", said of nodes that may be gone
        node.device = ""
        node.controls = [
            name
            for name in node.controls
            if not (
                body.nodes[name].op in _SOURCES
                and not body.nodes[name].inputs
                and not body.nodes[name].controls
            )
        ]


def _forget_functions(meta: Any, body: Body) -> None:
    """Drops the functions that no node names any more."""
    library = meta.graph_def.library
    functions = {function.signature.name: function for function in library.function}
    named = (n for node in body.nodes.values() for n in proto.called(node.op, node.attrs))
    used = calls.closure(named, functions)
    kept = proto.FunctionDefLibrary()
    kept.function.extend(f for name, f in functions.items() if name in used)
    kept.gradient.extend(g for g in library.gradient if g.function_name in used)
    library.CopyFrom(kept)
