"""Graphs made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from opgraft import proto

FLOAT, INT32, STRING, HALF = 1, 3, 7, 19


def value(given: Any) -> Any:
    """An AttrValue: of a bool, an int, a str, a dtype as (number,), or an AttrValue as it is."""
    if isinstance(given, bool):
        return proto.AttrValue(b=given)
    if isinstance(given, int):
        return proto.AttrValue(i=given)
    if isinstance(given, str):
        return proto.AttrValue(s=given.encode())
    if isinstance(given, tuple):
        return proto.AttrValue(type=given[0])
    return given


def add(nodes: Any, name: str, op: str, *inputs: str, device: str = "", **attrs: Any) -> Any:
    """Adds a node."""
    node = nodes.add(name=name, op=op, input=inputs, device=device)
    for key, given in attrs.items():
        node.attr[key].CopyFrom(value(given))
    return node


def graph(*nodes: tuple[Any, ...], **versions: int) -> Any:
    """A GraphDef with a placeholder "x" of floats and these nodes: (name, op, inputs, attrs)."""
    made = proto.GraphDef()
    made.versions.producer = versions.get("producer", 22)
    made.versions.min_consumer = versions.get("min_consumer", 0)
    add(made.node, "x", "Placeholder", dtype=(FLOAT,))
    for name, op, inputs, attrs in nodes:
        add(made.node, name, op, *inputs, **attrs)
    return made


def add_function(made: Any, name: str, *nodes: tuple[Any, ...]) -> Any:
    """Adds a function of a float "a" that returns what its node "y" gives."""
    function = made.library.function.add()
    function.signature.name = name
    function.signature.input_arg.add(name="a", type=FLOAT)
    function.signature.output_arg.add(name="y", type=FLOAT)
    for node, op, inputs, attrs in nodes:
        add(function.node_def, node, op, *inputs, **attrs)
    function.ret["y"] = "y:y:0"
    return function


def call(name: str, function: str) -> tuple[Any, ...]:
    """A PartitionedCall of a function with "x"."""
    types = proto.AttrValue()
    types.list.type.append(FLOAT)
    named = proto.AttrValue()
    named.func.name = function
    return name, "PartitionedCall", ("x",), {"Tin": types, "Tout": types, "f": named}


def constant(dtype: int, size: int, stored: int) -> Any:
    """The AttrValue of a vector of ones with fewer values than elements."""
    made = proto.AttrValue()
    made.tensor.dtype = dtype
    made.tensor.tensor_shape.dim.add(size=size)
    field = {FLOAT: "float_val", INT32: "int_val", STRING: "string_val"}[dtype]
    getattr(made.tensor, field).extend([b"1" if dtype == STRING else 1] * stored)
    return made


def save(message: Any, path: Path) -> Path:
    """Writes a message; a SavedModel as a directory."""
    if type(message).__name__ == "SavedModel":
        path.mkdir(parents=True)
        (path / "saved_model.pb").write_bytes(message.SerializeToString())
    else:
        path.write_bytes(message.SerializeToString())
    return path


def saved_model(made: Any, outputs: tuple[str, ...] = ("y:0",), wrote: str = "2.21.0") -> Any:
    """A SavedModel with a graph and a signature."""
    model = proto.SavedModel(saved_model_schema_version=1)
    meta = model.meta_graphs.add()
    meta.meta_info_def.tags.append("serve")
    meta.meta_info_def.tensorflow_version = wrote
    meta.graph_def.CopyFrom(made)
    signature = meta.signature_def["serving_default"]
    signature.inputs["x"].name = "x:0"
    for i, name in enumerate(outputs):
        signature.outputs[f"o{i}"].name = name
    return model
