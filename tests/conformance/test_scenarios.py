"""The scripts of tests/python/scenarios in every runtime: the Python interface as people use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..conftest import ROOT
from .suite import tested
from .test_models import run

SCENARIOS = sorted((ROOT / "tests" / "python" / "scenarios").glob("*.py"))


def test_there_are_some() -> None:
    """An empty directory would pass without a word."""
    assert SCENARIOS


@pytest.mark.parametrize("version", tested())
@pytest.mark.parametrize("script", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(package: Path, version: str, script: Path) -> None:
    """One script in one runtime."""
    code, text = run(version, [str(script)], package)
    assert code == 0, text[-4000:]
