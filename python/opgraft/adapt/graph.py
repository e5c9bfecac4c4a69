"""A graph or function body whose nodes can be rewritten.

A NodeDef names its inputs "node:1" in a graph and "node:output_arg:0" in a function body. Here an
input is always a `Tensor` (node, index), so one rewrite serves both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from opgraft import proto
from opgraft.adapt import signatures
from opgraft.errors import ModelError

_LONGEST_INDEX = 10  # digits


class Tensor(NamedTuple):
    """Output `index` of the node called `node`, or the function argument of that name (index 0).

    In a function body, `index` of an op that no release defines stays text, "output_arg:0".
    """

    node: str
    index: Any = 0


@dataclass
class Node:
    """A NodeDef with its inputs taken apart."""

    name: str
    op: str
    inputs: list[Tensor] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    attrs: dict[str, Any] = field(default_factory=dict)
    device: str = ""

    def type(self, attr: str) -> int:
        """The number of the dtype in an attr, 0 without such an attr."""
        return int(self.attrs[attr].type) if attr in self.attrs else 0

    def flag(self, attr: str) -> bool:
        """A bool attr, False if it is not there."""
        return attr in self.attrs and bool(self.attrs[attr].b)

    def text(self, attr: str) -> str:
        """A string attr, "" if it is not there."""
        return self.attrs[attr].s.decode() if attr in self.attrs else ""

    def number(self, attr: str, default: int = 0) -> int:
        """An int attr."""
        return int(self.attrs[attr].i) if attr in self.attrs else default


class Body:
    """The nodes of a GraphDef or of a FunctionDef.

    Attributes:
      nodes: by name, in the order of the file.
      results: what a function returns, by the name of the output argument; empty for a graph.
      what: "graph" or "function NAME", for messages.
    """

    def __init__(self, what: str, lookup: signatures.Lookup):
        self.what = what
        self.nodes: dict[str, Node] = {}
        self.arguments: dict[str, int] = {}
        self.results: dict[str, Tensor] = {}
        self.control_results: dict[str, str] = {}
        self._lookup = lookup
        self._moved: dict[Tensor, Tensor] = {}
        self._shapes: dict[Tensor, list[int]] = {}
        self._counter = 0

    def add(self, node: Node) -> Node:
        """Adds a node whose name is free."""
        if node.name in self.nodes or node.name in self.arguments:
            raise AssertionError(f"two nodes {node.name}")
        self.nodes[node.name] = node
        return node

    def fresh(self, name: str) -> str:
        """A free name that begins with `name`."""
        while True:
            self._counter += 1
            candidate = f"{name}_{self._counter}"
            if candidate not in self.nodes and candidate not in self.arguments:
                return candidate

    def move(self, old: Tensor, new: Tensor) -> None:
        """From now on, whoever reads `old` reads `new`, which has the static shape of `old`."""
        shape = self.shape_of(old)
        self._moved[old] = new
        if shape is not None:
            self._shapes[self.resolve(new)] = shape

    def resolve(self, tensor: Tensor) -> Tensor:
        """Where a tensor is now."""
        while tensor in self._moved:
            tensor = self._moved[tensor]
        return tensor

    def settle(self) -> None:
        """Applies all moves."""
        if self._moved:
            for node in self.nodes.values():
                node.inputs = [self.resolve(tensor) for tensor in node.inputs]
            self.results = {name: self.resolve(tensor) for name, tensor in self.results.items()}

    def remove(self, name: str) -> None:
        """Removes a node that nobody reads; who waits for it waits for its control inputs."""
        gone = self.nodes.pop(name)
        for node in self.nodes.values():
            if name in node.controls:
                kept = [control for control in node.controls if control != name]
                node.controls = kept + [c for c in gone.controls if c not in kept]
        self.control_results = {k: v for k, v in self.control_results.items() if v != name}

    def consumers(self) -> dict[str, list[Node]]:
        """By the name of a node, the nodes that read it."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            for tensor in node.inputs:
                found.setdefault(tensor.node, []).append(node)
        return found

    def types(self, node: Node) -> list[int] | None:
        """The dtypes of a node's outputs; None if no release defines the op."""
        definition = self._lookup(node.op)
        return signatures.output_types(definition, node.attrs) if definition is not None else None

    def type_of(self, tensor: Tensor) -> int:
        """The dtype of a tensor, 0 if unknown."""
        tensor = self.resolve(tensor)
        if tensor.node in self.arguments:
            return self.arguments[tensor.node]
        types = self.types(self.nodes[tensor.node]) if tensor.node in self.nodes else None
        known = types is not None and isinstance(tensor.index, int) and tensor.index < len(types)
        return types[tensor.index] if types is not None and known else 0

    def shape_of(self, tensor: Tensor) -> list[int] | None:
        """The static shape, -1 for an unknown dimension; None for an unknown rank."""
        tensor = self.resolve(tensor)
        if tensor in self._shapes:
            return self._shapes[tensor]
        node = self.nodes.get(tensor.node)
        if node is None or not isinstance(tensor.index, int):
            return None
        if node.op == "Const" and not node.attrs["value"].tensor.tensor_shape.unknown_rank:
            return [int(dim.size) for dim in node.attrs["value"].tensor.tensor_shape.dim]
        if "_output_shapes" not in node.attrs:
            return None
        shapes = node.attrs["_output_shapes"].list.shape
        if tensor.index >= len(shapes) or shapes[tensor.index].unknown_rank:
            return None
        return [int(dim.size) for dim in shapes[tensor.index].dim]

    def set_shape(self, tensor: Tensor, shape: list[int]) -> None:
        """Says the static shape of a tensor that no attr says."""
        self._shapes[tensor] = shape

    def reachable(self, roots: Iterable[str]) -> set[str]:
        """The names of the nodes that the roots need, themselves included."""
        found: set[str] = set()
        stack = [name for name in roots if name in self.nodes]
        while stack:
            name = stack.pop()
            if name in found:
                continue
            found.add(name)
            node = self.nodes[name]
            for needed in (*(tensor.node for tensor in node.inputs), *node.controls):
                if needed in self.nodes and needed not in found:
                    stack.append(needed)
        return found

    def keep(self, names: set[str]) -> None:
        """Drops all nodes but these; control inputs from dropped nodes go with them."""
        self.nodes = {name: node for name, node in self.nodes.items() if name in names}
        for node in self.nodes.values():
            node.controls = [control for control in node.controls if control in self.nodes]


