# ruff: noqa: D103
"""The proof that a slim build runs its model as the full TensorFlow does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from slim import arrays, compare, prove

from tests.conftest import environment, runtime_python
from tests.slim.conftest import VERSION


def shown(result: dict) -> str:
    console = Console(width=200, record=True, file=open("/dev/null", "w"))
    prove.show(result, console)
    return console.export_text()


def test_agrees_with_tensorflow(models, library):
    python = runtime_python(VERSION)
    result = prove.prove(models / "pick", Path(library), tensorflow=python)
    assert result["passed"] and result["compared"]
    [signature] = result["signatures"]
    assert signature["inputs"] == "made" and signature["ran"] >= 1 and not signature["problem"]
    assert signature["outputs"]["value"] == {
        "agrees": True,
        "dtype": "float32",
        "max_abs": 0.0,
        "max_ulp": 0,
    }
    assert signature["outputs"]["text"]["agrees"]
    assert "agrees" in shown(result)


def test_inputs_from_a_file(models, library, tmp_path):
    given = tmp_path / "inputs.npz"
    values = np.zeros((2, 2), np.float32)
    np.savez(given, index=np.int32(1), values=values, signature=np.array(["a", "b"]))
    result = prove.prove(models / "pick", Path(library), given)
    assert result["passed"] and not result["compared"]
    assert result["signatures"][0]["inputs"] == "given" and result["signatures"][0]["ran"] == 1
    assert "runs" in shown(result)
    np.savez(given, index=np.int32(9), values=values, signature=np.array(["a", "b"]))
    result = prove.prove(models / "pick", Path(library), given)
    assert not result["passed"] and "9 is not in" in result["signatures"][0]["problem"]


def test_arguments_that_cannot_be_used(models, library, tmp_path):
    (tmp_path / "text").write_text("x")
    np.savez(tmp_path / "other.npz", x=1)
    for arguments, message in (
        ({"signature": "no"}, "no signature 'no'; it has: pick"),
        ({"inputs": tmp_path / "text"}, "no .npz"),
        ({"inputs": tmp_path / "other.npz"}, "pick wants index, signature, values"),
        ({"slim": tmp_path / "none.so"}, "no such library"),
        ({"slim": tmp_path / "none.whl"}, "no wheel"),
    ):
        with pytest.raises(prove.ProofError, match=message):
            prove.prove(models / "pick", **{"slim": Path(library), **arguments})
    done = subprocess.run(
        [sys.executable, "-m", "slim.prove", str(tmp_path), "--slim", library],
        env={**environment(None), "PYTHONPATH": str(Path(prove.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and "no SavedModel" in done.stderr + done.stdout


def test_a_library_that_dies_or_lacks_an_op_fails_the_proof(models, tmp_path):
    result = prove.prove(models / "pick", Path("/lib/x86_64-linux-gnu/libz.so.1"))
    assert not result["passed"] and "has no TF_Version" in result["signatures"][0]["problem"]
    lacking = [{"error": "gone", "missing": "GatherV2"}]
    assert "lacks GatherV2" in prove._problem(lacking)
    assert "only the full TensorFlow" in prove._problem(
        [{"error": "bad", "missing": "", "stock": ""}]
    )
    assert not prove._problem([{"error": "bad", "missing": "", "stock": "bad as well"}])


def test_the_worst_of_several_inputs_stands(tmp_path):
    outputs: dict = {}
    for got in ([1.0, 2.0], [1.0, 2.5], [1.0, 2.0]):
        compare.merge(outputs, "y", compare.output(np.float64(got), np.float64([1, 2])))
    assert outputs["y"]["max_abs"] == 0.5 and not outputs["y"]["agrees"]
    arrays.save(tmp_path / "x.npz", {})
    assert arrays.load(tmp_path / "x.npz") == {}


def test_a_graph_with_more_tags_is_proven(models, library):
    result = prove.prove(models / "sparse", Path(library), tensorflow=runtime_python(VERSION))
    [signature] = result["signatures"]
    assert result["passed"] and result["compared"] and signature["ran"] >= 1
