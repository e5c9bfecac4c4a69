"""Calls of the Opgraft ops of the library "contrib"."""

from typing import Any, Callable, Dict

from opgraft import _compat, _load
from opgraft.errors import LibraryNotFoundError, OpgraftError

tf = _compat.import_tensorflow()
v1 = _compat.v1(tf)

_wrappers: Dict[str, Callable[..., Any]] = {}


def call(op: str, *inputs: Any, **attrs: Any) -> Any:
    """Calls the op "Opgraft" + op; loads the library first if need be.

    Args:
      op: its plain name.
      *inputs: in the order of the op's definition; or by name.
      **attrs: and the name of the node.

    Returns:
      A tensor or a named tuple of tensors.

    Raises:
      opgraft.OpgraftError: the library has no such op for this TensorFlow.
    """
    wrapper = _wrappers.get(op)
    if wrapper is None:
        wrapper = _wrappers[op] = _find(op)
    return wrapper(*inputs, **attrs)


def has(op: str) -> bool:
    """Whether the library provides "Opgraft" + op on this TensorFlow."""
    try:
        _find(op)
    except OpgraftError as e:
        if type(e) is not OpgraftError:
            raise  # the library does not load: that is no answer
        return False
    return True


def _find(op: str) -> Callable[..., Any]:
    try:
        library = _load.load(["contrib"]).library("contrib")
        return library.wrapper("Opgraft" + op)
    except LibraryNotFoundError as e:
        raise OpgraftError(
            "the op {} (Opgraft{}) is not in opgraft's library for TensorFlow {}: {}".format(
                op, op, tf.__version__, e
            )
        ) from e
