"""What helps against a problem: opgraft's libraries, adapt, a newer release, or nothing."""

from __future__ import annotations

from typing import Any

from opgraft import history
from opgraft.inspect import checks
from opgraft.inspect.checks import Finding
from opgraft.inspect.helper import Help

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


def advise(finding: Finding, given: Help, upgrade: str) -> list[dict[str, Any]]:
    """The remedies of a problem, the nearest first.

    Args:
      finding: the problem.
      given: what opgraft does about it.
      upgrade: the oldest later release without it, or "".
    """
    found: list[dict[str, Any]] = []
    if given.library:
        text = f"opgraft.load() ({given.library})"
        found.append({"kind": LIBRARY, "library": given.library, "text": text})
    if given.newer:
        text = f"opgraft adapt {given.adapt}, of opgraft.load()"
        found.append({"kind": ADAPT, "library": history.provider(finding.op), "text": text})
    elif given.adapt:
        found.append({"kind": ADAPT, "text": f"opgraft adapt {given.adapt}"})
    if upgrade:
        found.append(
            {"kind": UPGRADE, "release": upgrade, "text": f"TensorFlow {upgrade} or newer"}
        )
    if finding.kind in (checks.CONTRIB_OP, checks.CUSTOM_OP):
        origin = _origin(finding.op)
        if origin:
            found.append({"kind": OTHER, "text": origin})
    return found


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