def parse_tensor(text: str) -> Tensor:
    """(node, index) of a graph's "node:index" or "node".

    Raises:
      ModelError: it is neither.
    """
    name, _, index = text.partition(":")
    index = index or "0"
    if not (index.isascii() and index.isdigit() and len(index) < _LONGEST_INDEX):
        raise ModelError(f"{text[:200]!a} is the name of no tensor")
    return Tensor(name, int(index))


def tensor_name(tensor: Tensor) -> str:
    """A tensor's name as a session knows it."""
    return f"{tensor.node}:{tensor.index}"


def _node(message: Any, read: Any) -> Node:
    controls = [text[1:] for text in message.input if text.startswith("^")]
    inputs = [read(text) for text in message.input if not text.startswith("^")]
    return Node(
        message.name, message.op, inputs, controls, dict(message.attr.items()), message.device
    )


def _write_node(node: Node, out: Any, name_of: Any) -> None:
    out.name, out.op, out.device = node.name, node.op, node.device
    out.input.extend(name_of(tensor) for tensor in node.inputs)
    out.input.extend("^" + control for control in node.controls)
    for attr, value in node.attrs.items():
        out.attr[attr].CopyFrom(value)


def read_graph(graph: Any, lookup: signatures.Lookup) -> Body:
    """The body of a GraphDef, without its library."""
    body = Body("graph", lookup)
    for message in graph.node:
        body.add(_node(message, parse_tensor))
    return body


