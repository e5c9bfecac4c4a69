"""What can go wrong, a class per failure. Messages name the thing, the limit and the next step."""

from __future__ import annotations

import re

_NO_OP = r"Op type not registered '([^']*)'"
_NO_KERNEL = r"(?:No OpKernel was registered to support Op|No registered) '([^']*)'(?: OpKernel)?"


class SlimError(Exception):
    """Base class of the errors of opgraft_slim."""


class LibraryError(SlimError, ImportError):
    """A library is missing or cannot be loaded."""


class ModelError(SlimError, ValueError):
    """No SavedModel, a damaged one, or one that TensorFlow refuses."""


class MissingOpError(SlimError, LookupError):
    """The library was built without an op, or without the kernel for a type, of the model.

    Attributes:
      op: the name of the op.
    """

    def __init__(self, message: str, op: str) -> None:
        super().__init__(message)
        self.op = op

    def __str__(self) -> str:
        return Exception.__str__(self)


class InputError(SlimError, ValueError):
    """An unknown signature; a missing or unknown input; one of a wrong type, rank or size."""


class RunError(SlimError, RuntimeError):
    """TensorFlow failed while it ran the model.

    Attributes:
      code: TensorFlow's status code, 3 being INVALID_ARGUMENT.
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def missing_op(message: str, model: str) -> "MissingOpError | None":
    """The error for an op or a kernel that the library lacks, if TensorFlow's message is that."""
    for pattern, what in ((_NO_OP, "op {}"), (_NO_KERNEL, "kernel of {} for these types")):
        found = re.search(pattern, message)
        if found:
            what = what.format(found.group(1))
            return MissingOpError(
                "This slim TensorFlow was built without the {}, which {} uses: {}\n"
                "Build one with it: nox -s build -- --model {}\n"
                "or add the op before the model is loaded: "
                "opgraft_slim.load_op_library(PATH)".format(what, model, message, model),
                found.group(1),
            )
    return None
