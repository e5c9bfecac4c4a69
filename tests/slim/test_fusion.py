# ruff: noqa: D103
"""--profile speed: kernels for three kinds of processors, and convolutions that are fused."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import opgraft_slim
import pytest
from opgraft_slim import _cpu, _library, _wire

from tests.slim.conftest import SYSTEM, build, needed


@pytest.fixture(scope="module")
def out(compiled: None, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a build for convolutions makes."""
    target = tmp_path_factory.mktemp("slim") / "out"
    given = [f"--model={models / name}" for name in ("convolutions", "convolution_graph", "fill")]
    done = build("--profile", "speed", "--out", str(target), *given)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def libraries(out: Path) -> Iterator[Path]:
    """Those that this processor can run."""
    for level in _cpu.levels():
        folder = "." if level == "baseline" else f"glibc-hwcaps/{level}"
        yield out / "lib" / folder / _library.NAME


def test_every_signature_agrees_with_the_full_tensorflow(out: Path) -> None:
    document = json.loads((out / "slim.json").read_text())
    assert [proof["status"] for proof in document["proofs"]] == ["agrees"] * 18
    assert max(proof["largest_difference"] for proof in document["proofs"]) < 1e-5
    assert {"_FusedConv2D", "_FusedDepthwiseConv2dNative"} <= {op["name"] for op in document["ops"]}


def test_no_level_needs_a_library_beyond_the_systems(out: Path) -> None:
    found = list((out / "lib").rglob(_library.NAME))
    assert len(found) == 3
    for library in found:
        assert needed(library) <= {*SYSTEM, "libstdc++.so.6"}
    assert "libgcc" in (out / "licenses" / "gcc_runtime.txt").read_text()


def test_every_level_gives_the_same(out: Path, models: Path) -> None:
    x = np.random.RandomState(2).randn(2, 9, 11, 83).astype("f")
    answers = []
    for library in libraries(out):
        with opgraft_slim.Model(models / "convolutions", library=library) as model:
            names = sorted(model.signatures)
            answers.append({name: model.run(name, x=x)["y"] for name in names})
    assert len(answers) > 1 or len(list(_cpu.levels())) == 1
    assert len(answers[0]) == 16
    for other in answers[1:]:
        for name, y in answers[0].items():
            np.testing.assert_allclose(other[name], y, rtol=1e-5, atol=1e-5, err_msg=name)


def test_bad_and_empty_inputs(out: Path, models: Path) -> None:
    with opgraft_slim.Model(models / "convolutions", library=next(libraries(out))) as model:
        with pytest.raises(opgraft_slim.InputError, match="shape"):
            model.run("bias_relu6", x=np.zeros([2, 9, 11, 84], "f"))
        empty = model.run("depthwise_norm_relu6", x=np.zeros([0, 9, 11, 83], "f"))["y"]
        assert empty.shape == (0, 9, 11, 83)


def test_parallel_runs_keep_their_memory_apart(out: Path, models: Path) -> None:
    library, rng = next(libraries(out)), np.random.RandomState(4)
    with opgraft_slim.Model(models / "convolutions", library=library) as model:
        inputs = [rng.randn(batch, 9, 11, 83).astype("f") for batch in (1, 2, 5, 13, 40)]
        names = ["depthwise_norm_relu6", "explicit_norm_relu6", "groups_bias_relu", "read_twice"]
        tasks = [(name, x) for name in names for x in inputs] * 6
        expected = {(name, len(x)): model.run(name, x=x)["y"] for name, x in tasks[:20]}

        def run(task: tuple[str, np.ndarray[Any, Any]]) -> bool:
            name, x = task
            return np.allclose(model.run(name, x=x)["y"], expected[name, len(x)], atol=1e-5)

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(run, tasks))


def test_memory_that_there_is_not_is_an_error(out: Path, models: Path) -> None:
    with opgraft_slim.Model(models / "fill", library=next(libraries(out))) as model:
        for n in (2**61 - 1, 2**61 + 1, 2**62 - 1, 2**63 - 1, -1):
            with pytest.raises(
                opgraft_slim.RunError, match="OOM|overflow|must be|< 0|negative|>= 0"
            ):
                model.run("fill", n=n)
        assert model.run("fill", n=5)["y"].tolist() == [1] * 5


def executed_ops(model: Any, inputs: dict[str, np.ndarray[Any, Any]]) -> list[str]:
    """The ops of the graph as it is executed: RunMetadata.partition_graphs."""
    tf, plan = model._library, model._plan("serving_default")
    # RunOptions.output_partition_graphs = 5
    wanted = ctypes.create_string_buffer(b"\x28\x01", 2)
    options = _library.Buffer(ctypes.cast(wanted, ctypes.c_void_p), 2, None)
    metadata = _library.Buffer(None, 0, None)
    given = (ctypes.c_void_p * 1)(model._feed(plan.inputs[0], inputs["x"]))
    made = (ctypes.c_void_p * 1)()
    arguments = (plan.feeds, given, 1, plan.fetches, made, 1, None, 0, ctypes.byref(metadata))
    _, code, text = tf.checked(tf.SessionRun, model._session, ctypes.byref(options), *arguments)
    assert not code, text
    for tensor in (*given, *made):
        tf.DeleteTensor(tensor)
    data = ctypes.string_at(metadata.data, metadata.length)
    # partition_graphs = 3, GraphDef.node = 1, NodeDef.op = 2
    return sorted(_wire.text(op) for op in _wire.messages(data, 3, 1, 2))


def test_convolutions_are_fused(out: Path, models: Path) -> None:
    for library in libraries(out):
        with opgraft_slim.Model(models / "convolution_graph", library=library) as model:
            ops = executed_ops(model, {"x": np.ones([1, 4, 4, 2], "f")})
        assert ops.count("_FusedConv2D") == 1
        assert ops.count("_FusedDepthwiseConv2dNative") == 1
        assert not {"Conv2D", "DepthwiseConv2dNative", "BiasAdd", "Relu", "Relu6"} & set(ops)
