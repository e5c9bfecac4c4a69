"""Feature crosses (tf.contrib.layers.python.ops.sparse_feature_cross_op)."""

from typing import Any, List, Optional

from opgraft.contrib import _ops

v1 = _ops.v1

__all__ = ["SPARSE_FEATURE_CROSS_DEFAULT_HASH_KEY", "sparse_feature_cross"]

SPARSE_FEATURE_CROSS_DEFAULT_HASH_KEY = 956888297470
"""tf.contrib's key: crosses hashed with it are the same wherever it is used."""


def sparse_feature_cross(
    inputs: List[Any],
    hashed_output: bool = False,
    num_buckets: int = 0,
    name: Optional[str] = None,
    hash_key: Optional[int] = None,
) -> Any:
    """Crosses features: every combination of a row's values, joined by "_X_" or hashed.

    Args:
      inputs: SparseTensors or Tensors [batch, n], of strings or numbers (which become int64).
      hashed_output: whether to hash the crosses.
      num_buckets: with hashed_output, hash % num_buckets if > 0.
      name: of the op.
      hash_key: joins the fingerprints by FingerprintCat64 with this key; None or 0: by
        tf.contrib's older, weaker sum.

    Returns:
      A SparseTensor [batch, most crosses in a row] of strings, or of int64 if hashed_output.

    Raises:
      TypeError: inputs is not a list of SparseTensor or Tensor.
      InvalidArgumentError: batch sizes differ, or an index is out of range.
    """
    if not isinstance(inputs, list):
        raise TypeError("inputs must be a list, got {}".format(type(inputs).__name__))
    kinds = (v1.SparseTensor, v1.Tensor)
    wrong = [type(x).__name__ for x in inputs if not isinstance(x, kinds)]
    if wrong:
        raise TypeError("inputs must be SparseTensors or Tensors, got {}".format(wrong[0]))
    sparse = [x for x in inputs if isinstance(x, v1.SparseTensor)]
    values = [_string_or_int64(x.values) for x in sparse]
    dense = [_string_or_int64(x) for x in inputs if not isinstance(x, v1.SparseTensor)]
    strings = all(x.dtype == v1.string for x in values + dense)
    arguments = {
        "indices": [x.indices for x in sparse],
        "values": values,
        "shapes": [x.dense_shape for x in sparse],
        "dense": dense,
        "hashed_output": hashed_output,
        "num_buckets": num_buckets,
        "out_type": v1.int64 if hashed_output else v1.string,
        "internal_type": v1.string if strings else v1.int64,
        "name": name,
    }
    if hash_key:
        crossed = _ops.call("SparseFeatureCrossV2", hash_key=hash_key, **arguments)
    else:
        crossed = _ops.call("SparseFeatureCross", **arguments)
    return v1.SparseTensor(*crossed)


def _string_or_int64(tensor: Any) -> Any:
    return tensor if tensor.dtype == v1.string else v1.cast(tensor, v1.int64)
