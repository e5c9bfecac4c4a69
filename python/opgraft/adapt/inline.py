"""Functions and v2 control flow made plain graph, by a modern TensorFlow in another process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from opgraft import proto
from opgraft.adapt.errors import CannotAdaptError, TensorFlowNeededError
from opgraft.adapt.graph import argument_shape

WORKER = Path(__file__).with_name("_inline_worker.py")
TIMEOUT = 1800  # seconds, for the largest graphs

_REFUSE_INLINING = ("_XlaMustCompile", "_noinline", "_disable_inlining", "_nospecialize")
# Control flow that is functions.
BRANCHES = ("Case", "If", "StatelessCase", "StatelessIf")
LOOPS = ("StatelessWhile", "While")
_HANDLES = (0, 20, 21)  # unknown, resource, variant: what has a handle knows more than its shape


def flatten(
    graph: Any,
    keep: list[str],
    python: str | None = None,
    checkpoint: Path | None = None,
    restore: tuple[str, str] = ("", ""),
) -> Any:
    """The graph with its functions inlined and its If, Case and While lowered to Switch and Merge.

    Args:
      graph: a GraphDef.
      keep: names of nodes that have to stay.
      python: an interpreter with TensorFlow 2.14 or newer; by default this one.
      checkpoint: freeze the variables to what this checkpoint (a prefix) says.
      restore: (name of the restore op, name of the tensor with the checkpoint's file name).

    Returns:
      A GraphDef with `_output_shapes` on every node.

    Raises:
      TensorFlowNeededError: the interpreter has no TensorFlow.
      CannotAdaptError: TensorFlow could not do it.
    """
    allowed = type(graph).FromString(graph.SerializeToString())
    for function in allowed.library.function:
        for attr in _REFUSE_INLINING:
            function.attr.pop(attr, None)
        _allow(function.node_def)
        _keep_shapes(function)
    _allow(allowed.node)
    with tempfile.TemporaryDirectory(prefix="opgraft-") as scratch:
        before, after, job = (
            Path(scratch) / name for name in ("before.pb", "after.pb", "job.json")
        )
        before.write_bytes(allowed.SerializeToString())
        job.write_text(
            json.dumps(
                {
                    "input": str(before),
                    "output": str(after),
                    "keep": keep,
                    "checkpoint": str(checkpoint) if checkpoint else "",
                    "restore": restore[0],
                    "filename": restore[1],
                }
            )
        )
        _run([python or sys.executable, "-W", "ignore", str(WORKER), str(job)])
        return proto.parse(proto.GraphDef, after.read_bytes(), "the inlined graph")


def _allow(nodes: Any) -> None:
    """Lets Grappler inline calls and lower control flow."""
    for node in nodes:
        node.attr.pop("_XlaMustCompile", None)
        if node.op in BRANCHES or node.op in LOOPS:
            node.attr["_lower_using_switch_merge"].b = True


def _keep_shapes(function: Any) -> None:
    """Puts an Identity behind each argument whose static shape is known.

    An argument is gone when its function is inlined, and in a loop its shape is not inferred again.
    """
    names = {node.name for node in function.node_def}
    behind = {}
    nodes = list(function.node_def)
    for number, argument in enumerate(function.signature.input_arg):
        shape = argument_shape(function, number)
        if shape is None or shape.unknown_rank or argument.type in _HANDLES:
            continue
        name = f"{argument.name}/shaped"
        while name in names:
            name += "_"
        names.add(name)
        node = function.node_def.add(name=name, op="Identity", input=[argument.name])
        node.attr["T"].type = argument.type
        node.attr["_output_shapes"].list.shape.append(shape)
        behind[argument.name] = f"{name}:output:0"
    for node in nodes:
        node.input[:] = [behind.get(text, text) for text in node.input]


def _run(command: list[str]) -> None:
    try:
        process = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=TIMEOUT
        )
    except OSError as e:
        raise TensorFlowNeededError(f"cannot start {command[0]}: {e.strerror}") from e
    except subprocess.TimeoutExpired as e:
        raise CannotAdaptError(f"inlining took more than {TIMEOUT} s and was given up") from e
    if process.returncode == 0:
        return
    text = process.stderr.decode(errors="replace")
    if "No module named 'tensorflow'" in text:
        raise TensorFlowNeededError(
            f"{command[0]} has no TensorFlow, which inlines functions: pip install tensorflow "
            "there, or name another interpreter with --python"
        )
    if process.returncode < 0:
        raise CannotAdaptError(
            f"TensorFlow died of signal {-process.returncode} while it inlined this graph"
        )
    lines = text.strip().splitlines() or ["no message"]
    raise CannotAdaptError(f"TensorFlow cannot inline this graph: {lines[-1]}")
