"""Each rewrite beside the op: the op on TensorFlow 2.21, what it became on 1.4 and 1.15."""

from __future__ import annotations

import functools
import pickle
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from opgraft import history, proto
from opgraft.adapt import graph
from opgraft.adapt.builder import Builder
from opgraft.adapt.changes import Changes
from opgraft.adapt.fit import fit
from opgraft.adapt.graph import Node, Tensor, attr
from opgraft.adapt.rewrites import REWRITES
from opgraft.adapt.target import Target

from tests.adapt.rewrite_cases import CASES, Case, Const
from tests.conftest import environment, runtime_python

WORKER = Path(__file__).with_name("graph_worker.py")
ORACLE, OLD = "2.21.0", ("1.4.1", "1.15.5")
_NUMPY = {"O": 7, "S": 7}


def dtype_of(array: Any) -> int:
    """The number of a numpy array's dtype."""
    if array.dtype.kind in _NUMPY:
        return _NUMPY[array.dtype.kind]
    names = {"float32": "float", "float64": "double", "float16": "half"}
    return proto.type_number(names.get(array.dtype.name, array.dtype.name))


@functools.cache
def target_of(release: str) -> Target:
    """A release without the library."""
    return Target(release, library=False)


def build(case: Case) -> tuple[graph.Body, dict[str, Any], list[str]]:
    """A graph with one node; its feeds and its outputs."""
    target = target_of("2.21")
    body = graph.Body("graph", target.newest)
    feeds: dict[str, Any] = {}
    seed = Node("seed", "NoOp")
    b = Builder(body, seed, target)

    def tensor(value: Any) -> Tensor:
        if isinstance(value, Const):
            array = np.asarray(value.value)
            return b.const(array, dtype_of(array))
        array = np.asarray(value)
        name = f"in{len(feeds)}"
        node = Node(name, "Placeholder", attrs={"dtype": attr(type=dtype_of(array))})
        shape = proto.TensorShapeProto()
        for size in array.shape:
            shape.dim.add(size=size)
        node.attrs["shape"] = attr(shape=shape)
        node.attrs["_output_shapes"] = proto.AttrValue()
        node.attrs["_output_shapes"].list.shape.append(shape)
        body.add(node)
        feeds[f"{name}:0"] = array
        return Tensor(name)

    inputs = [[tensor(v) for v in i] if isinstance(i, list) else tensor(i) for i in case.inputs]
    kinds = {a.name: a.type for a in target.definition(case.op).attr}
    attrs = {}
    for name, value in case.attrs.items():
        if kinds[name] == "type":
            value = proto.type_number(value)
        if kinds[name] == "list(type)":
            value = [proto.type_number(v) for v in value]
        if kinds[name] == "list(string)":
            value = [v.encode() for v in value]
        if kinds[name] == "list(shape)":
            value = [proto.TensorShapeProto(dim=[{"size": n} for n in v]) for v in value]
        attrs[name] = value
    made = b(case.op, *inputs, **attrs)
    count = len(body.types(body.nodes[made.node]) or [])
    return body, feeds, [graph.tensor_name(Tensor(made.node, i)) for i in range(count)]


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


def rewritten(case: Case, version: str) -> tuple[dict[str, Any], list[Any], Changes]:
    """The job of a case, fitted to a release without the library; what is left; what was done."""
    body, feeds, fetches = build(case)
    changes = Changes()
    problems = fit(body, target_of(version), changes, set())
    return job(body, feeds, fetches), problems, changes


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """By release, the result of each case."""
    scratch = tmp_path_factory.mktemp("rewrites")
    jobs = {ORACLE: [job(*build(case)) for case in CASES]}
    jobs.update({v: [rewritten(case, v)[0] for case in CASES] for v in OLD})
    return {version: run(version, made, scratch) for version, made in jobs.items()}


@pytest.mark.parametrize("version", OLD)
@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: f"{n}-{CASES[n].op}")
def test_same_results(number: int, version: str, results: dict[str, list[Any]]) -> None:
    """What a rewrite computes is what the op computes."""
    case = CASES[number]
    want, got = results[ORACLE][number], results[version][number]
    assert not isinstance(want, str), f"{case.op} does not run on {ORACLE}: {want}"
    assert not rewritten(case, version)[1]
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
    """On 1.4.1 no case runs as it is: each of them tries its rewrite."""
    untouched = [case.op for case in CASES if not rewritten(case, "1.4.1")[2].as_dict().get("ops")]
    assert untouched == []


def test_rewrites_are_of_ops_that_exist() -> None:
    """Names in the table are names of ops."""
    assert [op for op in REWRITES if history.ages(op) is None and op != "_SwitchN"] == []
