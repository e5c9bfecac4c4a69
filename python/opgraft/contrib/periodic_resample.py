"""Resampling by rearrangement (tf.contrib.periodic_resample)."""

from typing import Any, Optional

from opgraft.contrib import _ops

__all__ = ["periodic_resample"]


def periodic_resample(values: Any, shape: Any, name: Optional[str] = None) -> Any:
    """Rearranges the elements of a tensor into a larger or smaller shape.

    A general form of the sub-pixel convolution's shuffle (Shi et al. 2016, arXiv:1609.05158). Has
    a gradient, which needs a static shape of values.

    Args:
      values: a tensor of rank R, any number type.
      shape: R ints, exactly one of them None or -1: it takes up what the others leave.
      name: of the op.

    Returns:
      A tensor of that shape, type of values. Elements that do not fit are dropped.

    Raises:
      InvalidArgumentError: the rank differs, or there is not exactly one unknown size.
    """
    if isinstance(shape, (list, tuple)):
        shape = [None if size == -1 else size for size in shape]  # as a TensorShape has it
    return _ops.call("PeriodicResample", values=values, shape=shape, name=name)
