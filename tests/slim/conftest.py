"""A library for the runner, and models: exported by stock TensorFlow 2.14.1.

OPGRAFT_SLIM_LIBRARY names the library under test; without it, stock TensorFlow's own is used. A
library built for one model lacks the ops of the others, so one that is named has to be built for
all the models of make_models.py.
"""

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


@pytest.fixture(scope="session")
def compiled() -> None:
    """Skips where the framework was not compiled before: half an hour of two cores."""
    if not workspace.is_compiled(VERSION):
        pytest.skip("the framework is not in the cache: nox -s build -- --ops lookup_dense")


@pytest.fixture(scope="session")
def library() -> str:
    """The TensorFlow library that runs the models."""
    given = os.environ.get("OPGRAFT_SLIM_LIBRARY")
    if given:
        return str(Path(given).resolve())
    site = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run(
        [runtime_python(VERSION), "-c", site], stdout=subprocess.PIPE, text=True, check=True
    )
    return str(Path(found.stdout.strip(), "tensorflow", "libtensorflow_cc.so.2"))


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
