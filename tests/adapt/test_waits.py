"""Control edges that TensorFlow 1.4's Grappler would make edges of data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from opgraft.adapt import graph, waits
from opgraft.adapt.builder import Builder
from opgraft.adapt.changes import Changes
from opgraft.adapt.graph import Node, Tensor, attr
from opgraft.adapt.target import Target

from tests.adapt.test_rewrites import job, run

X = np.arange(6, dtype=np.float32).reshape(2, 3)


def two_transposes(release: str) -> tuple[graph.Body, Tensor]:
    """x, transposed twice, plus a constant that waits for the second Transpose."""
    target = Target(release, library=False)
    body = graph.Body("graph", target.newest)
    body.add(Node("x", "Placeholder", attrs={"dtype": attr(type=1)}))
    b = Builder(body, Node("seed", "NoOp"), target)
    order = b.const([1, 0])
    back = b("Transpose", b("Transpose", Tensor("x"), order), order)
    one = b.const(np.float32(1), 1)
    b.after(one, back)
    return body, b("Add", back, one)


def waits_for(body: graph.Body) -> set[str]:
    """The ops that nodes wait for."""
    return {body.nodes[name].op for node in body.nodes.values() for name in node.controls}


def test_a_constant_waits_for_an_identity() -> None:
    """Up to 1.14; later releases keep control edges apart."""
    for release, ops in (("1.4", {"Identity"}), ("1.15", {"Transpose"})):
        body, _ = two_transposes(release)
        waits.behind_identity(body, Target(release, library=False), Changes())
        assert waits_for(body) == ops


def test_a_switch_is_waited_for() -> None:
    """An Identity of one of its outputs would be dead half of the time."""
    body, result = two_transposes("1.4")
    body.add(Node("switch", "Switch", [result, result], attrs={"T": attr(type=1)}))
    body.add(Node("late", "NoOp", controls=["switch"]))
    waits.behind_identity(body, Target("1.4", library=False), Changes())
    assert body.nodes["late"].controls == ["switch"]


def test_it_runs(tmp_path: Path) -> None:
    """In 1.4.1, twice: without the Identity it died in one process of three."""
    body, result = two_transposes("1.4")
    waits.behind_identity(body, Target("1.4", library=False), Changes())
    jobs = [job(body, {"x:0": X}, [graph.tensor_name(result)])]
    for _ in range(2):
        [[value]] = run("1.4.1", jobs, tmp_path)
        np.testing.assert_array_equal(value, X + 1)
