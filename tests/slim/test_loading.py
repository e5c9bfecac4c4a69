# ruff: noqa: D103
"""What the slim TensorFlow does otherwise when it loads a model: it must not show."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import opgraft_slim
import pytest
from opgraft import proto
from opgraft_slim import _library, _tensor, _wire

from tests.conftest import ROOT
from tests.slim.conftest import build


@pytest.fixture(scope="module")
def slim_library(compiled: None, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library for some models; the full TensorFlow's Python refuses functions that recur."""
    scratch = tmp_path_factory.mktemp("slim")
    listed = scratch / "ops.txt"
    listed.write_text("AddV2: T=int32\nGreater: T=int32\nIf\nPlaceholder\nSub: T=int32\n")
    target = scratch / "out"
    names = ("classifier", "constants", "implements", "variables", "words")
    given = [f"--model={models / name}" for name in names]
    done = build(*given, "--ops", str(listed), "--out", str(target))
    assert done.returncode == 0, done.stdout + done.stderr
    return target / "lib/libtensorflow_slim.so"


def test_functions_that_nothing_calls_are_dropped(slim_library: Path, models: Path) -> None:
    saved = proto.SavedModel()
    saved.ParseFromString((models / "classifier" / "saved_model.pb").read_bytes())
    stored = len(saved.meta_graphs[0].graph_def.library.function)
    count = ctypes.CDLL(str(slim_library)).TF_GraphNumFunctions
    count.argtypes = [ctypes.c_void_p]
    with opgraft_slim.Model(models / "classifier", library=slim_library) as model:
        assert 0 < count(model._graph) < stored


def meta_graph_of(library: Path, model: Path) -> tuple[proto.MetaGraphDef, int]:
    """What the C API gives of a model that it loads, and how many functions its graph has."""
    tf, dll = _library.load(library), ctypes.CDLL(str(library))
    dll.TF_NewBuffer.restype = ctypes.POINTER(_library.Buffer)
    options, graph, status = tf.NewSessionOptions(), tf.NewGraph(), tf.NewStatus()
    buffer = dll.TF_NewBuffer()
    tags = (ctypes.c_char_p * 1)(b"serve")
    place = ctypes.cast(buffer, ctypes.c_void_p)
    session = tf.LoadSessionFromSavedModel(
        *(options, None, str(model).encode(), tags, 1, graph, place, status)
    )
    assert tf.GetCode(status) == 0, tf.Message(status)
    found = proto.MetaGraphDef()
    found.ParseFromString(ctypes.string_at(buffer.contents.data, buffer.contents.length))
    count = dll.TF_GraphNumFunctions(ctypes.c_void_p(graph))
    tf.checked(tf.DeleteSession, session)
    tf.DeleteBuffer(buffer)
    tf.DeleteGraph(graph)
    tf.DeleteSessionOptions(options)
    tf.DeleteStatus(status)
    return found, count


def test_the_c_api_gives_the_meta_graph(slim_library: Path, models: Path) -> None:
    """With the functions that are called, which the session has taken from it."""
    found, count = meta_graph_of(slim_library, models / "classifier")
    stored = proto.SavedModel()
    stored.ParseFromString((models / "classifier" / "saved_model.pb").read_bytes())
    [wanted] = stored.meta_graphs
    by_name = {f.signature.name: f for f in wanted.graph_def.library.function}
    functions = list(found.graph_def.library.function)
    assert len(functions) == count > 0
    assert all(function == by_name[function.signature.name] for function in functions)
    for meta_graph in (found, wanted):
        meta_graph.graph_def.ClearField("library")
    assert found == wanted


def savers(meta_graph: proto.MetaGraphDef) -> list[str]:
    """The functions that have the op SaveV2."""
    functions = meta_graph.graph_def.library.function
    return [f.signature.name for f in functions if any(n.op == "SaveV2" for n in f.node_def)]


def test_what_saves_variables_is_left_out_if_it_cannot_run(
    slim_library: Path, models: Path
) -> None:
    assert not savers(meta_graph_of(slim_library, models / "variables")[0])


def test_what_saves_variables_is_there_if_it_can_run(library: str, models: Path) -> None:
    assert savers(meta_graph_of(Path(library), models / "stateful")[0])


def definitions(library: str | Path) -> dict[str, proto.OpDef]:
    """The ops of a library, without their documentation."""
    loaded = _library.load(library)
    buffer = loaded.GetAllOpList()
    listed = proto.OpList()
    listed.ParseFromString(ctypes.string_at(buffer.contents.data, buffer.contents.length))
    loaded.DeleteBuffer(buffer)
    return {op.name: op for op in listed.op}


