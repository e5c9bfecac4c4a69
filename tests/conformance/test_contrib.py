"""Every public function of opgraft.contrib beside tf.contrib's: values, slopes, signatures."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..conftest import runtimes
from .suite import tested
from .test_models import run

SCRIPT = str(Path(__file__).with_name("contrib_functions.py"))
ORACLE = "1.15.5"
VERSIONS = [version for version in tested() if runtimes.get(version).minor >= (1, 15)]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What tf.contrib gives, without opgraft in its process."""
    path = tmp_path_factory.mktemp("contrib") / "recorded.npz"
    code, text = run(ORACLE, [SCRIPT, "record", str(path)], None)
    assert code == 0, text[-4000:]
    return path


@pytest.mark.parametrize("version", VERSIONS)
def test_functions(recorded: Path, package: Path, version: str) -> None:
    """In a graph, eagerly and in tf.function."""
    code, text = run(version, [SCRIPT, "check", str(recorded)], package)
    assert code == 0, text[-8000:]
