"""Sampling of images at given points (tf.contrib.resampler)."""

from typing import Any

from opgraft.contrib import _ops

v1 = _ops.v1

__all__ = ["resampler"]


def resampler(data: Any, warp: Any, name: str = "resampler") -> Any:
    """Samples images at points by bilinear interpolation; outside of them is zero.

    The sampler of spatial transformer networks (Jaderberg et al. 2015, arXiv:1506.02025). Has
    gradients with respect to both inputs.

    Args:
      data: [batch, height, width, channels], half, float or double.
      warp: [batch, ..., 2], same type: points (x, y) in pixels, x along the width.
      name: of the op.

    Returns:
      [batch, ..., channels], type of data.

    Raises:
      InvalidArgumentError (ValueError in a graph): the shapes do not fit one another.
    """
    with v1.name_scope(name, "resampler", [data, warp]):
        data = v1.convert_to_tensor(data, name="data")
        warp = v1.convert_to_tensor(warp, name="warp", dtype=data.dtype)
        return _ops.call("Resampler", data=data, warp=warp, name=name)
