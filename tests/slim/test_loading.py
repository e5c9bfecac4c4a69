# ruff: noqa: D103
"""What the slim TensorFlow does otherwise when it loads a model: it must not show."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path
from typing import Any

import numpy as np
import opgraft_slim
import pytest
from opgraft import proto
from opgraft_slim import _library

from tests.slim.conftest import build


@pytest.fixture(scope="module")
def slim_library(compiled: None, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library for two models; the full TensorFlow's Python refuses functions that recur."""
    scratch = tmp_path_factory.mktemp("slim")
    listed = scratch / "ops.txt"
    listed.write_text("AddV2: T=int32\nGreater: T=int32\nIf\nPlaceholder\nSub: T=int32\n")
    target = scratch / "out"
    done = build("--model", str(models / "classifier"), "--ops", str(listed), "--out", str(target))
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
