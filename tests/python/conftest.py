# ruff: noqa: D101, D102, D103
"""Fixtures: a library directory and a TensorFlow that are not real."""

import json
import os
import sys
import types

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "python"))

from opgraft import _load  # noqa: E402

ELF = b"\x7fELF and the rest"


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Each test begins in a process without TensorFlow where nothing has been loaded."""
    monkeypatch.setattr(_load, "_loaded", None)
    for name in [n for n in sys.modules if n.split(".")[0] == "tensorflow"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture
def library_dir(tmp_path, monkeypatch):
    """A function that makes a library directory with sets and points opgraft at it."""

    def make(sets=("1.1", "1.15", "2.14", "c_api"), **changes):
        built_for = {"1.1": "1.1.0", "1.15": "1.15.5", "2.14": "2.14.1", "c_api": "c_api"}
        manifest = {"format": 1, "version": "0.1.0", "sets": {}}
        for key in sets:
            libraries = ["core", "contrib"] if key == "c_api" else ["lookup", "core", "contrib"]
            entry = {
                "built_for": built_for[key],
                "directory": key if key == "c_api" else "tf" + key,
                "libraries": libraries,
            }
            if key != "c_api":
                entry["cxx11_abi"] = 1 if key == "2.14" else 0
            manifest["sets"][key] = entry
            directory = tmp_path / entry["directory"]
            directory.mkdir(exist_ok=True)
            for name in libraries:
                (directory / "libopgraft_{}.so".format(name)).write_bytes(ELF)
        manifest.update(changes)
        (tmp_path / "manifest.json").write_text(json.dumps(manifest))
        monkeypatch.setenv("OPGRAFT_LIBRARY_DIR", str(tmp_path))
        return tmp_path

    return make


@pytest.fixture
def tensorflow(monkeypatch):
    """A function that puts a TensorFlow of some version into the process."""

    def make(version, abi=None, load_op_library=None):
        tf = types.ModuleType("tensorflow")
        tf.__version__ = version
        tf.__git_version__ = "v{}-0-gabcdef".format(version)
        tf.__file__ = "/nowhere/tensorflow/__init__.py"
        if abi is not None:
            tf.__cxx11_abi_flag__ = abi
        tf.loads = []

        def load(path):
            tf.loads.append(path)
            if load_op_library is not None:
                return load_op_library(path)
            module = types.ModuleType("wrappers")
            module.opgraft_hash_table_v2 = lambda **kwargs: ("HashTableV2", kwargs)
            module.addons_gather_tree = lambda **kwargs: ("GatherTree", kwargs)
            return module

        tf.load_op_library = load
        monkeypatch.setitem(sys.modules, "tensorflow", tf)
        return tf

    return make


@pytest.fixture
def reports(monkeypatch):
    """What the libraries report, by name; filled with an op each."""
    answers = {}
    for name, op in (("lookup", "HashTableV2"), ("core", "AddV2"), ("contrib", "GatherTree")):
        answers[name] = {
            "library": name,
            "built_for": "?",
            "problem": "",
            "ops": [
                {"name": op, "op": False, "kernels": 0, "note": ""},
                {"name": "Opgraft" + op, "op": True, "kernels": 3, "note": ""},
                {"name": "Anonymous" + op, "op": False, "kernels": 0, "note": "needs 2.7"},
            ],
        }

    def info(path):
        return answers[os.path.basename(path)[len("libopgraft_") : -len(".so")]]

    monkeypatch.setattr(_load, "_library_info", info)
    return answers
