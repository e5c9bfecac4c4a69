"""Functions and objects of a SavedModel, for TensorFlow 2 releases older than its writer."""

from __future__ import annotations

from typing import Any

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
            saved.user_object.identifier = "_generic_user_object"
            saved.user_object.version.producer = 1
            saved.user_object.version.min_consumer = 1
    for name in list(objects.concrete_functions):
        if captured.intersection(objects.concrete_functions[name].bound_inputs):
            del objects.concrete_functions[name]
            changes.add("object graph", "custom gradients left out")
