"""Functions and objects of a SavedModel, for TensorFlow 2 releases older than its writer."""

from __future__ import annotations

from typing import Any

from opgraft import proto
from opgraft.adapt import calls
from opgraft.adapt.changes import Changes
from opgraft.adapt.graph import Body
from opgraft.adapt.target import Target

MARKS = frozenset({"DisableCopyOnRead"})  # of variables: ops without an output
_CAPTURED_TENSORS = (2, 6)  # the first release whose loader knows the kind captured_tensor


def drop_marks(body: Body, target: Target, changes: Changes) -> None:
    """Takes out marks of variables that are unknown."""
    for node in list(body.nodes.values()):
        if node.op in MARKS and target.definition(node.op) is None:
            body.remove(node.name)
            changes.add("ops", f"{node.op} left out")


def leave_out(meta: Any, names: set[str], changes: Changes) -> None:
    """Takes out functions, those that call them, and from the objects what stands for them."""
    library = meta.graph_def.library
    functions = {function.signature.name: function for function in library.function}
    names = {name for name in functions if not names.isdisjoint(calls.closure([name], functions))}
    if not names:
        return
    kept = proto.FunctionDefLibrary()
    kept.function.extend(f for name, f in functions.items() if name not in names)
    kept.gradient.extend(
        g for g in library.gradient if names.isdisjoint((g.function_name, g.gradient_func))
    )
    kept.registered_gradients.extend(
        g for g in library.registered_gradients if g.gradient_func not in names
    )
    library.CopyFrom(kept)
    changes.add("functions", "left out: nothing calls them, and they do not fit", len(names))
    objects = meta.object_graph_def
    for name in names:
        objects.concrete_functions.pop(name, None)
    for saved in objects.nodes:
        left = [n for n in saved.function.concrete_functions if n not in names]
        if len(left) < len(saved.function.concrete_functions):
            del saved.function.concrete_functions[:]
            saved.function.concrete_functions.extend(left)
        if saved.bare_concrete_function.concrete_function_name in names:
            _empty(saved)


def _empty(saved: Any) -> None:
    """Makes an object one without contents."""
    saved.user_object.identifier = "_generic_user_object"
    saved.user_object.version.producer = 1
    saved.user_object.version.min_consumer = 1


def fit_objects(meta: Any, target: Target, changes: Changes) -> None:
    """Takes out the functions that hold custom gradients where the loader does not know them.

    Objects are numbered by their place, so the tensors that these functions captured become empty
    objects.
    """
    if target.number >= _CAPTURED_TENSORS:
        return
    objects = meta.object_graph_def
    captured = set()
    for index, saved in enumerate(objects.nodes):
        if saved.WhichOneof("kind") == "captured_tensor":
            captured.add(index)
            _empty(saved)
    for name in list(objects.concrete_functions):
        if captured.intersection(objects.concrete_functions[name].bound_inputs):
            del objects.concrete_functions[name]
            changes.add("object graph", "custom gradients left out")
