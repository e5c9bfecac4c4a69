"""Why something cannot be built, in one line each, with the next command."""

from __future__ import annotations

from collections.abc import Iterable

from opgraft import history
from opgraft.history.libraries import provider
from opgraft.inspect import checks
from opgraft.inspect.escape import printable
from opgraft.slim.index import Index
from opgraft.slim.selection import Reason

# Sources that are left out, by how their path begins, and why.
LEFT_OUT = {
    "tensorflow/core/kernels/data/": (
        "tf.data is left out of slim builds",
        "feed the tensors instead, or export a signature without a dataset",
    ),
    "tensorflow/core/summary/": (
        "summaries are left out of slim builds",
        "export the model without summaries",
    ),
}
PYTHON_OPS = ("PyFunc", "PyFuncStateless", "EagerPyFunc")


def of_op(index: Index, op: str, reasons: Iterable[Reason]) -> str:
    """A line about an op that the release does not know, or that no source defines."""
    library = provider(op)
    if library:
        why = "is not an op of it"
        advice = (
            f"build with --op-libraries and load libopgraft_{library}.so before the model, or "
            f"adapt it: opgraft adapt MODEL OUT --runtime {index.release}"
        )
    elif op in PYTHON_OPS:
        why, advice = (
            "runs Python, which a slim build has not",
            "write it with TensorFlow's own ops",
        )
    elif op in index.definitions:
        why = "is for a compiler or a device that slim builds leave out (XLA, TPU, GPU, oneDNN)"
        advice = "export the model for the CPU, without jit_compile"
    elif checks.kind_of_unknown(op) == checks.OP_UNKNOWN:
        why = f"is of other releases ({_ages(op)})"
        advice = f"adapt the model: opgraft adapt MODEL OUT --runtime {index.release}"
    else:
        why = "is a custom op"
        advice = "build with --op-libraries and load the library of the op before the model"
    return _line(reasons, op, f"TensorFlow {index.release}: {why}", advice)


def of_kernel(index: Index, op: str, types: str, reasons: Iterable[Reason]) -> str:
    """A line about an op without a kernel for the CPU and the types."""
    has = index.entries(op)
    if op in PYTHON_OPS:
        return of_op(index, op, reasons)
    if op == "SymbolicGradient":
        why, advice = "gradients are left out of slim builds", "export the model for inference"
    elif not has:
        why = "has no CPU kernel in TensorFlow's sources"
        advice = "export the model for the CPU, without jit_compile"
    else:
        why = f"has no CPU kernel for {types}" if types else "has no CPU kernel that fits"
        advice = f"see the types that there are: opgraft ops {op}"
    return _line(reasons, op, why, advice)


def left_out(file: str) -> tuple[str, str]:
    """Why a source is left out and what to do about it; empty if it is not."""
    for prefix, texts in LEFT_OUT.items():
        if file.startswith(prefix):
            return texts
    return "", ""


def of_file(file: str, op: str, reasons: Iterable[Reason]) -> str:
    """A line about an op whose source is left out."""
    return _line(reasons, op, *left_out(file))


def of_library(library: str, file: str, op: str, reasons: Iterable[Reason]) -> str:
    """A line about an op that needs a library which the build does not have."""
    why = f"{file} needs {library}, which slim builds leave out"
    return _line(reasons, op, why, "do without the op, such as by feeding what it computes")


def _ages(op: str) -> str:
    spans = history.ages(op).core
    names = history.releases()
    return ", ".join(
        f"{names[span.first]} to {names[span.last]}" for span in (spans[0], spans[-1])[: len(spans)]
    )


def _line(reasons: Iterable[Reason], op: str, why: str, advice: str) -> str:
    found = list(reasons)
    first = found[0]
    where = f"{printable(first.source)}: " if first.source else ""
    if first.rule == "node":
        where += f"node {printable(first.node)}"
        where += f" of function {printable(first.function)}" if first.function else ""
    elif first.rule == "ops file":
        where += f"line {first.node}"
    else:
        where += f"rule {first.rule}"
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{where}{more}: op {printable(op)}: {why}. Next: {advice}."
