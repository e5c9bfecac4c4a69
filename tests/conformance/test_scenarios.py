"""The scripts of tests/python/scenarios in every runtime: the Python interface as people use it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from ..conftest import ROOT, runtime_python, runtimes
from .suite import PARALLEL, tested
from .test_models import run

SCENARIOS = sorted((ROOT / "tests" / "python" / "scenarios").glob("*.py"))

Runs = dict[tuple[str, Path], "Future[tuple[int, str]]"]


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, package: Path) -> Iterator[Runs]:
    """All that is selected, some at a time: most of a script's time is importing TensorFlow."""
    selected = [
        (item.callspec.params["version"], item.callspec.params["script"])
        for item in request.session.items
        if item.module is request.module and hasattr(item, "callspec")
    ]
    with ThreadPoolExecutor(PARALLEL) as pool:
        yield {
            (version, script): pool.submit(run, version, [str(script)], package)
            for version, script in selected
            if runtimes.interpreter(runtimes.get(version)) is not None
        }


def test_there_are_some() -> None:
    """An empty directory would pass without a word."""
    assert SCENARIOS


@pytest.mark.parametrize("version", tested())
@pytest.mark.parametrize("script", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(runs: Runs, version: str, script: Path) -> None:
    """One script in one runtime."""
    runtime_python(version)  # skips, or fails on CI, where there is no interpreter
    code, text = runs[version, script].result()
    assert code == 0, text[-4000:]
