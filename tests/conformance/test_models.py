"""SavedModels of one release in another that lacks their ops: refused, answered with opgraft."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest

from ..conftest import ROOT, environment, runtime_python, runtimes
from .suite import tested

RUNNER = ROOT / "examples" / "run_saved_model.py"
REFUSED = 3
CLASSIFIER = ROOT / "examples" / "models" / "text_classifier"
BEAM_SEARCH = ROOT / "examples" / "models" / "beam_search"
KEY_VALUE = ROOT / "tests" / "models" / "key_value"

CONTRIB = sorted((ROOT / "tests" / "models" / "contrib").iterdir())

# GatherV2 and others of the beam search are newer than these releases.
DECODING = [version for version in tested() if runtimes.get(version).minor >= (1, 15)]


def run(version: str, arguments: list[str], package: Path | None) -> tuple[int, str]:
    """Runs a script in a runtime; returns its exit code and what it printed."""
    with tempfile.TemporaryDirectory(prefix="opgraft-") as scratch:  # for what it leaves behind
        done = subprocess.run(
            [str(runtime_python(version)), "-W", "ignore", *arguments],
            env={**environment(package), "TMPDIR": scratch},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    return done.returncode, done.stdout + done.stderr[-2000:]


@pytest.mark.parametrize("version", tested())
@pytest.mark.parametrize("model", [CLASSIFIER, KEY_VALUE], ids=lambda path: path.name)
def test_tables(package: Path, version: str, model: Path) -> None:
    """Models with tables answer as in TensorFlow 1.4.1 everywhere."""
    code, text = run(version, [str(RUNNER), str(model), "--opgraft"], package)
    assert code == 0, text


@pytest.mark.parametrize("version", tested())
def test_restored_table(package: Path, version: str) -> None:
    """The contents of a mutable table come out of the checkpoint."""
    script = ROOT / "tests" / "models" / "run_counts.py"
    code, text = run(version, [str(script), str(KEY_VALUE)], package)
    assert code == 0, text


@pytest.mark.parametrize("version", DECODING)
def test_beam_search(package: Path, version: str) -> None:
    """tf.contrib's beam search decodes."""
    code, text = run(version, [str(RUNNER), str(BEAM_SEARCH), "--opgraft"], package)
    assert code == 0, text


@pytest.mark.parametrize("version", DECODING)
@pytest.mark.parametrize("model", CONTRIB, ids=lambda path: path.name)
def test_contrib(package: Path, version: str, model: Path) -> None:
    """Models with tf.contrib's ops answer as in 1.15.5, through every loader."""
    script = ROOT / "tests" / "models" / "run_contrib.py"
    code, text = run(version, [str(script), str(model)], package)
    assert code == 0, text


@pytest.mark.parametrize(
    ("version", "model", "arguments", "message"),
    [
        ("1.1.0", CLASSIFIER, [], "No op named HashTableV2 in defined operations"),
        ("1.1.0", CLASSIFIER, ["--cpp"], "Op type not registered 'HashTableV2'"),
        ("2.21.0", BEAM_SEARCH, [], "Op type not registered 'GatherTree'"),
    ],
    ids=["python", "cpp", "contrib"],
)
def test_stock_refuses(version: str, model: Path, arguments: list[str], message: str) -> None:
    """The errors from the field, without which the tests above would show nothing."""
    code, text = run(version, [str(RUNNER), str(model), *arguments], None)
    assert code == REFUSED, text
    assert message in text


def test_demo_refuses_a_directory_without_the_package(tmp_path: Path) -> None:
    """The demo says what it needs."""
    script = ROOT / "examples" / "demo.py"
    done = subprocess.run(
        [str(runtime_python("2.21.0")), str(script), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "holds no package opgraft" in done.stderr
