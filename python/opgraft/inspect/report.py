"""inspect(): what a runtime makes of a model."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from opgraft import history
from opgraft._version import __version__
from opgraft.errors import UnknownReleaseError
from opgraft.history import Registry
from opgraft.inspect import checks, remedies, runtime
from opgraft.inspect.checks import Finding
from opgraft.inspect.escape import printable
from opgraft.inspect.helper import Help, Helper
from opgraft.inspect.model import Model, Node, read
from opgraft.inspect.places import Place, find

RUNS, RUNS_WITH_OPGRAFT, DOES_NOT_RUN = 0, 1, 2
SHOWN = 20  # nodes of a problem that a report names
FORMAT = 1  # of the JSON


@dataclass
class Problem:
    """A reason why a runtime does not run some nodes.

    Attributes:
      finding: the kind, the op and the details.
      nodes: the first 20: (function or "", name of the node).
      count: how many nodes there are.
      used: False if it is only in functions that do not matter: that no node calls, or, for kernels
        and devices, no signature. Such problems do not count.
      remedies: what helps, as `remedies.advise` says.
      refusal: why `opgraft adapt` does not help although there is a rewrite, or "".
    """

    finding: Finding
    nodes: list[tuple[str, str]] = field(default_factory=list)
    count: int = 0
    used: bool = False
    remedies: list[dict[str, Any]] = field(default_factory=list)
    refusal: str = ""

    @property
    def counts(self) -> bool:
        """Whether it keeps the model from running; other results are worth a word, no more."""
        return self.used and self.finding.kind != checks.RESULT

    def add(self, node: Node | None, used: bool) -> None:
        """One more node, or the graph itself."""
        self.used |= used
        if node is not None:
            self.count += 1
            if len(self.nodes) < SHOWN:
                self.nodes.append((node.function, node.name))

    def is_solved_by(self, *kinds: str) -> bool:
        """Whether one of these kinds of remedies helps."""
        return any(remedy["kind"] in kinds for remedy in self.remedies)

    def as_dict(self) -> dict[str, Any]:
        """As the JSON has it; names are escaped."""
        nodes = [{"function": printable(f), "name": printable(n)} for f, n in self.nodes]
        return {
            "kind": self.finding.kind,
            "op": printable(self.finding.op),
            "attr": printable(self.finding.attr),
            "detail": printable(self.finding.detail),
            "changes_result": _changes_result(self.finding),
            "used": self.counts,
            "count": self.count,
            "nodes": nodes,
            "remedies": self.remedies,
            "refusal": printable(self.refusal),
        }


@dataclass
class Report:
    """What `inspect` found out.

    Attributes:
      model: the model.
      runtime: the runtime.
      problems: all of them; those of functions that are not used come last.
      upgrade: the oldest release from this one on that runs the model as it is, or "".
      libraries: the libraries of opgraft that are needed.
    """

    model: Model
    runtime: Registry
    problems: list[Problem]
    upgrade: str = ""

    @property
    def status(self) -> int:
        """0: it runs as it is; 1: with opgraft.load() or opgraft adapt; 2: it does not run."""
        count = [problem for problem in self.problems if problem.counts]
        if not count:
            return RUNS
        solved = all(p.is_solved_by(remedies.LIBRARY, remedies.ADAPT) for p in count)
        return RUNS_WITH_OPGRAFT if solved else DOES_NOT_RUN

    @property
    def needs_adapt(self) -> bool:
        """Whether opgraft.load() alone does not make it run, but opgraft adapt does."""
        loaded = all(p.is_solved_by(remedies.LIBRARY) for p in self.problems if p.counts)
        return self.status == RUNS_WITH_OPGRAFT and not loaded

    @property
    def libraries(self) -> list[str]:
        """The libraries of opgraft that help."""
        found = [remedy.get("library") for p in self.problems if p.counts for remedy in p.remedies]
        return sorted({name for name in found if name})

    def as_dict(self) -> dict[str, Any]:
        """The JSON of docs/inspect.md."""
        graphs = self.model.graphs
        return {
            "format": FORMAT,
            "opgraft": __version__,
            "model": {
                "path": printable(self.model.path),
                "kind": self.model.kind,
                "tensorflow_version": printable(self.model.tensorflow_version),
                "producer": max((graph.producer for graph in graphs), default=0),
                "nodes": sum(len(graph.nodes) for graph in graphs),
                "functions": sum(len(graph.functions) for graph in graphs),
            },
            "runtime": {
                "name": self.runtime.name,
                "version": self.runtime.version,
                "producer": self.runtime.producer,
            },
            "status": self.status,
            "adapt": self.needs_adapt,
            "libraries": self.libraries,
            "upgrade": self.upgrade,
            "problems": [problem.as_dict() for problem in self.problems],
        }


def inspect(model: str | os.PathLike[str], runtime_name: str) -> Report:
    """Says whether a TensorFlow runs a model, and if not, why and what helps.

    A signature is meant to run in a session, on a CPU, after the model's own loader has loaded it.
    Needs no TensorFlow unless the runtime is "installed" or a library.

    Args:
      model: a SavedModel directory, or a file with a SavedModel, MetaGraphDef or GraphDef, binary
        or (.pbtxt) in text format. Variables and the values of constants are not read.
      runtime_name: a release such as "1.15" or "2.14.1"; "installed", the TensorFlow of this
        Python; or the path of a library with TensorFlow's C API.

    Raises:
      ModelError: the model cannot be read.
      UnknownReleaseError: no such release.
      TensorFlowNotFoundError, LibraryLoadError: the runtime cannot be asked.
    """
    target = runtime.find(runtime_name)
    return examine(read(model), target)


def examine(model: Model, target: Registry) -> Report:
    """The same for a model that has been read and a runtime that has been found."""
    found = find(model, target)
    if not found:
        return Report(model, target, [], target.version)
    upgrades: dict[Finding, str] = {}
    whole = "" if _counts(found) else target.version
    for release in _later(target):
        left = find(model, release)
        ops = {finding.op for finding in left if finding.op}
        for finding in found:
            if finding not in left and finding.op not in ops:
                upgrades.setdefault(finding, release.version)
        if not whole and not _counts(left):
            whole = release.version
        if whole and len(upgrades) == len(found):
            break
    helper = Helper(model, target, found)
    problems: list[Problem] = []
    for finding, places in found.items():
        groups: dict[Help, Problem] = {}
        for place in places:
            help_ = helper.help(finding, place)
            if help_ not in groups:
                advice = remedies.advise(finding, help_, upgrades.get(finding, ""))
                groups[help_] = Problem(finding, remedies=advice, refusal=help_.refusal)
            groups[help_].add(place.node, place.used)
        problems += groups.values()
    problems.sort(key=lambda p: (not p.used, p.finding.kind, p.finding.op))
    return Report(model, target, problems, whole)


def _counts(found: dict[Finding, list[Place]]) -> bool:
    """Whether something keeps the model from running."""
    return any(
        finding.kind != checks.RESULT and any(place.used for place in places)
        for finding, places in found.items()
    )


def _later(target: Registry) -> Iterable[Registry]:
    """The releases after a runtime, or all if nothing is known about its age."""
    try:
        first = history.resolve(target.version) + 1
    except UnknownReleaseError:
        return []
    return (history.Release(version) for version in history.releases()[first:])


def _changes_result(finding: Finding) -> bool | None:
    """Of an unknown attr: whether leaving it out changes the result."""
    return not finding.droppable if finding.kind == checks.ATTR_UNKNOWN else None
