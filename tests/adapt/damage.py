"""Damages a message field by field, as a string of bytes says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opgraft import proto

MOST_EDITS = 12
NUMBERS = (0, 1, -1, 2, 3, 7, 9, 21, 101, 127, 255, 65536, 2**31 - 1, -(2**31), 2**62, -(2**63))
TEXTS = ("", "x", "^x", "x:1", "a\n\x1b[31m", "..", "/etc/passwd", "é", "T", "value", "9" * 40)


def damage(data: bytes, recipe: bytes) -> bytes:
    """The bytes of a SavedModel with a few fields changed, dropped, doubled or moved."""
    model = proto.SavedModel.FromString(data)
    names = [node.name for meta in model.meta_graphs for node in meta.graph_def.node]
    ops = [node.op for meta in model.meta_graphs for node in meta.graph_def.node]
    digits = iter(recipe)
    for _ in range(MOST_EDITS):
        if not _edit(model, digits, (*names, *ops, *TEXTS)):
            break
    return model.SerializeToString()


def _edit(message: Any, digits: Iterator[int], texts: tuple[str, ...]) -> bool:
    """Changes one field, some way down; False if the recipe has ended."""
    while True:
        fields = message.ListFields()
        pick, what = next(digits, None), next(digits, None)
        if pick is None or what is None:
            return False
        if not fields:
            return True
        field, value = fields[pick % len(fields)]
        repeated = field.is_repeated if hasattr(field, "is_repeated") else field.label == 3
        is_map = repeated and hasattr(value, "keys")
        if is_map:
            keys = sorted(value.keys())
            key = keys[what % len(keys)]
            if what % 5 == 0 or not hasattr(value[key], "ListFields"):
                del value[key]
                return True
            message = value[key]
        elif repeated:
            at = what % len(value)
            step = next(digits, 0)
            if field.message_type is None:
                value[at] = _other(field, value[at], step, texts)
                return True
            if step % 6 == 0:
                del value[at]
                return True
            if step % 6 == 1:
                value.add().CopyFrom(value[at])
                return True
            message = value[at]
        elif field.message_type is None:
            setattr(message, field.name, _other(field, value, what, texts))
            return True
        elif what % 8 == 0:
            message.ClearField(field.name)
            return True
        else:
            message = value


def _other(field: Any, value: Any, pick: int, texts: tuple[str, ...]) -> Any:
    """Another value of a scalar field."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return texts[pick % len(texts)]
    if isinstance(value, bytes):
        return value[: pick % (len(value) + 1)] if pick % 2 else value + bytes([pick]) * 3
    if isinstance(value, float):
        return float(NUMBERS[pick % len(NUMBERS)])
    number = NUMBERS[pick % len(NUMBERS)]
    if field.enum_type is not None or field.cpp_type == field.CPPTYPE_INT32:
        return max(-(2**31), min(number, 2**31 - 1))
    if field.cpp_type in (field.CPPTYPE_UINT32, field.CPPTYPE_UINT64):
        return min(abs(number), 2**32 - 1)
    return number
