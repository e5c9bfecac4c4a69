# ruff: noqa: D103
"""The selection of a slim build, on models made here. No TensorFlow is needed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from opgraft import proto, slim
from opgraft.errors import ModelError
from opgraft.slim import models, ops_file
from opgraft.slim.index import Index
from slim.workspace import LIBRARIES

from tests.conftest import ROOT

DATA = ROOT / "build_configs" / "slim" / "2.14.1"
CURATED = sorted((DATA.parent / "ops").glob("*.txt"))
FLOAT = proto.type_number("float")
FUSED_DEPTHWISE = "_FusedDepthwiseConv2dNative"


def add(graph: Any, name: str, op: str, *inputs: str, **types: str) -> Any:
    """Adds a node with attrs of kind type."""
    node = graph.node.add(name=name, op=op, input=inputs)
    for attr, dtype in types.items():
        node.attr[attr].type = proto.type_number(dtype)
    return node


def save(folder: Path, graph: Any, outputs: tuple[str, ...] = ("y:0",)) -> Path:
    """A SavedModel with a signature that has these outputs."""
    saved = proto.SavedModel(saved_model_schema_version=1)
    meta = saved.meta_graphs.add()
    meta.graph_def.CopyFrom(graph)
    for number, output in enumerate(outputs):
        meta.signature_def["serving_default"].outputs[str(number)].name = output
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(saved.SerializeToString())
    return folder


def pairs(selection: slim.Selection) -> set[tuple[str, str]]:
    """(op, class) of what nodes brought in."""
    return {
        (kernel.op, kernel.kernel_class)
        for kernel, reasons in selection.kernels.items()
        if any(reason.rule == "node" for reason in reasons)
    }


def problems(*models: Path, **arguments: Any) -> list[str]:
    with pytest.raises(slim.SelectionError) as caught:
        slim.select(models, data=DATA, **arguments)
    return caught.value.problems


def matmul(dtype: str) -> Any:
    graph = proto.GraphDef()
    add(graph, "x", "Placeholder", dtype=dtype)
    add(graph, "y", "MatMul", "x", "x", T=dtype)
    return graph


def test_a_node_selects_the_kernel_of_its_type(tmp_path: Path) -> None:
    floats = slim.select([save(tmp_path / "a", matmul("float"))], data=DATA)
    doubles = slim.select([save(tmp_path / "b", matmul("double"))], data=DATA)
    name = "BatchMatMulOp<CPUDevice, {0}, {0}, {0}, true>"
    assert pairs(floats) == {("MatMul", name.format("float")), ("Placeholder", "PlaceholderOp")}
    assert pairs(doubles) == {("MatMul", name.format("double")), ("Placeholder", "PlaceholderOp")}
    assert "tensorflow/core/kernels/matmul_op_real.cc" in floats.sources
    assert "tensorflow/core/ops/math_ops.cc" in floats.sources


def test_defaults_of_the_op_stand_in_for_attrs(tmp_path: Path) -> None:
    graph = proto.GraphDef()
    add(graph, "x", "Placeholder", dtype="float")
    add(graph, "y", "Shape", "x", T="float")  # out_type is int32 by default
    selection = slim.select([save(tmp_path / "m", graph)], data=DATA)
    assert ("Shape", "ShapeOp<int32>") in pairs(selection)
    assert ("Shape", "ShapeOp<int64_t>") not in pairs(selection)


def test_what_does_not_run_needs_its_op_but_no_kernel(tmp_path: Path) -> None:
    graph = matmul("float")
    add(graph, "f", "Const", dtype="string")
    node = add(graph, "save", "StaticRegexFullMatch", "f")
    node.attr["pattern"].s = b".*"
    selection = slim.select([save(tmp_path / "m", graph)], data=DATA)
    assert "StaticRegexFullMatch" in selection.ops
    assert "StaticRegexFullMatch" not in {kernel.op for kernel in selection.kernels}
    assert "tensorflow/core/kernels/regex_full_match_op.cc" not in selection.sources
    assert "tensorflow/core/ops/string_ops.cc" in selection.sources


def test_the_loader_runs_restoring_and_initialization(tmp_path: Path) -> None:
    graph = matmul("float")
    add(graph, "restore", "NoOp", "^exp")
    add(graph, "exp", "Exp", "x", T="float")
    add(graph, "init", "NoOp", "^log")
    add(graph, "log", "Log", "x", T="float")
    path = save(tmp_path / "m", graph)
    saved = proto.SavedModel.FromString((path / "saved_model.pb").read_bytes())
    meta = saved.meta_graphs[0]
    meta.saver_def.restore_op_name = "restore"
    meta.collection_def["legacy_init_op"].node_list.value.append("init")
    (path / "saved_model.pb").write_bytes(saved.SerializeToString())
    ops = {op for op, _ in pairs(slim.select([path], data=DATA))}
    assert {"Exp", "Log", "MatMul"} <= ops


def with_function(op: str, body: str, **types: str) -> Any:
    """A graph that calls a function through an attr f of a node."""
    graph = proto.GraphDef()
    add(graph, "x", "Placeholder", dtype="float")
    call = add(graph, "y", op, "x")
    call.attr["f"].func.name = "body"
    call.attr["Tin"].list.type.append(FLOAT)
    call.attr["Tout"].list.type.append(FLOAT)
    function = graph.library.function.add()
    function.signature.name = "body"
    node = function.node_def.add(name="n", op=body, input=["a"])
    for attr, dtype in types.items():
        node.attr[attr].type = proto.type_number(dtype)
    return graph


def test_bodies_of_functions_count_where_they_are_called(tmp_path: Path) -> None:
    graph = with_function("PartitionedCall", "Tanh", T="float")
    idle = graph.library.function.add()
    idle.signature.name = "idle"
    idle.node_def.add(name="n", op="Cosh", input=["a"]).attr["T"].type = FLOAT
    idle.node_def.add(name="m", op="NoSuchOp")
    selection = slim.select([save(tmp_path / "m", graph)], data=DATA)
    assert {"PartitionedCall", "Tanh"} <= {op for op, _ in pairs(selection)}
    assert "Cosh" in selection.ops
    assert "NoSuchOp" not in selection.ops
    tanh = next(kernel for kernel in selection.kernels if kernel.op == "Tanh")
    reason = selection.kernels[tanh][0]
    assert (reason.function, reason.node) == ("body", "n")


def test_loops_bring_what_they_are_lowered_to(tmp_path: Path) -> None:
    graph = proto.GraphDef()
    add(graph, "x", "Placeholder", dtype="float")
    loop = add(graph, "y", "StatelessWhile", "x")
    loop.attr["T"].list.type.append(FLOAT)
    for name, op in (("cond", "IsFinite"), ("body", "Exp")):
        loop.attr[name].func.name = name
        function = graph.library.function.add()
        function.signature.name = name
        function.node_def.add(name="n", op=op, input=["a"]).attr["T"].type = FLOAT
    selection = slim.select([save(tmp_path / "m", graph)], data=DATA)
    kernels = {kernel.op: reasons for kernel, reasons in selection.kernels.items()}
    for op in ("Enter", "Exit", "NextIteration", "LoopCond", "Merge", "Switch"):
        assert [reason.rule for reason in kernels[op]] == ["loops"]
    assert {"_Arg", "_Retval", "NoOp", "Const"} <= kernels.keys()
    plain = slim.select([save(tmp_path / "p", matmul("float"))], data=DATA)
    assert "LoopCond" not in plain.ops


def test_the_label_and_the_priority_choose_a_kernel() -> None:
    index = Index(DATA)
    node = proto.NodeDef()
    node.attr["T"].type = FLOAT
    assert len(index.find("Conv2DBackpropFilter", node.attr)) == 1
    node.attr["_kernel"].s = b"custom"
    custom = index.find("Conv2DBackpropFilter", node.attr)
    assert [kernel.label for kernel in custom] == ["custom"]
    node.attr["_kernel"].s = b"no such label"
    assert index.find("Conv2DBackpropFilter", node.attr) == []


def test_types_that_are_not_known_take_all_kernels() -> None:
    index = Index(DATA)
    node = proto.NodeDef()
    node.attr["T"].placeholder = "T"
    node.attr["Tidx"].type = proto.type_number("int32")
    found = index.find("Sum", node.attr)
    assert len({kernel.kernel_class for kernel in found}) > 5
    assert {dict(kernel.types)["Tidx"] for kernel in found} == {("int32",)}


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    graph = proto.GraphDef()
    add(graph, "x", "Placeholder", dtype="float")
    add(graph, "custom", "NoSuchOp", "x")
    add(graph, "contrib", "GatherTree", "x")
    add(graph, "dataset", "TensorSliceDataset", "x")
    add(graph, "python", "EagerPyFunc", "x")
    add(graph, "strings", "MatMul", "x", "x", T="string")
    path = save(
        tmp_path / "m", graph, ("custom:0", "contrib:0", "dataset:0", "python:0", "strings")
    )
    lines = problems(path, tmp_path / "missing", ops_files=[tmp_path / "none.txt"])
    text = "\n".join(lines)
    for node, op, why in (
        ("custom", "NoSuchOp", "custom op"),
        ("contrib", "GatherTree", "libopgraft_contrib.so"),
        ("dataset", "TensorSliceDataset", "tf.data is left out"),
        ("python", "EagerPyFunc", "runs Python"),
        ("strings", "MatMul", "no CPU kernel for T=string"),
    ):
        line = next(line for line in lines if f"op {op}:" in line)
        assert str(path) in line and f"node {node}" in line and why in line and "Next: " in line
    assert "missing" in text and "none.txt" in text
    assert len(lines) == 7


def test_an_unknown_op_that_does_not_run_is_a_problem_too(tmp_path: Path) -> None:
    graph = matmul("float")
    add(graph, "idle", "NoSuchOp")
    assert len(problems(save(tmp_path / "m", graph))) == 1


@pytest.mark.parametrize(
    "data", [b"", b"\xff" * 99, b"\x0a\x03abc", b"PK\x03\x04 no model at all"], ids=range(4)
)
def test_what_is_no_model_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "saved_model.pb"
    file.write_bytes(data)
    (line,) = problems(file)
    assert "saved_model.pb" in line


def test_a_cut_model_is_refused_or_read(tmp_path: Path) -> None:
    data = (save(tmp_path / "m", matmul("float")) / "saved_model.pb").read_bytes()
    refused = 0
    for size in range(len(data)):
        file = tmp_path / "cut.pb"
        file.write_bytes(data[:size])
        try:
            models.read(file)
        except ModelError:
            refused += 1
    assert refused > len(data) // 2


def test_nothing_to_select_is_a_problem(tmp_path: Path) -> None:
    assert "name a model" in problems()[0]
    empty = tmp_path / "empty.txt"
    empty.write_text("# nothing\n\n")
    assert "names no op" in problems(ops_files=[empty])[0]


def test_a_folder_without_an_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(slim.IndexDataError, match="kernel_index.py"):
        slim.select([save(tmp_path / "m", matmul("float"))], data=tmp_path)


def test_ops_files(tmp_path: Path) -> None:
    file = tmp_path / "ops.txt"
    file.write_text("# comment\nMatMul: T=float,double  # more\nSoftmax\n")
    assert ops_file.read(file)[0].types == {"T": ("float", "double")}
    selection = slim.select(data=DATA, ops_files=[file])
    kernels = [kernel for kernel in selection.kernels if kernel.op in ("MatMul", "Softmax")]
    types = {dict(kernel.types)["T"][0] for kernel in kernels if kernel.op == "MatMul"}
    assert types == {"float", "double"}
    assert len([kernel for kernel in kernels if kernel.op == "Softmax"]) == 4
    (reason,) = selection.kernels[kernels[0]]
    assert (reason.rule, reason.source, reason.node) == ("ops file", str(file), "2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("MatMul T=float", "not of the form"),
        ("MatMul: float", "not of the form"),
        ("MatMul: T=floot", "floot is no dtype"),
        ("MatMul: X=float", "X is no attr with a dtype; it has T"),
        ("MatMul: T=float,string", "no CPU kernel for T=string"),
        ("NoSuchOp", "custom op"),
        ("\x00\x1b[31m", "not of the form"),
        ("\udcff", "utf-8"),
    ],
)
def test_bad_lines_of_ops_files(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "ops.txt"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    (line,) = problems(ops_files=[file])
    assert message in line and "\x1b" not in line


@pytest.mark.parametrize("file", CURATED, ids=lambda file: file.stem)
def test_curated_sets_are_complete(file: Path) -> None:
    selection = slim.select(data=DATA, ops_files=[file], libraries=LIBRARIES)
    named = {line.op for line in ops_file.read(str(file))}
    assert named <= selection.ops.keys()
    assert (15 if file.stem == "images" else 60) < len(selection.ops) < 200


def test_there_are_curated_sets() -> None:
    assert [file.stem for file in CURATED] == ["images", "lookup_dense", "text", "vision"]


def test_files_of_other_types_are_left_out(tmp_path: Path) -> None:
    graph = proto.GraphDef()
    add(graph, "x", "Placeholder", dtype="float")
    add(graph, "y", "DepthwiseConv2dNative", "x", "x", T="float")
    sources = slim.select([save(tmp_path / "m", graph)], data=DATA).sources
    assert "tensorflow/core/kernels/conv_ops_float.cc" in sources
    assert "tensorflow/core/kernels/conv_ops_half.cc" not in sources


def test_files_that_kernels_and_ops_need_are_compiled_once(tmp_path: Path) -> None:
    listed = tmp_path / "ops.txt"
    listed.write_text(
        "GatherNd: Tparams=float\nMirrorPad: T=float\nRaggedTensorToTensor: T=float\n"
    )
    selection = slim.select(ops_files=[listed], data=DATA)
    kernels = {file.path for file in selection.kernel_files}
    ops = {file.path for file in selection.op_files}
    assert "tensorflow/core/kernels/gather_nd_op_cpu_impl_2.cc" in kernels
    assert "tensorflow/core/util/mirror_pad_mode.cc" in kernels | ops
    assert not kernels & ops


def test_libraries_that_the_build_lacks_are_a_problem(tmp_path: Path) -> None:
    graph = proto.GraphDef()
    add(graph, "x", "Placeholder", dtype="int32")
    add(graph, "y", "UnicodeScript", "x")
    path = save(tmp_path / "m", graph)
    assert slim.select([path], data=DATA, libraries={"ICU"}).sources
    (line,) = problems(path, libraries=())
    assert "needs ICU" in line


def test_a_selection_is_the_same_each_time_and_json(tmp_path: Path) -> None:
    path = save(tmp_path / "m", matmul("float"))
    first, second = (slim.select([path], data=DATA) for _ in range(2))
    assert first.header() == second.header()
    text = json.dumps(first.as_json())
    assert text == json.dumps(second.as_json())
    assert "matmul_op_real.cc" in text


def test_the_header_answers_at_compile_time(tmp_path: Path) -> None:
    selection = slim.select([save(tmp_path / "m", matmul("float"))], data=DATA)
    (tmp_path / "ops_to_register.h").write_text(selection.header())
    source = tmp_path / "check.cc"
    source.write_text("""