def test_ops_are_defined_as_in_the_full_tensorflow(slim_library: Path, full_library: str) -> None:
    ours, theirs = definitions(slim_library), definitions(full_library)
    assert len(ours) > 40
    for name, op in ours.items():
        assert op == theirs[name]


def kernels(library: str | Path, op: bytes | None = None) -> set[bytes]:
    """The KernelDefs of a library, or those of an op."""
    dll, tf = ctypes.CDLL(str(library)), _library.load(library)
    find = dll.TF_GetAllRegisteredKernels if op is None else dll.TF_GetRegisteredKernelsForOp
    find.restype = ctypes.POINTER(_library.Buffer)
    status = tf.NewStatus()
    buffer = find(*(() if op is None else (op,)), ctypes.c_void_p(status))
    data = ctypes.string_at(buffer.contents.data, buffer.contents.length)
    tf.DeleteBuffer(buffer)
    tf.DeleteStatus(status)
    return {bytes(kernel) for kernel in _wire.messages(data, 1)}  # KernelList.kernel


def test_kernels_are_registered_as_in_the_full_tensorflow(
    slim_library: Path, full_library: str
) -> None:
    """Whether they are asked for by their op or all at once."""
    of_op = kernels(slim_library, b"MatMul")
    ours = kernels(slim_library)
    assert of_op < ours and len(ours) > 40
    assert ours <= kernels(full_library)


def restored_by_graph(library: Path, model: Path) -> bool:
    """Whether TensorFlow runs the graph's function for it, and says so."""
    code = "import sys, opgraft_slim; opgraft_slim.Model(sys.argv[1], library=sys.argv[2])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(model), str(library)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "0", "PYTHONPATH": str(ROOT / "python")},
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    return "Restoring SavedModel bundle" in done.stderr


def test_variables_have_their_values(slim_library: Path, models: Path) -> None:
    assert not restored_by_graph(slim_library, models / "variables")
    with opgraft_slim.Model(models / "variables", library=slim_library) as model:
        del model.signatures["serving_default"].outputs["bfloat16"]  # numpy has none
        found = model.run()
    wanted = {"bool": [True, False], "empty": np.empty((0, 2)), "large": np.ones(1 << 16)}
    assert len(found) == 16 and wanted.keys() < found.keys()
    for name in found.keys() - wanted.keys():
        wanted[name] = np.arange(6).reshape(2, 3).astype(name)
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[name], array)


def test_what_is_no_number_is_restored_by_the_graph(slim_library: Path, models: Path) -> None:
    assert restored_by_graph(slim_library, models / "words")
    with opgraft_slim.Model(models / "words", library=slim_library) as model:
        found = model.run("of", keys=["y", "z", "x"])
    assert found["found"].tolist() == [2, -1, 1]
    assert found["words"].tolist() == [b"a!", b"long " * 20 + b"!"]
    assert found["numbers"].tolist() == [2.5, 3.5]


