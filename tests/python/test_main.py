# ruff: noqa: D101, D102, D103
"""python -m opgraft, with a TensorFlow that is not real."""

import json
import sys

import pytest
from opgraft import __version__, _compat
from opgraft.__main__ import main
from test_missing import GRAPH


def test_version_and_help(capsys):
    with pytest.raises(SystemExit) as e:
        main(["--version"])
    assert e.value.code == 0 and capsys.readouterr().out == "opgraft {}\n".format(__version__)
    assert main([]) == 2
    assert "doctor" in capsys.readouterr().out
    with pytest.raises(SystemExit) as e:
        main(["nonsense"])
    assert e.value.code == 2


def test_doctor(library_dir, tensorflow, reports, capsys):
    root = library_dir()
    tensorflow("1.1.0", 0)
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    for part in (
        "TensorFlow  1.1.0 (v1.1.0-0-gabcdef) in /nowhere/tensorflow",
        "_GLIBCXX_USE_CXX11_ABI=0, no framework library",
        "Libraries   1.1: built for TensorFlow 1.1.0, serves 1.1",
        "lookup  " + str(root / "tf1.1" / "libopgraft_lookup.so"),
        "1 registered, 3 kernels added",
        "1 already in this TensorFlow",
        "1 needs 2.7",
        "No problems found.",
    ):
        assert part in out


def test_doctor_wraps_and_folds(library_dir, tensorflow, reports, capsys):
    library_dir()
    tensorflow("1.1.0", 0)
    names = ["LookupTable{}V2".format(i) for i in range(40)]
    reports["lookup"]["ops"] = [
        {"name": prefix + n, "op": True, "kernels": 1, "note": ""}
        for n in names
        for prefix in ("", "Opgraft")
    ]
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "80 registered, 80 kernels added (* and as Opgraft...)" in out
    assert "LookupTable7V2*," in out and "OpgraftLookup" not in out
    listed = [line for line in out.splitlines() if line.startswith("      ")]
    assert max(map(len, listed)) <= 96


def test_doctor_as_json(library_dir, tensorflow, reports, capsys):
    library_dir()
    tensorflow("2.99.0", 1)
    assert main(["doctor", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["problems"] == []
    assert report["set"]["name"] == "c_api"
    assert [lib["name"] for lib in report["libraries"]] == ["core", "contrib"]
    assert report["libraries"][0]["registered"] == ["OpgraftAddV2"]
    assert report["tensorflow"]["cxx11_abi"] == 1


def test_doctor_without_tensorflow(library_dir, monkeypatch, capsys):
    library_dir()
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "TensorFlow  none" in out and "PROBLEM: " in out
    assert main(["doctor", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["tensorflow"] is None


def test_doctor_with_an_unsupported_tensorflow(library_dir, tensorflow, reports, capsys):
    library_dir()
    tensorflow("1.7.1")
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "TensorFlow  1.7.1" in out and "C++ ABI     _GLIBCXX_USE_CXX11_ABI=unknown" in out
    assert "PROBLEM: opgraft" in out and "nox -s wheel -- --runtimes 1.7.1" in out


def test_doctor_without_libraries(tmp_path, tensorflow, monkeypatch, capsys):
    monkeypatch.setenv("OPGRAFT_LIBRARY_DIR", str(tmp_path))
    tensorflow("1.1.0")
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "TensorFlow  1.1.0" in out and "has no op libraries" in out


def test_path(library_dir, capsys):
    root = library_dir()
    assert main(["path", "lookup", "--runtime", "2.14"]) == 0
    assert capsys.readouterr().out == str(root / "tf2.14" / "libopgraft_lookup.so") + "\n"
    assert main(["path", "lookup", "--runtime", "1.4"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.startswith("opgraft: opgraft 0.1.0 has no libraries")
    assert captured.err.count("\n") == 1


def test_missing(tmp_path, tensorflow, monkeypatch, capsys):
    tensorflow("1.1.0")
    (tmp_path / "graph.pb").write_bytes(GRAPH)
    monkeypatch.setattr(_compat, "registered_ops", lambda: {"Placeholder"})
    assert main(["missing", str(tmp_path / "graph.pb")]) == 1
    assert capsys.readouterr().out == "HashTableV2\th and 1 more\nStringLower\tinner\n"
    monkeypatch.setattr(
        _compat, "registered_ops", lambda: {"Placeholder", "HashTableV2", "StringLower"}
    )
    assert main(["missing", str(tmp_path / "graph.pb")]) == 0
    assert main(["missing", str(tmp_path / "absent.pb")]) == 1
    assert "No such file" in capsys.readouterr().err