#include "ops_to_register.h"
static_assert(SHOULD_REGISTER_OP("MatMul"), "");
static_assert(!SHOULD_REGISTER_OP("MatMu") && !SHOULD_REGISTER_OP("MatMul2"), "");
#define TEXT(...) #__VA_ARGS__
static_assert(SHOULD_REGISTER_OP_KERNEL(TEXT(BatchMatMulOp<CPUDevice,float,float,float,true>)), "");
static_assert(!SHOULD_REGISTER_OP_KERNEL("BatchMatMulOp<CPUDevice, double>"), "");
static_assert(!SHOULD_REGISTER_OP_GRADIENT, "");
""")
    command = ["g++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", str(source)]
    subprocess.run(command, check=True, timeout=60)


@pytest.mark.parametrize(
    ("ops", "expected"),
    [
        (("Conv2D", "BiasAdd"), {"_FusedConv2D"}),
        (("DepthwiseConv2dNative", "FusedBatchNormV3"), {FUSED_DEPTHWISE}),
        (("Conv2D", "DepthwiseConv2dNative", "BiasAdd"), {"_FusedConv2D", FUSED_DEPTHWISE}),
        (("Conv2D", "Relu"), set()),
        (("BiasAdd", "FusedBatchNormV3"), set()),
    ],
)
def test_fused_convolutions_are_selected_if_there_is_something_to_fuse(
    ops: tuple[str, ...], expected: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "ops.txt"
    path.write_text("".join(f"{op}: T=float\n" for op in ops))
    plain = slim.select(data=DATA, ops_files=[path])
    fused = slim.select(data=DATA, ops_files=[path], fuse=True)
    assert set(fused.ops) - set(plain.ops) == expected
    added = set(fused.kernels) - set(plain.kernels)
    assert {kernel.op for kernel in added} == expected
    assert all(kernel.label == "slim" and "/slim/" in kernel.file for kernel in added)