def test_a_variable_that_the_checkpoint_lacks_is_named(
    slim_library: Path, models: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(models / "variables", broken)
    for file in (models / "classifier" / "variables").iterdir():
        shutil.copyfile(file, broken / "variables" / file.name)
    with pytest.raises(opgraft_slim.ModelError, match="not found in checkpoint"):
        opgraft_slim.Model(broken, library=slim_library)


def ops_that_run(model: Any, signature: str, value: Any) -> tuple[Any, set[str]]:
    """The answer of a signature with one input and one output, and the ops of what ran."""
    tf, plan = ctypes.CDLL(model._library.path), model._plan(signature)
    tf.TF_NewBuffer.restype = tf.TF_NewBufferFromString.restype = ctypes.POINTER(_library.Buffer)
    options = tf.TF_NewBufferFromString(b"\x28\x01", 2)  # RunOptions.output_partition_graphs
    ran = tf.TF_NewBuffer()
    given = (ctypes.c_void_p * 1)(model._feed(plan.inputs[0], value))
    made = (ctypes.c_void_p * 1)()
    run, status = model._library.SessionRun, model._library.NewStatus()
    run(
        *(model._session, ctypes.cast(options, ctypes.c_void_p), plan.feeds, given, 1),
        *(plan.fetches, made, 1, None, 0, ctypes.cast(ran, ctypes.c_void_p), status),
    )
    assert model._library.GetCode(status) == 0, model._library.Message(status)
    data = ctypes.string_at(ran.contents.data, ran.contents.length)
    nodes = _wire.messages(data, 3, 1)  # RunMetadata.partition_graphs, GraphDef.node
    ops = {_wire.text(op) for node in nodes for op in _wire.messages(node, 2)}
    answer = _tensor.take(model._library, made[0])
    for buffer in (options, ran):
        model._library.DeleteBuffer(buffer)
    model._library.DeleteTensor(given[0])
    model._library.DeleteStatus(status)
    return answer, ops


def test_calls_are_inlined(slim_library: Path, models: Path) -> None:
    """Those of functions that Grappler would choose among, as well."""
    with opgraft_slim.Model(models / "implements", library=slim_library) as model:
        answer, ops = ops_that_run(model, "serving_default", np.int32(5))
    assert answer == 10
    assert "NextIteration" in ops and not any("PartitionedCall" in op for op in ops)


def test_constants_are_made_once(slim_library: Path, models: Path) -> None:
    x = np.float32([1, 2, 3, 4])
    with opgraft_slim.Model(models / "constants", library=slim_library) as model:
        answer, ops = ops_that_run(model, "serving_default", x)
        texts = [model.run("text")["y"].tolist() for _ in range(2)]
    weights = np.exp(np.arange(4)) / np.exp(np.arange(4)).sum()
    np.testing.assert_allclose(answer, x * weights[::-1], rtol=1e-6)
    assert "Mul" in ops and ops.isdisjoint({"Softmax", "Range", "Cast", "StridedSlice"})
    assert texts == [[b"0!", b"1!"]] * 2


def test_a_constant_that_cannot_be_made_is_named(slim_library: Path, models: Path) -> None:
    with opgraft_slim.Model(models / "constants", library=slim_library) as model:
        for _ in range(2):
            with pytest.raises(opgraft_slim.RunError, match="indices.* not in \\[0, 2\\)"):
                model.run("impossible", x=np.float32([1, 2, 3, 4]))
        assert model.run(x=np.zeros(4, "f"))["y"].tolist() == [0, 0, 0, 0]


def shape_of(model: Any, output: Any) -> list[int]:
    """What TF_GraphGetTensorShape says, -1 for an unknown size."""
    tf = ctypes.CDLL(model._library.path)
    status = model._library.NewStatus()
    graph, status_pointer = ctypes.c_void_p(model._graph), ctypes.c_void_p(status)
    tf.TF_GraphGetTensorNumDims.argtypes = [ctypes.c_void_p, _library.Output, ctypes.c_void_p]
    rank = tf.TF_GraphGetTensorNumDims(graph, output, status_pointer)
    sizes = (ctypes.c_int64 * max(rank, 0))()
    tf.TF_GraphGetTensorShape.argtypes = [
        *(ctypes.c_void_p, _library.Output, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    ]
    tf.TF_GraphGetTensorShape(graph, output, sizes, rank, status_pointer)
    assert model._library.GetCode(status) == 0
    model._library.DeleteStatus(status)
    return list(sizes)


def test_the_c_api_knows_the_shapes_of_signatures(
    slim_library: Path, full_library: str, models: Path
) -> None:
    shapes = []
    for path in (slim_library, full_library):
        with opgraft_slim.Model(models / "classifier", library=path) as model:
            plan = model._plan("serving_default")
            outputs = (*plan.feeds, *plan.fetches)
            shapes.append([shape_of(model, output) for output in outputs])
    assert shapes[0] == shapes[1] == [[-1], [-1, 3]]


def test_checksums_use_the_instruction_of_the_processor(slim_library: Path) -> None:
    assert re.search(rb"\xf2[\x48-\x4f]\x0f\x38\xf1", slim_library.read_bytes())  # crc32 r64, r/m64


def test_functions_that_call_themselves_run(slim_library: Path, models: Path) -> None:
    with opgraft_slim.Model(models / "calls", library=slim_library) as model:
        for n, total in ((0, 0), (5, 15), (50, 1275)):
            assert model.run("total", n=np.int32(n))["y"] == total


def test_calls_that_multiply_do_not_fill_the_memory(slim_library: Path, models: Path) -> None:
    """As many calls as 2**60 are in the graph, which is loaded and of which another part runs."""
    with opgraft_slim.Model(models / "calls", library=slim_library) as model:
        assert "doubled_60" in model.signatures
        assert model.run("doubled_10", n=np.int32(3))["y"] == 3 << 10
        assert model.run("doubled_15", n=np.int32(3))["y"] == 3 << 15
