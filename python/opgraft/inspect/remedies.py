"""What helps against a problem: opgraft's libraries, adapt, a newer release, or nothing."""

from __future__ import annotations

from typing import Any

from opgraft import history
from opgraft.adapt import lists
from opgraft.adapt.objects import MARKS
from opgraft.adapt.rewrites import REWRITES
from opgraft.inspect import checks
from opgraft.inspect.checks import Finding

LIBRARY = "opgraft.load"
ADAPT = "adapt"
UPGRADE = "upgrade"
OTHER = "other"

# Packages by the part before ">" of their ops, and ops of packages that have no such part.
_NAMESPACES = {
    "Addons": "tensorflow-addons",
    "DeepMD": "deepmd-kit",
    "IO": "tensorflow-io",
    "TFRA": "tensorflow-recommenders-addons",
}
# What adapt does about a problem, by its kind, whatever the op is.
_ADAPTS = {
    checks.CONTROL_FLOW: "inlines functions and lowers control flow",
    checks.CONSTANT: "writes constants out",
    checks.DEVICE: "clears devices",
    checks.VERSION: "sets the versions",
}

# Problems that a rewrite of the op solves.
_REWRITTEN = (
    checks.OP_UNKNOWN,
    checks.NO_KERNEL,
    checks.ATTR_UNKNOWN,
    checks.ATTR_VALUE,
    checks.SIGNATURE,
)


def advise(
    finding: Finding,
    library: str,
    adaptable: bool,
    left_out: bool,
    newer: bool,
    upgrade: str,
) -> list[dict[str, Any]]:
    """The remedies of a problem, the nearest first.

    Args:
      finding: the problem.
      library: the library of opgraft that solves it, or "".
      adaptable: whether `opgraft adapt` takes the model and the runtime.
      left_out: whether what it writes goes without all of these nodes.
      newer: whether opgraft.load() provides the op's newest signature as Opgraft + its name.
      upgrade: the oldest later release without it, or "".
    """
    found: list[dict[str, Any]] = []
    if library:
        found.append({"kind": LIBRARY, "library": library, "text": f"opgraft.load() ({library})"})
    adapts = "leaves out what no signature runs" if left_out else _adapts(finding)
    if adaptable and adapts:
        found.append({"kind": ADAPT, "text": f"opgraft adapt {adapts}"})
    elif adaptable and newer and finding.kind in _REWRITTEN:
        found.append(
            {
                "kind": ADAPT,
                "library": history.provider(finding.op),
                "text": f"opgraft adapt makes it Opgraft{finding.op}, of opgraft.load()",
            }
        )
    if upgrade:
        found.append(
            {"kind": UPGRADE, "release": upgrade, "text": f"TensorFlow {upgrade} or newer"}
        )
    if finding.kind in (checks.CONTRIB_OP, checks.CUSTOM_OP):
        origin = _origin(finding.op)
        if origin:
            found.append({"kind": OTHER, "text": origin})
    return found


def _adapts(finding: Finding) -> str:
    """What adapt does about it, or ""."""
    if finding.kind == checks.ATTR_UNKNOWN and finding.droppable:
        return f"drops {finding.attr}"
    if finding.kind == checks.OP_UNKNOWN and finding.op in MARKS:
        return f"leaves {finding.op} out"
    if finding.kind == checks.OP_UNKNOWN and finding.op in lists.OPS:
        return "makes TensorArrays of TensorLists"
    if finding.kind in _REWRITTEN and finding.op in REWRITES:
        return f"rewrites {finding.op}"
    return _ADAPTS.get(finding.kind, "")


def _origin(op: str) -> str:
    """Where an op that is not in TensorFlow comes from, as a remedy, or ""."""
    ages = history.ages(op)
    if ages is not None and ages.contrib:
        first, last = ages.contrib[0].first, ages.contrib[-1].last
        names = history.releases()
        return f"TensorFlow {names[first]} to {names[last]} with tf.contrib imported"
    namespace, separator, _ = op.partition(">")
    if separator and namespace in _NAMESPACES:
        return f"the package {_NAMESPACES[namespace]}, imported first"
    if separator:
        return f"the package whose ops begin with {namespace}>, imported first"
    return ""
