"""examples/c/serve.c, built by Bazel: a program without Python in the newest runtime."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ..conftest import ROOT

SERVE = ROOT / "bazel-bin" / "examples" / "c" / "serve"
BEAM_SEARCH = ROOT / "examples" / "models" / "beam_search"
EXPECTED = json.loads((BEAM_SEARCH / "expected.json").read_text(encoding="utf-8"))
STATE = [repr(number) for number in EXPECTED["inputs"]["state"][0]]
OUTPUT = "ReduceJoin/ReduceJoin:0"


def serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the program."""
    assert SERVE.exists(), "bazel build //examples/c:serve, or nox -s tests"
    return subprocess.run(
        [str(SERVE), *arguments], capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize("libraries", ["tf2.21", "c_api"])
def test_answers(package: Path, libraries: str) -> None:
    """The words that TensorFlow 1.15.5 found, with the library of the release or the C API's."""
    library = package / "opgraft" / "lib" / libraries / "libopgraft_contrib.so"
    done = serve(str(library), str(BEAM_SEARCH / "model"), "state:0", OUTPUT, *STATE)
    assert done.returncode == 0, done.stderr
    words = EXPECTED["outputs"]["words"][0]
    assert [word for word in words if word in done.stdout] == words


def test_library_of_another_release(package: Path) -> None:
    """It is refused in one line and registers nothing, so the model is refused by name."""
    library = package / "opgraft" / "lib" / "tf2.14" / "libopgraft_contrib.so"
    done = serve(str(library), str(BEAM_SEARCH / "model"), "state:0", OUTPUT, *STATE)
    assert done.returncode == 1
    assert "built for TensorFlow 2.14.1" in done.stderr or "undefined symbol" in done.stderr


def test_errors(package: Path) -> None:
    """A missing library, a missing model, a missing argument."""
    library = str(package / "opgraft" / "lib" / "tf2.21" / "libopgraft_contrib.so")
    missing = serve("no_such.so", str(BEAM_SEARCH / "model"), "state:0", OUTPUT, *STATE)
    assert missing.returncode == 1 and "no_such.so" in missing.stderr
    no_model = serve(library, "no_such_model", "state:0", OUTPUT, *STATE)
    assert no_model.returncode == 1 and "no_such_model" in no_model.stderr
    assert serve(library).returncode == 2
