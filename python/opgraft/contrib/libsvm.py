"""Text in the format of LIBSVM (tf.contrib.libsvm)."""

from typing import Any, Optional, Tuple

from opgraft.contrib import _ops

v1 = _ops.v1

__all__ = ["decode_libsvm"]


def decode_libsvm(
    content: Any, num_features: int, dtype: Optional[Any] = None, label_dtype: Optional[Any] = None
) -> Tuple[Any, Any]:
    """Parses records "label index:value index:value ...", the format of LIBSVM.

    Args:
      content: string, any shape: a record each.
      num_features: int, the indices are in [0, num_features).
      dtype: of the values: float (default), double, int32 or int64.
      label_dtype: of the labels: int64 (default), float, double or int32.

    Returns:
      (features, labels): a SparseTensor of shape [*shape of content, num_features], and a tensor
      of the shape of content.

    Raises:
      InvalidArgumentError: a label, an index or a value does not parse or is out of range.
    """
    labels, indices, values, shape = _ops.call(
        "DecodeLibsvm",
        input=content,
        num_features=num_features,
        dtype=dtype or v1.float32,
        label_dtype=label_dtype or v1.int64,
    )
    return v1.SparseTensor(indices, values, shape), labels
