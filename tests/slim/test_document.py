# ruff: noqa: D101, D102, D103
"""slim.json: its schema, how it is made, and which op pulls in what."""

import json
import os
import re
import typing
from pathlib import Path
from types import SimpleNamespace

import pytest
from slim import document as schema
from slim.attribution import op_sizes, savings, users
from slim.compose import compose, model_names
from slim.report import write_report

from .sample import HOSTILE, make_document, renamed, sha256

ROOT = Path(__file__).resolve().parents[2]


# ---- The schema


@pytest.mark.parametrize("ops", [0, 1, 30, 300])
def test_a_document_passes(ops):
    schema.check(make_document(ops))


def broken(change):
    document = make_document(12)
    change(document)
    return document


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(format=2), "format: 2"),
        (lambda d: d.pop("tools"), "missing or unknown: tools"),
        (lambda d: d.update(extra=1), "missing or unknown: extra"),
        (lambda d: d["ops"][3].update(name=5), r"ops\[3\].name: int, must be str"),
        (lambda d: d["sizes"].update(built=-1), "built: -1, must not be negative"),
        (lambda d: d["sizes"].update(built=True), "built: bool"),
        (lambda d: d["sizes"].update(stripped=1), "sum"),
        (lambda d: d["sizes"]["files"][0].update(bytes=1), "files: sum"),
        (lambda d: d["proofs"][0].update(status="maybe"), "'maybe', not one of agrees, differs"),
        (lambda d: d["proofs"][0].update(largest_difference=float("nan")), "nan"),
        (lambda d: d["proofs"][0].update(model="other"), "other is not in the document"),
        (lambda d: d["kernels"][0].update(op="Gone"), "Gone is not in the document"),
        (lambda d: d["kernels"][0]["types"].update(T=["float", 1]), r"\['T'\]\[1\]: int"),
        (lambda d: d["sources"][0]["needed_by"].append("gone.cc"), "gone.cc is not in"),
        (lambda d: d["ops"].append(d["ops"][0]), "is there 2 times"),
        (lambda d: d["sizes"]["files"][0].update(path="/home/me/x.cc"), "/home/me/x.cc is not rel"),
        (lambda d: d["sizes"]["files"][0].update(path="a/../../x.cc"), "not relative"),
        (lambda d: d.update(models="none"), "models: str, must be list"),
    ],
)
def test_a_document_with_a_fault(change, message, tmp_path):
    document = broken(change)
    with pytest.raises(schema.DocumentError, match=message):
        schema.check(document)
    for write in (schema.write, write_report):
        (tmp_path / "out").write_text("before")
        with pytest.raises(schema.DocumentError):
            write(tmp_path / "out", document)
        assert (tmp_path / "out").read_text() == "before"
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize("value", [None, [], "x", 3, {}, {"format": 1}])
def test_no_document(value):
    with pytest.raises(schema.DocumentError, match=r"^slim\.json"):
        schema.check(value)


def test_slim_json_is_the_document(tmp_path):
    document = renamed(make_document(20), HOSTILE)
    schema.write(tmp_path / "slim.json", document)
    text = (tmp_path / "slim.json").read_text(encoding="utf-8")
    assert json.loads(text) == document
    schema.write(tmp_path / "again.json", json.loads(text))
    assert (tmp_path / "again.json").read_text(encoding="utf-8") == text


def test_the_docs_name_every_key():
    text = (ROOT / "docs" / "slim-json.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([\w.]+)`", text))
    for kind in vars(schema).values():
        if isinstance(kind, type) and issubclass(kind, dict) and kind.__module__ == schema.__name__:
            missing = set(typing.get_type_hints(kind)) - told
            assert not missing, f"{kind.__name__}: {missing}"


def selection(tmp_path):
    """What opgraft.slim selects, for two models of one name."""
    paths = [tmp_path / where / "export" / "1" for where in ("a", "b")]
    for path in paths:
        path.mkdir(parents=True)
        (path / "saved_model.pb").write_bytes(str(path.parents[1].name).encode())
    reason = SimpleNamespace

    class Ordered(tuple):
        rule = property(lambda self: self[0])
        source = property(lambda self: self[1])
        function = property(lambda self: self[2])
        node = property(lambda self: self[3])

    reasons = tuple(Ordered(("node", str(path), "", f"y{n}")) for n, path in enumerate(paths))

    class Kernel(tuple):
        op = property(lambda self: self[0])
        kernel_class = "MatMulOp<float>"
        types = (("T", ("float", "half")),)
        label, priority, file = "", 1, "tensorflow/core/kernels/matmul_op.cc"

    return SimpleNamespace(
        release="2.14.1",
        models=tuple(map(str, paths)),
        ops={"MatMul": reasons, "_Send": (Ordered(("function calls", "", "", "")),)},
        kernels={Kernel(("MatMul",)): reasons[:1]},
        kernel_files=(
            reason(path="tensorflow/core/kernels/matmul_op.cc", ops=("MatMul",), needed_by=()),
        ),
        op_files=(
            reason(path="tensorflow/core/ops/math_ops.cc", ops=("MatMul", "_Send"), needed_by=()),
            reason(path="tensorflow/core/kernels/matmul_op.cc", ops=("_Send",), needed_by=()),
        ),
    )


