"""Whether adapt can make TensorArrays of the TensorLists of a graph.

It does so once functions are inlined (adapt/lists.py); here lists are followed through the calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Optional

from opgraft.adapt import graph as bodies
from opgraft.adapt import lists, signatures
from opgraft.adapt.graph import Tensor
from opgraft.adapt.inline import BRANCHES, LOOPS
from opgraft.adapt.signatures import Lookup
from opgraft.inspect.model import Graph, Node
from opgraft.inspect.reach import called

_VARIANT = 21
_MOST_CALLS = 10_000  # of one function by another, inlined


class _Call(NamedTuple):
    """A function as some node calls it; the graph itself is called by none."""

    function: str
    by: Optional[_Call] = None
    node: str = ""


class _Lost(Exception):
    """A list comes from where it cannot be followed; the text says where."""


def obstacle(graph: Graph, running: Iterable[Node], lookup: Lookup) -> str:
    """Why the lists of a graph cannot be TensorArrays, or "".

    Args:
      graph: all of it.
      running: the nodes of the graph that run.
      lookup: the definitions of ops and of the graph's functions.
    """
    flow = _Flow(graph, lookup)
    try:
        for call, node in flow.all_nodes(running):
            if not lists.is_list_op(node.op):
                continue
            if node.op not in lists.OPS:
                return f"{node.op} has no counterpart"
            dtype = node.attrs.get("element_dtype")
            if dtype is not None and dtype.type == _VARIANT:
                return "there is a list of lists"
            if node.op not in lists.MAKERS:
                makers = flow.makers(call, node)
                if len(makers) != 1:
                    return f"a node takes one of {len(makers)} lists"
    except _Lost as e:
        return str(e)
    return ""


class _Flow:
    def __init__(self, graph: Graph, lookup: Lookup) -> None:
        self._graph, self._lookup = graph, lookup
        self._nodes: dict[str, dict[str, Node]] = {}

    def all_nodes(self, running: Iterable[Node]) -> Iterator[tuple[_Call, Node]]:
        """Those that run, once for each way to their function."""
        stack, count = [(_Call(""), list(running))], 0
        while stack:
            call, nodes = stack.pop()
            count += 1
            if count > _MOST_CALLS:
                raise _Lost(f"it has more than {_MOST_CALLS} calls")
            for node in nodes:
                yield call, node
                for name in called(node, self._graph):
                    inner = _Call(name, call, node.name)
                    stack.append((inner, self._graph.functions[name].nodes))

    def makers(self, call: _Call, user: Node) -> set[tuple[_Call, str]]:
        """What makes the list that a node takes."""
        found, seen = set(), set()
        stack = list(self._sources(call, user, 0))
        while stack:
            place = stack.pop()
            if place in seen:
                continue
            seen.add(place)
            inside, tensor = place
            node = self._node(inside, tensor.node)
            if node is None:
                stack += self._argument(inside, tensor.node)
            elif node.op in lists.MAKERS:
                found.add((inside, node.name))
            elif node.op in lists.WRITERS or node.op == "Identity":
                stack += self._sources(inside, node, 0)
            else:
                stack += self._results(inside, node, tensor.index)
        return found

    def _argument(self, call: _Call, name: str) -> Iterator[tuple[_Call, Tensor]]:
        """What a caller gives for an argument; in a loop also what the last turn returned."""
        if call.by is None:
            raise _Lost("a list comes from outside")
        arguments = self._graph.functions[call.function].definition.signature.input_arg
        number = next((i for i, a in enumerate(arguments) if a.name == name), None)
        caller = self._node(call.by, call.node)
        if number is None or caller is None:
            raise _Lost("a list comes from a node that is not there")
        yield from self._sources(call.by, caller, number + (caller.op in BRANCHES))
        if caller.op in LOOPS:
            body = _Call(caller.attrs["body"].func.name, call.by, call.node)
            yield from self._returned(body, number)

    def _results(self, call: _Call, node: Node, index: int) -> Iterator[tuple[_Call, Tensor]]:
        """What the output of a call is."""
        if node.op in LOOPS:
            yield from self._sources(call, node, index)
            names = [node.attrs["body"].func.name] if "body" in node.attrs else []
        else:
            names = list(called(node, self._graph))
        if not names or not set(names) <= self._graph.functions.keys():
            raise _Lost(f"a list comes from {node.op}")
        for name in names:
            yield from self._returned(_Call(name, call, node.name), index)

    def _returned(self, call: _Call, index: int) -> Iterator[tuple[_Call, Tensor]]:
        """What a function returns."""
        definition = self._graph.functions[call.function].definition
        results = definition.signature.output_arg
        if index >= len(results) or results[index].name not in definition.ret:
            raise _Lost(f"{call.function} returns no such list")
        yield call, self._tensor(call, definition.ret[results[index].name])

    def _sources(self, call: _Call, node: Node, number: int) -> Iterator[tuple[_Call, Tensor]]:
        """Input `number` of a node."""
        inputs = [text for text in node.inputs if not text.startswith("^")]
        if number >= len(inputs):
            raise _Lost(f"{node.op} has no input {number}")
        yield call, self._tensor(call, inputs[number])

    def _tensor(self, call: _Call, text: str) -> Tensor:
        if not call.function:
            return bodies.parse_tensor(text)
        name, _, rest = text.partition(":")
        node = self._node(call, name)
        definition = self._lookup(node.op) if node is not None else None
        if node is None or definition is None:
            return Tensor(name, 0)
        output, _, offset = rest.partition(":")
        start = signatures.output_starts(definition, node.attrs).get(output, 0)
        return Tensor(name, start + (int(offset) if offset.isdecimal() else 0))

    def _node(self, call: _Call, name: str) -> Node | None:
        if call.function not in self._nodes:
            functions, there = self._graph.functions, call.function
            nodes = functions[there].nodes if there else self._graph.nodes
            self._nodes[there] = {node.name: node for node in nodes}
        return self._nodes[call.function].get(name)
