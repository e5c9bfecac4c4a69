"""Decides whether what a runtime gave is right, and lists where it may differ, with the reasons."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import Any

from .harness import Result, describe, lacks, normal

REFUSALS = ("InvalidArgumentError", "FailedPreconditionError", "UnimplementedError", "ValueError")


@dataclass(frozen=True)
class Difference:
    """Cases whose result may differ from the oracle's, and why."""

    cases: str  # a pattern of ids
    reason: str
    modes: tuple[str, ...] = ("grafted", "opgraft")
    before: tuple[int, int] = (99, 0)  # only releases before this one
    since: tuple[int, int] = (0, 0)


_BROADCAST = (
    "opgraft broadcasts any number of dimensions; TensorFlow's AddV2 not more than it can fold"
)
_DENORMAL = "whether a kernel's thread flushes denormals to zero is a setting of the runtime"
DIFFERENCES: tuple[Difference, ...] = (
    Difference("add-eight-*", _BROADCAST, modes=("opgraft",)),
    Difference("add-eight-*", _BROADCAST, modes=("grafted",), before=(1, 14)),
    Difference("add-denormal-float", _DENORMAL, before=(1, 5)),
    Difference("add-denormal-double", _DENORMAL, before=(1, 5)),
)

# Where the runtime has an op, but with an older definition, nothing can be added under its name.
# The newer definition is there as "Opgraft" + name, and `opgraft adapt` points graphs at it.
OLDER_DEFINITION = (
    "not in the list of allowed values",
    "More inputs specified",
    "inputs specified",
    "not in Op<",
    "No attr named",
)


def difference(identifier: str, mode: str, minor: tuple[int, int]) -> Difference | None:
    """The entry that allows a case to differ, or None."""
    for entry in DIFFERENCES:
        if (
            mode in entry.modes
            and entry.since <= minor < entry.before
            and fnmatch.fnmatchcase(identifier, entry.cases)
        ):
            return entry
    return None


def crashed(result: Result | None) -> bool:
    """Whether a case killed its process."""
    return isinstance(result, dict) and "crash" in result


def runs_natively(native: Result) -> bool:
    """Whether the stock runtime can run the case, so that its own answer counts."""
    return not lacks(native) and not crashed(native)


def older_definition(native: Result, result: Result) -> bool:
    """Whether the runtime's own definition of an op refuses the node, with or without opgraft."""
    messages = [
        " ".join(step.get("message", "") for step in ([one] if isinstance(one, dict) else one))
        for one in (native, result)
    ]
    return any(all(text in message for message in messages) for text in OLDER_DEFINITION)


def refuses(result: Result) -> bool:
    """Whether a result holds an error that says that the input is wrong."""
    steps = [result] if isinstance(result, dict) else result
    return any(step.get("error") in REFUSALS for step in steps)


def judge(
    case: dict[str, Any], mode: str, result: Result, native: Result, oracle: Result
) -> str | None:
    """What is wrong with a result, or None."""
    if crashed(result):
        return f"the process died: {result['crash']}"
    if mode == "grafted" and native is not None and runs_natively(native):
        # Where the runtime has the op it is the runtime's that runs.
        wanted, whose = native, "the same runtime without opgraft"
    elif case["values"] is not None:
        wanted, whose = case["values"], "the model in Python"
    elif crashed(oracle):
        if refuses(result):
            return None
        return f"TensorFlow {case['oracle']} aborts, so an error was due:\n{describe(case, result)}"
    else:
        wanted, whose = oracle, f"TensorFlow {case['oracle']}"
    if normal(case, wanted) == normal(case, result):
        return None
    return f"got\n{describe(case, result)}\n{whose} gives\n{describe(case, wanted)}"
