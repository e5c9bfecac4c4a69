# ruff: noqa: D103
"""What helps, node by node: what adapt would do is tried, not guessed."""

import pytest
from opgraft.__main__ import main
from opgraft.inspect import inspect

from .graphs import FLOAT, INT32, STRING, add_function, call, constant, graph, save, saved_model
from .test_inspect import look

F = (FLOAT,)


def test_what_adapt_refuses(tmp_path):
    """The nodes of one op that a rewrite covers, and the others, are problems of their own."""
    made = graph()
    for name, dtype in (("y", 3), ("z", 22)):
        made.node.add(name=f"{name}0", op="Placeholder").attr["dtype"].type = dtype
        shift = made.node.add(name=name, op="LeftShift", input=[f"{name}0"] * 2)
        shift.attr["T"].type = dtype
    report = look(saved_model(made, ("y:0", "z:0")), tmp_path, "1.4")
    assert report.status == 2
    found = {problem.nodes[0][1]: problem for problem in report.problems}
    assert found["y"].is_solved_by("adapt") and not found["y"].refusal
    assert not found["z"].is_solved_by("adapt") and "integers" in found["z"].refusal
    # What no signature runs is not tried: it is not in a plain graph.
    assert look(saved_model(made, ("y:0",)), tmp_path / "b", "1.4").status == 1


def test_a_library_that_lacks_the_kernel(tmp_path):
    half = graph(("y", "GatherTree", ("x",) * 4, {"T": (INT32,)}),
                 ("z", "GatherTree", ("x",) * 4, {"T": (STRING,)}))  # fmt: skip
    report = look(half, tmp_path, "2.21")
    assert report.status == 2
    helped = {p.nodes[0][1]: p.is_solved_by("opgraft.load") for p in report.problems}
    assert helped == {"y": True, "z": False}


def test_softmax_of_three_dimensions(tmp_path):
    """Up to 1.12 its kernel takes matrices alone, and its definition does not say so."""
    for dims, release, status in ((3, "1.4", 1), (2, "1.4", 0), (3, "1.13", 0), (None, "1.4", 1)):
        made = graph(("y", "Softmax", ("x",), {"T": F}), producer=2474)
        if dims is not None:
            shape = made.node[-1].attr["_output_shapes"].list.shape.add()
            for _ in range(dims):
                shape.dim.add(size=-1)
        path = tmp_path / f"{dims}{release}"
        assert look(saved_model(made), path, release).status == status
    old = graph(("y", "Softmax", ("x",), {"T": F}), producer=24)
    assert look(saved_model(old), tmp_path / "old", "1.4").status == 0


def test_unique_of_two_dimensions(tmp_path):
    """Up to 2.4 a graph that says the shape of its output is not imported."""
    attrs = {"T": F, "Taxis": (INT32,)}
    for dims, release, status in ((2, "2.3", 1), (1, "2.3", 0), (2, "2.8", 0)):
        made = graph(("y", "UniqueV2", ("x", "x"), attrs), producer=2474)
        shape = made.node[-1].attr["_output_shapes"].list.shape.add()
        for _ in range(dims):
            shape.dim.add(size=-1)
        path = tmp_path / f"{dims}{release}"
        assert look(saved_model(made), path, release).status == status


def test_other_results(tmp_path, capsys):
    """An op that computes something else is named, and the model runs."""
    attrs = {"T": F, "Tindices": (INT32,)}
    for producer, release, named in ((2474, "1.4", 1), (2474, "2.3", 0), (24, "2.3", 1)):
        made = graph(("y", "UnsortedSegmentMax", ("x",) * 3, attrs), producer=producer)
        path = save(made, tmp_path / f"{producer}{release}.pb")
        report = inspect(path, release)
        assert report.status == 0 and report.upgrade == report.runtime.version
        assert [problem.finding.kind for problem in report.problems] == ["result"] * named
        assert main(["inspect", str(path), "--runtime", release]) == 0
        assert ("computes something else" in capsys.readouterr().out) == bool(named)


def test_functions_in_circles_are_not_inlined(tmp_path):
    made = graph(call("y", "f"))
    add_function(made, "f", ("y", *call("", "f")[1:2], ("a",), call("", "f")[3]))
    assert look(saved_model(made), tmp_path / "a", "1.4").status == 2
    assert look(saved_model(made), tmp_path / "b", "2.3").status == 0


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (None, ""),
        ("nested", "a list of lists"),
        ("popped", "TensorListPopBack has no counterpart"),
        ("outside", "comes from Placeholder"),
    ],
)
def test_lists(change, text, tmp_path):
    """Where adapt makes no TensorArrays of lists, it is said why."""
    variant = (21,)
    made = graph(
        ("n", "Const", (), {"dtype": (INT32,), "value": constant(INT32, 1, 1)}),
        ("l", "TensorListReserve", ("n", "n"),
         {"element_dtype": variant if change == "nested" else F, "shape_type": (INT32,)}),
        ("o", "Placeholder", (), {"dtype": variant}),
        ("i", "Identity", ("o" if change == "outside" else "l",), {"T": variant}),
        ("y", "TensorListStack", ("i", "n"), {"element_dtype": F, "num_elements": -1}),
        ("p", "TensorListPopBack", ("i", "n"), {"element_dtype": F}),
    )  # fmt: skip
    outputs = ("y:0", "p:0") if change == "popped" else ("y:0",)
    report = look(saved_model(made, outputs), tmp_path, "1.4")
    assert report.status == (2 if change else 1)
    assert any(text in problem.refusal for problem in report.problems)


def test_damaged_nodes_are_refused(tmp_path):
    """Found by the fuzzer: what is looked at when a rewrite is tried may be missing."""
    for node in (
        ("y", "Const", (), {"dtype": F}),
        ("y", "Const", ("x",), {}),
        ("y", "MatrixDiagV3", (), {"T": F}),
        ("y", "BatchMatMulV2", ("x", "x"), {}),
    ):
        report = look(
            saved_model(graph(node)), tmp_path / str(len(list(tmp_path.iterdir()))), "1.4"
        )
        assert report.status in (0, 1, 2)
        assert report.as_dict()["problems"] or report.status == 0
