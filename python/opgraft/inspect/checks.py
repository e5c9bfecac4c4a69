"""What keeps a runtime from running a node, or a graph: a Finding for each reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from opgraft import history, proto
from opgraft._manifest import parse_version
from opgraft.history import Registry, behaviour
from opgraft.history.attrs import changes_result
from opgraft.inspect.model import Graph, Node

# Kinds of findings: what the JSON says.
OP_UNKNOWN = "op_unknown"
CONTROL_FLOW = "control_flow"
CONTRIB_OP = "contrib_op"
CUSTOM_OP = "custom_op"
NO_KERNEL = "no_kernel"
DEVICE = "device"
ATTR_UNKNOWN = "attr_unknown"
ATTR_VALUE = "attr_value"
SIGNATURE = "signature"
CONSTANT = "compressed_constant"
VERSION = "version"
RESULT = "result"
WHEN_RUN = (
    NO_KERNEL,
    DEVICE,
    CONSTANT,
    RESULT,
)  # kinds that matter where a node runs, not where it is

# Ops that call functions, the TensorList ops with which loops of 2.x collect, and what goes along.
FUNCTIONAL = frozenset(
    """
    BatchFunction Case For If PartitionedCall RemoteCall StatefulPartitionedCall StatelessCase
    StatelessIf StatelessWhile SymbolicGradient While FakeParam
    """.split()
)
# Both measured on every release around them, with graphs made by hand.
COMPRESSED_SINCE = (1, 8)  # before, shape functions fail on compressed constants
IGNORED_SINCE = (2, 5)  # from here on attrs that are not known are ignored


@dataclass(frozen=True)
class Finding:
    """One reason; equal ones of many nodes make one problem.

    Attributes:
      kind: one of the constants above.
      op: the op, "" for what concerns a whole graph.
      detail: what exactly, such as the attr or the types.
      droppable: whether adapt may do away with it: of ATTR_UNKNOWN, if leaving the attr out changes
        nothing; of VERSION, if another may be written; of NO_KERNEL, if another shape will do;
        of ATTR_VALUE, if it is a hint.
      attr: the attr of ATTR_UNKNOWN and ATTR_VALUE.
    """

    kind: str
    op: str
    detail: str
    droppable: bool = False
    attr: str = ""


class Checker:
    """Checks the nodes of one graph against one runtime."""

    def __init__(self, graph: Graph, runtime: Registry) -> None:
        self.graph = graph
        self.runtime = runtime
        self.release = parse_version(runtime.version)
        # The loader of a MetaGraphDef drops what its producer says is a default.
        producers = graph.meta.meta_info_def.stripped_op_list.op if graph.meta else ()
        self._producers = {op.name: op for op in producers}
        self._memo: dict[tuple[Any, ...], list[Finding]] = {}
        self._outputs: dict[str, int] = {}
        for node in graph.nodes:
            for tensor in node.inputs:
                name, _, index = tensor.partition(":")
                if index.isdecimal() and len(index) < 7:
                    self._outputs[name] = max(self._outputs.get(name, 0), int(index))

    def graph_findings(self) -> Iterator[Finding]:
        """What concerns the whole graph."""
        graph, known = self.graph, self.runtime.producer
        if known and graph.min_consumer > known:
            wanted = f"it asks for GraphDef version {graph.min_consumer}, here is {known}"
            yield Finding(VERSION, "", wanted, droppable=True)
        if known and known in graph.bad_consumers:
            yield Finding(VERSION, "", f"it excludes GraphDef version {known}, which is this one")
        if known and graph.producer < self.runtime.min_producer:
            oldest = self.runtime.min_producer
            yield Finding(
                VERSION,
                "",
                f"its GraphDef version is {graph.producer}, the oldest read is {oldest}",
            )

    def findings(self, node: Node) -> list[Finding]:
        """What is wrong with a node. Nodes that are alike share their answer."""
        data_inputs = sum(not name.startswith("^") for name in node.inputs)
        attrs = tuple((name, id(value)) for name, value in node.attrs.items())
        last = self._outputs.get(node.name, 0) if not node.function else 0
        key = (node.op, attrs, data_inputs, last, node.device, bool(node.function), node.compressed)
        if key not in self._memo:
            self._memo[key] = list(self._check(node, data_inputs, last))
        return self._memo[key]

    def _check(self, node: Node, inputs: int, last_output: int) -> Iterator[Finding]:
        if node.op in self.graph.functions:
            return
        definition = self.runtime.op(node.op)
        if definition is None:
            yield Finding(kind_of_unknown(node.op), node.op, "")
            return
        version = definition.deprecation.version
        if version and self.graph.producer >= version:
            yield Finding(
                VERSION, node.op, f"the op is gone from graphs of GraphDef version {version} on"
            )
        wrong = list(self._attrs(node, definition))
        yield from wrong
        wrong_signature = self._signature(node, definition, inputs, last_output)
        if wrong_signature:
            yield Finding(SIGNATURE, node.op, wrong_signature)
        elif all(finding.kind == ATTR_UNKNOWN for finding in wrong):
            yield from self._kernel(node, definition)
            yield from self._limits(node)
        difference = behaviour.result_difference(
            node.op, self.graph.producer, self.runtime.producer
        )
        if difference:
            yield Finding(RESULT, node.op, difference)
        if node.compressed and self.release and self.release < COMPRESSED_SINCE:
            if any(v.type in (3, 9) for v in node.attrs.values()):  # int32, int64: may be a shape
                yield Finding(CONSTANT, node.op, "a constant with fewer values than elements")
        kind = device_kind(node.device)
        if kind not in ("", "CPU"):
            yield Finding(DEVICE, node.op, f"the node asks for a {kind}")

    def _attrs(self, node: Node, definition: Any) -> Iterator[Finding]:
        known = {attr.name: attr for attr in definition.attr}
        for name, value in node.attrs.items():
            if name.startswith("_"):
                continue
            if name not in known:
                if not self._loader_drops(node, name, value):
                    droppable = not changes_result(
                        node.op, name, value, _default(node.op, name, self._producers)
                    )
                    if not droppable or not self.release or self.release < IGNORED_SINCE:
                        yield Finding(ATTR_UNKNOWN, node.op, name, droppable, name)
                continue
            reason = _wrong_value(known[name], value)
            if reason:
                yield Finding(ATTR_VALUE, node.op, f"{name} {reason}", attr=name)

    def _loader_drops(self, node: Node, name: str, value: Any) -> bool:
        producer = self._producers.get(node.op)
        return (
            not node.function
            and producer is not None
            and any(a.name == name and a.default_value == value for a in producer.attr)
        )

    def _signature(self, node: Node, definition: Any, inputs: int, last_output: int) -> str:
        """How inputs, outputs and required attrs differ from the definition, or ""."""
        for attr in definition.attr:
            if not attr.HasField("default_value") and attr.name not in node.attrs:
                return f"it needs the attr {attr.name}, which the node does not have"
        wanted = _count(definition.input_arg, node.attrs)
        if wanted is not None and wanted != inputs:
            return f"it takes {wanted} inputs, the node has {inputs}"
        made = _count(definition.output_arg, node.attrs)
        if made is not None and last_output >= max(made, 1):
            return f"it has {made} outputs, output {last_output} is used"
        return ""

    def _kernel(self, node: Node, definition: Any) -> Iterator[Finding]:
        values = {n: v for n, v in node.attrs.items() if v.WhichOneof("value") != "placeholder"}
        if self.runtime.has_kernel(node.op, values):
            return
        known = {a.name: a.default_value for a in definition.attr}
        known.update(values)
        types = [f"{a.name}={_types(known[a.name])}" for a in definition.attr if a.type == "type"]
        detail = ", ".join(types) if self.runtime.kernel_sets(node.op) else "on the CPU at all"
        yield Finding(NO_KERNEL, node.op, detail)

    def _limits(self, node: Node) -> Iterator[Finding]:
        """What the kernel may refuse, of a node that a newer release wrote."""
        if self.graph.producer <= self.runtime.producer or not self.release:
            return
        known = node.attrs.get("_output_shapes")
        shapes = [] if known is None else list(known.list.shape)
        rank = len(shapes[0].dim) if shapes and not shapes[0].unknown_rank else None
        limit = behaviour.kernel_limit(node.op, rank, self.release)
        if limit:
            yield Finding(NO_KERNEL, node.op, limit, droppable=True)
        wrong = behaviour.shape_limit(node.op, rank, self.release)
        if wrong:
            detail = f"_output_shapes {wrong}"
            yield Finding(ATTR_VALUE, node.op, detail, droppable=True, attr="_output_shapes")


def kind_of_unknown(op: str) -> str:
    """Which kind of op it is that a runtime does not have."""
    ages = history.ages(op)
    if op in FUNCTIONAL:
        return CONTROL_FLOW
    if ages is not None and ages.core:
        return OP_UNKNOWN
    if ages is not None or op.startswith("Addons>"):
        return CONTRIB_OP
    return CUSTOM_OP


def _default(op: str, name: str, producers: dict[str, Any]) -> Any:
    """The default of an attr: by the graph's own list of ops, else in the newest release."""
    ages = history.ages(op)
    spans = (ages.core or ages.contrib) if ages is not None else ()
    for definition in (producers.get(op), spans[-1].op if spans else None):
        for attr in definition.attr if definition is not None else ():
            if attr.name == name and attr.HasField("default_value"):
                return attr.default_value
    return None


