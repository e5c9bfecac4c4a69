"""Locality-sensitive hashing (tf.contrib.nearest_neighbor)."""

from typing import Any, Optional, Tuple

from opgraft.contrib import _ops

__all__ = ["hyperplane_lsh_probes"]


def hyperplane_lsh_probes(
    point_hyperplane_product: Any,
    num_tables: Any,
    num_hyperplanes_per_table: Any,
    num_probes: Any,
    name: Optional[str] = None,
) -> Tuple[Any, Any]:
    """The buckets to probe, the likeliest first, for hashing by hyperplanes.

    Multi-probe order as in Lv et al., "Multi-probe LSH" (VLDB 2007); the first num_tables probes
    are each table's own bucket.

    Args:
      point_hyperplane_product: float or double [batch, num_tables * num_hyperplanes_per_table],
        the inner products of the points with the hyperplanes.
      num_tables: int32 scalar.
      num_hyperplanes_per_table: int32 scalar.
      num_probes: int32 scalar, of all tables together.
      name: of the op.

    Returns:
      (probes, table_ids): int32 [batch, num_probes] each.

    Raises:
      InvalidArgumentError: a number is out of range or the columns do not match.
    """
    sizes = num_tables, num_hyperplanes_per_table, num_probes
    probes, table_ids = _ops.call(
        "HyperplaneLSHProbes", point_hyperplane_product, *sizes, name=name
    )
    return probes, table_ids
