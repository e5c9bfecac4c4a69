"""What an op's definition says about the outputs of a node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_MOST_TENSORS = 1 << 20  # in one argument; a node cannot name more in 2 GB that it has to share

Lookup = Callable[[str], Any]
"""The OpDef of an op or function by its name; None if there is none."""


def _attr(definition: Any, attrs: Mapping[str, Any], name: str) -> Any:
    """An attr of a node, or the default."""
    if name in attrs:
        return attrs[name]
    for attr in definition.attr:
        if attr.name == name:
            return attr.default_value
    return None


def _argument_types(definition: Any, attrs: Mapping[str, Any], argument: Any) -> list[int]:
    """The dtypes of the tensors of one argument."""
    if argument.type_list_attr:
        value = _attr(definition, attrs, argument.type_list_attr)
        return list(value.list.type) if value is not None else []
    if argument.type_attr:
        value = _attr(definition, attrs, argument.type_attr)
        dtype = int(value.type) if value is not None else 0
    else:
        dtype = int(argument.type)
    count = 1
    if argument.number_attr:
        value = _attr(definition, attrs, argument.number_attr)
        count = min(max(int(value.i), 0), _MOST_TENSORS) if value is not None else 0
    return [dtype] * count


def output_types(definition: Any, attrs: Mapping[str, Any]) -> list[int]:
    """The dtypes of a node's outputs."""
    return [
        dtype
        for argument in definition.output_arg
        for dtype in _argument_types(definition, attrs, argument)
    ]


def input_types(definition: Any, attrs: Mapping[str, Any]) -> list[int]:
    """The dtypes of a node's inputs."""
    return [
        dtype
        for argument in definition.input_arg
        for dtype in _argument_types(definition, attrs, argument)
    ]


def output_starts(definition: Any, attrs: Mapping[str, Any]) -> dict[str, int]:
    """By output argument, the index of its first tensor."""
    starts, at = {}, 0
    for argument in definition.output_arg:
        starts[argument.name] = at
        at += len(_argument_types(definition, attrs, argument))
    return starts


def output_names(definition: Any, attrs: Mapping[str, Any]) -> list[str]:
    """What function bodies call each output: argument:offset."""
    return [
        f"{argument.name}:{offset}"
        for argument in definition.output_arg
        for offset in range(len(_argument_types(definition, attrs, argument)))
    ]


# The field of AttrValue that holds a value, by the type that an op's definition names.
ATTR_FIELDS = {
    "type": "type",
    "bool": "b",
    "int": "i",
    "float": "f",
    "string": "s",
    "shape": "shape",
    "tensor": "tensor",
    "func": "func",
}


def misfit(definition: Any, attrs: Mapping[str, Any], inputs: int) -> str:
    """Why a node cannot be one of an op, "" if it can: its attrs and the number of its inputs."""
    for attr in definition.attr:
        value = attrs.get(attr.name)
        if value is None:
            if not attr.HasField("default_value"):
                return f"it has no attr {attr.name}"
            continue
        if value.WhichOneof("value") != ATTR_FIELDS.get(attr.type, "list"):
            return f"its attr {attr.name} is no {attr.type}"
    if inputs != len(input_types(definition, attrs)):
        return f"it has {inputs} inputs"
    return ""