_KINDS = {"string": "s", "int": "i", "float": "f", "bool": "b", "type": "type", "shape": "shape",
          "tensor": "tensor", "func": "func"}  # fmt: skip


def _wrong_value(attr: Any, value: Any) -> str:
    """Why a value is not one of an attr, or ""."""
    kind = value.WhichOneof("value")
    wanted = "list" if attr.type.startswith("list(") else _KINDS.get(attr.type)
    if kind in (None, "placeholder"):
        return ""
    if kind != wanted:
        return f"is of kind {kind}, not {attr.type}"
    allowed = attr.allowed_values.list
    if kind == "type" or attr.type == "list(type)":
        given = [value.type] if kind == "type" else list(value.list.type)
        unknown = [proto.type_name(t) for t in given if allowed.type and t not in allowed.type]
        return f"may not be {', '.join(dict.fromkeys(unknown))}" if unknown else ""
    if kind == "s" and allowed.s and value.s not in allowed.s:
        return f"may not be {value.s[:40].decode('utf-8', 'replace')!r}"
    if attr.has_minimum:
        size = value.i if kind == "i" else _length(value.list) if kind == "list" else None
        if size is not None and size < attr.minimum:
            return f"is {size}, at least {attr.minimum} is wanted"
    return ""


def _length(values: Any) -> int:
    return sum(len(items) for _, items in values.ListFields())


def _count(arguments: Any, attrs: dict[str, Any]) -> int | None:
    """How many tensors some arguments are; None if the attrs do not say."""
    count = 0
    for argument in arguments:
        name = argument.number_attr or argument.type_list_attr
        if not name:
            count += 1
            continue
        value = attrs.get(name)
        kind = value.WhichOneof("value") if value is not None else None
        if value is None or kind not in ("i", "list"):
            return None
        count += value.i if kind == "i" else len(value.list.type)
    return count


def _types(value: Any) -> str:
    return proto.type_name(value.type) if value is not None else "?"


def device_kind(device: str) -> str:
    """CPU of "/job:localhost/device:CPU:0" and of "/cpu:0"; "" if it asks for none."""
    for part in reversed(device.split("/")):
        words = part.split(":")
        if words[0] == "device" and len(words) > 1:
            return words[1].upper()
        if words[0].lower() in ("cpu", "gpu", "tpu"):
            return words[0].upper()
    return ""
