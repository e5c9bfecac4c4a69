"""Variables of a plain graph: what restores and saves them.

TensorFlow 2 restores and saves in functions. Inlined, restoring is RestoreV2 and assignments; those
that matter are tied to one op, as `tf.train.Saver` has it, and saving is written anew. Every
release reads the checkpoint as it is.
"""

from __future__ import annotations

from typing import Any

from opgraft import proto
from opgraft.adapt import constants
from opgraft.adapt.changes import Changes
from opgraft.adapt.graph import Body, Node, Tensor, attr, parse_tensor

_ASSIGN = ("AssignVariableOp", "Assign", "LookupTableImportV2", "LookupTableImport")
_STRING = 7


def source(body: Body, tensor: Tensor) -> Tensor:
    """The tensor behind any number of Identity."""
    seen: set[Tensor] = set()
    while tensor not in seen:
        seen.add(tensor)
        node = body.nodes.get(tensor.node)
        if node is None or node.op != "Identity" or not node.inputs:
            break
        tensor = node.inputs[0]
    return tensor


def rebuild(meta: Any, body: Body, roots: list[str], changes: Changes) -> None:
    """Gives the MetaGraphDef a saver for the variables that the signatures use.

    Args:
      meta: its saver_def is changed, or dropped if no variable is left.
      body: the plain graph.
      roots: the nodes of the signatures and initialisers.
      changes: what was done.
    """
    restore = meta.saver_def.restore_op_name
    if restore not in body.nodes:
        meta.ClearField("saver_def")
        return
    used = body.reachable(roots)
    assigned, unused = [], 0
    for name in sorted(body.reachable([restore])):
        node = body.nodes[name]
        if node.op not in _ASSIGN or name in used:
            continue
        if source(body, node.inputs[0]).node in used:
            assigned.append(node)
        else:
            unused += 1
    if not assigned:
        meta.ClearField("saver_def")
        return
    everything = Node(body.fresh("save/restore_all"), "NoOp")
    everything.controls = [node.name for node in assigned]
    body.add(everything)
    meta.saver_def.restore_op_name = everything.name
    filename = parse_tensor(meta.saver_def.filename_tensor_name)
    saved = _variables(body, assigned)
    if saved:
        meta.saver_def.save_tensor_name = _save(body, saved, filename)
    changes.add("variables", f"{len(assigned)} restored by an op of the graph, not of a function")
    if unused:
        changes.add("variables", f"{unused} in the checkpoint but not in use: not restored")


def _variables(body: Body, assigned: list[Node]) -> list[tuple[bytes, Node, Node]]:
    """(key in the checkpoint, what makes the handle, what assigns) of each plain variable."""
    found = []
    for node in assigned:
        value = source(body, node.inputs[1])
        read = body.nodes.get(value.node)
        if read is None or read.op != "RestoreV2" or node.op != "AssignVariableOp":
            continue
        names = body.nodes.get(source(body, read.inputs[1]).node)
        keys = constants.to_array(names.attrs["value"].tensor) if names is not None else None
        if keys is not None and isinstance(value.index, int) and value.index < keys.size:
            handle = source(body, node.inputs[0])
            found.append((keys.flat[value.index], body.nodes[handle.node], node))
    return found


def _save(body: Body, saved: list[tuple[bytes, Node, Node]], filename: Tensor) -> str:
    """Adds the nodes that save variables; returns the name of the tensor that runs them."""

    def strings(values: list[bytes]) -> Tensor:
        tensor = proto.TensorProto(dtype=_STRING)
        tensor.tensor_shape.dim.add(size=len(values))
        tensor.string_val.extend(values)
        attrs = {"dtype": attr(type=_STRING), "value": attr(tensor=tensor)}
        return Tensor(body.add(Node(body.fresh("save/Const"), "Const", attrs=attrs)).name)

    reads, types = [], []
    for _, handle, _ in saved:
        attrs = {"dtype": handle.attrs["dtype"]}
        read = Node(body.fresh("save/Read"), "ReadVariableOp", [Tensor(handle.name)], attrs=attrs)
        reads.append(Tensor(body.add(read).name))
        types.append(handle.type("dtype"))
    save = Node(body.fresh("save/SaveV2"), "SaveV2")
    save.inputs = [filename, strings([key for key, _, _ in saved]), strings([b""] * len(saved))]
    save.inputs += reads
    save.attrs["dtypes"] = proto.AttrValue()
    save.attrs["dtypes"].list.type.extend(types)
    body.add(save)
    done = Node(body.fresh("save/control_dependency"), "Identity", [filename], [save.name])
    done.attrs["T"] = attr(type=_STRING)
    return body.add(done).name + ":0"
