"""Matrix factorisation (the ops of tf.contrib.factorization)."""

from typing import Any, Optional, Tuple

from opgraft.contrib import _ops

__all__ = ["masked_matmul", "wals_compute_partial_lhs_and_rhs"]


def masked_matmul(
    a: Any,
    b: Any,
    mask_indices: Any,
    transpose_a: Any,
    transpose_b: Any,
    name: Optional[str] = None,
) -> Any:
    """Single elements of the product of two matrices.

    Args:
      a: float matrix.
      b: float matrix.
      mask_indices: int64 [n, 2], (row, column) of the elements wanted, in any order.
      transpose_a: bool scalar, whether a is to be transposed first.
      transpose_b: bool scalar, likewise.
      name: of the op.

    Returns:
      float [n].

    Raises:
      InvalidArgumentError: inner dimensions differ, or an index is outside of the product.
    """
    return _ops.call("MaskedMatmul", a, b, mask_indices, transpose_a, transpose_b, name=name)


def wals_compute_partial_lhs_and_rhs(
    factors: Any,
    factor_weights: Any,
    unobserved_weights: Any,
    input_weights: Any,
    input_indices: Any,
    input_values: Any,
    entry_weights: Any,
    input_block_size: Any,
    input_is_transpose: Any,
    name: Optional[str] = None,
) -> Tuple[Any, Any]:
    """Both sides of the normal equations of weighted alternating least squares.

    The method: Hu, Koren and Volinsky, "Collaborative Filtering for Implicit Feedback Datasets"
    (ICDM 2008). An observed entry [m, n] weighs entry_weights[i], or else input_weights[m] *
    factor_weights[n] (transposed: the other way round); the weights not used must be empty.

    Args:
      factors: float [rows, k].
      factor_weights: float [rows] or empty.
      unobserved_weights: float scalar, what the entries weigh that are not observed.
      input_weights: float [n] or empty.
      input_indices: int64 [nnz, 2], of the observed entries.
      input_values: float [nnz].
      entry_weights: float [nnz] or empty.
      input_block_size: int64 scalar, the number of rows of the input (transposed: columns).
      input_is_transpose: bool scalar.
      name: of the op.

    Returns:
      (partial_lhs, partial_rhs): float [block, k, k] and [block, k].

    Raises:
      InvalidArgumentError: sizes do not match, or an index is out of range.
    """
    weights = factor_weights, unobserved_weights, input_weights
    entries = input_indices, input_values, entry_weights
    block = input_block_size, input_is_transpose
    lhs, rhs = _ops.call(
        "WALSComputePartialLhsAndRhs", factors, *weights, *entries, *block, name=name
    )
    return lhs, rhs
