"""Where a model has what: each reason why a runtime does not run it, with the nodes."""

from __future__ import annotations

from typing import NamedTuple, Optional

from opgraft.history import Registry
from opgraft.inspect import checks
from opgraft.inspect.checks import Checker, Finding
from opgraft.inspect.model import Graph, Model, Node
from opgraft.inspect.reach import executed_functions, executed_nodes, imported_functions


class Place(NamedTuple):
    """Where a finding is.

    Attributes:
      graph: the graph.
      node: a node of it or of one of its functions; None for the graph itself.
      used: whether it counts: not in a function that no node calls, nor, for kernels and devices,
        in one that no signature calls.
      runs: whether the node runs when a signature, the restoring or the initialization does.
    """

    graph: Graph
    node: Optional[Node]
    used: bool
    runs: bool


def find(model: Model, target: Registry) -> dict[Finding, list[Place]]:
    """Everything that keeps a runtime from running a model."""
    found: dict[Finding, list[Place]] = {}
    for graph in model.graphs:
        _find_in_graph(graph, target, found)
    return found


def _find_in_graph(graph: Graph, target: Registry, found: dict[Finding, list[Place]]) -> None:
    checker = Checker(graph, target)
    for finding in checker.graph_findings():
        found.setdefault(finding, []).append(Place(graph, None, True, True))
    wrong = [(node, findings) for node in graph.all_nodes() if (findings := checker.findings(node))]
    if not wrong:
        return
    imported, functions, nodes = (
        reach(graph) for reach in (imported_functions, executed_functions, executed_nodes)
    )
    for node, findings in wrong:
        runs = node.function in functions if node.function else node.name in nodes
        placed = runs or not node.function
        for finding in findings:
            loaded = placed or node.function in imported
            used = placed if finding.kind in checks.WHEN_RUN else loaded
            found.setdefault(finding, []).append(Place(graph, node, used, runs))
