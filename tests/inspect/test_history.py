# ruff: noqa: D101, D102, D103
"""The package data: what the stock releases say, and what opgraft's libraries add to them."""

import json
from pathlib import Path

import op_history
import pytest
from opgraft import history, proto
from opgraft.errors import UnknownReleaseError
from opgraft.history import show

from tests.conftest import runtime_python, runtimes

TESTED = [row.version for row in runtimes.runtimes("tested")]


def test_releases():
    names = history.releases()
    assert len(names) == 39 and names[0] == "0.12.1" and names[-1] == "2.21.0"
    rows = [row.version for row in runtimes.runtimes() if row.tier != "unseen"]
    assert names == rows
    assert history.Release("1.15").version == history.Release("1.15.2").version == "1.15.5"
    for wrong in ("3.0", "1.16", "", "latest", "1.15.5\n\x1b[31m"):
        with pytest.raises(UnknownReleaseError, match="from 0.12.1 to 2.21.0"):
            history.Release(wrong)


def test_size():
    assert history.DATA.stat().st_size < 120_000


@pytest.mark.parametrize("version", TESTED)
def test_the_stock_release_says_the_same(version, tmp_path):
    runtime_python(version)
    assert op_history.difference(op_history.harvest(version, tmp_path)) == []


@pytest.mark.parametrize("version", TESTED)
def test_libraries_add_what_is_predicted(version, tmp_path, package):
    runtime_python(version)
    reports = op_history.load_libraries(version, package, tmp_path)
    did = {name: op for ops in reports.values() for name, op in ops.items()}
    stock = history.Release(version)
    both = history.with_opgraft(stock)
    # In 1.15 opgraft.load() leaves tf.contrib's ops to tf.contrib's own libraries.
    added = {name for name, op in did.items() if op["op"] or name in stock.contrib_ops}
    assert both.ops.keys() - stock.ops.keys() == added
    assert {history.provider(name) for name in did} == set(reports)
    more = {n for n in stock.ops if len(both.kernel_sets(n)) > len(stock.kernel_sets(n))}
    assert {name for name, op in did.items() if op["kernels"] and not op["op"]} <= more
    if (tmp_path / "kernels.pb").exists():  # and the ops that are new there do have those kernels
        kernels = op_history.read_kernels(tmp_path)
        for name in ("OpgraftHashTableV2", "OpgraftAddV2"):
            known = {tuple(one.type) for one in both.kernel_sets(name)}
            assert {len(one.type) for one in kernels[name]} == {len(types) for types in known}


def test_an_op_through_the_ages():
    ages = show.op_ages("AddV2")
    assert ages["core"] == ["1.5.1", "2.21.0"] and ages["opgraft"] == "core"
    first, *later = ages["changes"]
    assert first["inputs"] == ["x: T", "y: T"] and "half" in first["attrs"]["T"]
    assert all("inputs" not in change for change in later)
    assert show.op_ages("GatherTree")["contrib"][1] == "1.15.5"
    assert show.op_ages("GatherTree")["core"] is None
    variable = {
        c["release"]: c["attrs"] for c in show.op_ages("VarHandleOp")["changes"] if "attrs" in c
    }
    assert variable["2.15.1"] == {"debug_name": "string = ''"}
    json.dumps(show.op_ages("BoostedTreesBucketize"))
    with pytest.raises(show.UnknownOpError, match="case-sensitive"):
        show.op_ages("addv2")


def test_the_difference_of_two_releases():
    found = show.lacks("1.4", "1.5")
    assert "AddV2" in found["opgraft"] and set(found["opgraft"]) < set(found["lacks"])
    assert show.lacks("2.21", "2.21")["lacks"] == []


def test_kernels():
    old = history.Release("1.4")
    half, text = (proto.AttrValue(type=proto.type_number(n)) for n in ("half", "string"))
    assert old.has_kernel("Add", {"T": half}) and old.has_kernel("Add", {"T": text})
    assert not old.has_kernel("Mul", {"T": text})
    assert old.has_kernel("Mul", {})  # the type is not known: it may be one that works
    assert not history.Release("2.21").has_kernel("BoostedTreesBucketize", {})
    labelled = {"T": half, "_kernel": proto.AttrValue(s=b"eigen")}
    assert old.has_kernel("MatMul", labelled)
    pairs = {
        "key_dtype": proto.AttrValue(type=proto.type_number("int32")),
        "value_dtype": half,
    }
    stock = history.Release("2.21")
    assert not stock.has_kernel("HashTableV2", pairs)
    assert history.with_opgraft(stock).has_kernel("HashTableV2", pairs)


def test_names_of_packages_are_refused_before_2_0():
    for version, there in (("1.15", False), ("2.3", True)):
        assert ("Addons>GatherTree" in history.with_opgraft(history.Release(version)).ops) == there


def test_data_are_where_the_package_says():
    assert Path(history.LIBRARIES).exists() and history.provider("NoSuchOp") == ""
    assert history.provider("OpgraftGatherTree") == "contrib"
