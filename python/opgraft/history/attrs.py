"""Attrs whose value does not change what a CPU computes, so that old releases may go without.

Measured by running stock releases beside one another; the exceptions say where.
"""

from __future__ import annotations

from typing import Any

# Hints, bookkeeping, settings of other devices and of training.
HARMLESS = frozenset(
    """
    allowed_devices buffer_size_min cardinality_options config config_proto debug_name executor_type
    force_synchronous grad_a grad_b grad_x grad_y identical_element_shapes legacy_autotune
    log_warning metadata output_shapes parallel_iterations preserve_cardinality
    replicate_on_split slack_period sparse_gradient timeout_seconds update_slots
    use_inter_op_parallelism use_unbounded_threadpool
    """.split()
)

# Values other than the default that make an error of what ran, or the reverse, and nothing else.
_ONLY_CHECKS: dict[tuple[str, str], bool] = {
    ("AssignVariableOp", "validate_shape"): True,
    ("Equal", "incompatible_shape_error"): False,
    ("NotEqual", "incompatible_shape_error"): False,
    ("MergeV2Checkpoints", "allow_missing_files"): True,
}
_BAD_INDICES = (b"", b"DEFAULT", b"ERROR")  # what a CPU does anyway

# Where the default is not what releases without the attr did (1.4.1 rounds ties upwards).
_NEW_DEFAULTS = frozenset(
    {
        ("QuantizeAndDequantizeV2", "round_mode"),
        ("QuantizeAndDequantizeV2", "narrow_range"),
        ("QuantizeAndDequantizeV3", "narrow_range"),
    }
)


def changes_result(op: str, name: str, value: Any, default: Any) -> bool:
    """Whether a release that does not know an attr computes something else than a node asks for.

    Args:
      op: the op.
      name: the attr.
      value: its AttrValue in the node.
      default: the AttrValue that newer releases take where there is none, or None.
    """
    if name in HARMLESS:
        return False
    if (op, name) in _NEW_DEFAULTS:
        return True
    if default is not None and value == default:
        return False
    if name == "bad_indices_policy":
        return value.s not in _BAD_INDICES
    if (op, name) in _ONLY_CHECKS:
        return bool(value.b) != _ONLY_CHECKS[op, name]
    return True
