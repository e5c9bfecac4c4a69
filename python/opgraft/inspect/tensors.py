"""Tensors in attrs, without their values."""

from __future__ import annotations

from typing import Any

from opgraft import _wire, proto

VARIABLE_OPS = frozenset(("VarHandleOp", "VariableV2", "Variable", "AutoReloadVariable"))

# Fields of TensorProto with values, and how many bytes one takes there; 0: as a varint.
_VALUES = {5: 4, 6: 8, 7: 0, 9: 8, 10: 0, 11: 1, 12: 16, 13: 0, 16: 0, 17: 0, 18: 1}
_COUNTED = (8, 14, 15)  # strings, handles, variants: a field for each
_CONTENT, _DTYPE, _SHAPE = 4, 1, 2
_HIGH = bytes(range(128, 256))


def attr_without_values(data: Any) -> tuple[bytes, bool]:
    """The bytes of an AttrValue whose tensors have lost their values.

    Returns:
      The bytes, and whether a tensor is compressed: has fewer values than elements, and not one,
      which every release repeats.
    """
    out, compressed = bytearray(), False
    for number, value in _wire.fields(data):
        if number == 8 and not isinstance(value, int):
            light, compressed = _without_values(value)
            out += field(8, light)
        elif number == 1 and not isinstance(value, int):
            light, in_list = _list_without_values(value)
            out += field(1, light)
            compressed |= in_list
        else:
            return bytes(data), False  # the one field of a oneof, or nothing that we know
    return bytes(out), compressed


def _list_without_values(data: Any) -> tuple[bytes, bool]:
    parts = list(_wire.fields(data))
    if not any(number == 8 for number, _ in parts):
        return bytes(data), False
    out, compressed = bytearray(), False
    for number, value in parts:
        if number == 8 and not isinstance(value, int):
            light, one = _without_values(value)
            out += field(8, light)
            compressed |= one
    return bytes(out), compressed


def _without_values(data: Any) -> tuple[bytes, bool]:
    """A TensorProto's dtype and shape, and whether it is compressed."""
    out, stored, content = bytearray(), 0, False
    for number, value in _wire.fields(data):
        if number == _DTYPE and isinstance(value, int):
            out += bytes([_DTYPE << 3]) + _wire.write_varint(value)
        elif isinstance(value, int):
            stored += number in _VALUES  # one value, not packed
        elif number == _SHAPE:
            out += field(_SHAPE, value)
        elif number == _CONTENT:
            content |= len(value) > 0
        elif number in _COUNTED:
            stored += 1
        elif number in _VALUES:
            stored += _count(value, _VALUES[number])
    tensor = proto.TensorProto.FromString(bytes(out))
    compressed = not content and stored != 1 and stored < elements(tensor.tensor_shape)
    return bytes(out), compressed


def _count(packed: Any, size: int) -> int:
    """How many values a packed field has: bytes below 128 end a varint."""
    if size:
        return len(packed) // size
    step, count = 1 << 20, 0
    for at in range(0, len(packed), step):
        count += len(bytes(packed[at : at + step]).translate(None, _HIGH))
    return count


def elements(shape: Any) -> int:
    """How many elements a shape has; 0 if that is not known."""
    count = 1
    for dim in shape.dim:
        count *= max(dim.size, 0)
    return 0 if shape.unknown_rank else count


def field(number: int, value: Any) -> bytes:
    """A field of bytes in wire format."""
    return bytes([number << 3 | 2]) + _wire.write_varint(len(value)) + bytes(value)
