"""Memory of a device (tf.contrib.memory_stats): each returns an int64 scalar, in bytes.

Where the device has no kernel for it (a CPU only tells its limit) TensorFlow says so when it runs.
"""

from typing import Any

from opgraft.contrib import _ops

__all__ = ["BytesInUse", "BytesLimit", "MaxBytesInUse"]


def BytesInUse() -> Any:  # noqa: N802, tf.contrib's name
    """Bytes that the device's allocator has given out."""
    return _ops.call("BytesInUse")


def BytesLimit() -> Any:  # noqa: N802, tf.contrib's name
    """Bytes that the device's allocator may give out."""
    return _ops.call("BytesLimit")


def MaxBytesInUse() -> Any:  # noqa: N802, tf.contrib's name
    """The most bytes that the device's allocator had given out at a time."""
    return _ops.call("MaxBytesInUse")
