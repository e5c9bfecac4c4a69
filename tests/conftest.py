"""What all tests share: the stock runtimes, and the package under test."""

from __future__ import annotations

import functools
import importlib
import os
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "build_configs"), str(ROOT / "python")]

runtimes: Any = importlib.import_module("runtimes")


@functools.cache
def installed(version: str) -> Path | None:
    """The interpreter of a stock runtime, made if need be; None if this machine can have none."""
    if runtimes.interpreter(runtimes.get(version)) is None:
        return None
    python: Path = runtimes.install(version).environment_python
    return python


def runtime_python(version: str) -> Path:
    """The interpreter of a stock runtime; skips the test if this machine can have none.

    On CI no interpreter may be missing, so there it fails the test.
    """
    python = installed(version)
    if python is not None:
        return python
    missing = runtimes.needs(runtimes.get(version))
    if runtimes.on_ci():
        pytest.fail(missing)
    raise pytest.skip.Exception(missing)


def package_directory() -> Path:
    """The directory that holds the package opgraft with its libraries: the unpacked wheel."""
    given = os.environ.get("OPGRAFT_PACKAGE")
    if not given:
        pytest.fail("OPGRAFT_PACKAGE has to name the unpacked wheel: run nox -s tests")
    package = Path(given or "").resolve()
    if not (package / "opgraft" / "__init__.py").exists():
        pytest.fail(f"OPGRAFT_PACKAGE={given} holds no package opgraft")
    return package


@pytest.fixture(scope="session")
def package() -> Path:
    """The unpacked wheel."""
    return package_directory()


def environment(package: Path | None) -> dict[str, str]:
    """The environment of a process in a runtime: the package and nothing else on its path."""
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    clean["TF_CPP_MIN_LOG_LEVEL"] = "3"
    if package is not None:
        clean["PYTHONPATH"] = str(package)
    return clean
