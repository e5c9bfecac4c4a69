"""Makes the nodes of one body those that a release runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from opgraft.adapt import attrs, limits, signatures
from opgraft.adapt.builder import Builder, NoRewriteError
from opgraft.adapt.changes import Changes
from opgraft.adapt.graph import Body, Node, attr
from opgraft.adapt.rewrites import REWRITES, Rewrite
from opgraft.adapt.target import Target
from opgraft.history.behaviour import result_difference

_MOST_NODES = 5_000_000  # a rewrite of rewrites that never ends would pass it


@dataclass(frozen=True)
class Problem:
    """A node of the model that the release cannot run.

    Attributes:
      node: its name.
      where: "graph" or "function NAME".
      reason: what the release lacks.
      why_not: why it is not rewritten; "" if there is no rewrite.
    """

    node: str
    where: str
    reason: str
    why_not: str = ""


def fit(
    body: Body,
    target: Target,
    changes: Changes,
    functions: set[str],
    names: Iterable[str] | None = None,
) -> list[Problem]:
    """Strips attrs and rewrites ops until the release runs every node.

    Args:
      body: is changed.
      target: the release.
      changes: what was done.
      functions: names of functions of the model, which a node may call as an op.
      names: the nodes to look at; all by default.

    Returns:
      What nothing helped against.
    """
    problems = []
    queue = _Queue(body.nodes if names is None else names)
    settled: set[str] = set()
    while queue.names:
        node = body.nodes[queue.next()]
        if node.op in functions:
            continue
        if queue.origin == node.name:
            other = result_difference(node.op, target.writer, target.stock.producer)
            if other:
                changes.add("other results", f"{node.op} has {other}")
        if node.name not in settled and limits.passes(body, node, target):
            before = set(body.nodes)
            reshaped = Rewrite(node.op, limits.as_matrix, True, "the same op on a matrix")
            _apply(body, node, target, changes, reshaped, queue)
            settled |= set(body.nodes) - before
        reason = _strip(node, target, changes, target.definition(node.op))
        if not reason:
            continue
        rewrite, why_not = REWRITES.get(node.op), ""
        if rewrite is not None and rewrite.equivalent:
            why_not = _apply(body, node, target, changes, rewrite, queue)
            if not why_not:
                continue
        ours = target.library_op(node.op)
        if ours is not None:
            reason = _strip(node, target, changes, ours)
            if not reason:
                continue
        if _use_newer_signature(node, target, changes):
            continue
        if rewrite is not None and not rewrite.equivalent:
            why_not = _apply(body, node, target, changes, rewrite, queue)
            if not why_not:
                continue
        if not why_not and queue.origin != node.name:
            why_not = f"it needs {node.op}"
        problems.append(Problem(queue.origin, body.what, reason, why_not))
        if len(body.nodes) > _MOST_NODES:
            raise AssertionError("rewrites without end")
    body.settle()
    for node in body.nodes.values():
        if node.op not in functions and target.needs_library(node):
            changes.add("library", f"{node.op} comes from opgraft.load()")
    return problems


class _Queue:
    """Names of nodes to fit.

    Attributes:
      origin: the node of the model that the last one was, or was made for.
    """

    def __init__(self, names: Iterable[str]):
        self.names = deque(names)
        self.origin = ""
        self._origins: dict[str, str] = {}

    def next(self) -> str:
        """Takes the first."""
        name = self.names.popleft()
        self.origin = self._origins.pop(name, name)
        return name

    def extend(self, added: list[Node]) -> None:
        """What a rewrite added for the last one."""
        self.names.extend(node.name for node in added)
        self._origins.update((node.name, self.origin) for node in added)


def _strip(node: Node, target: Target, changes: Changes, definition: Any) -> str:
    """Takes off what changes nothing; returns why a definition does not fit what is left."""
    if definition is None:
        return f"TensorFlow {target.version} has no op {node.op}"
    gone = definition.deprecation.version
    if gone and target.producer >= gone:
        return f"{node.op} is gone from graphs of GraphDef version {gone} on"
    dropped, kept = attrs.strip(node, definition, target.newest(node.op) or definition)
    for name in dropped:
        changes.add("attrs", f"{node.op}.{name} dropped")
    if kept:
        values = ", ".join(f"{name} = {_show(node, name)}" for name in kept)
        return f"TensorFlow {target.version} has no attr {values}"
    if len(node.inputs) != len(signatures.input_types(definition, node.attrs)):
        return f"TensorFlow {target.version}'s {node.op} has other inputs"
    for wanted in definition.attr:
        if not wanted.HasField("default_value") and wanted.name not in node.attrs:
            return f"TensorFlow {target.version}'s {node.op} needs an attr {wanted.name}"
        allowed = wanted.allowed_values.list
        if wanted.type == "type" and allowed.type and wanted.name in node.attrs:
            if node.type(wanted.name) not in allowed.type:
                return (
                    f"TensorFlow {target.version}'s {node.op} does not take "
                    f"{wanted.name} = {_show(node, wanted.name)}"
                )
        if wanted.type == "string" and allowed.s and wanted.name in node.attrs:
            if node.attrs[wanted.name].s not in allowed.s:
                return (
                    f"TensorFlow {target.version}'s {node.op} does not take "
                    f"{wanted.name} = {_show(node, wanted.name)}"
                )
    return target.kernel_problem(node)


def _show(node: Node, name: str) -> str:
    return " ".join(str(node.attrs[name]).split())[:80]


def _use_newer_signature(node: Node, target: Target, changes: Changes) -> bool:
    """Points a node at the library's Opgraft op, which has the newest signature."""
    old, new = node.op, "Opgraft" + node.op
    definition = target.grafted.op(new)
    if definition is None:
        return False
    node.op = new
    if attrs.foreign(node, definition) or _strip(node, target, changes, definition):
        node.op = old
        return False
    changes.add("ops", f"{old} as {new}")
    return True


def _apply(
    body: Body,
    node: Node,
    target: Target,
    changes: Changes,
    rewrite: Rewrite,
    queue: _Queue,
) -> str:
    """Applies a rewrite; returns why it could not."""
    newest = target.newest(node.op)
    damage = signatures.misfit(newest, node.attrs, len(node.inputs)) if newest is not None else ""
    if damage:
        return damage
    builder = Builder(body, node, target)
    types = body.types(node)
    op, kept_inputs, kept_attrs = node.op, list(node.inputs), dict(node.attrs)
    try:
        outputs = rewrite.function(builder, node)
        dtypes = [builder.type_of(output) for output in outputs]
        if types is not None and len(outputs) not in (0, len(types)):
            raise AssertionError(f"the rewrite of {op} has {len(outputs)} outputs")
    except (NoRewriteError, ArithmeticError, LookupError, TypeError, ValueError) as e:
        for added in builder.added:
            del body.nodes[added.name]
        node.op, node.inputs, node.attrs = op, kept_inputs, kept_attrs
        # All but the first: constants and shapes that no TensorFlow would take either.
        return str(e) if isinstance(e, NoRewriteError) else "its inputs do not fit each other"
    for output in range(1, len(outputs)):
        body.move(type(outputs[0])(node.name, output), outputs[output])
    node.inputs = outputs[:1]
    if not outputs:
        node.op, node.attrs = "NoOp", {}
    else:
        shapes = {k: v for k, v in node.attrs.items() if k == "_output_shapes"}
        node.op, node.attrs = "Identity", {"T": attr(type=dtypes[0]), **shapes}
    with_it = sorted({added.op for added in builder.added})
    changes.add("ops", f"{op} as {' + '.join(with_it) or node.op}")
    queue.extend(builder.added)
    return ""
