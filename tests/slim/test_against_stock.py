# ruff: noqa: D103
"""The kernel index and the selection, beside what stock TensorFlow 2.14.1 registers and selects."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from opgraft import proto, slim
from opgraft.slim import models
from opgraft.slim.index import Entry, Index
from opgraft.slim.rules import FUSED_LABEL, RULES

from tests.conftest import ROOT, environment, runtime_python

RELEASE = "2.14.1"
DATA = ROOT / "build_configs" / "slim" / RELEASE
CORPUS = ("cond", "dense_bn", "ragged", "static_table", "string_lookup", "strings", "while_loop")

# Kernels of the stock wheel that the index does not have, by their op.
NOT_INDEXED = re.compile(
    # oneDNN and what only it serves (L2Loss of bfloat16)
    r"_?_Mkl|_?Quantized|_Fused(Conv|MatMul|Depthwise|BatchNormEx)|Requantiz|_FusedQuantized"
    # XLA, TPUs, other devices, the distributed and the eager runtime
    r"|_?Xla|_?TPU|.*(TPU|Xla|Rpc)|CheckPinned|_TfrtGetItem|GetDeadline|SyncDevice"
    r"|.*(PluggableDevice|EagerPyFunc)|IsTensorFloat32Enabled"
    # Python, tf.lite, tf.data's service, test ops
    r"|L2Loss|PyFunc|TfLite|AudioMicrofrontend|CustomAggregator|\w*Choose\w*Dataset"
    r"|ConstructionFails|DevicePlacementOp|DtypeWithDefaultOp|Fact|GraphDefVersion|KernelLabel"
    r"|IsResourceHandleRefCounting|MakeWeakResourceHandle|Old|Resource(Create|Initialized|Using)Op"
    r"|Sleep(Identity)?Op|StubResourceHandleOp|TestAttr"
)


def _run(folder: Path, *arguments: object) -> Any:
    """What stock_worker.py writes."""
    out = folder / "out"
    worker = Path(__file__).with_name("stock_worker.py")
    command = [runtime_python(RELEASE), worker, *arguments, out]
    subprocess.run([str(part) for part in command], check=True, env=environment(None), timeout=600)
    return out.read_bytes()


def _key(op: str, device: str, label: str, priority: int, types: Any, values: Any) -> Any:
    return (
        op,
        device,
        label,
        priority,
        tuple(sorted((name, tuple(sorted(allowed))) for name, allowed in types)),
        tuple(sorted(values)),
    )


def _stock_key(kernel: Any) -> Any:
    types, values = [], []
    for constraint in kernel.constraint:
        allowed = constraint.allowed_values.list
        if allowed.type:
            types.append((constraint.name, [proto.type_name(number) for number in allowed.type]))
        values += [(constraint.name, s.decode()) for s in allowed.s]
        values += [(constraint.name, value) for value in (*allowed.i, *allowed.b)]
    return _key(kernel.op, kernel.device_type, kernel.label, kernel.priority, types, values)


def _index_key(entry: Entry) -> Any:
    kernel = entry.kernel
    return _key(kernel.op, entry.device, kernel.label, kernel.priority, kernel.types, entry.values)


def _entries(index: Index) -> list[Entry]:
    """All but those of our own kernels."""
    entries = (entry for op in sorted(index.definitions) for entry in index.entries(op))
    return [entry for entry in entries if entry.kernel.label != FUSED_LABEL]


def test_the_index_has_the_kernels_of_the_stock_wheel(tmp_path: Path) -> None:
    stock = proto.KernelList.FromString(_run(tmp_path, "kernels"))
    registered = Counter(_stock_key(k) for k in stock.kernel if k.device_type in ("CPU", "DEFAULT"))
    indexed = Counter(_index_key(entry) for entry in _entries(Index(DATA)))
    assert len(indexed) > 9500
    more = sorted({key[0] for key in indexed - registered})
    # Kernels that the index has and the wheel has not: with oneDNN others take their place.
    assert more == []
    left = {key[0] for key in registered - indexed}
    assert sorted(op for op in left if not NOT_INDEXED.match(op)) == []


def test_the_index_has_the_class_texts_of_the_stock_wheel(tmp_path: Path) -> None:
    index = Index(DATA)
    graph, expected = proto.GraphDef(), []
    for entry in _entries(index):
        if entry.device == "CPU" and not entry.kernel.priority:
            _add_node(graph, index, entry)
            expected.append(entry.kernel)
    file = tmp_path / "graph.pb"
    file.write_bytes(graph.SerializeToString())
    found = json.loads(_run(tmp_path, "classes", file))
    different = [
        (kernel.op, kernel.kernel_class, name)
        for kernel, name in zip(expected, found)
        if name is None or name.replace(" ", "") != kernel.kernel_class.replace(" ", "")
    ]
    assert len(found) > 6000
    assert different == []


def _add_node(graph: Any, index: Index, entry: Entry) -> None:
    """A node that the kernel of an entry serves."""
    node = graph.node.add(name="n", op=entry.kernel.op, device="/cpu:0")
    lists = {a.name for a in index.definitions[entry.kernel.op].attr if a.type == "list(type)"}
    for name, allowed in entry.kernel.types:
        number = proto.type_number(allowed[0])
        if name in lists:
            node.attr[name].list.type.append(number)
        else:
            node.attr[name].type = number
    for name, value in entry.values:
        field = {bool: "b", int: "i", str: "s"}[type(value)]
        setattr(node.attr[name], field, value.encode() if field == "s" else value)
    if entry.kernel.label:
        node.attr["_kernel"].s = entry.kernel.label.encode()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some models of the corpus, exported by the release itself."""
    out = tmp_path_factory.mktemp("corpus")
    command = [runtime_python(RELEASE), ROOT / "tests" / "corpus" / "make_corpus.py", out, *CORPUS]
    subprocess.run([str(part) for part in command], check=True, env=environment(None), timeout=900)
    return out


def test_the_selection_is_that_of_tensorflows_own_tool(corpus: Path, tmp_path: Path) -> None:
    paths = [corpus / name / "model" for name in CORPUS]
    graphs = []
    for path in paths:
        nodes = models.read(path)
        graph = proto.GraphDef()
        for node in nodes.executed:
            if node.op not in nodes.functions:
                graph.node.add(name=node.name, op=node.op, attr=node.attrs)
        graphs.append(tmp_path / f"{path.parent.name}.pb")
        graphs[-1].write_bytes(graph.SerializeToString())
    theirs = json.loads(_run(tmp_path, "select", *graphs))
    for path, pairs in zip(paths, theirs):
        selection = slim.select([path], data=DATA)
        expected = {(op, name.replace(" ", "")) for op, name in pairs}
        of_nodes, of_rules = set(), set()
        for kernel, reasons in selection.kernels.items():
            pair = (kernel.op, kernel.kernel_class.replace(" ", ""))
            is_of_node = any(reason.rule == "node" for reason in reasons)
            (of_nodes if is_of_node else of_rules).add(pair)
        assert expected, path
        assert of_nodes == expected, path
        assert {op for op, _ in expected} <= selection.ops.keys(), path
        assert {op for op, _ in of_rules} <= {op for rule in RULES for op in rule.adds}, path