def test_composed_without_a_path_of_the_machine(tmp_path):
    sample = make_document(3)
    paths = ["tensorflow/core/ops/math_ops.cc", "tensorflow/core/kernels/matmul_op.cc", "x.cc"]
    chosen = selection(tmp_path)
    made = compose(
        chosen,
        platform="linux-x86_64",
        profile="size",
        sources={path: sha256(path) for path in paths},
        archives={},
        flags=sample["flags"],
        tools={"g++": "12", "bazel": "4"},
        stock=sample["stock"],
        sizes=sample["sizes"],
        proofs=[{**sample["proofs"][0], "model": chosen.models[1]}],
    )
    schema.check(made)
    assert str(tmp_path) not in json.dumps(made)
    assert [model["name"] for model in made["models"]] == ["a/export/1", "b/export/1"]
    assert [model["sha256"] for model in made["models"]] == [sha256("a"), sha256("b")]
    assert [reason["source"] for reason in made["ops"][0]["reasons"]] == [
        "a/export/1",
        "b/export/1",
    ]
    assert made["ops"][1]["reasons"][0]["rule"] == "function calls"
    assert made["kernels"][0]["types"] == {"T": ["float", "half"]}
    assert made["proofs"][0]["model"] == "b/export/1"
    assert [source["path"] for source in made["sources"]] == sorted(paths)
    assert [source["ops"] for source in made["sources"][:2]] == [["MatMul", "_Send"]] * 2
    assert made["sources"][2]["ops"] == []
    assert list(made["tools"]) == ["bazel", "g++"]


def test_model_names():
    paths = ["/x/export/1", "/y/export/1", "m", "/z/m", "/", "bert/model", "/w/model", "/w/lone"]
    assert list(model_names(paths).values()) == [
        *("", "x/export/1", "y/export/1", "m", "z/m", "model", "bert/model", "w/model", "lone"),
    ]
    same = [f"/{home}/a/b/export/1" for home in ("me", "you")]
    assert list(model_names([*same, "", *same]).values()) == ["", "export/1", "export/1 (2)"]


# ---- Which op pulls in what


def small(*sources):
    """A document of (path, bytes, ops, needed_by)."""
    document = make_document(0)
    document["ops"] = [
        {"name": name, "reasons": []}
        for name in sorted({op for _, _, ops, _ in sources for op in ops})
    ]
    document["sources"] = [
        {"path": path, "sha256": "", "ops": list(ops), "needed_by": list(needed)}
        for path, _, ops, needed in sources
    ]
    total = sum(size for _, size, _, _ in sources)
    document["kernels"] = [
        {
            "op": op,
            "class": op,
            "types": {},
            "label": "",
            "priority": 0,
            "file": path,
            "reasons": [],
        }
        for path, _, ops, _ in sources
        if path.startswith("k")
        for op in ops
    ]
    document["sizes"] = {
        "built": total,
        "stripped": total,
        "compressed": total,
        "sections": [{"name": ".text", "bytes": total}],
        "files": [
            {"path": path, "component": "kernels", "bytes": size, "symbols": []}
            for path, size, _, _ in sources
        ],
    }
    schema.check(document)
    return document


SHARED = small(
    ("k/a.cc", 100, ["A"], []),
    ("k/b.cc", 50, ["B"], []),
    ("k/cd.cc", 70, ["C", "D"], []),
    ("k/e.cc", 0, ["E"], []),
    ("ops/all.cc", 10, ["A", "B", "C", "D", "E"], []),
    ("helper.cc", 1000, [], ["deep.cc", "k/b.cc"]),
    ("deep.cc", 1, [], ["k/a.cc", "helper.cc"]),
    ("regex.cc", 400, [], ["k/cd.cc"]),
    ("framework.cc", 5000, [], []),
)


def test_users_through_other_files_and_cycles():
    found = {path: "".join(sorted(ops)) for path, ops in users(SHARED).items()}
    assert found == {
        **{"k/a.cc": "A", "k/b.cc": "B", "k/cd.cc": "CD", "k/e.cc": "E"},
        **{"ops/all.cc": "ABCDE", "helper.cc": "AB", "deep.cc": "AB", "regex.cc": "CD"},
    }


def test_exclusive_and_shared():
    sizes = {op: (size.exclusive, size.shared) for op, size in op_sizes(SHARED).items()}
    assert sizes == {"A": (100, 1011), "B": (50, 1011), "C": (0, 480), "D": (0, 480), "E": (0, 10)}
    assert op_sizes(SHARED)["C"].files == ("k/cd.cc", "ops/all.cc", "regex.cc")


def test_savings_are_ordered_and_what_the_ops_alone_need():
    found = [("".join(saving.ops), saving.bytes, saving.files) for saving in savings(SHARED)]
    assert found == [
        ("AB", 1151, ("deep.cc", "helper.cc", "k/a.cc", "k/b.cc")),
        ("CD", 470, ("k/cd.cc", "regex.cc")),
        ("A", 100, ("k/a.cc",)),
        ("B", 50, ("k/b.cc",)),
    ]
    # Ops that share but a definition save what they save one by one.
    apart = small(("k/a.cc", 60, ["A"], []), ("k/b.cc", 40, ["B"], []), ("o.cc", 1, ["A", "B"], []))
    assert [saving.ops for saving in savings(apart)] == [("A",), ("B",)]
    assert len(savings(make_document(300), count=7)) == 7


@pytest.mark.parametrize("ops", [30, 300])
def test_attribution_adds_up(ops):
    document = make_document(ops)
    measured = {file["path"]: file["bytes"] for file in document["sizes"]["files"]}
    needed = users(document)
    sizes = op_sizes(document)
    alone = sum(measured[path] for path, of in needed.items() if len(of) == 1)
    assert sum(size.exclusive for size in sizes.values()) == alone > 0
    for op, size in sizes.items():
        assert size.exclusive + size.shared == sum(measured[path] for path in size.files)
        assert all(op in needed[path] for path in size.files)
    for saving in savings(document):
        assert all(needed[path] <= set(saving.ops) for path in saving.files)
