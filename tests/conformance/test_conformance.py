"""Every case in every runtime: as stock TensorFlow where it has the op, as the newest elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ..conftest import package_directory, runtime_python, runtimes
from .case import NEWEST
from .judge import difference, judge, older_definition
from .suite import MODES, ORACLES, Suite, all_cases, is_mixed, tested

CASES = {case["id"]: case for case in all_cases()}


def parameters() -> Iterator[Any]:
    """(runtime, mode, case)."""
    for version in tested():
        for mode in MODES:
            for name, case in CASES.items():
                if mode == "grafted" or not is_mixed(case):
                    yield pytest.param(version, mode, name, id=f"{version}-{mode}-{name}")


@pytest.fixture(scope="session")
def suite(request: pytest.FixtureRequest) -> Iterator[Suite]:
    """Starts everything that the selected tests need."""
    chosen = {}
    needed = []
    for item in request.session.items:
        found = getattr(item, "callspec", None)
        if found is not None and "case_name" in found.params:
            values = found.params
            chosen[values["case_name"]] = CASES[values["case_name"]]
            needed.append((values["version"], values["mode"]))
    everything = Suite(package_directory(), list(chosen.values()))
    for version, mode in ORACLES:  # first, as everything is compared with them
        if runtimes.interpreter(runtimes.get(version)) is not None:
            everything.start(version, mode)
    for version, mode in dict.fromkeys(needed):
        if runtimes.interpreter(runtimes.get(version)) is not None:
            everything.start(version, mode)
    yield everything


@pytest.mark.parametrize(("version", "mode", "case_name"), list(parameters()))
def test_case(suite: Suite, version: str, mode: str, case_name: str) -> None:
    """One case in one mode of one runtime."""
    case = CASES[case_name]
    for needed in {version, NEWEST, case["oracle"]}:
        runtime_python(needed)
    native = None if is_mixed(case) else suite.native(version)[case_name]
    results = suite.results(version, mode)
    if case_name not in results:
        pytest.skip("the runtime's own op aborts the process, or answers by chance")
    result = results[case_name]
    if isinstance(result, dict) and "unsupported" in result:
        pytest.skip(f"TensorFlow {version} has no type {result['unsupported']}")
    if mode == "grafted" and native is not None and older_definition(native, result):
        pytest.skip("the runtime's definition of the op is older; Opgraft + name is the newer one")
    allowed = difference(case_name, mode, runtimes.get(version).minor, result)
    problem = judge(case, mode, result, native, suite.oracle(case))
    if allowed is not None:
        assert problem is not None, f"no difference any more: {allowed.reason}"
        pytest.skip(allowed.reason)
    assert problem is None, problem
