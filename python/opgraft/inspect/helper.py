"""What opgraft does about each node that a runtime does not run."""

from __future__ import annotations

from typing import NamedTuple

from opgraft import history
from opgraft.adapt import lists
from opgraft.adapt.calls import circle
from opgraft.adapt.inline import BRANCHES, LOOPS
from opgraft.adapt.objects import MARKS
from opgraft.adapt.rewrites import REWRITES
from opgraft.adapt.target import Target
from opgraft.errors import UnknownReleaseError
from opgraft.history import Registry
from opgraft.inspect import checks, list_flow, trial
from opgraft.inspect.checks import Checker, Finding
from opgraft.inspect.model import Graph, Model, Node
from opgraft.inspect.places import Place
from opgraft.inspect.reach import called, executed_nodes

# What Grappler inlines, and lowers to Switch and Merge.
LOWERED = frozenset((*BRANCHES, *LOOPS, "PartitionedCall", "StatefulPartitionedCall"))
# Problems that adapt solves, if it does, at the node.
_REWRITTEN = (
    checks.OP_UNKNOWN,
    checks.CONTROL_FLOW,
    checks.NO_KERNEL,
    checks.ATTR_UNKNOWN,
    checks.ATTR_VALUE,
    checks.SIGNATURE,
)
_TENSOR_ARRAYS = "makes TensorArrays of TensorLists"
# What adapt does about a problem, by its kind, whatever the op is.
_ALWAYS = {checks.CONSTANT: "writes constants out", checks.DEVICE: "clears devices"}


class Help(NamedTuple):
    """What opgraft does about a finding at a place.

    Attributes:
      library: the library that solves it after opgraft.load(), or "".
      adapt: what `opgraft adapt` does, or "".
      newer: whether that takes the library's Opgraft op.
      refusal: why adapt does not do what it does for the op elsewhere, or "".
    """

    library: str = ""
    adapt: str = ""
    newer: bool = False
    refusal: str = ""


class Helper:
    """Knows what helps a model on a runtime."""

    def __init__(self, model: Model, target: Registry, found: dict[Finding, list[Place]]) -> None:
        self._target, self._grafted = target, history.with_opgraft(target)
        self._checkers = {
            id(graph): (Checker(graph, target), Checker(graph, self._grafted))
            for graph in model.graphs
        }
        self._plain = self._adaptable = False
        if model.kind == "SavedModel" and _is_release(target):
            self._plain = not Target(target.version, library=True).runs_functions
            self._adaptable = not (self._plain and any(map(_calls_itself, model.graphs)))
        self._refusals: dict[int, str] = {}
        self._obstacles: dict[int, str] = {}
        if self._adaptable:
            self._try(found)

    def help(self, finding: Finding, place: Place) -> Help:
        """What opgraft does about a finding at a place."""
        if finding.kind == checks.RESULT:
            return Help()
        library = self._library(finding, place)
        if not self._adaptable:
            return Help(library)
        if place.node is None:
            return Help(library, "sets the versions" if finding.droppable else "")
        done = self._without_trial(finding, place)
        if done == _TENSOR_ARRAYS and self._list_obstacle(place.graph):
            return Help(library, refusal=self._list_obstacle(place.graph))
        if done or not self._is_tried(finding, place):
            return Help(library, done)
        refusal = self._refusals.get(id(place.node), "")
        if refusal:
            return Help(library, refusal=refusal if finding.op in REWRITES else "")
        if finding.attr and finding.droppable:
            return Help(library, f"drops {finding.attr}")
        if finding.op in REWRITES or finding.droppable:
            return Help(library, f"rewrites {finding.op}")
        newer = self._grafted.op("Opgraft" + finding.op) is not None
        return Help(library, f"makes it Opgraft{finding.op}" if newer else "", newer)

    def _library(self, finding: Finding, place: Place) -> str:
        """The library that solves a finding at a place and does not bring up another; or ""."""
        if place.node is None:
            return ""
        before, after = (c.findings(place.node) for c in self._checkers[id(place.graph)])
        solved = finding not in after and set(after) <= set(before)
        return history.provider(finding.op) if solved else ""

    def _without_trial(self, finding: Finding, place: Place) -> str:
        """What adapt does about a node before or after it rewrites ops, or ""."""
        if self._plain and not place.runs:
            return "leaves out what no signature runs"
        if finding.kind == checks.OP_UNKNOWN and finding.op in MARKS:
            return f"leaves {finding.op} out"
        if self._plain and finding.kind == checks.OP_UNKNOWN and finding.op in lists.OPS:
            return _TENSOR_ARRAYS
        if self._plain and finding.kind == checks.CONTROL_FLOW and finding.op in LOWERED:
            return "inlines functions and lowers control flow"
        return _ALWAYS.get(finding.kind, "")

    def _is_tried(self, finding: Finding, place: Place) -> bool:
        used = place.runs if self._plain else place.used
        return used and finding.kind in _REWRITTEN and not self._without_trial(finding, place)

    def _try(self, found: dict[Finding, list[Place]]) -> None:
        """Lets adapt rewrite copies of the nodes."""
        groups: dict[tuple[int, bool], tuple[Graph, list[Node]]] = {}
        for finding, places in found.items():
            for place in places:
                if place.node is not None and self._is_tried(finding, place):
                    runs = place.runs or not place.node.function
                    key = id(place.graph), runs
                    groups.setdefault(key, (place.graph, []))[1].append(place.node)
        for (_, runs), (graph, nodes) in groups.items():
            self._refusals.update(trial.refusals(graph, self._target.version, nodes, runs))

    def _list_obstacle(self, graph: Graph) -> str:
        """Why adapt makes no TensorArrays of the graph's TensorLists, or ""."""
        if id(graph) not in self._obstacles:
            names = executed_nodes(graph)
            running = [node for node in graph.nodes if node.name in names]
            functions = {name: f.definition.signature for name, f in graph.functions.items()}
            lookup = Target(self._target.version, True, functions).newest
            self._obstacles[id(graph)] = list_flow.obstacle(graph, running, lookup)
        return self._obstacles[id(graph)]


def _calls_itself(graph: Graph) -> bool:
    """Whether a function of a graph does, maybe by way of others."""
    calls = {
        name: [other for node in function.nodes for other in called(node, graph)]
        for name, function in graph.functions.items()
    }
    return circle(calls) is not None


def _is_release(target: Registry) -> bool:
    """Whether a runtime is one of the releases that are known."""
    try:
        return history.resolve(target.version) >= 0
    except UnknownReleaseError:
        return False
