"""Calls of the Opgraft ops."""

from typing import Any, Callable, Dict

from opgraft import _compat, _load

tf = _compat.import_tensorflow()
v1 = _compat.v1(tf)

_wrappers: Dict[str, Callable[..., Any]] = {}


def call(op: str, **arguments: Any) -> Any:
    """Calls the op "Opgraft" + op; loads the library first if need be.

    Raises:
      opgraft.OpgraftError: there are no lookup tables for this TensorFlow; the message says why.
    """
    wrapper = _wrappers.get(op)
    if wrapper is None:
        wrapper = _load.load(["lookup"]).library("lookup").wrapper("Opgraft" + op)
        _wrappers[op] = wrapper
    return wrapper(**arguments)


def has(op: str) -> bool:
    """Whether the library provides "Opgraft" + op on this TensorFlow."""
    library = _load.load(["lookup"]).library("lookup")
    return any(o["name"] == "Opgraft" + op and not o["note"] for o in library.ops)
