"""The messages of graphs and SavedModels, read and written without TensorFlow.

    from opgraft import proto

    model = proto.parse(proto.SavedModel, data)
    graph = model.meta_graphs[0].graph_def

A message is the class `proto.<its name>`: GraphDef, NodeDef, FunctionDef, OpDef, AttrValue,
TensorProto, MetaGraphDef, SavedModel, SavedObjectGraph, BundleEntryProto and all they hold. They
have the names and numbers of TensorFlow's own, but live in a descriptor pool and a package of
their own, so both can be in one process. Fields of a newer TensorFlow survive a round trip.

Needs Google's protobuf: `pip install "opgraft[tools]"`.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory, wrappers_pb2
from google.protobuf.message import DecodeError

from opgraft.errors import ModelError

_POOL = descriptor_pool.DescriptorPool()


def _load() -> dict[str, Any]:
    """The classes of the messages that are not inside another one."""
    data = importlib.resources.files(__package__).joinpath("descriptors.pb").read_bytes()
    for known in (any_pb2, wrappers_pb2):
        _POOL.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
    found = {}
    for file in descriptor_pb2.FileDescriptorSet.FromString(data).file:
        _POOL.AddSerializedFile(file.SerializeToString())
        for name in _POOL.FindFileByName(file.name).message_types_by_name:
            descriptor = _POOL.FindMessageTypeByName(f"{file.package}.{name}")
            found[name] = message_factory.GetMessageClass(descriptor)
    return found


_CLASSES = _load()
_TYPES = {
    value.name[len("DT_") :].lower(): value.number
    for value in _POOL.FindEnumTypeByName("opgraft.proto.DataType").values
}
_TYPE_NAMES = {number: name for name, number in _TYPES.items()}
REF = 100
"""A reference to a variable of dtype x has the number x + REF."""


def __getattr__(name: str) -> Any:
    """The class of a message."""
    try:
        return _CLASSES[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__() -> list[str]:
    return sorted([*globals(), *_CLASSES])


def called(op: str, attrs: Mapping[str, Any]) -> Iterator[str]:
    """What may be functions that a node calls: its op, and the names in its attrs.

    Args:
      op: of the node.
      attrs: {name: AttrValue}.
    """
    yield op
    for value in attrs.values():
        kind = value.WhichOneof("value")
        if kind == "func":
            yield value.func.name
        elif kind == "list":
            yield from (function.name for function in value.list.func)


def parse(message: Any, data: bytes, what: str = "the data") -> Any:
    """A message from its bytes.

    Args:
      message: the class, such as `proto.GraphDef`.
      data: the bytes.
      what: names the data in the error.

    Raises:
      ModelError: the bytes are cut off or damaged, or nested more than 100 deep.
    """
    try:
        return message.FromString(data)
    except DecodeError as e:
        name = message.DESCRIPTOR.name
        raise ModelError(f"{what}: cut off, damaged, or no {name} ({e})") from e


def type_name(number: int) -> str:
    """The name of a dtype: float of 1 (DT_FLOAT), float_ref of 101; "dtype 77" otherwise."""
    return _TYPE_NAMES.get(number, f"dtype {number}")


def type_number(name: str) -> int:
    """1 (DT_FLOAT) of float; KeyError for what is no dtype."""
    return _TYPES[name]
