# ruff: noqa: D101, D102, D103
"""inspect() on graphs made by hand, on models of tests/models, and on bad input."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf import text_format
from opgraft import proto
from opgraft.__main__ import main
from opgraft.errors import ModelError
from opgraft.inspect import inspect, read

from .graphs import (
    FLOAT,
    INT32,
    STRING,
    add_function,
    call,
    constant,
    graph,
    save,
    saved_model,
)  # fmt: skip

MODELS = Path(__file__).resolve().parents[1] / "models"
F = (FLOAT,)


def kinds(report):
    return {(p.finding.kind, p.finding.op) for p in report.problems if p.used}


def look(made, tmp_path, runtime):
    return inspect(
        save(made, tmp_path / ("model" if hasattr(made, "meta_graphs") else "x.pb")), runtime
    )


@pytest.mark.parametrize(
    ("node", "runtime", "status", "kind"),
    [
        (("y", "AddV2", ("x", "x"), {"T": F}), "2.21", 0, None),
        (("y", "AddV2", ("x", "x"), {"T": F}), "1.4", 1, "op_unknown"),
        (("y", "SelectV2", ("x", "x", "x"), {"T": F}), "1.4", 2, "op_unknown"),
        (("y", "GatherTree", ("x",) * 4, {"T": (INT32,)}), "2.21", 1, "contrib_op"),
        (("y", "Addons>GatherTree", ("x",) * 4, {"T": (INT32,)}), "2.21", 1, "contrib_op"),
        (("y", "Addons>GatherTree", ("x",) * 4, {"T": (INT32,)}), "1.15", 2, "contrib_op"),
        (("y", "MyOwnOp", ("x",), {}), "2.21", 2, "custom_op"),
        (("y", "PartitionedCall", ("x",), {}), "1.4", 2, "control_flow"),
        (("y", "Mul", ("x", "x"), {"T": (STRING,)}), "2.21", 2, "attr_value"),
        (("y", "Conv2D", ("x", "x"), {"T": F, "padding": "SAME"}), "2.21", 2, "signature"),
        (("y", "Neg", ("x", "x"), {"T": F}), "2.21", 2, "signature"),
        (("y", "MatMul", ("x", "x"), {"T": F, "grad_a": True}), "2.3", 2, "attr_unknown"),
        (("y", "MatMul", ("x", "x"), {"T": F, "grad_a": True}), "2.8", 0, None),
        (("y", "BoostedTreesFlushQuantileSummaries", ("x",), {"num_features": 1}), "2.21", 2,
         "no_kernel"),
        (("y", "TensorArrayV2", ("x",), {"dtype": F}), "2.21", 0, None),
        (("y", "HashTableV2", (), {"key_dtype": (INT32,), "value_dtype": (19,)}), "2.21", 1,
         "no_kernel"),
        (("y", "Const", (), {"dtype": (INT32,), "value": constant(INT32, 3, 2)}), "1.7", 2,
         "compressed_constant"),
        (("y", "Const", (), {"dtype": (INT32,), "value": constant(INT32, 3, 2)}), "1.8", 0, None),
        (("y", "Const", (), {"dtype": (INT32,), "value": constant(INT32, 3, 1)}), "1.4", 0, None),
    ],
)  # fmt: skip
def test_a_node(node, runtime, status, kind, tmp_path):
    report = look(graph(node), tmp_path, runtime)
    assert report.status == status, report.as_dict()
    assert kinds(report) == ({(kind, node[1])} if kind else set())


def test_device_and_versions(tmp_path):
    made = graph(producer=26)
    node = made.node.add(name="y", op="TensorArrayV2", input=["x"], device="/device:GPU:0")
    node.attr["dtype"].type = FLOAT
    report = look(made, tmp_path, "2.21")
    assert kinds(report) == {("device", "TensorArrayV2"), ("version", "TensorArrayV2")}
    gone = look(saved_model(made), tmp_path / "gone", "2.21")
    assert {p.finding.kind: bool(p.is_solved_by("adapt")) for p in gone.problems} == {
        "device": True, "version": False,
    }  # fmt: skip
    newer = look(graph(min_consumer=100), tmp_path, "1.4")
    assert newer.status == 2 and newer.upgrade == "1.15.5"
    assert "GraphDef version 100" in newer.problems[0].finding.detail


def test_attrs_that_matter(tmp_path):
    node = ("y", "GatherNd", ("x", "x"), {"Tparams": F, "Tindices": (INT32,)})
    for policy, status in (("IGNORE", 2), ("ERROR", 0)):
        node[3]["bad_indices_policy"] = policy
        report = look(graph(node), tmp_path, "2.8")
        assert report.status == status
        if status:
            [problem] = report.as_dict()["problems"]
            assert problem["changes_result"] and problem["attr"] == "bad_indices_policy"
            assert [remedy["kind"] for remedy in problem["remedies"]] == ["upgrade"]


def test_what_the_loader_drops(tmp_path):
    model = saved_model(graph(("y", "MatMul", ("x", "x"), {"T": F, "grad_a": False})))
    refused = look(model, tmp_path / "a", "1.15")
    assert refused.status == 1 and refused.needs_adapt
    op = model.meta_graphs[0].meta_info_def.stripped_op_list.op.add(name="MatMul")
    attr = op.attr.add(name="grad_a", type="bool")
    attr.default_value.b = False
    assert look(model, tmp_path / "b", "1.15").status == 0


def test_what_adapt_solves(tmp_path):
    marked = graph(("mark", "DisableCopyOnRead", ("x",), {}))
    report = look(saved_model(marked, ("x:0",)), tmp_path / "a", "2.8")
    assert report.status == 1 and report.needs_adapt and report.libraries == []
    # What no signature runs is not in a plain graph.
    unused = graph(("y", "Identity", ("x",), {"T": F}), call("save", "g"))
    add_function(unused, "g", ("y", "StaticRegexFullMatch", ("a",), {}))
    found = {p.finding.op: p for p in look(saved_model(unused), tmp_path / "b", "1.4").problems}
    assert found["StaticRegexFullMatch"].is_solved_by("adapt")
    # adapt takes SavedModels, and makes no op of nothing.
    assert look(marked, tmp_path, "2.8").status == 2
    unknown = graph(("y", "NoSuchOp", ("x",), {}))
    assert look(saved_model(unknown), tmp_path / "d", "2.8").status == 2


def test_functions(tmp_path):
    body = ("y", "Cosh", ("a",), {"T": F})
    made = graph(call("y", "f"))
    add_function(made, "f", body)
    add_function(made, "unused", ("y", "NoSuchOp", ("a",), {}))
    report = look(made, tmp_path, "1.15")
    assert report.status == 0
    [problem] = report.problems
    assert not problem.used and problem.nodes == [("unused", "y")]
    # An op in a function that is called counts, a kernel only where it runs.
    save_only = graph(("y", "Identity", ("x",), {"T": F}), call("save", "g"))
    flush = ("z", "BoostedTreesFlushQuantileSummaries", ("a",), {"num_features": 1})
    add_function(save_only, "g", flush, ("y", "Cosh", ("a",), {"T": F}))
    assert look(saved_model(save_only), tmp_path / "a", "2.21").status == 0
    add_function(save_only, "h", ("y", "NoSuchOp", ("a",), {}))
    save_only.node.add(name="more", op="h", input=["x"])
    assert look(saved_model(save_only), tmp_path / "b", "2.21").status == 2


def test_functions_in_circles(tmp_path):
    made = graph(call("y", "f"))
    for name, other in (("f", "g"), ("g", "f")):
        op, inputs, attrs = call("y", other)[1:]
        add_function(made, name, ("y", op, ("a",), attrs))
    assert look(made, tmp_path, "2.21").status == 0
    assert look(made, tmp_path, "1.4").status == 2


def test_every_form_of_a_file(tmp_path):
    model = saved_model(graph(("y", "AddV2", ("x", "x"), {"T": F})))
    meta = model.meta_graphs[0]
    for name, message in (("a", meta.graph_def), ("b", meta), ("saved_model", model)):
        (tmp_path / f"{name}.pb").write_bytes(message.SerializeToString())
        (tmp_path / f"{name}.pbtxt").write_text(text_format.MessageToString(message))
        for suffix in ("pb", "pbtxt"):
            report = inspect(tmp_path / f"{name}.{suffix}", "1.4")
            assert (report.status, report.model.kind) == (1, type(message).__name__)
    assert inspect(tmp_path, "1.4").status == 1  # the directory
    assert inspect(tmp_path, "1.4").libraries == ["core"]


@pytest.mark.parametrize("name", sorted(p.name for p in (MODELS / "contrib").iterdir()))
def test_contrib_models(name):
    report = inspect(MODELS / "contrib" / name / "model", "2.21")
    stock = name in ("augmentation", "keras_rotation")  # their ops are in TensorFlow itself by now
    assert report.status == (0 if stock else 1)
    assert report.libraries == ([] if stock else ["contrib"])
    for problem in report.problems:
        assert [remedy["kind"] for remedy in problem.remedies] == ["opgraft.load", "other"]


def field(number, data):
    """A field of bytes in wire format."""
    size, head = len(data), [number << 3 | 2]
    while size > 127:
        head.append(size & 127 | 128)
        size >>= 7
    return bytes([*head, size]) + data


def nested(depth):
    """A graph with one node, whose attr is a function with an attr that is a function..."""
    value = b""
    for _ in range(depth):  # AttrValue.func.attr["a"]
        value = field(10, field(2, field(1, b"a") + field(2, value)))
    node = field(1, b"n") + field(2, b"Abs") + field(5, field(1, b"a") + field(2, value))
    return field(1, node)


BAD = {
    "empty": b"",
    "random": bytes(range(256)) * 20,
    "cut off": graph().SerializeToString()[:-3],
    "a name that is not UTF-8": b"\x0a\x05\x0a\x03\xff\xfe\xfd",
    "deep": nested(2000),
    "an op with escape codes": graph(("y", "\x1b[31mA\n", (), {})).SerializeToString(),
    "a length beyond the end": b"\x0a\xff\xff\xff\xff\x0f",
    "a field number of 0": b"\x02\x01a",
}


@pytest.mark.parametrize("name", sorted(BAD))
@pytest.mark.parametrize("suffix", ["pb", "pbtxt", "meta"])
def test_bad_files(name, suffix, tmp_path, capsys):
    path = tmp_path / f"x.{suffix}"
    path.write_bytes(BAD[name])
    assert main(["inspect", str(path), "--runtime", "1.15"]) == 3
    out, err = capsys.readouterr()
    assert not out and err.startswith("opgraft: ") and err.count("\n") == 1
    assert err.strip().isprintable()


def test_deep_text(tmp_path):
    source = "node { attr { key: 'a' value { " + "list { func { attr { value { " * 500
    (tmp_path / "x.pbtxt").write_text(source)
    with pytest.raises(ModelError):
        read(tmp_path / "x.pbtxt")


def test_bad_models(tmp_path, capsys):
    (tmp_path / "nothing").mkdir()
    model = saved_model(graph(("v", "VarHandleOp", (), {"dtype": F})))
    meta = model.meta_graphs[0]
    meta.saver_def.restore_op_name = "restore"
    no_variables = save(model, tmp_path / "no_variables")
    meta.saver_def.Clear()
    outside = meta.asset_file_def.add()
    cases = [(tmp_path / "nothing", "without saved_model.pb"), (no_variables, "variables.index is")]
    (tmp_path / "secret").write_text("x")
    for i, name in enumerate(("../../secret", "missing", "a\0b", str(tmp_path / "secret"))):
        outside.filename = name
        wanted = "missing" if name == "missing" else "outside|null byte|missing"
        cases.append((save(model, tmp_path / f"asset{i}"), wanted))
    outside.filename = "link"
    linked = save(model, tmp_path / "linked")
    (linked / "assets").mkdir()
    (linked / "assets" / "link").symlink_to(tmp_path / "secret")
    cases += [(linked, "lies outside the model"), (tmp_path / "no\x1b[2J", "No such file")]
    for path, message in cases:
        with pytest.raises(ModelError, match=message) as e:
            read(path)
        assert str(e.value).isprintable()
    assert main(["inspect", str(MODELS / "contrib"), "--runtime", "1.15"]) == 3
    assert main(["inspect", str(MODELS), "--runtime", "3.14"]) == 3
    assert main(["inspect", str(MODELS)]) == 64
    assert main(["inspect", str(MODELS), "--runtime", "/no/libtensorflow.so"]) == 3
    (tmp_path / "lib.so").write_bytes(b"\x7fELF no")
    model_path = MODELS / "contrib" / "beam_search" / "model"
    assert main(["inspect", str(model_path), "--runtime", str(tmp_path / "lib.so")]) == 3
    assert "lib.so: its ops cannot be read" in capsys.readouterr().err


def test_command_line(capsys):
    model = str(MODELS / "contrib" / "beam_search" / "model")
    assert main(["inspect", model, "--runtime", "2.21"]) == 1
    assert "runs it after opgraft.load() (contrib)" in capsys.readouterr().out
    assert main(["inspect", model, "--runtime", "2.21", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {
        "format", "opgraft", "model", "runtime", "status", "adapt", "libraries", "upgrade",
        "problems",
    }  # fmt: skip
    assert main(["ops", "AddV2"]) == 0 and "1.5.1 to 2.21.0" in capsys.readouterr().out
    assert main(["ops", "--runtime", "1.4", "--lacks-from", "1.5", "--json"]) == 0
    assert "AddV2" in json.loads(capsys.readouterr().out)["opgraft"]
    assert main(["ops"]) == 64 and main(["ops", "addv2"]) == 3


def test_the_schema_says_every_key(capsys):
    document = (Path(__file__).resolve().parents[2] / "docs" / "inspect.md").read_text()
    main(
        [
            "inspect",
            str(MODELS / "contrib" / "beam_search" / "model"),
            "--runtime",
            "2.21",
            "--json",
        ]
    )
    report = json.loads(capsys.readouterr().out)
    problem = report["problems"][0]
    keys = [*report, *report["model"], *report["runtime"], *problem, *problem["nodes"][0]]
    for key in {*keys, *(key for remedy in problem["remedies"] for key in remedy)}:
        assert f"`{key}`" in document, key


def test_a_big_model_in_little_memory(tmp_path):
    path = tmp_path / "big.pb"
    node = proto.NodeDef(name="c", op="Const")
    node.attr["dtype"].type = FLOAT
    node.attr["value"].tensor.dtype = FLOAT
    node.attr["value"].tensor.tensor_shape.dim.add(size=16 << 20)
    node.attr["value"].tensor.tensor_content = bytes(64 << 20)
    data = node.SerializeToString()
    with path.open("wb") as f:
        for _ in range(8):
            f.write(field(1, data))
    code = (
        "import resource, sys, time; from opgraft.inspect import inspect; start = time.monotonic();"
        "status = inspect(sys.argv[1], '2.21').status;"
        "print(status, time.monotonic() - start)"
        ";print(next(l for l in open('/proc/self/status') if l.startswith('RssAnon')).split()[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(Path(proto.__file__).parents[2])},
    )  # fmt: skip
    status, seconds, kilobytes = done.stdout.split()
    assert status == "0" and float(seconds) < 20 and int(kilobytes) < 200_000
