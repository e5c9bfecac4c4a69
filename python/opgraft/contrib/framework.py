"""Zeros for a variable's first value (tf.contrib.framework)."""

from typing import Any, Optional

from opgraft.contrib import _ops

__all__ = ["zero_initializer"]


def zero_initializer(ref: Any, use_locking: bool = True, name: str = "zero_initializer") -> Any:
    """Gives a variable without a value zeros, in place of its initializer, in its own memory.

    Args:
      ref: a variable whose shape is known: tf.Variable, or a resource variable's.
      use_locking: not used, as in tf.contrib.
      name: of the op.

    Returns:
      In graphs, the op's output: run it. A resource variable's is its handle.

    Raises:
      InvalidArgumentError: the variable has a value.
    """
    del use_locking
    handle: Optional[Any] = getattr(ref, "handle", None)
    if handle is not None:
        return _ops.call(
            "ZeroVarInitializer", var=handle, dtype=ref.dtype, shape=ref.shape, name=name
        )
    return _ops.call("ZeroInitializer", ref=getattr(ref, "_ref", lambda: ref)(), name=name)