def write_graph(body: Body, graph: Any) -> None:
    """Replaces the nodes of a GraphDef."""
    body.settle()
    del graph.node[:]

    def name_of(tensor: Tensor) -> str:
        return f"{tensor.node}:{tensor.index}" if tensor.index else tensor.node

    for node in body.nodes.values():
        _write_node(node, graph.node.add(), name_of)


def read_function(function: Any, lookup: signatures.Lookup) -> Body:
    """The body of a FunctionDef."""
    body = Body(f"function {function.signature.name}", lookup)
    for number, arg in enumerate(function.signature.input_arg):
        body.arguments[arg.name] = int(arg.type)
        shape = argument_shape(function, number)
        if shape is not None and not shape.unknown_rank:
            body.set_shape(Tensor(arg.name), [int(dim.size) for dim in shape.dim])
    messages = {message.name: message for message in function.node_def}
    ranges: dict[str, dict[str, int] | None] = {}

    def read(text: str) -> Tensor:
        name, _, rest = text.partition(":")
        if name in body.arguments or name not in messages:
            return Tensor(name, 0)
        if name not in ranges:
            definition = lookup(messages[name].op)
            ranges[name] = definition and signatures.output_starts(definition, messages[name].attr)
        starts = ranges[name]
        output, _, offset = rest.partition(":")
        if starts is None or output not in starts:
            return Tensor(name, rest)
        return Tensor(name, starts[output] + int(offset or 0))

    for message in function.node_def:
        body.add(_node(message, read))
    body.results = {name: read(text) for name, text in function.ret.items()}
    body.control_results = dict(function.control_ret.items())
    return body


def argument_shape(function: Any, number: int) -> Any:
    """The TensorShapeProto of a function's argument, or None: TensorFlow 2 writes it down."""
    if number not in function.arg_attr or "_output_shapes" not in function.arg_attr[number].attr:
        return None
    shapes = function.arg_attr[number].attr["_output_shapes"].list.shape
    return shapes[0] if len(shapes) == 1 else None


def write_function(body: Body, function: Any) -> None:
    """Replaces the nodes and results of a FunctionDef."""
    body.settle()
    del function.node_def[:]
    names: dict[str, list[str] | None] = {}

    def name_of(tensor: Tensor) -> str:
        if tensor.node in body.arguments or tensor.node not in body.nodes:
            return tensor.node
        if isinstance(tensor.index, str):
            return f"{tensor.node}:{tensor.index}"
        if tensor.node not in names:
            node = body.nodes[tensor.node]
            definition = body._lookup(node.op)
            names[tensor.node] = definition and signatures.output_names(definition, node.attrs)
        outputs = names[tensor.node]
        if outputs is None:
            raise AssertionError(f"no definition of {body.nodes[tensor.node].op}")
        return f"{tensor.node}:{outputs[tensor.index]}"

    for node in body.nodes.values():
        _write_node(node, function.node_def.add(), name_of)
    for name, tensor in body.results.items():
        function.ret[name] = name_of(tensor)
    function.control_ret.clear()
    function.control_ret.update(body.control_results)
    left = [name for name in function.signature.control_output if name in body.control_results]
    del function.signature.control_output[:]
    function.signature.control_output.extend(left)


def bodies(graph: Any, lookup: signatures.Lookup) -> Iterator[tuple[Any, Body]]:
    """(message, body) of the graph itself and then of each function of its library."""
    yield graph, read_graph(graph, lookup)
    for function in graph.library.function:
        yield function, read_function(function, lookup)


def write(message: Any, body: Body) -> None:
    """Writes a body back to where `bodies` found it."""
    if message.DESCRIPTOR.name == "FunctionDef":
        write_function(body, message)
    else:
        write_graph(body, message)


def attr(**value: Any) -> Any:
    """Makes an AttrValue of one of its fields: type=1, b=True, s=b"x", i=3, f=0.5."""
    return proto.AttrValue(**value)
