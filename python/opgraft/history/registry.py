"""What a runtime has: ops and the types of its CPU kernels."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from opgraft import proto

# What serves the CPU: kernels of any device are the fallback of every device.
DEVICES = ("CPU", "DEFAULT")
UNKNOWN = -1  # a type that the caller of a function gives


class Registry:
    """The ops and CPU kernels of a runtime.

    Attributes:
      name: how messages call it, such as "TensorFlow 1.15.5".
      version: its release, or "" if it is not known.
      ops: {name: OpDef}.
      kernels: {name: [KernelSet]}, or None if they are not known.
      producer: the GraphDef version that it writes, 0 if it is not known.
      min_producer: the oldest GraphDef version that it still reads.
    """

    def __init__(
        self,
        name: str,
        ops: dict[str, Any],
        kernels: dict[str, list[Any]] | None,
        version: str = "",
        producer: int = 0,
        min_producer: int = 0,
    ) -> None:
        self.name = name
        self.version = version
        self.ops = ops
        self.kernels = kernels
        self.producer = producer
        self.min_producer = min_producer

    def op(self, name: str) -> Any:
        """The OpDef of an op, or None."""
        return self.ops.get(name)

    def kernel_sets(self, name: str) -> list[Any]:
        """The KernelSets of an op; empty if it has no CPU kernel."""
        return list((self.kernels or {}).get(name, []))

    def has_kernel(self, name: str, values: Mapping[str, Any]) -> bool:
        """Whether a CPU kernel serves a node; True if the kernels are not known.

        Args:
          name: the op.
          values: {attr: AttrValue} of the node; defaults of the op stand in for those that it does
            not say. An attr without a value, or with one that the caller of a function gives,
            matches everything.
        """
        if self.kernels is None:
            return True
        definition = self.ops[name]
        known = {a.name: a.default_value for a in definition.attr if a.HasField("default_value")}
        known.update(values)
        label = known["_kernel"].s.decode("utf-8", "replace") if "_kernel" in known else ""
        return any(
            _serves(one, known) for one in self.kernel_sets(name) if one.label in ("", label)
        )


def _serves(kernels: Any, values: Mapping[str, Any]) -> bool:
    """Whether one of a set of kernels serves the attrs of a node."""
    for constraint in kernels.other:
        value = values.get(constraint.name)
        if value is not None and not _is_among(value, constraint.allowed_values.list):
            return False
    wanted = [_types(values.get(name)) for name in kernels.attr]
    rows = _rows(kernels)
    # An attr with a list of types is served if each of them is.
    combinations = itertools.product(*(types or [UNKNOWN] for types in wanted))
    return all(
        any(all(t in (UNKNOWN, has) for t, has in zip(combination, row)) for row in rows)
        for combination in combinations
    )


def _rows(kernels: Any) -> list[tuple[int, ...]]:
    """The types of each kernel of a set."""
    width = len(kernels.attr)
    numbers = list(kernels.type)
    return [tuple(numbers[i : i + width]) for i in range(0, len(numbers), width)] if width else [()]


def _types(value: Any) -> list[int]:
    """The types in the value of an attr, each once; empty if they are not known."""
    if value is None:
        return []
    if value.WhichOneof("value") == "type":
        return [value.type]
    return list(dict.fromkeys(value.list.type))


def _is_among(value: Any, allowed: Any) -> bool:
    """Whether a value of kind string, int or bool is in a list."""
    kind = value.WhichOneof("value")
    return kind not in ("s", "i", "b") or getattr(value, kind) in getattr(allowed, kind)


def strip_op(op: Any) -> Any:
    """Drops the texts of an OpDef and what only graph rewriters read; returns it."""
    for name in ("summary", "description", "control_output"):
        op.ClearField(name)
    if op.deprecation.version:
        op.deprecation.explanation = ""
    else:
        op.ClearField("deprecation")
    for argument in (*op.input_arg, *op.output_arg):
        argument.ClearField("description")
        argument.ClearField("experimental_full_type")
    for attr in op.attr:
        attr.ClearField("description")
    return op


def group_kernels(kernels: Iterable[Any]) -> dict[str, list[Any]]:
    """{op: [KernelSet]} of the CPU kernels among some KernelDefs."""
    groups: dict[str, dict[Any, set[tuple[int, ...]]]] = {}
    for kernel in kernels:
        if kernel.device_type not in DEVICES:
            continue
        constraints = sorted(kernel.constraint, key=lambda constraint: str(constraint.name))
        typed = [c for c in constraints if c.allowed_values.list.type]
        other = [c.SerializeToString(deterministic=True) for c in constraints if c not in typed]
        key = (kernel.label, tuple(c.name for c in typed), tuple(other))
        rows = itertools.product(*(c.allowed_values.list.type for c in typed))
        groups.setdefault(kernel.op, {}).setdefault(key, set()).update(rows)
    return {
        op: [
            proto.KernelSet(
                label=label,
                attr=names,
                type=[number for row in sorted(rows) for number in row],
                other=[proto.KernelDef.AttrConstraint.FromString(data) for data in other],
            )
            for (label, names, other), rows in sorted(sets.items())
        ]
        for op, sets in groups.items()
    }
