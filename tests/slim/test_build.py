# ruff: noqa: D103
"""A real slim build: nox -s build's own program, on a model of this folder.

It runs where the framework was compiled before (nox -s build does that in half an hour of two
cores), so that a first run of the tests stays within the time that CI has.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import bazel
import numpy as np
import pytest
from slim import build as slim_build
from slim import sources, workspace

from tests.conftest import ROOT
from tests.slim.conftest import SYSTEM, VERSION, build, needed

TABLE = "HashTableV2"

pytestmark = pytest.mark.usefixtures("compiled")


@pytest.fixture(scope="module")
def out(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a build of the classifier makes."""
    target = tmp_path_factory.mktemp("slim") / "out"
    done = build("--model", str(models / "classifier"), "--out", str(target))
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def test_it_is_small_and_agrees_with_the_full_tensorflow(out: Path) -> None:
    document = json.loads((out / "slim.json").read_text())
    [proof] = document["proofs"]
    assert proof["status"] == "agrees"
    assert proof["largest_difference"] < 1e-6
    assert (out / "lib/libtensorflow_slim.so").stat().st_size == document["sizes"]["stripped"]
    assert document["sizes"]["stripped"] < 6_000_000


def test_it_needs_no_library_of_the_build_machine(out: Path) -> None:
    assert needed(out / "lib/libtensorflow_slim.so") <= {*SYSTEM, "libstdc++.so.6"}


def test_building_again_takes_seconds_and_changes_nothing(out: Path, models: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    start = time.monotonic()
    done = build("--model", str(models / "classifier"), "--out", str(out))
    assert done.returncode == 0
    assert "nothing has changed" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    print(f"{time.monotonic() - start:.1f} s")


def test_two_builds_are_bit_identical(out: Path, models: Path, tmp_path: Path) -> None:
    other = tmp_path / "again"
    assert build("--model", str(models / "classifier"), "--out", str(other)).returncode == 0
    for path in out.rglob("*"):
        if path.is_file() and path.name != ".identity":
            assert (other / path.relative_to(out)).read_bytes() == path.read_bytes(), path


RUN = """\
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np, opgraft_slim
library, model, ops = sys.argv[2:5]
try:
    if ops:
        print("loaded", opgraft_slim.load_op_library(ops, library=library))
    found = opgraft_slim.Model(model, library=library).run(tokens=["a", "zz", "c"])
    print(repr(found["probabilities"].astype("float64").tolist()))
except opgraft_slim.SlimError as error:
    print("refused:", error)
"""


def run(library: Path, model: Path, ops: str) -> str:
    """What the classifier answers in a library, with an op library or without."""
    return subprocess.run(
        [sys.executable, "-c", RUN, str(ROOT / "python"), str(library), str(model), ops],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_an_op_library_brings_the_tables_that_were_left_out(
    out: Path, models: Path, package: Path, tmp_path: Path
) -> None:
    document = json.loads((out / "slim.json").read_text())
    listed = tmp_path / "ops.txt"
    types: dict[str, dict[str, set[str]]] = {op["name"]: {} for op in document["ops"]}
    for kernel in document["kernels"]:
        for attr, allowed in kernel["types"].items():
            types[kernel["op"]].setdefault(attr, set()).update(allowed)
    lines = []
    for op, attrs in sorted(types.items()):
        if "Lookup" not in op and op != TABLE:
            told = " ".join(f"{attr}={','.join(sorted(attrs[attr]))}" for attr in sorted(attrs))
            lines.append(f"{op}: {told}" if told else op)
    listed.write_text("\n".join(lines) + "\n")
    target = tmp_path / "out"
    done = build("--ops", str(listed), "--op-libraries", "--out", str(target))
    assert done.returncode == 0, done.stdout + done.stderr
    library = target / "lib/libtensorflow_slim.so"
    model = models / "classifier"
    assert f"Op type not registered '{TABLE}'" in run(library, model, "")
    ops = package / "opgraft/lib/tf2.14/libopgraft_lookup.so"
    shown = run(library, model, str(ops))
    values = np.array(json.loads(shown.splitlines()[-1]))
    expected = run(out / "lib/libtensorflow_slim.so", model, "").splitlines()[-1]
    np.testing.assert_allclose(values, np.array(json.loads(expected)), atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a model"),
        (["--model", "/does/not/exist"], "/does/not/exist"),
        (["--ops", "no_such_set"], "curated sets are images, lookup_dense"),
        (["--ops", "text", "--tensorflow-source", "/does/not/exist"], "no such file"),
        (["--ops", "text", "--inputs", "x.npz"], "0 --model and 1 --inputs"),
    ],
)
def test_what_cannot_be_built_is_said_before_anything_is_compiled(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    done = build(*arguments, "--out", str(target))
    assert done.returncode == 1
    assert message in done.stdout, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not target.exists()


@pytest.mark.parametrize(("is_compiled", "wanted"), [(True, 1), (False, 6)])
def test_a_full_disk_is_named(
    is_compiled: bool, wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "is_compiled", lambda _: is_compiled)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=9e8))
    with pytest.raises(bazel.BuildError, match=f"0.9 GB free and a slim build needs {wanted}"):
        slim_build._check_machine(VERSION)


def test_a_source_tree_of_another_release_is_refused(tmp_path: Path) -> None:
    tree = tmp_path / "tensorflow-2.13.0"
    (tree / "tensorflow/core/public").mkdir(parents=True)
    (tree / "tensorflow/core/public/version.h").write_text(
        "#define TF_MAJOR_VERSION 2\n#define TF_MINOR_VERSION 13\n#define TF_PATCH_VERSION 0\n"
    )
    with pytest.raises(bazel.BuildError, match=r"is TensorFlow 2\.13\.0, and this build is for"):
        sources.prepare(VERSION, tree)
