"""Reads any model as a list of nodes, in memory that does not grow with its constants.

The file is mapped, not read; values of constants stay where they are. Nothing here needs
TensorFlow, and everything in the file is hostile until checked.
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import text_format
from google.protobuf.message import DecodeError

from opgraft import _wire, proto
from opgraft.errors import ModelError
from opgraft.inspect import tensors
from opgraft.inspect.escape import printable

SAVED_MODEL, META_GRAPH, GRAPH = "SavedModel", "MetaGraphDef", "GraphDef"
TEXT_SUFFIXES = (".pbtxt", ".prototxt", ".textproto", ".txt")
TEXT_LIMIT = 256 << 20  # bytes of text format, which is read as a whole and slowly
SMALL_NODE = 4096  # bytes; such a node is parsed as a whole, a larger one without its values
SMALL_VALUES = 32 << 20  # bytes of small tensors that keep their values; the others lose them
_MOST_LOOKED_INTO = 1000  # entries of a directory
SHARED_ATTR = 128  # bytes; such attrs are parsed once
OP_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.>\\/-]*\Z")


@dataclass
class Node:
    """A node of a graph or of a function.

    Attributes:
      name: as in the model; anything, so escape it before it is shown.
      op: the op, or the function that it calls.
      inputs: as in the model: "node", "node:1", "^node", "node:output:0".
      device: the device it asks for, or "".
      attrs: {name: AttrValue}; a tensor has its dtype and shape.
      function: the function in whose body it is, "" for the graph itself.
      compressed: whether a tensor among the attrs is (tensors.py says what that is).
      has_values: whether tensors among the attrs have their values, too; those of small nodes.
    """

    name: str = ""
    op: str = ""
    inputs: tuple[str, ...] = ()
    device: str = ""
    attrs: dict[str, Any] = field(default_factory=dict)
    function: str = ""
    compressed: bool = False
    has_values: bool = True


@dataclass
class Function:
    """A function of a graph's library.

    Attributes:
      definition: a FunctionDef without its nodes.
      nodes: its nodes.
    """

    definition: Any
    nodes: list[Node] = field(default_factory=list)


@dataclass
class Graph:
    """A graph with its functions and, if it is in a MetaGraphDef, what goes with it."""

    nodes: list[Node] = field(default_factory=list)
    functions: dict[str, Function] = field(default_factory=dict)
    producer: int = 0
    min_consumer: int = 0
    bad_consumers: tuple[int, ...] = ()
    meta: Any = None  # a MetaGraphDef without its graph and its objects

    def all_nodes(self) -> Iterator[Node]:
        """The nodes of the graph, then those of the functions."""
        yield from self.nodes
        for function in self.functions.values():
            yield from function.nodes


@dataclass
class Model:
    """What a file holds: its kind and its graphs, one for a GraphDef, any number for the others."""

    path: str
    kind: str
    graphs: list[Graph]

    @property
    def tensorflow_version(self) -> str:
        """The release that wrote it, or ""."""
        metas = (graph.meta for graph in self.graphs if graph.meta is not None)
        return next((str(meta.meta_info_def.tensorflow_version) for meta in metas), "")


def read(path: str | os.PathLike[str]) -> Model:
    """Reads a model.

    Args:
      path: a SavedModel directory, or a file with a SavedModel, MetaGraphDef or GraphDef: binary,
        or text format if it ends in .pbtxt, .prototxt, .textproto or .txt.

    Raises:
      ModelError: it is missing, damaged, or no such model; a file that belongs to it is missing
        or lies outside it.
    """
    given = os.fspath(path)
    file = _find_file(given)
    kind, graphs = parse(_map(file), file)
    model = Model(given, kind, graphs)
    if os.path.isdir(given):
        _check_files(model)
    return model


def parse(data: Any, file: str) -> tuple[str, list[Graph]]:
    """The kind and the graphs of the bytes of a file.

    Raises:
      ModelError: they are damaged, or no model.
    """
    try:
        if file.endswith(TEXT_SUFFIXES):
            return _parse_text(data, file)
        return _parse(data, os.path.basename(file))
    except (_wire.WireError, DecodeError, UnicodeDecodeError, RecursionError) as e:
        reason = "nested too deeply" if isinstance(e, RecursionError) else str(e)
        raise ModelError(
            f"{printable(file)} is damaged or no TensorFlow model: {printable(reason)}."
        ) from e


def _saved_model_in(path: str) -> list[str]:
    """The files in a directory that make it a SavedModel; the first one counts."""
    files = [os.path.join(path, name) for name in ("saved_model.pb", "saved_model.pbtxt")]
    return [file for file in files if os.path.isfile(file)]


def below(path: str) -> str:
    """What to name instead of a directory that is no SavedModel: one that is, in it, or ""."""
    try:
        with os.scandir(path) as entries:
            inner = [entry.path for entry, _ in zip(entries, range(_MOST_LOOKED_INTO))]
    except OSError:
        return ""
    models = sorted(name for name in inner if _saved_model_in(name))
    return models[-1] if models else ""  # of numbered versions, a later one


def _find_file(path: str) -> str:
    """The file of a SavedModel directory; any other path as it is."""
    if not os.path.isdir(path):
        return path
    found = _saved_model_in(path)
    if not found:
        inner = below(path)
        hint = f"{printable(inner)} is one." if inner else "Name the directory that has that file."
        raise ModelError(
            f"{printable(path)} is a directory without saved_model.pb, so it is no SavedModel. "
            + hint
        )
    return found[0]


def _map(path: str) -> Any:
    """The bytes of a file, without reading them."""
    try:
        with open(path, "rb") as f:
            if os.fstat(f.fileno()).st_size > 0:
                return memoryview(mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ))
            if not os.path.isfile(path):
                raise ModelError(f"{printable(path)} is no file. Name a SavedModel or a .pb file.")
    except (OSError, ValueError) as e:
        reason = getattr(e, "strerror", None) or str(e)
        raise ModelError(f"{printable(path)}: {printable(reason)}") from e
    raise ModelError(f"{printable(path)} is empty: it holds no graph.")


def _parse(data: Any, name: str) -> tuple[str, list[Graph]]:
    """Tries the kinds of message, the likely one first: the bytes do not name theirs."""
    kinds = [GRAPH, SAVED_MODEL, META_GRAPH]
    likely = {"saved_model.pb": SAVED_MODEL}.get(name, META_GRAPH if name.endswith(".meta") else "")
    failures, doubtful = [], ""
    for kind in sorted(kinds, key=lambda kind: kind != likely):
        try:
            graphs = [_read_meta(part, kind) for part in _metas(data, kind)]
        except (_wire.WireError, DecodeError) as e:
            failures.append(e)
            continue
        nodes = [node for graph in graphs for node in graph.all_nodes()]
        wrong = next((node.op for node in nodes if not OP_NAME.match(node.op)), None)
        if nodes and wrong is None:
            return kind, graphs
        if wrong is not None and not doubtful:
            doubtful = f"as a {kind} it has an op of the name {wrong[:80]!r}"
    if failures:
        raise failures[0]
    raise _wire.WireError(doubtful or "it holds no node")


def _metas(data: Any, kind: str) -> Iterator[Any]:
    return _wire.messages(data, *((2,) if kind == SAVED_MODEL else ()))


def _parse_text(data: Any, path: str) -> tuple[str, list[Graph]]:
    """The same for text format."""
    if len(data) > TEXT_LIMIT:
        raise ModelError(
            f"{printable(path)} has {len(data) >> 20} MB; in text format up to {TEXT_LIMIT >> 20} "
            "MB are read. Convert it to a binary .pb file."
        )
    source = bytes(data).decode("utf-8")
    first = re.search(r"^\s*(?:#.*\n\s*)*(\w+)", source)
    for kind, name in ((GRAPH, ""), (META_GRAPH, "x.meta"), (SAVED_MODEL, "saved_model.pb")):
        message = getattr(proto, kind)()
        if first is None or first[1] not in message.DESCRIPTOR.fields_by_name:
            continue
        try:
            text_format.Parse(source, message, allow_unknown_field=True)
        except text_format.ParseError as e:
            raise _wire.WireError(str(e)) from e
        return _parse(memoryview(message.SerializeToString()), name)
    raise _wire.WireError("it does not begin as a graph in text format")


def _read_meta(data: Any, kind: str) -> Graph:
    """A graph, with what else is in its MetaGraphDef."""
    if kind == GRAPH:
        return GraphReader().read(data)
    graph, rest = Graph(), bytearray()
    for number, value in _wire.fields(data):
        if number == 2:
            graph = GraphReader().read(_bytes(value))
        elif number in (1, 3, 4, 5, 6):  # all but the graph and the objects
            rest += tensors.field(number, _bytes(value))
    graph.meta = proto.MetaGraphDef.FromString(bytes(rest))
    return graph


def _bytes(value: Any) -> Any:
    """The value of a field that has to be a message or a string."""
    if isinstance(value, int):
        raise _wire.WireError("a number where a message should be")
    return value


class GraphReader:
    """Reads one GraphDef; attrs that are alike are one object."""

    def __init__(self) -> None:
        self._attrs: dict[tuple[bytes, bool], tuple[Any, bool]] = {}
        self._room = SMALL_VALUES

    def read(self, data: Any) -> Graph:
        """A graph from the bytes of a GraphDef."""
        graph = Graph()
        for number, value in _wire.fields(data):
            if number == 1:
                graph.nodes.append(self._node(_bytes(value), ""))
            elif number == 2:
                for function in _wire.messages(_bytes(value), 1):
                    self._function(graph, function)
            elif number == 3 and isinstance(value, int):
                graph.producer = graph.producer or value  # before there was "versions"
            elif number == 4:
                versions = proto.VersionDef.FromString(bytes(_bytes(value)))
                graph.producer, graph.min_consumer = versions.producer, versions.min_consumer
                graph.bad_consumers = tuple(versions.bad_consumers)
        return graph

    def _function(self, graph: Graph, data: Any) -> None:
        parts = list(_wire.fields(data))
        rest = bytearray()
        for number, value in parts:
            if number in (1, 4, 5, 6, 7):  # all but the nodes, and numbers of arguments
                rest += tensors.field(number, _bytes(value))
        function = Function(proto.FunctionDef.FromString(bytes(rest)))
        name = function.definition.signature.name
        for number, value in parts:
            if number == 3:
                function.nodes.append(self._node(_bytes(value), name))
        graph.functions[name] = function

    def _node(self, data: Any, function: str) -> Node:
        if len(data) <= SMALL_NODE:
            message = proto.NodeDef.FromString(bytes(data))
            node = Node(message.name, message.op, tuple(message.input), message.device)
            node.function = function
            node.has_values = len(data) <= self._room
            for name, value in message.attr.items():
                self._add_attr(node, name, value.SerializeToString())
            return node
        node, inputs = Node(function=function, has_values=False), []
        for number, value in _wire.fields(data):
            if number == 5:
                parts = dict(_wire.fields(_bytes(value)))
                name = _wire.text(_bytes(parts.get(1, b"")))
                self._add_attr(node, name, _bytes(parts.get(2, b"")))
            elif number == 3:
                inputs.append(_wire.text(_bytes(value)))
            elif number == 1:
                node.name = _wire.text(_bytes(value))
            elif number == 2:
                node.op = _wire.text(_bytes(value))
            elif number == 4:
                node.device = _wire.text(_bytes(value))
        node.inputs = tuple(inputs)
        return node

    def _add_attr(self, node: Node, name: str, data: Any) -> None:
        """Gives a node an attr, from the bytes of its AttrValue."""
        key = (bytes(data), node.has_values) if len(data) <= SHARED_ATTR else None
        if key is not None and key in self._attrs:
            value, compressed = self._attrs[key]
        else:
            light, compressed = tensors.attr_without_values(data)
            if node.has_values and len(light) < len(data):
                light, self._room = bytes(data), self._room - len(data)
            value = proto.AttrValue.FromString(light)
            if key is not None:
                self._attrs[key] = value, compressed
        node.attrs[name] = value
        node.compressed |= compressed


def _check_files(model: Model) -> None:
    """That the files which a SavedModel names are there, and inside it."""
    root = os.path.realpath(model.path)
    for graph in model.graphs:
        for asset in graph.meta.asset_file_def if graph.meta else ():
            path = os.path.join(model.path, "assets", asset.filename)
            _check_inside(root, path, f"the asset {asset.filename!r}")
        saver = graph.meta.saver_def.restore_op_name if graph.meta else ""
        variables = any(node.op in tensors.VARIABLE_OPS for node in graph.nodes)
        if saver and variables:
            index = os.path.join(model.path, "variables", "variables.index")
            _check_inside(root, index, "variables/variables.index")


def _check_inside(root: str, path: str, what: str) -> None:
    """Raises ModelError unless there is a file below `root`."""
    what = f"{printable(root)}: {printable(what)}"
    try:
        real = os.path.realpath(path)
    except (OSError, ValueError) as e:
        raise ModelError(f"{what}: {printable(str(e))}") from e
    if os.path.commonpath([root, real]) != root:
        raise ModelError(f"{what} lies outside the model, in {printable(real)}. Copy it into it.")
    if not os.path.isfile(real):
        raise ModelError(f"{what} is missing. Copy the whole directory of the model.")
