"""The C API build: releases that have no library of their own, one of them newer than the table."""

from __future__ import annotations

from typing import Any

import pytest

from ..conftest import package_directory, runtime_python, runtimes
from .cases import plain
from .judge import difference, judge, older_definition
from .suite import MODES, ORACLES, Suite

CASES = {case["id"]: case for case in plain.cases()}
VERSIONS = runtimes.c_api_versions()
STRINGS = (2, 5)  # the first release with TF_StringGetDataPointer
SHAPES = (2, 5)  # before it, shape functions of the C API see the first input only


@pytest.fixture(scope="module")
def suite() -> Suite:
    """Runs all plain ops in every mode of every release that has an interpreter."""
    everything = Suite(package_directory(), list(CASES.values()))
    for version, mode in ORACLES:
        if runtimes.interpreter(runtimes.get(version)) is not None:
            everything.start(version, mode)
    for version in VERSIONS:
        if runtimes.interpreter(runtimes.get(version)) is not None:
            for mode in MODES:
                everything.start(version, mode)
    return everything


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("mode", MODES)
def test_library(suite: Suite, version: str, mode: str) -> None:
    """What these tests run is the C API build."""
    runtime_python(version)
    about: dict[str, Any] = suite.results(version, mode)[""]
    assert about["built_for"] == ["c_api"]


@pytest.mark.parametrize("case_name", CASES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("version", VERSIONS)
def test_case(suite: Suite, version: str, mode: str, case_name: str) -> None:
    """One case in one mode of one release."""
    case = CASES[case_name]
    for needed in (version, case["oracle"]):
        runtime_python(needed)
    native = suite.native(version)[case_name]
    result = suite.results(version, mode)[case_name]
    minor = runtimes.get(version).minor
    if mode == "grafted" and older_definition(native, result):
        pytest.skip("the runtime's definition of the op is older; Opgraft + name is the newer one")
    if mode == "opgraft" and minor < STRINGS and case_name.startswith("lower-"):
        assert "OpgraftStringLower" not in suite.results(version, mode)[""]["has"]
        pytest.skip(f"the C API of TensorFlow {version} cannot read strings")
    problem = judge(case, mode, result, native, suite.oracle(case))
    if problem is not None and minor < SHAPES and "-static" in case_name:
        # What the shape function does not see the kernel refuses, as if no shape were known.
        twin = CASES[case_name.replace("-static", "")]
        problem = judge(case, mode, result, native, suite.oracle(twin))
    allowed = difference(case_name, mode, minor, result)
    if allowed is not None and problem is not None:
        pytest.skip(allowed.reason)
    assert problem is None, problem
