"""Takes off the attrs that a runtime does not know and that change nothing."""

from __future__ import annotations

from typing import Any

from opgraft.adapt.graph import Node
from opgraft.history.attrs import changes_result


def foreign(node: Node, definition: Any) -> list[str]:
    """The attrs of a node that a definition does not have; `_…` are everybody's own business."""
    known = {attr.name for attr in definition.attr}
    return [name for name in node.attrs if not name.startswith("_") and name not in known]


def strip(node: Node, definition: Any, newest: Any) -> tuple[list[str], list[str]]:
    """Removes the attrs that a runtime does not know and that change nothing.

    Args:
      node: is changed.
      definition: the runtime's OpDef.
      newest: the OpDef of the newest release, which has the defaults.

    Returns:
      The names that were removed, and the names of those that matter and are still there.
    """
    defaults = {
        attr.name: attr.default_value for attr in newest.attr if attr.HasField("default_value")
    }
    dropped, kept = [], []
    for name in foreign(node, definition):
        if changes_result(node.op, name, node.attrs[name], defaults.get(name)):
            kept.append(name)
        else:
            del node.attrs[name]
            dropped.append(name)
    return dropped, kept
