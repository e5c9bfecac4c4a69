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
    says: str = ""  # what the result has to say


_BROADCAST = (
    "opgraft broadcasts any number of dimensions; TensorFlow's AddV2 not more than it can fold"
)
_DENORMAL = "whether a kernel's thread flushes denormals to zero is a setting of the runtime"
_HANDLE = "releases before 1.4 do not tell shape functions a table's types; the run refuses them"
_CLEAN = "a file that fails leaves nothing behind; in TensorFlow the lines before the bad one stay"
_MINIMUM = (
    "Python of before 1.5 leaves the minimum of an attr to C++, which sees it in the first run"
)
_OVERFLOW = "releases before 1.4 take a shape attr of more than 2^63 elements; the run refuses it"
_CHOICE = "Python of before 1.5 leaves the choice of an attr's values to C++, as its minimum"
_HIDDEN = "before 1.9 op libraries cannot reach resource variables; load() says so"
_NO_LISTS = "tensor lists, the variants of these cases, are newer"
_NO_HANDLES = "opgraft has values that are resources from TensorFlow 1.4 on, and says so"
DIFFERENCES: tuple[Difference, ...] = (
    Difference("variant-*", _NO_LISTS, before=(1, 6), says="TensorListFromTensor"),
    Difference("resource-*", _NO_HANDLES, before=(1, 4), says="no tables of resource values"),
    Difference("add-eight-*", _BROADCAST, modes=("opgraft",)),
    Difference("add-eight-*", _BROADCAST, modes=("grafted",), before=(1, 14)),
    Difference("add-denormal-[bfd]*", _DENORMAL, before=(1, 5)),
    Difference(
        "*",
        "the runtime's own tables of before 1.13 cannot remove keys, and the message says what can",
        modes=("grafted",),
        since=(1, 2),
        before=(1, 13),
        says="cannot remove keys; make the table with the Opgraft op",
    ),
    Difference(
        "mixed-access-ours-*",
        "the runtime's own HashTable could not be exported yet, by whatever op",
        modes=("grafted",),
        before=(1, 13),
        says="ExportValues not supported",
    ),
    Difference(
        "initialise_twice-AnonymousHashTable",
        "the runtime's own InitializeTableV2 refuses a second time, whatever it is to hold",
        modes=("grafted",),
        before=(1, 15),
        says="Table already initialized",
    ),
    Difference(
        "cross-bad-few-values*",
        "the runtime's own op reads beyond a column with too few values, and dies of it or not",
        modes=("grafted",),
        before=(2, 0),
        says="by signal",
    ),
    Difference("error-type-find-*-Mutable*V2", _HANDLE, before=(1, 4)),
    Difference("error-type-export-*-Mutable*V2", _HANDLE, before=(1, 4)),
    Difference("file-bad-then-good", _CLEAN, modes=("opgraft",)),
    Difference("file-bad-then-good", _CLEAN, modes=("grafted",), before=(1, 2)),
    Difference("libsvm-denormal-*", _DENORMAL, before=(1, 5)),
    Difference("fused-conv-bad-activation*", _CHOICE, before=(1, 5)),
    Difference("zero-var-initializer-*", _HIDDEN, before=(1, 9), says="No op named"),
    Difference("libsvm-no-features-", _MINIMUM, before=(1, 5)),
    Difference("resample-overflow-*", _OVERFLOW, before=(1, 4)),
    Difference("file-vocab-size--2", _MINIMUM, modes=("opgraft",), before=(1, 5)),
    Difference("file-index-below", _MINIMUM, modes=("opgraft",), before=(1, 5)),
    Difference("file-vocab-size--2", _MINIMUM, modes=("grafted",), before=(1, 2)),
    Difference("file-index-below", _MINIMUM, modes=("grafted",), before=(1, 2)),
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


def messages(result: Result) -> str:
    """All that a result says, or how its process died."""
    steps = [result] if isinstance(result, dict) else result
    return " ".join(step.get("message", step.get("crash", "")) for step in steps)


def difference(
    identifier: str, mode: str, minor: tuple[int, int], result: Result
) -> Difference | None:
    """The entry that allows a case to differ, or None."""
    for entry in DIFFERENCES:
        if (
            mode in entry.modes
            and entry.since <= minor < entry.before
            and fnmatch.fnmatchcase(identifier, entry.cases)
            and entry.says in messages(result)
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
    return lacks(native) and any(text in messages(result) for text in OLDER_DEFINITION)


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
    steps = differing_steps(case, wanted, result)
    got, right = describe(case, result, steps), describe(case, wanted, steps)
    return f"got\n{got}\n{whose} gives\n{right}"


def differing_steps(case: dict[str, Any], wanted: Result, result: Result) -> set[int]:
    """The steps to show: those that differ, or all."""
    every = set(range(len(case["steps"])))
    if isinstance(wanted, dict) or isinstance(result, dict):
        return every
    pairs = enumerate(zip(normal(case, wanted), normal(case, result)))
    return {n for n, (one, other) in pairs if one != other}
