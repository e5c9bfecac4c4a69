"""What was selected, and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from opgraft.errors import OpgraftError
from opgraft.slim import header


class SelectionError(OpgraftError, ValueError):
    """What was asked for cannot be built.

    Attributes:
      problems: one line each: the model, the node, the op, the reason and what to do about it.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, order=True)
class Kernel:
    """A registration of a CPU kernel.

    Attributes:
      op: the op.
      kernel_class: the text of the class, as SHOULD_REGISTER_OP_KERNEL gets it.
      types: ((attr, (dtype, …)), …): the types it serves, such as (("T", ("float", "half")),).
      label: what a node's attr _kernel has to say, mostly "".
      priority: of the kernels that serve a node, the highest wins.
      file: the source that registers it, from the root of TensorFlow's tree.
    """

    op: str
    kernel_class: str
    types: tuple[tuple[str, tuple[str, ...]], ...] = ()
    label: str = ""
    priority: int = 0
    file: str = ""


@dataclass(frozen=True, order=True)
class Reason:
    """What brought an op or a kernel in.

    Attributes:
      rule: "node" for a node of a model; "ops file" for a line of one; else the name of a rule of
        opgraft.slim.rules, such as "function calls".
      source: the model or the file of ops; "" for a rule that needs none.
      function: of a node, the function in whose body it is; "" for the graph itself.
      node: the name of a node, or the number of the line.
    """

    rule: str
    source: str = ""
    function: str = ""
    node: str = ""


@dataclass(frozen=True, order=True)
class File:
    """A source file to compile.

    Attributes:
      path: from the root of TensorFlow's tree.
      ops: the selected ops that it registers or defines.
      needed_by: the selected files that need a function of it; empty if only its ops count.
      libraries: those from outside of TensorFlow that it includes, such as libjpeg.
    """

    path: str
    ops: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


@dataclass
class Selection:
    """What to register and to compile.

    Attributes:
      release: of TensorFlow, such as "2.14.1".
      models: the paths given.
      ops: every op that is registered, {op: reasons}. All nodes of a model, run or not, have
        theirs here, since a graph is imported as a whole.
      kernels: every kernel that is registered, {kernel: reasons}: those of what is run alone.
      kernel_files: the sources of the kernels and what these need beyond the framework, sorted.
      op_files: the sources of the definitions of the ops, sorted.
    """

    release: str
    models: tuple[str, ...] = ()
    ops: dict[str, tuple[Reason, ...]] = field(default_factory=dict)
    kernels: dict[Kernel, tuple[Reason, ...]] = field(default_factory=dict)
    kernel_files: tuple[File, ...] = ()
    op_files: tuple[File, ...] = ()

    @property
    def kernel_classes(self) -> tuple[str, ...]:
        """The texts of the kernels' classes, sorted, each once."""
        return tuple(sorted({kernel.kernel_class for kernel in self.kernels}))

    @property
    def sources(self) -> tuple[str, ...]:
        """The paths of all files to compile, sorted."""
        return tuple(sorted({file.path for file in (*self.kernel_files, *self.op_files)}))

    def header(self) -> str:
        """The text of ops_to_register.h; equal for equal ops and classes."""
        return header.text(self.ops, self.kernel_classes)

    def as_json(self) -> dict[str, Any]:
        """Everything above as JSON; equal for equal selections."""
        return {
            "release": self.release,
            "models": list(self.models),
            "ops": {op: [_without_empty(r) for r in reasons] for op, reasons in self.ops.items()},
            "kernels": [
                {
                    **_without_empty(kernel),
                    "types": {name: list(types) for name, types in kernel.types},
                    "reasons": [_without_empty(reason) for reason in reasons],
                }
                for kernel, reasons in self.kernels.items()
            ],
            "kernel_files": [_without_empty(file) for file in self.kernel_files],
            "op_files": [_without_empty(file) for file in self.op_files],
        }


def _without_empty(value: Any) -> dict[str, Any]:
    """A dataclass as a dict of the fields that say something."""
    return {name: item for name, item in asdict(value).items() if item}
