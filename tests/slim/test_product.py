# ruff: noqa: D103
"""The slim wheel, and the comparison with the full TensorFlow."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from slim import arrays, compare, example_inputs, wheel

LIBC_ONLY = Path("/lib/x86_64-linux-gnu/libz.so.1")  # stands for a library that needs libc alone


@pytest.fixture
def made(tmp_path):
    libraries = {wheel.LIBRARY: LIBC_ONLY, wheel.VARIANTS[0]: LIBC_ONLY}
    licence = tmp_path / "NOTICE"
    licence.write_text("text")
    version = wheel.wheel_version("2.14.1", "0.1.0")

    def make(out="out"):
        return wheel.write_wheel(tmp_path / out, libraries, [licence], version, {"ops": ["A"]})

    return make


def test_the_wheel_installs_and_is_the_same_each_time(made, tmp_path):
    first, second = made(), made("again")
    assert first.read_bytes() == second.read_bytes()
    assert first.name.startswith("opgraft_slim-2.14.1+opgraft.0.1.0-py3-none-manylinux_2_")
    assert not list(first.parent.glob(".*"))
    target = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(first)], check=True)
    code = "import opgraft_slim as o; print(o.__version__); o.version()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=target, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "2.14.1+opgraft.0.1.0"
    assert "has no TF_Version" in done.stderr
    assert json.loads((target / "opgraft_slim/slim.json").read_text()) == {"ops": ["A"]}
    with zipfile.ZipFile(first) as archive:
        names = archive.namelist()
    assert names == sorted(names) and "opgraft_slim/py.typed" in names
    assert any(name.endswith(".dist-info/licenses/NOTICE") for name in names)


def test_libraries_where_the_runner_does_not_look(tmp_path):
    for libraries in ({}, {"other.so": LIBC_ONLY}, {wheel.LIBRARY: LIBC_ONLY, "x": LIBC_ONLY}):
        with pytest.raises(ValueError, match="libraries are libtensorflow_slim.so"):
            wheel.write_wheel(tmp_path, libraries, [], "1", {})
    assert not list(tmp_path.iterdir())


def test_arrays_survive_their_file(tmp_path):
    given = {
        "text": np.array([[b"a\0", b""], [b"\xff" * 30, b"b"]], object),
        "none": np.empty((0, 3), object),
        "number": np.float16(1.5),
        "many": np.arange(6, dtype=">i2").reshape(2, 3),
    }
    arrays.save(tmp_path / "a.npz", given)
    got = arrays.load(tmp_path / "a.npz")
    assert set(got) == set(given)
    for name, value in given.items():
        assert got[name].shape == np.shape(value) and got[name].tolist() == value.tolist()


@pytest.mark.parametrize(
    ("got", "wanted", "agrees", "ulp"),
    [
        (np.float32([1, -1]), np.float32([1, -1]), True, 0),
        (np.float32([-0.0]), np.float32([0.0]), True, 0),
        (np.nextafter(np.float32([1, 0]), np.float32(2)), np.float32([1, 0]), True, 1),
        (np.float32([1.01]), np.float32([1]), False, 83886),
        (np.float64([-1e300]), np.float64([1e300]), False, None),
        (np.float32([np.nan, np.inf]), np.float32([np.nan, np.inf]), True, 0),
        (np.float32([np.nan]), np.float32([1]), False, None),
        (np.float32([1]), np.float32([np.inf]), False, None),
        (np.float32([1]), np.float64([1]), False, None),
        (np.float32([1]), np.float32([[1]]), False, None),
        (np.int64([3]), np.int64([4]), False, None),
        (np.array([b"a"], object), np.array([b"a"], object), True, None),
        (np.complex64([1j]), np.complex64([1j]), True, 0),
        (None, np.float32([1]), False, None),
    ],
)
def test_differences(got, wanted, agrees, ulp):
    found = compare.output(got, wanted)
    assert found["agrees"] is agrees
    if ulp is not None:
        assert found["max_ulp"] == ulp


def test_made_inputs_fit_the_signature():
    from opgraft_slim import TensorSpec

    specs = {
        spec.name: spec
        for spec in (
            TensorSpec("image", 1, (None, None, None, 3), "a:0"),
            TensorSpec("words", 7, (None,), "b:0"),
            TensorSpec("id", 9, (), "c:0"),
            TensorSpec("any", 4, None, "d:0"),
        )
    }
    for attempt in range(example_inputs.ATTEMPTS):
        made = example_inputs.make(specs, attempt)
        again = example_inputs.make(specs, attempt)
        for name, spec in specs.items():
            assert spec.accepts(made[name].shape)
            assert made[name].dtype == (object if spec.dtype == "string" else spec.dtype)
            assert made[name].tolist() == again[name].tolist()
