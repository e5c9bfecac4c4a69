"""Each rewrite beside the op: the op on TensorFlow 2.21, what it became on 1.4 and 1.15."""

from __future__ import annotations

import pickle
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from opgraft import history, proto
from opgraft.adapt import graph
from opgraft.adapt.changes import Changes
from opgraft.adapt.fit import fit
from opgraft.adapt.rewrites import REWRITES

from tests.adapt.case_graphs import build, target_of
from tests.adapt.rewrite_cases import CASES, Case
from tests.conftest import environment, runtime_python

WORKER = Path(__file__).with_name("graph_worker.py")
ORACLE, OLD = "2.21.0", ("1.4.1", "1.15.5")


def job(body: graph.Body, feeds: dict[str, Any], fetches: list[str]) -> dict[str, Any]:
    """What graph_worker.py runs; the outputs are where they have moved to."""
    message = proto.GraphDef()
    graph.write_graph(body, message)
    moved = [graph.tensor_name(body.resolve(graph.parse_tensor(name))) for name in fetches]
    # As plain data: the numpy of an old runtime does not read the pickles of a new one.
    plain = {name: (a.dtype.str, a.shape, a.tolist()) for name, a in feeds.items()}
    return {"graph": message.SerializeToString(), "feeds": plain, "fetches": moved}


def run(version: str, jobs: list[Any], scratch: Path) -> list[Any]:
    """The results of all jobs under a stock runtime."""
    before, after = scratch / f"{version}.jobs", scratch / f"{version}.results"
    before.write_bytes(pickle.dumps(jobs, protocol=2))
    subprocess.run(
        [str(runtime_python(version)), "-W", "ignore", str(WORKER), str(before), str(after)],
        check=True,
        env=environment(None),
        stderr=subprocess.DEVNULL,
    )
    results: list[Any] = pickle.loads(after.read_bytes())
    return results


def rewritten(
    case: Case, version: str, shapes: bool = True
) -> tuple[dict[str, Any], list[Any], Changes]:
    """The job of a case, fitted to a release without the library; what is left; what was done."""
    body, feeds, fetches = build(case, shapes)
    changes = Changes()
    problems = fit(body, target_of(version), changes, set())
    return job(body, feeds, fetches), problems, changes


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """By release, the result of each case."""
    scratch = tmp_path_factory.mktemp("rewrites")
    jobs = {ORACLE: [job(*build(case)) for case in CASES]}
    for v in OLD:
        made = [rewritten(case, v, shapes)[0] for shapes in (True, False) for case in CASES]
        jobs[v] = made
    return {version: run(version, made, scratch) for version, made in jobs.items()}


PAIRS = [
    (n, v, shapes)
    for n, case in enumerate(CASES)
    for v in OLD
    for shapes in (True, False)
    if OLD.index(case.oldest) <= OLD.index(v) <= OLD.index(case.newest)
]


@pytest.mark.parametrize(
    ("number", "version", "shapes"),
    PAIRS,
    ids=[f"{n}-{CASES[n].op}-{v}-{'shapes' if shapes else 'any'}" for n, v, shapes in PAIRS],
)
def test_same_results(
    number: int, version: str, shapes: bool, results: dict[str, list[Any]]
) -> None:
    """What a rewrite computes is what the op computes, with static shapes and without."""
    case = CASES[number]
    want, got = results[ORACLE][number], results[version][number + (not shapes) * len(CASES)]
    assert not isinstance(want, str), f"{case.op} does not run on {ORACLE}: {want}"
    refused = rewritten(case, version, shapes)[1]
    if refused and not shapes:
        assert "unknown" in refused[0].why_not
        return
    assert not refused
    assert not isinstance(got, str), f"{case.op} on {version}: {got}"
    assert len(want) == len(got)
    for one, (expected, actual) in enumerate(zip(want, got)):
        if case.op == "FusedBatchNormV3" and one > 0:
            continue  # for training; releases differ
        assert expected.shape == actual.shape, f"output {one}"
        assert expected.dtype.kind == actual.dtype.kind, f"output {one}"
        if expected.dtype.kind in "fc":
            np.testing.assert_allclose(actual, expected, rtol=2e-5, atol=2e-6)
        else:
            np.testing.assert_array_equal(actual, expected)


def test_every_rewrite_has_a_case() -> None:
    """A rewrite that nobody tries is none; the corpus tries those of functions."""
    functional = {"StatelessCase", "StatelessIf", "StatelessWhile", "TensorListSetItem", "_SwitchN"}
    assert {case.op for case in CASES} | functional == set(REWRITES)


def test_cases_are_rewritten_for_the_oldest() -> None:
    """There no case runs as it is: each of them tries its rewrite."""
    untouched = [c.op for c in CASES if not rewritten(c, c.oldest)[2].as_dict().get("ops")]
    assert untouched == []


def test_rewrites_are_of_ops_that_exist() -> None:
    """Names in the table are names of ops."""
    assert [op for op in REWRITES if history.ages(op) is None and op != "_SwitchN"] == []
