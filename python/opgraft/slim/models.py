"""The nodes of a model, apart: what runs, and what only has to be imported."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from opgraft.errors import ModelError
from opgraft.inspect import model as reader
from opgraft.inspect import reach
from opgraft.inspect.escape import printable
from opgraft.inspect.model import Graph, Node


@dataclass
class Nodes:
    """The nodes of one model.

    Attributes:
      executed: those that run when a signature, the initialization or the restoring does; without
        signatures, all.
      imported: the others that a loader looks at.
      idle: those of functions that nothing names.
      functions: the names of the functions, which are no ops.
    """

    executed: list[Node] = field(default_factory=list)
    imported: list[Node] = field(default_factory=list)
    idle: list[Node] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)


def read(path: str | os.PathLike[str]) -> Nodes:
    """Reads a SavedModel, or a file with a SavedModel, MetaGraphDef or GraphDef.

    Raises:
      ModelError: it is missing, damaged or no model, or has no node.
    """
    found = Nodes()
    for graph in reader.read(path).graphs:
        _sort(graph, found)
    if not found.executed:
        raise ModelError(
            f"{printable(os.fspath(path))} has nothing to run. Name a model with a signature, or a "
            "graph with nodes."
        )
    return found


def _sort(graph: Graph, found: Nodes) -> None:
    nodes = {node.name: node for node in graph.nodes}
    running = reach.executed_nodes(graph)
    for node in graph.nodes:
        is_running = node.name in running and nodes[node.name] is node
        (found.executed if is_running else found.imported).append(node)
    executed, imported = reach.executed_functions(graph), reach.imported_functions(graph)
    for name, function in graph.functions.items():
        if name in executed:
            found.executed += function.nodes
        else:
            (found.imported if name in imported else found.idle).extend(function.nodes)
    found.functions.update(graph.functions)
