"""Beam search (tf.contrib.seq2seq)."""

from typing import Any, Optional

from opgraft.contrib import _ops

__all__ = ["gather_tree"]


def gather_tree(
    step_ids: Any,
    parent_ids: Any,
    max_sequence_lengths: Any,
    end_token: Any,
    name: Optional[str] = None,
) -> Any:
    """The full beams from the ids of each step and the beams that they extend.

    Args:
      step_ids: int32 [max_time, batch, beams], the token of each step and beam.
      parent_ids: int32, same shape: the beam of the step before.
      max_sequence_lengths: int32 [batch].
      end_token: int32 scalar; what follows the first one in a beam becomes end_token too.
      name: of the op.

    Returns:
      int32, shape of step_ids.

    Raises:
      InvalidArgumentError: shapes differ, or a parent that is followed is not in [0, beams).
    """
    inputs = step_ids, parent_ids, max_sequence_lengths, end_token
    return _ops.call("GatherTree", *inputs, name=name)
