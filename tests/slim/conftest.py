"""Models, exported by stock TensorFlow 2.14.1, and libraries that run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from slim import workspace

from tests.conftest import ROOT, environment, runtime_python

VERSION = "2.14.1"


def build(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs nox -s build's own program."""
    paths = os.pathsep.join(str(ROOT / name) for name in ("build_configs", "python"))
    return subprocess.run(
        [sys.executable, "-m", "slim.build", *arguments],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=1500,
    )


# Of the C library; libgcc is inside.
SYSTEM = "libc.so.6 libm.so.6 libpthread.so.0 libdl.so.2 librt.so.1 ld-linux-x86-64.so.2".split()


def needed(library: Path) -> set[str]:
    """The libraries that it asks the loader for."""
    shown = subprocess.run(
        ["readelf", "-d", str(library)], capture_output=True, text=True, check=True
    ).stdout
    lines = [line for line in shown.splitlines() if "(NEEDED)" in line]
    return {line.partition("[")[2].rstrip("]") for line in lines}


@pytest.fixture(scope="session")
def compiled() -> None:
    """Skips where the framework was not compiled before: half an hour of two cores."""
    if not workspace.is_compiled(VERSION):
        pytest.skip("the framework is not in the cache: nox -s build -- --ops lookup_dense")


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the models of make_models.py."""
    directory = tmp_path_factory.mktemp("models")
    script = Path(__file__).with_name("make_models.py")
    subprocess.run(
        [runtime_python(VERSION), str(script), str(directory)],
        env=environment(None),
        check=True,
        capture_output=True,
    )
    return directory


@pytest.fixture(scope="session")
def full_library() -> str:
    """The full TensorFlow's library."""
    site = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run(
        [runtime_python(VERSION), "-c", site], stdout=subprocess.PIPE, text=True, check=True
    )
    return str(Path(found.stdout.strip(), "tensorflow", "libtensorflow_cc.so.2"))


@pytest.fixture(scope="session", params=["full", "slim"])
def library(
    request: pytest.FixtureRequest, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The library that runs the runner's models: the full TensorFlow's, or one made for them."""
    if request.param == "full":
        full: str = request.getfixturevalue("full_library")
        return full
    request.getfixturevalue("compiled")
    names = ("classifier", "identities", "pick", "sparse", "stateful")
    scratch = tmp_path_factory.mktemp("slim")
    listed, target = scratch / "ops.txt", scratch / "out"
    listed.write_text("SaveV2\n")
    given = [f"--model={models / name}" for name in names]
    done = build("--out", str(target), "--ops", str(listed), *given)
    assert done.returncode == 0, done.stdout + done.stderr
    return str(target / "lib" / "libtensorflow_slim.so")
